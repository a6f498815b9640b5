"""Counts behind a view: the frozen reference and each chunk."""

import numpy as np
import pytest

from core.domain.identity import Permission, Role
from core.errors import InvalidInput, NothingYet
from core.metrics.binning import NumericBins
from core.services.questions import Question, View, resolve
from core.services.reference.counts import (
    calendar_only,
    days_of,
    feature_counts,
    logged_reference_days,
    operation_counts,
    slice_labels,
)
from tests.core.services.raw import counted, counted_chunks, in_reference, logged_loans
from tests.support.harbour import Harbour


def view_of(harbour: Harbour, question: Question) -> View:
    return resolve(
        harbour.workspace, question, Permission.operations_view, actor=harbour[Role.admin]
    )


@pytest.mark.parametrize("name", ["balance", "sector", "@score", "@decision"])
def test_counts_equal_the_raw_rows(harbour: Harbour, name: str) -> None:
    rows = logged_loans(harbour)
    found = feature_counts(harbour.workspace, view_of(harbour, Question("loans")), [name])
    column = found.columns[name]
    reference = counted(column.bins, in_reference(rows), name)
    current = counted_chunks(column.bins, rows, name, found.chunks)
    assert column.reference.n.tolist() == reference.n.tolist()
    assert column.current.n.tolist() == current.n.tolist()
    last = column.current_at(11)
    assert last.n.tolist() == current.n[11].tolist()
    if isinstance(column.bins, NumericBins):
        assert last.total is not None
        assert current.total is not None
        np.testing.assert_allclose(last.total, current.total[11])
        np.testing.assert_array_equal(column.current.low, current.low)
        np.testing.assert_array_equal(column.current.high, current.high)
    else:
        assert (last.total, last.low, last.high) == (None, None, None)


def test_slices_are_fixed_with_the_reference(harbour: Harbour) -> None:
    labels = slice_labels(harbour.workspace, view_of(harbour, Question("loans")))
    assert labels["結餘級別"] == ("<3000", "3000–9000", "≥9000", "…missing")
    assert labels["sector"] == ("零售", "飲食", "物流", "資訊", "…rest", "…missing")
    young = view_of(harbour, Question("young"))
    assert logged_reference_days(young) == 20
    for ask in (
        lambda: slice_labels(harbour.workspace, young),
        lambda: feature_counts(harbour.workspace, young, ["rent"]),
    ):
        with pytest.raises(NothingYet, match="20 of 60 days"):
            ask()


def test_operations_need_no_reference(harbour: Harbour) -> None:
    young = view_of(harbour, Question("young", by="day"))
    rows = operation_counts(harbour.workspace, young, days_of(young))["@rows"].row_count
    assert rows.tolist() == [24] * 20


def test_chunks_of_rows_are_not_calendar_chunks(harbour: Harbour) -> None:
    monthly = view_of(harbour, Question("loans"))
    assert calendar_only(monthly) == monthly.chunks
    with pytest.raises(InvalidInput):
        calendar_only(view_of(harbour, Question("loans", by="rows:10")))
