"""Shares of bad values against pandas, and what the log as a whole says."""

import numpy as np
import pytest

from core.domain.identity import Role
from core.domain.status import Status
from core.errors import Forbidden, NothingYet
from core.services.quality import IngestQuality, Quality, quality
from core.services.questions import Question
from tests.core.services.raw import in_reference, logged_loans
from tests.support.harbour import Harbour


def ask(harbour: Harbour, question: Question | None = None) -> Quality:
    question = question or Question("loans")
    return quality(harbour.workspace, question, actor=harbour[Role.admin])


def test_missing_out_of_range_and_unseen_equal_pandas(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    found = {column.column: column for column in ask(harbour).columns}
    by_month = rows.groupby("month")
    for name in ("income", "years", "balance"):
        known = in_reference(rows)[name]
        values = rows[name].dropna()
        outside = ~values.between(known.min(), known.max())
        np.testing.assert_allclose(
            found[name].share("missing_share"), by_month[name].apply(lambda v: v.isna().mean())
        )
        np.testing.assert_allclose(
            found[name].share("out_of_range_share"), outside.groupby(rows["month"]).mean()
        )
        assert np.isnan(found[name].share("unseen_share")).all()
        assert found[name].reference_share("missing_share") == pytest.approx(known.isna().mean())
    unseen = ~rows["sector"].isin(in_reference(rows)["sector"].unique())
    np.testing.assert_allclose(
        found["sector"].share("unseen_share"), unseen.groupby(rows["month"]).mean()
    )
    assert np.isnan(found["sector"].share("out_of_range_share")).all()


def test_statuses_follow_the_thresholds(harbour: Harbour) -> None:
    answer = ask(harbour)
    columns = {column.column: column for column in answer.columns}
    # An eighth missing lies between 5 % and 20 %.
    assert answer.newest_status(columns["income"]) is Status.watch
    missing = answer.statuses(columns["income"], "missing_share")
    assert missing[8:] == [Status.in_range, Status.watch, Status.watch, Status.watch]
    assert answer.newest_status(columns["years"]) is Status.in_range


def test_the_rows_say_all_and_leave_out_what_does_not_apply(harbour: Harbour) -> None:
    answer = ask(harbour)
    rows = answer.rows()
    assert len(rows) == 3 * 2 * 12 + 2 * 12 + 3
    row = next(r for r in rows if r.method == "missing_share" and r.chunk["key"] == "2024-10")
    assert (row.metric, row.column, row.slice) == ("quality", "income", None)
    assert (row.threshold, row.alert, row.status, row.level) == (0.2, False, "ok", "watch")
    assert row.chunk["n"] == 744
    assert {r.method for r in rows if not r.column} == {
        "type_error_share",
        "duplicate_share",
        "freshness",
    }


def test_the_whole_log(harbour: Harbour) -> None:
    rows, answer = logged_loans(harbour), ask(harbour)
    figures = answer.whole_log()
    assert answer.ingest is not None
    assert answer.ingest.rows_read == len(rows) + 3  # three were refused
    assert figures["type_error_share"][0] == pytest.approx(3 / (len(rows) + 3))
    assert figures["duplicate_share"] == (0.0, Status.in_range)
    # Tenants: the newest event is the newest prediction.
    assert ask(harbour, Question("tenants")).freshness.total_seconds() == 0


def test_a_slice_and_chunks_of_rows(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    part = rows[rows["sector"] == "物流"]
    answer = ask(harbour, Question("loans", slice="sector=物流", by="all"))
    income = next(column for column in answer.columns if column.column == "income")
    assert income.share("missing_share")[0] == pytest.approx(part["income"].isna().mean())
    assert {row.slice for row in answer.rows()} == {"sector=物流"}
    by_rows = ask(harbour, Question("loans", by="rows:3000"))
    assert len(by_rows.chunks) == 3
    assert by_rows.columns[0].current.rows.sum() == len(rows)


def test_an_incomplete_reference_is_waited_for(harbour: Harbour) -> None:
    answer = ask(harbour, Question("young"))
    assert isinstance(answer.waiting, NothingYet)
    assert answer.columns == ()
    assert answer.reference_days == (20, 60)
    assert answer.ingest is not None
    assert answer.ingest.rows_read == 20 * 24
    assert ask(harbour).waiting is None
    assert ask(harbour).reference_days == (91, 91)


def test_without_rows_there_is_no_quality(harbour: Harbour) -> None:
    with pytest.raises(NothingYet):
        ask(harbour, Question("unused"))
    nothing = ask(harbour, Question("loans", start="2023-01-01", end="2023-02-28"))
    assert nothing.newest_status(nothing.columns[0]) is Status.not_enough_data
    empty = IngestQuality(rows_read=0, rows_quarantined=0, rows_skipped=0)
    assert np.isnan([empty.type_error_share, empty.duplicate_share]).all()


def test_batches_are_not_told_to_who_sees_one_region(harbour: Harbour) -> None:
    answer = quality(harbour.workspace, Question("loans", by="all"), actor=harbour.hong_kong)
    rows = logged_loans(harbour)
    assert answer.ingest is None
    assert answer.columns[0].current.rows.tolist() == [(rows["region"] == "HK").sum()]
    assert {row.method for row in answer.rows() if not row.column} == {"freshness"}


def test_freshness_is_told_from_the_day_asked_for(harbour: Harbour) -> None:
    answer = ask(harbour, Question("loans", as_of="2025-01-02"))
    # The newest prediction came on 31 December at 23:00.
    assert answer.whole_log()["freshness"][0] == pytest.approx(49, abs=1e-6)
    assert answer.whole_log()["freshness"][1] is Status.watch


def test_business_may_not_see_it(harbour: Harbour) -> None:
    with pytest.raises(Forbidden):
        quality(harbour.workspace, Question("loans"), actor=harbour[Role.business])
