"""Where people overturn the model more often: against scipy, and by hand."""

from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency, norm

from core.metrics.oversight.overrides import CLEAR, FEWEST, systematic_overrides


def verdicts(*groups: tuple[str, int, int]) -> tuple[list[str], list[bool]]:
    """Return values and verdicts of groups of (value, overturned, all)."""
    values = [value for value, _, n in groups for _ in range(n)]
    hits = [place < hits for _, hits, n in groups for place in range(n)]
    return values, hits


def test_two_groups_by_hand() -> None:
    # 20 of 40 against 20 of 100: pooled 40/140 = 2/7, error sqrt(2/7 * 5/7 * (1/40 + 1/100)) =
    # 0.0845, z = 0.3 / 0.0845 = 3.55, one-sided p = 0.000193; two values are compared.
    values, hits = verdicts(("CA", 20, 40), ("NY", 20, 100))
    ca, ny = systematic_overrides({"state": values}, hits)
    assert (ca.segment, ca.value) == ("state", "CA")
    assert ca.difference.value == pytest.approx(0.3)
    assert ca.p_value == pytest.approx(2 * 0.000193, rel=0.01)
    assert ca.is_clear
    assert ny.p_value == pytest.approx(1.0, abs=0.001)  # fewer, so never in this direction
    assert not ny.is_clear


@settings(max_examples=60)
@given(st.integers(0, 60), st.integers(0, 90))
def test_as_scipy_tests_a_table_of_four(first: int, second: int) -> None:
    values, hits = verdicts(("a", first, 60), ("b", second, 90))
    found = {each.value: each for each in systematic_overrides({"s": values}, hits)}
    if first + second in {0, 150}:
        assert all(isnan(each.p_value) and not each.is_clear for each in found.values())
        return
    table = [[first, 60 - first], [second, 90 - second]]
    chi2 = chi2_contingency(table, correction=False).statistic
    sign = 1 if first / 60 > second / 90 else -1
    one_sided = {"a": norm.sf(sign * chi2**0.5), "b": norm.sf(-sign * chi2**0.5)}
    small, large = sorted(one_sided, key=lambda name: one_sided[name])
    wanted = {small: min(1.0, 2 * one_sided[small])}
    wanted[large] = max(wanted[small], one_sided[large])
    for name, each in found.items():
        assert each.p_value == pytest.approx(wanted[name], rel=1e-6, abs=1e-12)


def test_a_sure_difference_that_is_small_is_not_clear() -> None:
    values, hits = verdicts(("a", 2_900, 10_000), ("b", 2_000, 10_000))
    a, _ = systematic_overrides({"s": values}, hits)
    assert a.p_value < 1e-9
    assert a.difference.value < CLEAR
    assert not a.is_clear


def test_few_verdicts_on_either_side_say_nothing() -> None:
    few = verdicts(("a", FEWEST - 1, FEWEST - 1), ("b", 0, 200))
    assert systematic_overrides({"s": few[0]}, few[1]) == ()  # nor b, which has 29 beside it
    enough = verdicts(("a", FEWEST, FEWEST), ("b", 0, 200))
    assert [each.value for each in systematic_overrides({"s": enough[0]}, enough[1])] == ["a", "b"]


def test_looking_at_more_values_takes_more_to_be_sure() -> None:
    # 16 of 40 against 20 of 100 has p = 0.0071 one-sided: sure among 2, not among 20.
    values, hits = verdicts(("a", 16, 40), ("b", 20, 100))
    few = systematic_overrides({"s": values}, hits)[0]
    assert few.is_clear
    many = {f"s{number}": values for number in range(10)}
    assert not any(each.is_clear for each in systematic_overrides(many, hits))
