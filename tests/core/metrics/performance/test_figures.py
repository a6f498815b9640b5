"""All figures of a kind of model at once: the registry's ids, and the figures one by one."""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    brier_score_loss,
    f1_score,
    roc_auc_score,
)

from core.errors import InvalidInput
from core.metrics.intervals import Interval
from core.metrics.performance import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    CellValues,
    ClassMatrix,
    Confusion,
    ScoreCounts,
    binary_figures,
    bootstrap,
    calibration_error_interval,
    error_sums,
    kolmogorov_smirnov_of_score,
    multiclass_figures,
    regression_figures,
    score_counts,
)
from core.metrics.registry import METRICS, family_members
from tests.core.metrics.performance.rows import binned, simulated

VALUES = CellValues(
    true_positive=10.0, false_positive=-1.0, false_negative=-20.0, true_negative=0.0
)
DRAWN = {"average_precision", "expected_calibration_error", "ks_of_score"}


def cells(scores: np.ndarray, labels: np.ndarray) -> Confusion:
    said, hit = scores >= 0.5, labels == 1
    return Confusion.of(
        (said & hit).sum(), (said & ~hit).sum(), (~said & hit).sum(), (~said & ~hit).sum()
    )


def test_every_id_is_in_the_registry() -> None:
    performance = {entry.id for entry in family_members("performance")}
    assert set(BINARY) | set(REGRESSION) | set(MULTICLASS) <= performance
    assert METRICS["business_value"].unit == "money"


def test_binary_figures_agree_with_scikit_learn() -> None:
    scores, labels = simulated(2_000, seed=1, lift=2.0)
    found = binary_figures(score_counts(scores, labels), cells(scores, labels), values=VALUES)
    assert tuple(found) == BINARY
    said = scores >= 0.5
    for name, second in (
        ("roc_auc", roc_auc_score(labels, scores)),
        ("gini", 2 * roc_auc_score(labels, scores) - 1),
        ("average_precision", average_precision_score(labels, scores)),
        ("brier_score", brier_score_loss(labels, scores)),
        ("accuracy", accuracy_score(labels, said)),
        ("f1", f1_score(labels, said)),
    ):
        assert found[name].value == pytest.approx(second, rel=1e-12), name
    for name, figure in found.items():
        assert np.isnan(figure.low) == (name in DRAWN), name
        assert np.isnan(figure.high) == (name in DRAWN), name
        assert name in DRAWN or figure.low < figure.value <= figure.high, name
    matrix = cells(scores, labels)
    of_cells = {"precision": matrix.flagged, "recall": matrix.positives}
    of_cells["f1"] = matrix.flagged + matrix.false_negatives
    of_cells["specificity"] = 2_000 - matrix.positives
    assert {name: float(figure.n) for name, figure in found.items()} == {
        name: float(of_cells.get(name, 2_000)) for name in BINARY
    }
    assert found["business_value"].value == pytest.approx(
        10 * matrix.true_positives - matrix.false_positives - 20 * matrix.false_negatives
    )


def test_limits_are_drawn_where_asked() -> None:
    scores, labels = simulated(600, seed=2, lift=1.5)
    counts, matrix = binned(scores, labels, 100), cells(scores, labels)
    found = binary_figures(counts, matrix, bootstrap=True, draws=80, seed=3, confidence=0.9)
    gap = bootstrap(
        lambda some: kolmogorov_smirnov_of_score(some.positives, some.negatives),
        counts,
        draws=80,
        seed=3,
        confidence=0.9,
    )
    error = calibration_error_interval(counts, draws=80, seed=3, confidence=0.9)
    for name, second in (("ks_of_score", gap), ("expected_calibration_error", error)):
        assert (found[name].low, found[name].high) == (second.low, second.high)
    assert 0 <= found["average_precision"].low < found["average_precision"].high <= 1
    assert "business_value" not in found


def test_a_chunk_that_another_question_shares_is_not_drawn_again() -> None:
    known: dict[Hashable, np.ndarray] = {}

    def remember(key: Hashable, find: Callable[[], np.ndarray]) -> np.ndarray:
        if key not in known:
            known[key] = find()
        return known[key]

    months = [simulated(300, seed=seed) for seed in (1, 2, 3)]
    counted = [binned(*month, 100) for month in months]
    judged = [cells(*month) for month in months]

    def figures(*places: int, **more: Any) -> Mapping[str, Interval]:
        counts = (np.stack([getattr(counted[place], name) for place in places])
                  for name in ScoreCounts.__slots__)  # fmt: skip
        matrix = (np.stack([getattr(judged[place], name) for place in places])
                  for name in Confusion.__slots__)  # fmt: skip
        return binary_figures(
            ScoreCounts(*counts), Confusion(*matrix), bootstrap=True, draws=30, **more
        )

    plain, first = figures(0, 1), figures(0, 1, remember=remember)
    assert len(known) == 4  # of each month: its rows drawn again, and what chance alone would give
    second = figures(1, 2, remember=remember)
    assert len(known) == 6
    for name in DRAWN:
        for side in ("low", "high"):
            limits = [getattr(each[name], side) for each in (plain, first, second)]
            assert np.array_equal(limits[0], limits[1])
            assert limits[2][0] == limits[1][1]
    figures(0, seed=1, remember=remember)
    assert len(known) == 8  # other draws


def test_one_bad_chunk_leaves_the_others() -> None:
    # No rows; only negatives, none flagged; both outcomes.
    parts = [
        binned(np.empty(0), np.empty(0), 20),
        binned(np.full(5, 0.2), np.zeros(5), 20),
        binned(*simulated(200, seed=3), 20),
    ]
    counts = ScoreCounts(
        *(np.stack([getattr(part, name) for part in parts]) for name in ScoreCounts.__slots__)
    )
    matrix = Confusion.of([0, 0, 20], [0, 0, 30], [0, 0, 20], [0, 5, 130])
    for drawn in (False, True):
        found = binary_figures(counts, matrix, values=VALUES, bootstrap=drawn)
        assert all(figure.value.shape == (3,) for figure in found.values())
        known = {name: (~np.isnan(figure.value)).tolist() for name, figure in found.items()}
        both_needed = {"roc_auc", "gini", "average_precision", "ks_of_score"}
        positives_needed = {"precision", "recall", "f1"}
        for name, chunks in known.items():
            some = name not in both_needed | positives_needed
            assert chunks == [False, some, True], name


def test_regression_figures_by_hand() -> None:
    found = regression_figures(error_sums([2, 2, 5, 3], [1, 4, 5, 0]), confidence=0.9)
    assert tuple(found) == REGRESSION
    assert found["mae"].value == pytest.approx(1.5)
    assert found["wape"].value == pytest.approx(0.6)
    assert found["bias"].value == pytest.approx(0.5)
    assert found["rmse"].value == pytest.approx(np.sqrt(3.5))
    assert found["mape"].n == 3
    assert all(figure.low < figure.value < figure.high for figure in found.values())


def test_multiclass_figures_agree_with_scikit_learn() -> None:
    random = np.random.default_rng(4)
    chances = random.dirichlet((2, 1, 1), size=900)
    actual = np.asarray([random.choice(3, p=row) for row in chances])
    said = chances.argmax(axis=1)
    names = ("a", "b", "c")
    counts = np.zeros((3, 3))
    np.add.at(counts, (actual, said), 1)
    scores = {name: score_counts(chances[:, k], actual == k) for k, name in enumerate(names)}
    found = multiclass_figures(ClassMatrix.of(names, counts), scores)
    assert tuple(found) == MULTICLASS
    area = roc_auc_score(actual, chances, multi_class="ovr", average="macro")
    assert found["roc_auc"].overall.value == pytest.approx(area, rel=1e-12)
    assert found["roc_auc"].classes["b"].value == pytest.approx(
        roc_auc_score(actual == 1, chances[:, 1]), rel=1e-12
    )
    assert found["accuracy"].overall.value == pytest.approx(accuracy_score(actual, said))
    assert found["accuracy"].classes["c"].value == pytest.approx(
        accuracy_score(actual == 2, said == 2)
    )
    assert found["f1"].overall.value == pytest.approx(f1_score(actual, said, average="macro"))
    for figure in found.values():
        assert figure.overall.low < figure.overall.value < figure.overall.high
        assert tuple(figure.classes) == names
        assert figure.overall.n == 900


def test_multiclass_figures_without_scores_have_no_area() -> None:
    matrix = ClassMatrix.of(("a", "b"), [[3, 1], [0, 2]])
    assert "roc_auc" not in multiclass_figures(matrix)
    with pytest.raises(InvalidInput, match="not those of the classes"):
        multiclass_figures(matrix, {"a": score_counts([0.5], [1])})
