"""Figures that a log can make wrong: scores that crowd, labels and scores that are missing."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from core.contract.cut_offs import CutOff
from core.domain.status import Status
from core.metrics.performance import Confusion, business_value
from core.metrics.performance.confusion import CellValues
from core.services.confidence import Unsaid
from core.services.performance import curves, performance
from core.services.performance.crowding import EXACT_ENOUGH
from core.services.questions import Question
from tests.support.small_logs import CONTRACT, SmallLogs, build_small_logs, half_a_year

RATE = "outcome_rate"
WORTH = {"true_positive": 0, "false_positive": -120, "false_negative": -4000, "true_negative": 300}
MONEY = CellValues(**{name: float(value) for name, value in WORTH.items()})


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> SmallLogs:
    return build_small_logs(Path(tmp_path_factory.mktemp("small")))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return half_a_year()


@pytest.mark.parametrize(
    ("model", "lowest", "width"),
    [("tiny", 0.0, 1e-7), ("narrow", 0.5, 4e-4), ("narrowest", 0.5, 1e-10)],
)
def test_scores_that_crowd_keep_their_order(
    logs: SmallLogs, rows: pd.DataFrame, model: str, lowest: float, width: float
) -> None:
    """Scores below 1e-7, within 0.0004, and within 1e-10 of each other: scikit-learn's figures."""
    crowded = rows.assign(s=lowest + width * rows["s"])
    logs.add(model, crowded)
    found, estimates = logs.ask(model)
    for place in range(4):
        part = crowded[crowded["month"] == place + 1]
        label, score = part["y"], part["s"]
        ranks, _, _ = sk.roc_curve(label, score)
        theirs = {
            "roc_auc": sk.roc_auc_score(label, score),
            "average_precision": sk.average_precision_score(label, score),
            "ks_of_score": float(np.max(np.subtract(*sk.roc_curve(label, score)[1::-1]))),
        }
        assert ranks.size > 50
        for name, value in theirs.items():
            figure, bound = found.figures[name], found.bound_of(name, place)
            assert bound <= EXACT_ENOUGH
            assert figure.value[place] == pytest.approx(value, abs=bound + 1e-12), name
    said = estimates.figures["roc_auc"]
    assert not said.concept.alarm.any()
    if model == "narrowest":
        assert np.isnan(said.band.value).all()  # no count can tell the order of these
    else:
        assert said.band.value[3] == pytest.approx(found.figures["roc_auc"].value[3], abs=0.06)


def test_what_an_estimate_was_learned_from_proves_nothing_of_it(
    logs: SmallLogs, rows: pd.DataFrame
) -> None:
    inside = {"from": "2024-01-01", "to": "2024-05-15"}
    logs.add("inside", rows, performance_reference=inside)
    found, estimates = logs.ask("inside")
    assert found.matured.tolist() == [True] * 5 + [False]
    for each in estimates.figures.values():  # May overlaps the reference too
        assert each.coverage.judged == 0
        assert np.isnan(each.concept.statistic).all()
        assert each.chunks_behind.tolist() == [0] * 6


def test_money_is_compared_by_prediction(logs: SmallLogs, rows: pd.DataFrame) -> None:
    """Half of the labels never come: what is known is worth half, the model is not."""
    lost = np.random.default_rng(5).random(len(rows)) < 0.5
    logs.add("money", rows.assign(y=rows["y"].mask(lost)), confusion_values=WORTH)
    found, estimates = logs.ask("money")
    figure, said = found.figures["business_value"], estimates.figures["business_value"]
    for place in range(5):
        part = rows[(rows["month"] == place + 1) & ~lost]
        flagged, hit = part["s"] >= 0.5, part["y"] == 1
        cells = [(a & b).sum() for a, b in ((flagged, hit), (flagged, ~hit))]
        cells += [(~flagged & hit).sum(), (~flagged & ~hit).sum()]
        mean = business_value(Confusion.of(*cells), MONEY, per_prediction=True)
        n = found.predictions[place]
        assert n == (rows["month"] == place + 1).sum()
        assert figure.value[place] == pytest.approx(float(mean.value) * n)
        assert figure.low[place] == pytest.approx(float(mean.low) * n)
        assert figure.n[place] == len(part)
        assert said.band.low[place] < figure.value[place] < said.band.high[place]
    # The band is that of the money of a month: it learned nothing from labels that are lost.
    assert (said.band.high - said.band.low)[4] < 1.3 * (said.band.high - said.band.low)[0]
    row = next(each for each in found.rows() if each.metric == "business_value")
    assert row.unit == "HKD"


def test_one_row_or_rows_of_one_cell_have_no_interval_of_money() -> None:
    for cells in ((0, 0, 1, 0), (0, 0, 0, 9)):
        found = business_value(Confusion.of(*cells), MONEY)
        assert np.isnan([found.low, found.high]).all()
    certain = business_value(Confusion.of(0, 0, 0, 9), CellValues(5, 5, 5, 5))
    assert [float(each) for each in (certain.low, certain.value, certain.high)] == [45, 45, 45]


def test_a_figure_is_judged_on_the_rows_behind_it(logs: SmallLogs, rows: pd.DataFrame) -> None:
    policy = [{"version": "p1", "from": "2024-01-01", "rule": "score >= 0.8 -> decline"}]
    strict = {"precision": {"watch": 0.99, "act": 0.95, "minimum_n": 100}}
    logs.add("strict", rows, policy=policy, thresholds=strict)
    found, _ = logs.ask("strict")
    by = {(row.metric, row.chunk["key"]): row for row in found.rows()}
    march = rows[rows["month"] == 3]
    for name, n in (
        ("precision", (march["s"] >= 0.8).sum()),
        ("recall", (march["y"] == 1).sum()),
        ("specificity", (march["y"] == 0).sum()),
        ("roc_auc", len(march)),
    ):
        assert by[name, "2024-03"].n == n, name
        assert by[name, "2024-03"].labelled == len(march)
    few = by["precision", "2024-03"]
    assert 0 < few.n < 100
    assert few.realised < 0.95
    assert (few.level, few.alert) == (str(Status.not_enough_data), False)


def test_rows_without_a_usable_score_count_on_neither_side(
    logs: SmallLogs, rows: pd.DataFrame
) -> None:
    """From April on the risky have no score, and some of the others have one of 1.7."""
    late, turn = rows["month"] >= 4, np.arange(len(rows)) % 5 == 0
    score = rows["s"].mask(late & (rows["f"] > 1)).mask(late & (rows["f"] <= 1) & turn, 1.7)
    logs.add("holes", rows.assign(s=score))
    found, estimates = logs.ask("holes")
    assert not estimates.figures[RATE].concept.alarm.any()
    part = rows[(rows["month"] == 4) & score.between(0, 1)]
    figures = {name: float(each.value[3]) for name, each in found.figures.items()}
    flagged = part["s"] >= 0.5
    assert figures[RATE] == pytest.approx(part["y"].mean())
    assert figures["accuracy"] == pytest.approx((flagged == part["y"]).mean())
    assert figures["recall"] == pytest.approx(sk.recall_score(part["y"], flagged))
    assert found.left_out.tolist()[:4] == [0, 0, 0, (rows["month"] == 4).sum() - len(part)]
    row = next(each for each in found.rows() if each.chunk["key"] == "2024-04")
    assert (row.n, row.left_out) == (len(part), found.left_out[3])
    assert row.labelled == row.n + row.left_out
    # The error is that of the rows that were estimated.
    rate = estimates.figures[RATE].band
    p = part["s"].to_numpy()
    assert rate.high[3] - rate.value[3] == pytest.approx(
        3 * np.sqrt((p * (1 - p)).sum()) / len(part), rel=0.1
    )


def test_a_logged_prediction_counts_without_a_score_but_is_no_concept_drift(
    logs: SmallLogs, rows: pd.DataFrame
) -> None:
    """What was predicted is known of all rows; the estimate speaks of those with a score."""
    risky = (rows["month"] >= 4) & (rows["f"] > 0.5)
    logged = rows.assign(p=(rows["s"] >= 0.3).astype(int).astype(str), s=rows["s"].mask(risky))
    log = {"prediction_id": "id", "time": "at", "version": "v", "score": "s", "prediction": "p"}
    logs.add("logged", logged, log=log)
    found, estimates = logs.ask("logged")
    april = logged[logged["month"] == 4]
    flagged, label = april["p"] == "1", april["y"]
    assert found.figures["recall"].value[3] == pytest.approx(sk.recall_score(label, flagged))
    told = april["s"].notna()
    beside = float(found.comparable["recall"].value[3])
    assert beside == pytest.approx(sk.recall_score(label[told], flagged[told]))
    assert beside < found.figures["recall"].value[3] - 0.1
    assert not any(each.concept.alarm.any() for each in estimates.figures.values())


def test_the_cut_off_in_force_is_that_of_the_rows(logs: SmallLogs, rows: pd.DataFrame) -> None:
    """Version 1 is cut at 0.3 until the end of April, version 2 at 0.8 from mid-March on."""
    policies = [
        {"version": "p1", "from": "2024-01-01", "rule": "score >= 0.3 -> decline"},
        {"version": "p2", "from": "2024-02-01", "rule": "score >= 0.8 -> decline"},
    ]
    versions = [{"id": "1", "policy": "p1"}, {"id": "2", "policy": "p2"}]
    second = (rows["month"] >= 3) & (rows["f"] > 0.2)
    logs.add("two", rows.assign(v=np.where(second, "2", "1")), policy=policies, versions=versions)
    found, _ = logs.ask("two")
    assert in_force(logs, found, 1) == CutOff(0.3, policy="p1")  # though p2 is the newest
    assert in_force(logs, found, 2) == Unsaid.several_cut_offs
    of_one, _ = logs.ask("two", version="2")
    assert in_force(logs, of_one, 2) == CutOff(0.8, policy="p2")
    logs.add("free", rows)
    free, _ = logs.ask("free")
    assert in_force(logs, free, 2) == CutOff(0.5)


def in_force(logs: SmallLogs, found: object, chunk: int) -> object:
    drawn = curves(logs.workspace, found, chunk)  # type: ignore[arg-type]
    assert drawn is not None
    return drawn.in_force


def test_figures_without_a_formula_have_limits_by_themselves(
    logs: SmallLogs, rows: pd.DataFrame
) -> None:
    logs.add("drawn", rows)
    found, _ = logs.ask("drawn")
    for name in ("average_precision", "ks_of_score", "expected_calibration_error"):
        figure = found.figures[name]
        assert np.all(figure.low[:5] <= figure.value[:5])
        assert np.all(figure.value[:5] <= figure.high[:5])
        assert np.all(figure.high[:5] - figure.low[:5] > 0.005), name
    again = performance(
        logs.workspace, Question("drawn", by="quarter"), actor=logs.actor, bootstrap=True
    )
    assert again.figures["ks_of_score"].low[0] > 0.2


def test_mape_is_held_against_the_rows_that_it_counts(logs: SmallLogs) -> None:
    """Half of the outcomes are 0 in the reference; in the other model from April on alone."""
    few = half_a_year(minutes=180)
    nothing, error = np.arange(len(few)) % 2 == 0, 1 + 0.2 * few["f"]
    task = {
        "task": "regression",
        "outcome": {**CONTRACT["outcome"], "columns": [{"name": "y", "type": "label"}]},
    }
    logs.add("zeros", few.assign(s=20 * error, y=np.where(nothing, 0.0, 20.0)), **task)
    found, estimates = logs.ask("zeros")
    assert "mape" not in estimates.figures
    assert "are 0" in estimates.unsaid["mape"]
    assert "mae" in estimates.figures
    assert found.figures["mape"].n[0] == (~nothing & (few["month"] == 1)).sum()
    # Rows of 0 are half as hard here: their relative error is that of easy rows, and not counted.
    late = nothing & (few["month"] >= 4)
    hard = np.where(nothing, 0.0, 0.4) * np.where(np.arange(len(few)) % 4 < 2, 1, -1)
    logs.add(
        "late",
        few.assign(f=nothing.astype(float), s=20 + 20 * hard, y=np.where(late, 0, 20)),
        **task,
    )
    of_late, said = logs.ask("late")
    assert said.unsaid == {}
    concept = said.figures["mape"].concept
    assert of_late.figures["mape"].value[3] == pytest.approx(0.4)
    assert concept.effect[3] == pytest.approx(0.0, abs=0.02)
    assert said.figures["mape"].band.value[3] == pytest.approx(0.2, abs=0.02)
