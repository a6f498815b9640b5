"""Slices of a binary model: each figure against a second source, and what chance makes of them."""

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from core.metrics.arrays import Floats, Integers
from core.metrics.performance.roc import roc_auc
from core.metrics.slices import BINARY_FIGURES, Comparison, compare_binary, holm
from tests.support.slicing import cells_by_slice, counts_by_slice, rest_of

SLICES = 20


def compare(
    score: Floats, label: Floats, place: Integers, slices: int = SLICES
) -> dict[str, Comparison]:
    counts = counts_by_slice(score, label, place, slices)
    cells = cells_by_slice(score >= 0.3, label, place, slices)
    return dict(compare_binary(counts, rest_of(counts), cells, rest_of(cells)))


def drawn(
    seed: int, n: int = 5_000, rate: float = 0.1
) -> tuple[np.random.Generator, Floats, Integers]:
    """Return scores of 200 distinct values, and slices of unequal size."""
    draw = np.random.default_rng(seed)
    score = np.clip(np.round(draw.beta(2, 2 / rate - 2, n) * 200) / 200, 0.005, 0.995)
    share = np.linspace(1, 6, SLICES)
    return draw, score, draw.choice(SLICES, n, p=share / share.sum())


def test_figures_are_those_of_scikit_learn() -> None:
    draw, score, place = drawn(1)
    label = (draw.random(score.size) < score).astype(float)
    found = compare(score, label, place)
    assert tuple(found) == BINARY_FIGURES
    for at in (0, 7, 19):
        for side, rows in (("value", place == at), ("rest", place != at)):
            y, s = label[rows], score[rows]
            said = s >= 0.3
            wanted = {
                "calibration_gap": y.mean() - s.mean(),
                "roc_auc": sk.roc_auc_score(y, s),
                "precision": sk.precision_score(y, said, zero_division=np.nan),
                "recall": sk.recall_score(y, said),
                "specificity": sk.recall_score(1 - y, ~said),
                "accuracy": sk.accuracy_score(y, said),
                "brier_score": sk.brier_score_loss(y, s),
                "log_loss": sk.log_loss(y, s),
            }
            for name, value in wanted.items():
                ours = getattr(found[name], side).value[at]
                assert ours == pytest.approx(value, rel=1e-9, nan_ok=True), (name, side)


def test_the_gaps_p_value_is_near_that_of_the_exact_sum_of_unequal_trials() -> None:
    draw, score, place = drawn(2, n=40_000)
    place = np.where(np.arange(score.size) < 300, 0, 1)
    label = (draw.random(score.size) < score).astype(float)
    # The rest keeps its word to the row, so the chances of the slice are all but known.
    for more in (10, 16, 22):
        inside = np.zeros(300)
        inside[: round(score[:300].sum()) + more] = 1
        label[:300] = inside
        found = compare(score, label, place, 2)["calibration_gap"]
        gap = (label.sum() - score.sum()) / score.size
        chances = np.ones(1)
        for chance in score[:300] + gap:
            chances = np.convolve(chances, np.asarray([1 - chance, chance]))
        expected = 300 * found.rest.value[0] + score[:300].sum()
        exact = 2 * chances[int(inside.sum()) :].sum()
        assert inside.sum() > expected
        assert found.p_value[0] == pytest.approx(exact, rel=0.3)


def test_areas_have_delongs_variance() -> None:
    draw, score, place = drawn(3, n=4_000)
    place = np.where(np.arange(score.size) < 1_500, 0, 1)
    label = (draw.random(score.size) < np.where(place == 0, score.mean(), score)).astype(float)
    found = compare(score, label, place, 2)["roc_auc"]
    sides = [roc_auc(score[place == at], label[place == at]) for at in (0, 1)]
    for side, exact in zip((found.value, found.rest), sides, strict=True):
        assert side.value[0] == pytest.approx(float(exact.value), rel=1e-12)
        assert side.high[0] - side.low[0] >= (float(exact.high) - float(exact.low)) * (1 - 1e-9)
    errors = [(float(each.high) - float(each.low)) / 2 / 1.959964 for each in sides]
    z = (float(sides[0].value) - float(sides[1].value)) / np.hypot(errors[0], errors[1])
    assert found.p_value[0] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=0.05)


@pytest.mark.parametrize(("rate", "shift"), [(0.1, 0.0), (0.03, 0.0), (0.25, 0.05)])
def test_without_a_difference_the_table_is_wrong_as_rarely_as_it_says(
    rate: float, shift: float
) -> None:
    tables, wrong = 120, dict.fromkeys((*BINARY_FIGURES, "all"), 0)
    for seed in range(tables):
        draw, score, place = drawn(1_000 + seed, rate=rate)
        label = (draw.random(score.size) < np.minimum(score + shift, 1)).astype(float)
        p = {name: each.p_value for name, each in compare(score, label, place).items()}
        for name, values in {**p, "all": np.concatenate(list(p.values()))}.items():
            wrong[name] += bool((holm(values) <= 0.05).any())
    # Were it one in twenty, more than this would be seen once in 10,000 runs of the test.
    limit = stats.binom.ppf(0.9999, tables, 0.05)
    assert all(count <= limit for count in wrong.values()), wrong


def test_a_slice_with_more_than_its_scores_say_is_found() -> None:
    found = 0
    for seed in range(20):
        draw, score, place = drawn(seed, rate=0.2)
        chance = np.where(place == 11, np.minimum(score + 0.15, 1), score)
        label = (draw.random(score.size) < chance).astype(float)
        adjusted = holm(compare(score, label, place)["calibration_gap"].p_value)
        found += bool(adjusted[11] <= 0.05)
    assert found >= 18


def test_the_names_of_slices_do_not_matter() -> None:
    draw, score, place = drawn(5)
    label = (draw.random(score.size) < score).astype(float)
    other = draw.permutation(SLICES)
    found, again = compare(score, label, place), compare(score, label, other[place])
    for name in BINARY_FIGURES:
        for part in ("value", "rest", "difference"):
            ours, moved = getattr(found[name], part), getattr(again[name], part)
            assert ours.value == pytest.approx(moved.value[other], rel=1e-9, nan_ok=True)
        assert found[name].p_value == pytest.approx(
            again[name].p_value[other], rel=1e-6, nan_ok=True
        )


def test_one_class_alone_is_not_judged_by_order() -> None:
    _, score, place = drawn(6)
    found = compare(score, np.zeros(score.size), place)
    assert np.isnan(found["roc_auc"].p_value).all()
    assert np.isnan(found["recall"].p_value).all()
    assert np.isfinite(found["calibration_gap"].difference.value).all()
