"""How closely fields go together, beside scipy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.metrics.arrays import AnyArray
from core.metrics.global_view import Association, Measure, associations
from core.metrics.global_view.association import ranks


@pytest.fixture(scope="module")
def data() -> dict[str, AnyArray]:
    draw = np.random.default_rng(0)
    size = draw.normal(size=300).round(1)
    return {
        "size": size,
        "price": size**3 + draw.normal(size=300),
        "town": np.array(["A", "B", "C"])[np.digitize(size, [-0.5, 0.5])],
        "home": np.where(draw.random(300) < 0.5 + size / 8, "owns", "rents"),
    }


def _found(data: dict[str, AnyArray], first: str, second: str) -> Association:
    return next(
        each
        for each in associations(data, {"town", "home"})
        if {each.first, each.second} == {first, second}
    )


def test_two_numbers_are_told_by_spearman(data: dict[str, AnyArray]) -> None:
    found = _found(data, "size", "price")
    assert found.measure is Measure.spearman
    assert found.value == pytest.approx(stats.spearmanr(data["size"], data["price"]).statistic)
    against = _found(data | {"price": -data["price"]}, "size", "price")
    assert against.value == pytest.approx(-found.value)
    assert against.is_close


def test_a_category_and_a_number_are_told_by_kruskal_and_wallis(data: dict[str, AnyArray]) -> None:
    found = _found(data, "price", "town")
    h = stats.kruskal(*(data["price"][data["town"] == name] for name in "ABC")).statistic
    assert found.measure is Measure.eta
    assert found.value == pytest.approx(np.sqrt((h - 3 + 1) / (300 - 3)))
    other_way = associations({"town": data["town"], "price": data["price"]}, {"town"})
    assert other_way[0].value == pytest.approx(found.value)


def test_two_categories_are_told_by_cramer_less_chance(data: dict[str, AnyArray]) -> None:
    found = _found(data, "town", "home")
    table = np.array(
        [
            [np.sum((data["town"] == a) & (data["home"] == b)) for b in ("owns", "rents")]
            for a in "ABC"
        ]
    )
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    phi = chi2 / 300 - 2 * 1 / 299
    expected = np.sqrt(phi / min(3 - 4 / 299 - 1, 2 - 1 / 299 - 1))
    assert found.measure is Measure.cramer
    assert found.value == pytest.approx(expected)


def test_two_categories_are_told_in_any_order(data: dict[str, AnyArray]) -> None:
    swapped = {"town": data["home"], "home": data["town"]}  # two values first, then three
    value = _found(data, "town", "home").value
    assert _found(swapped, "town", "home").value == pytest.approx(value)


def test_a_field_goes_with_itself_and_with_no_noise() -> None:
    draw = np.random.default_rng(1)
    words = draw.choice(list("ABCDEFGH"), 400)
    found = associations(
        {"one": words, "same": words, "noise": draw.permutation(words)}, {"one", "same", "noise"}
    )
    assert found[0].value == pytest.approx(1.0)
    assert (found[0].first, found[0].second) == ("one", "same")
    assert all(each.value < 0.1 for each in found[1:])
    assert [each.is_close for each in found] == [True, False, False]


def test_rows_that_lack_one_of_both_are_left_out() -> None:
    columns = {
        "a": np.array([1.0, 2.0, np.nan, 4.0, 5.0]),
        "b": np.array([2.0, 4.0, 6.0, np.nan, 10.0]),
        "c": np.array(["x", None, "x", "y", "y"], dtype=object),
    }
    found = {(each.first, each.second): each for each in associations(columns, {"c"})}
    assert found["a", "b"].value == pytest.approx(1.0)
    assert found["a", "b"].rows == 3
    assert found["a", "c"].rows == 3


def test_what_does_not_vary_goes_with_nothing() -> None:
    columns = {
        "flat": np.ones(9),
        "rises": np.arange(9.0),
        "one": np.array(["x"] * 9),
        "two": np.array(["x", "y", "z"] * 3),
    }
    for each in associations(columns, {"one", "two"}):
        if {each.first, each.second} & {"flat", "one"}:
            assert np.isnan(each.value)
            assert not each.is_close


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40))
def test_ranks_are_those_of_scipy(values: list[float]) -> None:
    np.testing.assert_array_equal(ranks(np.array(values)), stats.rankdata(values))
