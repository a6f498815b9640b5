"""Drift of all inputs together: which rows are drawn, what is said of them, and to whom."""

from typing import Any

import numpy as np
import pytest

from core.domain.identity import Role
from core.domain.status import Status
from core.errors import Forbidden, InvalidInput, NotComputable, NothingYet
from core.metrics.multivariate import fit_reconstruction, limits_of, mean_error, out_of_sample
from core.services.drift.input_samples import SEED, both_sides, chunk_inputs, reference_inputs
from core.services.drift.multivariate import (
    ReconstructionDrift,
    Separation,
    reconstruction,
    separation,
)
from core.services.questions import Question, View
from tests.core.services.raw import in_reference, logged_loans
from tests.support.harbour import Harbour

FEATURES = ("income", "years", "balance", "sector")


def errors(harbour: Harbour, **question: Any) -> ReconstructionDrift:
    return reconstruction(
        harbour.workspace, Question("loans", **question), actor=harbour[Role.data_scientist]
    )


def told_apart(harbour: Harbour, key: str | None = None, **question: Any) -> Separation:
    return separation(
        harbour.workspace, Question("loans", **question), key, actor=harbour[Role.data_scientist]
    )


def test_errors_are_those_of_the_logged_rows(harbour: Harbour) -> None:
    # No chunk has more rows than are drawn, so the sample is the log.
    found, rows = errors(harbour), logged_loans(harbour)
    before = in_reference(rows).sort_values("scored_at", kind="stable")
    reference = {name: before[name].to_numpy() for name in FEATURES}
    fitted = fit_reconstruction(reference, {"sector"})
    block = np.arange(len(before)) * 10 // len(before)
    apart = out_of_sample(reference, {"sector"}, block)
    assert found.n_reference == len(before)
    assert (found.directions, found.inputs) == (len(fitted.directions), 4)
    assert found.explained == pytest.approx(fitted.explained)
    for each, wanted in zip(found.reference, apart, strict=True):
        assert each.mean == pytest.approx(wanted.mean, rel=1e-9)
    for place, (_, month) in enumerate(rows.groupby("month")):
        wanted = mean_error(fitted.errors({name: month[name].to_numpy() for name in FEATURES}))
        chunk = found.chunks[place]
        assert (chunk.population, chunk.error.n) == (len(month), len(month))
        assert chunk.error.mean == pytest.approx(wanted.mean, rel=1e-9)
        limits = limits_of(apart, len(month))
        assert (chunk.limits.low, chunk.limits.high) == pytest.approx((limits.low, limits.high))
        inside = limits.low <= wanted.mean <= limits.high
        assert chunk.status is (Status.in_range if inside else Status.act)


def test_a_month_whose_rows_do_not_hang_together_alarms(harbour: Harbour) -> None:
    # In December one balance in 30 is a thousand times as large.
    found = errors(harbour)
    assert [chunk.status for chunk in found.chunks[:3]] == [Status.in_range] * 3
    assert found.chunks[11].status is Status.act
    row = found.rows()[11]
    assert (row.metric, row.method, row.alert) == ("multivariate", "pca_reconstruction_error", True)
    assert row.value > row.high == row.threshold
    assert row.value > row.high_3sd > row.low_3sd > 0
    assert (row.n_reference, row.sampled, row.seed) == (2184, 745, SEED)


def test_too_few_rows_are_said(harbour: Harbour) -> None:
    found = errors(harbour, by="day", start="2024-07-08", end="2024-07-13")
    rows = found.rows()
    assert [row.status for row in rows] == [
        *["too_few_rows"] * 2,
        *["current_empty"] * 3,
        "too_few_rows",
    ]
    assert {row.level for row in rows} == {"not_enough_data"}
    with pytest.raises(NotComputable, match="No period has enough rows"):
        told_apart(harbour, by="day", start="2024-07-08", end="2024-07-13")


def test_what_tells_the_newest_month_apart(harbour: Harbour) -> None:
    found = told_apart(harbour)
    assert found.chunk.key == "2024-12"
    # Incomes are 1.8 times as high: log-normal with sigma 0.5, so Phi(ln 1.8 / 0.5 / sqrt 2) of
    # the pairs, 0.80, and more with the missing ones and the unseen sector.
    assert 0.78 < found.found.auc < 0.95
    assert found.status is Status.act
    assert found.found.separators[0].feature == "income"
    row = found.row()
    assert row.low < row.value < row.high
    assert row.threshold == 0.65
    assert row.separators[0]["feature"] == "income"
    assert {str(part["feature"]) for part in row.separators} == set(FEATURES)


def test_a_quiet_month_is_not_told_apart(harbour: Harbour) -> None:
    for key in ("2024-05", "2024-02"):
        found = told_apart(harbour, key)
        assert found.status is Status.in_range
        assert not found.found.is_beyond_chance
    with pytest.raises(InvalidInput, match="no period 2025-01"):
        told_apart(harbour, "2025-01")


def view_of(harbour: Harbour, **question: Any) -> View:
    return errors(harbour, **question).view


def test_no_row_is_on_both_sides(harbour: Harbour) -> None:
    view = view_of(harbour)
    march = view.chunks[2]
    before, after = both_sides(harbour.workspace, view, march, 5_000, fewest=100)
    assert (before.n, after.n) == (31 * 24 + 29 * 24, 31 * 24)
    assert before.at.max() < after.at.min()
    # Of a year that has the whole reference, the rows after it are left.
    year = view_of(harbour, by="year").chunks[0]
    before, after = both_sides(harbour.workspace, view, year, 50_000, fewest=100)
    assert before.n == 2184
    assert after.n == len(logged_loans(harbour)) - 2184
    assert before.at.max() < after.at.min()


def test_pieces_of_a_period_have_their_share_of_the_sample(harbour: Harbour) -> None:
    view = view_of(harbour)
    before, _ = both_sides(harbour.workspace, view, view.chunks[1], 100, fewest=10)
    february = view.chunks[1].start.timestamp()
    # 744 rows of January and as many of March.
    assert before.n == 100
    assert int((before.at < february).sum()) == 50
    assert before.population.tolist() == [2 * 31 * 24]


def test_the_same_rows_are_drawn_each_time(harbour: Harbour) -> None:
    view = view_of(harbour)
    first = reference_inputs(harbour.workspace, view, 200)
    again = reference_inputs(harbour.workspace, view, 200)
    assert first.n == 200
    for name in FEATURES:
        assert (
            first.columns[name].tolist() == pytest.approx(again.columns[name].tolist(), nan_ok=True)
            if name != "sector"
            else first.columns[name].tolist() == again.columns[name].tolist()
        )
    drawn = chunk_inputs(harbour.workspace, view, view.chunks, 50)
    assert np.bincount(drawn.period).tolist() == [50] * 12


def test_slice_version_region_and_as_of_choose_the_rows(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    retail = rows[rows["sector"] == "零售"]
    found = errors(harbour, slice="sector=零售", version="2", as_of="2024-10-10")
    assert found.n_reference == len(in_reference(retail))
    known = retail[(retail["release"] == "2") & (retail["day"] <= "2024-10-10")]
    monthly = known.groupby("month").size()
    assert {each.chunk.key: each.population for each in found.chunks if each.population} == dict(
        monthly
    )
    limited = reconstruction(harbour.workspace, Question("loans"), actor=harbour.hong_kong)
    there = rows[rows["region"] == "HK"]
    assert limited.n_reference == len(in_reference(there))
    assert [each.population for each in limited.chunks] == there.groupby("month").size().tolist()


def test_who_may_ask_and_what_is_refused(harbour: Harbour) -> None:
    for ask in (reconstruction, separation):
        with pytest.raises(Forbidden, match=r"drift\.view"):
            ask(harbour.workspace, Question("loans"), actor=harbour[Role.business])
        with pytest.raises(InvalidInput, match="drift and data quality only"):
            ask(harbour.workspace, Question("loans", by="rows:500"), actor=harbour[Role.admin])
        with pytest.raises(NothingYet, match="20 of 60 days"):
            ask(harbour.workspace, Question("young"), actor=harbour[Role.admin])


def test_progress_is_told_once_and_the_answer_remembered(harbour: Harbour) -> None:
    told: list[float] = []
    asked = Question("loans", start="2024-06-01", end="2024-06-30")
    actor = harbour[Role.auditor]
    first = separation(harbour.workspace, asked, actor=actor, progress=told.append)
    assert told[-1] == pytest.approx(1)
    count = len(told)
    assert separation(harbour.workspace, asked, actor=actor, progress=told.append) is first
    assert len(told) == count
