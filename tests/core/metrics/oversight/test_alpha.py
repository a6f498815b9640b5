"""Krippendorff's alpha against his own examples, statsmodels, and a plain count of all pairs."""

from collections import Counter
from itertools import permutations
from math import isnan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import fleiss_kappa  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from core.metrics.oversight import cohen_kappa, krippendorff_alpha


def units_of(*raters: str) -> list[list[str | None]]:
    """Return the judgements by unit of what each rater said; a dot is missing."""
    rows = [each.split() for each in raters]
    return [[None if word == "." else word for word in unit] for unit in zip(*rows, strict=True)]


# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, part C: four observers, 12 units.
PART_C = units_of(
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
# The same, parts A: two observers, ten units, two words, nothing missing.
PART_A = units_of("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
# What the README of the package 'krippendorff' shows (Wikipedia's example): 0.691.
PACKAGE = units_of(
    ". . . . . 3 4 1 2 1 1 3 3 . 3",
    "1 . 2 1 3 3 4 3 . . . . . . .",
    ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
)


@pytest.mark.parametrize(
    ("units", "value", "n", "judgements"),
    [(PART_C, 0.743, 11, 40), (PART_A, 0.095, 10, 20), (PACKAGE, 0.691, 12, 26)],
)
def test_the_published_examples(
    units: list[list[str | None]], value: float, n: int, judgements: int
) -> None:
    found = krippendorff_alpha(units)
    assert found.value == pytest.approx(value, abs=5e-4)
    assert (found.units, found.judgements) == (n, judgements)


def test_it_is_not_cohens_kappa() -> None:
    # By hand: kappa = (0.6 - 0.56) / 0.44; alpha = 1 - 19 · 8 / (20² - 14² - 6²) = 1 - 152 / 168
    pairs = [(str(one), str(other)) for one, other in PART_A]
    assert cohen_kappa(pairs).value == pytest.approx(0.04 / 0.44)
    assert krippendorff_alpha(PART_A).value == pytest.approx(1 - 152 / 168)


Units = st.lists(st.lists(st.sampled_from(["a", "b", "c", None]), max_size=4), max_size=12)


@given(Units)
def test_it_is_what_a_count_of_all_pairs_says(units: list[list[str | None]]) -> None:
    given = [[word for word in unit if word is not None] for unit in units]
    given = [unit for unit in given if len(unit) > 1]
    found = krippendorff_alpha(units, draws=50)
    total = Counter(word for unit in given for word in unit)
    n = total.total()
    if len(total) < 2:
        assert isnan(found.value)
        return
    observed = sum(
        sum(one != other for one, other in permutations(unit, 2)) / (len(unit) - 1)
        for unit in given
    )
    expected = sum(total[a] * total[b] for a in total for b in total if a != b) / (n - 1)
    assert found.value == pytest.approx(1 - observed / expected)
    assert found.low <= found.value + 1e-12
    assert found.value <= found.high + 1e-12
    assert (found.units, found.judgements) == (len(given), n)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("ab")), min_size=2, max_size=40))
def test_of_two_it_is_scotts_pi_for_few_units(pairs: list[tuple[str, str]]) -> None:
    found = krippendorff_alpha(pairs, draws=50)
    table = np.array([[pair.count("a"), pair.count("b")] for pair in pairs])
    if (table.sum(axis=0) == 0).any():
        assert isnan(found.value)
        return
    pi = fleiss_kappa(table)
    n = 2 * len(pairs)
    assert found.value == pytest.approx(1 - (n - 1) / n * (1 - pi))


def test_the_interval_holds_what_it_says() -> None:
    """Of 300 samples from known shares, about 95 in 100 hold the value of all."""
    random = np.random.default_rng(5)
    kinds = [["a", "a"], ["b", "b"], ["a", "b"]]
    shares = [0.5, 0.3, 0.2]  # by hand: 1 - 0.2 / (2 · 0.6 · 0.4)
    truth = 1 - 0.2 / 0.48
    held = 0
    for _ in range(300):
        units = [kinds[each] for each in random.choice(3, size=150, p=shares)]
        found = krippendorff_alpha(units, draws=400)
        held += found.low <= truth <= found.high
    assert 270 <= held <= 298


def test_where_all_agree_it_is_not_beyond_doubt() -> None:
    found = krippendorff_alpha([("a", "a")] * 50 + [("b", "b")] * 50)
    low, _ = proportion_confint(100, 100, method="wilson")
    chance = 1 - 2 * 100 * 100 / (200 * 199)
    assert (found.value, found.high) == (1, 1)
    assert found.low == pytest.approx((low - chance) / (1 - chance))


def test_the_same_is_answered_again_and_nothing_of_nothing() -> None:
    assert krippendorff_alpha(PART_C) == krippendorff_alpha(PART_C)
    for units in ([], [["a", None]], [["a", "a"]]):
        assert isnan(krippendorff_alpha(units).value)
    assert krippendorff_alpha([["a", "a"]]).units == 1
