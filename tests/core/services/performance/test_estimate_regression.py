"""Estimates of a regression through the service, against the estimator on the rows themselves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.domain.identity import Actor
from core.domain.windows import Chunk
from core.metrics.estimation import DirectLoss, fit_direct_loss
from core.services.performance import Estimates, Performance, estimates_beside, performance
from core.services.performance import estimate_regression as estimator
from core.services.performance import raw_rows as module
from core.services.performance.reference import holdout as kept_holdout
from core.services.questions import Question, View
from core.services.workspace import Workspace
from tests.support.estimating import (
    FEATURES,
    MARCH,
    PRICES,
    build_estimating,
    holdout,
    logged,
    register,
)

WORDS = {name for name, kind in FEATURES.items() if kind == "categorical"}
NAMES = ("mae", "mse", "rmse", "mape", "rmsle")
Built = tuple[Workspace, Actor]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    workspace, owner = build_estimating(tmp_path_factory.mktemp("prices") / "home", PRICES)
    yield workspace, owner
    workspace.store.close()


@pytest.fixture(scope="module")
def learned() -> DirectLoss:
    """Second route: the estimator on the registered data set, without service or lake."""
    return fitted(holdout("prices"))


def fitted(rows: pd.DataFrame) -> DirectLoss:
    return fit_direct_loss(columns(rows), rows["y_pred"], rows["y_true"], categorical=WORDS)


def columns(rows: pd.DataFrame) -> dict[str, Any]:
    return {name: rows[name] for name in FEATURES}


def realised(built: Built, **question: str) -> Performance:
    return performance(built[0], Question("prices", **question), actor=built[1])


def ask(built: Built, **question: str) -> tuple[Performance, Estimates]:
    found = realised(built, **question)
    return found, estimates_beside(built[0], found)


def revised(built: Built, **changes: Any) -> tuple[Performance, Estimates]:
    """Ask after another revision of the contract, and bring the first one back."""
    contract: Mapping[str, Any] = {**PRICES, **changes}
    try:
        register(*built, {name: part for name, part in contract.items() if part is not None})
        return ask(built)
    finally:
        register(*built, PRICES)


def test_realised_and_estimated_errors_of_every_month(built: Built, learned: DirectLoss) -> None:
    found, said = ask(built)
    rows = logged("prices")
    assert said.reason is None
    assert tuple(said.figures) == NAMES  # not WAPE and bias: nobody estimates them
    theirs = learned.estimate(columns(rows), rows["y_pred"], chunks=rows["month"])
    for name in NAMES:
        band = said.figures[name].band
        np.testing.assert_allclose(band.value, theirs[name], rtol=1e-9, err_msg=name)
        reach = 3 * learned.errors.of(name, [6_000.0, 6_000.0, MARCH])
        assert band.low[0] == pytest.approx(theirs[name][0] - reach[0])
        # In March both months before it are on record, and the band may have been widened.
        assert band.high[2] - theirs[name][2] >= reach[2] * (1 - 1e-9)
        assert said.figures[name].chunks_behind.tolist() == [0, 1, 2]
    # nannyml's own figures of what came: tests/fixtures/car_price/nannyml_dle_car_price.csv.
    assert found.figures["mae"].value[:2] == pytest.approx([853.3997, 702.5177], abs=1e-3)
    assert np.isnan(found.figures["mae"].value[2])


def test_the_record_and_concept_drift(built: Built) -> None:
    _, said = ask(built)
    for name in NAMES:
        record = said.figures[name].coverage
        assert record.judged == 2, name
        assert record.covered >= 1, name
        assert not said.figures[name].concept.alarm[[0, 2]].any(), name
        assert np.isnan(said.figures[name].concept.statistic[2]), name
    rows = ask(built)[0].rows(said.bands)
    row = next(each for each in rows if each.metric == "mae" and each.chunk["key"] == "2024-03")
    assert row.lower < row.estimated < row.upper
    assert (row.status, row.maturity) == ("no_labels", "none")


def test_a_slice_is_estimated_by_its_own_rows(built: Built, learned: DirectLoss) -> None:
    _, said = ask(built, slice="fuel=diesel")
    rows = logged("prices").query("fuel == 'diesel'")
    theirs = learned.estimate(columns(rows), rows["y_pred"], chunks=rows["month"])
    np.testing.assert_allclose(said.figures["rmse"].band.value, theirs["rmse"], rtol=1e-9)


def test_a_month_whose_labels_are_not_final_yet(built: Built, learned: DirectLoss) -> None:
    # On 28 February outcomes of up to 18 February have come, those of up to the 8th are final.
    found, said = ask(built, as_of="2024-02-28")
    assert [each.state for each in found.maturity] == ["matured", "partial"]
    rows = logged("prices").query("month < 2")
    rows = rows[rows["time"] < pd.Timestamp("2024-02-29", tz="Asia/Hong_Kong")]
    theirs = learned.estimate(columns(rows), rows["y_pred"], chunks=rows["month"])
    np.testing.assert_allclose(said.figures["mae"].band.value, theirs["mae"], rtol=1e-9)
    assert said.figures["mae"].coverage.judged == 1


def test_only_chunks_that_are_cut_are_looked_at_anew(
    built: Built, learned: DirectLoss, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = ask(built)[1]
    drawn: list[str] = []

    def chunk_rows(workspace: Workspace, view: View, chunks: Sequence[Chunk]) -> module.ChunkRows:
        drawn.extend(each.key for each in chunks)
        return module.chunk_rows(workspace, view, chunks)

    monkeypatch.setattr(estimator, "chunk_rows", chunk_rows)
    _, said = ask(built, start="2024-01-20", end="2024-03-10")
    assert drawn == ["2024-01", "2024-03"]
    rows = logged("prices")
    from_, until = (pd.Timestamp(day, tz="Asia/Hong_Kong") for day in ("2024-01-20", "2024-03-11"))
    rows = rows[(rows["time"] >= from_) & (rows["time"] < until)]
    theirs = learned.estimate(columns(rows), rows["y_pred"], chunks=rows["month"])
    for name in NAMES:
        band = said.figures[name].band
        np.testing.assert_allclose(band.value, theirs[name], rtol=1e-9, err_msg=name)
        assert band.value[1] == whole.figures[name].band.value[1], name


def test_as_many_rows_of_a_chunk_are_drawn_as_the_whole_log_allows(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ROWS_IN_ALL", 3_600)  # of a log of three months
    view = realised(built, start="2024-01-10", end="2024-01-31").view
    assert module.chunk_rows(built[0], view, view.chunks).rows.n == 1_200


@pytest.mark.slow
def test_a_period_of_the_log_teaches_as_well(built: Built) -> None:
    period = {"from": "2024-01-01", "to": "2024-01-10"}
    _, said = revised(built, performance_reference=period)
    rows = logged("prices")
    assert said.reason is None
    # The rows come in the order of the draw, so the folds are others: the same to a few per cent.
    taught = rows[rows["time"] < pd.Timestamp("2024-01-11", tz="Asia/Hong_Kong")]
    theirs = fitted(taught).estimate(columns(rows), rows["y_pred"], chunks=rows["month"])
    assert 2_000 < len(taught) < 2_200
    np.testing.assert_allclose(said.figures["mae"].band.value, theirs["mae"], rtol=0.05)


@pytest.mark.slow
def test_many_rows_are_sampled(
    built: Built, learned: DirectLoss, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CHUNK_ROWS", 1_200)
    built[0].memo.clear()
    _, said = ask(built)
    built[0].memo.clear()
    rows = logged("prices")
    theirs = learned.estimate(columns(rows), rows["y_pred"], chunks=rows["month"])["mae"]
    band = said.figures["mae"].band
    error = learned.errors.of("mae", 1_200.0)
    assert (np.abs(band.value - theirs) < 3 * error).all()
    assert (band.value != theirs).all()
    # The band is that of so many rows as were looked at.
    assert band.value[0] - band.low[0] == pytest.approx(3 * float(error))


def test_a_large_reference_is_sampled(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REFERENCE_ROWS", 500)
    built[0].memo.clear()
    view = realised(built).view
    drawn = module.reference_rows(built[0], view)
    again = module.reference_rows(built[0], view)
    built[0].memo.clear()
    assert drawn.n == 500
    assert drawn.digest() == again.digest() != drawn.where(np.arange(499)).digest()
    pairs = set(zip(holdout("prices")["y_pred"], holdout("prices")["y_true"], strict=True))
    assert set(zip(drawn.scores["score"], drawn.label, strict=True)) <= pairs


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"performance_reference": None}, "names no labelled rows"),
        # Nothing was logged, so nothing is labelled.
        ({"performance_reference": {"from": "2023-01-01", "to": "2023-01-31"}}, "has no labelled"),
        # March has predictions, and no outcome yet.
        ({"performance_reference": {"from": "2024-03-01", "to": "2024-03-31"}}, "has no labelled"),
    ],
)
def test_why_there_is_no_estimate(built: Built, changes: dict[str, Any], reason: str) -> None:
    found, said = revised(built, **changes)
    assert reason in str(said.reason)
    assert said.bands == {}
    assert found.figures["mae"].value[0] > 0  # the rest of the page is there


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda rows: rows.drop(columns=["fuel", "car_age"]), "no column for car_age, fuel"),
        (lambda rows: rows.drop(columns="y_true"), "has no labelled rows"),
        (lambda rows: rows.assign(y_true=np.nan), "has no labelled rows"),
        (lambda rows: rows.assign(y_pred=np.inf), "has no labelled rows"),
        (lambda rows: rows.assign(car_age="old"), "Column car_age .* else than numbers"),
        (lambda rows: rows.head(19), "at least 20 labelled rows"),
    ],
)
def test_what_is_wrong_with_a_data_set(built: Built, change: Any, reason: str) -> None:
    workspace, _ = built
    path, _ = kept_holdout(workspace, realised(built).view.contract)
    kept = path.read_bytes()
    try:
        change(holdout("prices")).to_parquet(path)
        workspace.memo.clear()
        found, said = ask(built)
    finally:
        Path(path).write_bytes(kept)
        workspace.memo.clear()
    assert re.search(reason, str(said.reason))
    assert found.figures["mae"].value[0] > 0


@pytest.mark.slow
def test_a_small_reference_does_not_take_a_new_mix_for_concept_drift(
    built: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing but the mix of cars differs between these months; 4,000 rows teach too little."""
    monkeypatch.setattr(module, "REFERENCE_ROWS", 4_000)
    built[0].memo.clear()
    found = realised(built)
    careful, _ = estimator.of_regression(built[0], found.view, found)
    monkeypatch.setattr(estimator, "ENOUGH_ROWS", 0)
    trusting, _ = estimator.of_regression(built[0], found.view, found)
    built[0].memo.clear()
    assert not any(each.concept.alarm.any() for each in careful.values())
    assert "mae" in [name for name, each in trusting.items() if each.concept.alarm.any()]
    # What was measured is told in both ways.
    for name in NAMES:
        assert careful[name].concept.statistic[0] == trusting[name].concept.statistic[0]
