"""Slices of the test workspace against pandas and scikit-learn on its raw rows."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from core.domain.identity import Actor, Role
from core.errors import NotComputable, NotFound
from core.metrics.slices import holm
from core.services.questions import Question
from core.services.segments import SegmentTable, csv_table, segments
from core.services.workspace import Workspace
from tests.core.services.raw import logged_loans
from tests.support.builders import ADMIN
from tests.support.demo_models import LOANAPP, demo_model
from tests.support.harbour import Harbour

# The order inside a cell of a five-hundredth of the log odds is not known.
BOUND = {"roc_auc": 1e-3}


def ask(
    harbour: Harbour, *, actor: Actor | None = None, pairs: bool = False, **asked: str
) -> SegmentTable:
    actor = actor or harbour[Role.business]
    return segments(harbour.workspace, Question("loans", **asked), actor=actor, pairs=pairs)


def matured_rows(harbour: Harbour, table: SegmentTable) -> pd.DataFrame:
    """Return the rows whose label is final, with the value of each segment."""
    view, known = table.view, harbour.outcomes
    outcome = view.contract.outcome
    assert outcome is not None
    known = known[known["observed_at"] <= view.as_of]
    rows = logged_loans(harbour).merge(known, on="loan_id")
    rows = rows[rows["scored_at"] <= outcome.matures_after.before(view.as_of)]
    band = pd.cut(rows["balance"], [-np.inf, 3000, 9000, np.inf], right=False)
    return rows.assign(結餘級別=band.cat.rename_categories(["<3000", "3000–9000", "≥9000"]))


def theirs(rows: pd.DataFrame) -> dict[str, float]:
    label, score = rows["defaulted"].astype(int), rows["score"]
    said = score >= 0.5
    return {
        "calibration_gap": (label - score).mean(),
        "roc_auc": sk.roc_auc_score(label, score),
        "specificity": sk.recall_score(1 - label, ~said),
        "accuracy": sk.accuracy_score(label, said),
        "brier_score": sk.brier_score_loss(label, score),
        "log_loss": sk.log_loss(label, score),
    }


@pytest.mark.parametrize(
    "asked", [{}, {"as_of": "2024-10-15"}, {"version": "2"}, {"end": "2024-05-31"}]
)
def test_each_slice_and_the_rest_equal_scikit_learns(
    harbour: Harbour, asked: dict[str, str]
) -> None:
    question = Question("loans", **asked)
    table = segments(harbour.workspace, question, actor=harbour[Role.business])
    rows = matured_rows(harbour, table)
    if "version" in asked:
        rows = rows[rows["release"] == "2"]
    if "end" in asked:
        rows = rows[rows["month"] <= "2024-05"]
    assert table.n == len(rows)
    assert table.slices == rows["sector"].nunique() + rows["結餘級別"].nunique()
    for name, found in table.figures.items():
        assert len(found) == table.slices - table.small
        for row in found:
            ((segment, value),) = row.slice
            inside = rows[segment] == value
            assert row.n == inside.sum()
            for figure, part in ((row.value, rows[inside]), (row.rest, rows[~inside])):
                wanted = theirs(part)
                if name in wanted:
                    assert figure == pytest.approx(wanted[name], abs=BOUND.get(name, 1e-9))
            assert row.low <= row.difference <= row.high or np.isnan(row.difference)


def test_damage_is_rows_times_the_difference_and_comes_first_where_it_is_worse(
    harbour: Harbour,
) -> None:
    table = ask(harbour)
    for row in table.figures["calibration_gap"]:
        assert row.damage == pytest.approx(row.n * (row.value - row.rest))
    for row in table.figures["roc_auc"]:
        assert row.damage == pytest.approx(row.n * (row.rest - row.value))
    damages = [row.damage for row in table.judged("calibration_gap") if not row.found]
    assert damages == sorted(damages, reverse=True)


@pytest.mark.parametrize("pairs", [False, True])
def test_p_values_are_adjusted_for_the_whole_table(harbour: Harbour, pairs: bool) -> None:
    table = ask(harbour, pairs=pairs)
    rows = [row for found in table.figures.values() for row in found]
    assert table.comparisons == sum(row.status == "ok" for row in rows)
    assert np.allclose(
        [row.adjusted for row in rows], holm([row.p_value for row in rows]), equal_nan=True
    )
    # Nothing in this log depends on the sector or the balance.
    assert not any(row.significant for row in rows)


def test_two_segments_together(harbour: Harbour) -> None:
    table = ask(harbour, pairs=True)
    rows = matured_rows(harbour, table)
    sizes = rows.groupby(["sector", "結餘級別"], observed=True).size()
    assert table.slices == rows["sector"].nunique() + 3 + len(sizes)
    pairs = [row for row in table.figures["calibration_gap"] if len(row.slice) == 2]
    assert len(pairs) == (sizes >= 100).sum()
    for row in pairs:
        (_, sector), (_, band) = row.slice
        assert row.n == sizes[sector, band]


def test_within_a_slice_the_rest_is_that_of_the_slice(harbour: Harbour) -> None:
    table = ask(harbour, slice="sector=零售")
    rows = matured_rows(harbour, table)
    assert table.n == (rows["sector"] == "零售").sum()
    assert {name for row in table.figures["accuracy"] for name, _ in row.slice} == {"結餘級別"}


def test_a_person_limited_to_a_region_compares_its_rows_alone(harbour: Harbour) -> None:
    table = ask(harbour, actor=harbour.hong_kong)
    assert table.n == (matured_rows(harbour, table)["region"] == "HK").sum()


def test_few_rows_are_counted_and_not_judged(harbour: Harbour) -> None:
    table = ask(harbour, end="2024-01-20")
    rows = matured_rows(harbour, table)
    rows = rows[rows["day"] <= "2024-01-20"]
    sizes = [*rows["sector"].value_counts(), *rows["結餘級別"].value_counts()]
    assert table.small == sum(size < 100 for size in sizes) > 0
    assert all(row.n >= 100 for row in table.figures["accuracy"])


def test_a_period_without_final_labels_has_no_slices(harbour: Harbour) -> None:
    table = ask(harbour, start="2024-12-01")
    assert (table.n, table.slices, table.comparisons) == (0, 0, 0)


def test_a_file_says_what_was_asked(harbour: Harbour) -> None:
    table = ask(harbour, version="1")
    header, lines = csv_table(table)
    assert len(lines) == sum(len(rows) for rows in table.figures.values())
    first = dict(zip(header, lines[0], strict=True))
    assert (first["model"], first["version"], first["within"]) == ("loans", "1", "")
    assert first["slice"] == table.figures["calibration_gap"][0].text
    assert all(value == value for line in lines for value in line)  # no NaN in a file


def test_a_model_without_outcomes_says_so(harbour: Harbour) -> None:
    with pytest.raises(NotComputable, match="names no outcome"):
        segments(harbour.workspace, Question("tenants"), actor=harbour[Role.business])


def test_who_may_not_see_the_model_is_told_nothing(harbour: Harbour) -> None:
    stranger = Actor("u-9", "nina", frozenset({Role.business}), frozenset({"tenants"}))
    with pytest.raises(NotFound):
        segments(harbour.workspace, Question("loans"), actor=stranger)


@pytest.fixture(scope="module")
def loanapp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    workspace = demo_model(tmp_path_factory.mktemp("segments"), LOANAPP)
    yield workspace
    workspace.store.close()


def test_values_of_personal_columns_are_numbers(loanapp: Workspace) -> None:
    table = segments(loanapp, Question(LOANAPP), actor=ADMIN, pairs=True)
    values = {value for rows in table.figures.values() for row in rows for _, value in row.slice}
    assert values
    assert all(value.startswith(("•••", "…")) for value in values), values


def test_a_slice_that_differs_beyond_chance_is_found(loanapp: Workspace) -> None:
    # Race 1 pays more often than its scores say, beside the others: 1,677 rows against 305.
    table = segments(loanapp, Question(LOANAPP), actor=ADMIN)
    row = next(row for row in table.figures["calibration_gap"] if row.slice == (("race", "••• 1"),))
    assert row.n == 1677
    assert row.significant
    assert not row.found
    assert row.damage == pytest.approx(-130.6, abs=0.1)
