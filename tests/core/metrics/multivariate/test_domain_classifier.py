"""Telling rows apart: cases where the answer is known, and chance."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.errors import InvalidInput, NotComputable
from core.metrics.intervals import hanley_mcneil
from core.metrics.multivariate import domain_classifier
from core.metrics.multivariate.domain_classifier import _area


def rows(count: int, seed: int, **changes: np.ndarray) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(seed)
    return {
        "size": draw.normal(size=count),
        "age": draw.integers(18, 80, count).astype(float),
        "colour": draw.choice(["red", "blue", "green"], count),
        **changes,
    }


def test_rows_that_lie_apart_are_all_told_apart() -> None:
    moved = rows(400, 2, size=np.random.default_rng(2).normal(20, 1, 400))
    found = domain_classifier(rows(400, 1), moved, {"colour"})
    assert found.auc == pytest.approx(1, abs=1e-3)
    assert found.is_beyond_chance
    assert found.separators[0].feature == "size"
    assert found.separators[0].drop == pytest.approx(0.5, abs=0.05)
    assert {each.feature for each in found.separators} == {"size", "age", "colour"}
    assert max(abs(each.drop) for each in found.separators[1:]) < 0.01


def test_a_new_category_separates() -> None:
    new = np.array(["violet"] * 100 + ["red"] * 300)
    found = domain_classifier(rows(400, 1), rows(400, 2, colour=new), {"colour"})
    assert found.separators[0].feature == "colour"
    assert found.low > 0.6


def test_values_that_go_missing_separate() -> None:
    gaps = np.where(np.arange(400) < 200, np.nan, np.random.default_rng(2).normal(size=400))
    found = domain_classifier(rows(400, 1), rows(400, 2, size=gaps), {"colour"})
    # Half of the rows are missing the value: 0.5 + 0.5 / 2.
    assert found.auc == pytest.approx(0.75, abs=0.06)
    assert found.separators[0].feature == "size"


def test_a_shift_of_one_deviation_is_as_far_apart_as_theory_says() -> None:
    draw = np.random.default_rng(0)
    found = domain_classifier(
        {"x": draw.normal(size=2000)}, {"x": draw.normal(1, 1, 2000)}, (), iterations=20
    )
    # Of two normals one deviation apart, Phi(1 / sqrt(2)) of the pairs are in order: 0.7602.
    assert found.auc == pytest.approx(0.7602, abs=0.02)
    assert found.low < 0.7602 < found.high
    assert (found.n_reference, found.n_current) == (2000, 2000)


def test_without_a_change_chance_is_inside_the_interval_nearly_always() -> None:
    """Of 30 pairs of samples without a change, at a level of 95 % one or two are outside."""
    found = [
        domain_classifier(rows(120, 2 * seed), rows(120, 2 * seed + 1), {"colour"}, iterations=5)
        for seed in range(30)
    ]
    assert sum(not each.low <= 0.5 <= each.high for each in found) <= 3
    assert sum(each.is_beyond_chance for each in found) <= 2
    assert np.mean([each.auc for each in found]) == pytest.approx(0.5, abs=0.02)


def test_the_interval_is_hanley_and_mcneils_half_as_wide_again() -> None:
    moved = rows(400, 2, size=np.random.default_rng(2).normal(1, 1, 400))
    found = domain_classifier(rows(300, 1), moved, {"colour"}, iterations=5)
    plain = hanley_mcneil(found.auc, 400, 300)
    assert found.auc - found.low == pytest.approx(1.5 * (found.auc - float(plain.low)))
    assert found.high - found.auc == pytest.approx(1.5 * (float(plain.high) - found.auc))


def test_the_same_seed_gives_the_same_figures_and_progress_is_told() -> None:
    told: list[float] = []
    first = domain_classifier(
        rows(200, 1), rows(300, 2), {"colour"}, seed=5, progress=told.append, iterations=5
    )
    assert told == pytest.approx([0.2, 0.4, 0.6, 0.8, 1])
    again = domain_classifier(rows(200, 1), rows(300, 2), {"colour"}, seed=5, iterations=5)
    other = domain_classifier(rows(200, 1), rows(300, 2), {"colour"}, seed=6, iterations=5)
    assert first == again
    assert first.auc != other.auc


def test_too_few_rows_and_other_columns_are_refused() -> None:
    with pytest.raises(NotComputable, match="at least 100 rows"):
        domain_classifier(rows(99, 1), rows(500, 2), {"colour"})
    with pytest.raises(InvalidInput, match="different columns"):
        domain_classifier({"a": np.zeros(200)}, {"b": np.zeros(200)}, ())


def test_the_area_is_scikit_learns_ties_included() -> None:
    class Fixed:
        def decision_function(self, matrix: np.ndarray) -> np.ndarray:
            return matrix[:, 0]

    draw = np.random.default_rng(9)
    scores, truth = draw.integers(0, 6, 300) / 5, draw.random(300) < 0.3
    found = _area(Fixed(), scores[:, None], truth)
    assert found == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
