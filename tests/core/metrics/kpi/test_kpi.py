"""Values, slopes and intervals of KPIs from sums, against numbers made by hand and by numpy."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from core.domain.expression import KpiExpression, Schema, kpi_expression
from core.metrics.intervals import wilson
from core.metrics.kpi import (
    GROUPS,
    Summed,
    conjuncts,
    delta_interval,
    divisors,
    formula_degree,
    formula_gradient,
    formula_values,
    linear_atoms,
    plain_share,
    plans_of,
    quantile_figure,
    share_interval,
)

SCHEMA = Schema(
    {"x": "number", "y": "number", "good": "boolean", "late": "boolean"},
    {"rate": 0.5},
    {"fine": "good and not late"},
)


def kpi(text: str) -> KpiExpression:
    return kpi_expression(text, SCHEMA)


def test_a_ratio_by_hand() -> None:
    root = kpi("sum(x) / sum(y) - rate").root
    numbers = [[6.0, 4.0], [1.0, 0.0], [math.nan, 1.0]]
    value = formula_values(root, numbers)
    assert value[0] == 1.0
    assert np.isnan(value[1:]).all()
    slopes = formula_gradient(root, numbers)
    np.testing.assert_allclose(slopes[0], [1 / 4, -6 / 16])
    assert np.isnan(slopes[1:]).all()


TEXTS = [
    "sum(x) / sum(y)",
    "sum(x) * rate - count(good)",
    "-(sum(x) + count()) / (sum(y) - 3)",
    "mean(x) * share(good) / mean(y)",
    "sum(x) / sum(x)",
]


@pytest.mark.parametrize("text", TEXTS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_slopes_are_those_of_small_steps(text: str, data: st.DataObject) -> None:
    expression = kpi(text)
    count = len(expression.atoms)
    numbers = data.draw(arrays.arrays(np.float64, count, elements=st.floats(4, 50)))
    slopes = formula_gradient(expression.root, numbers)
    for place in range(count):
        step = np.zeros(count)
        step[place] = 1e-5 * numbers[place]
        rise = formula_values(expression.root, numbers + step)
        fall = formula_values(expression.root, numbers - step)
        assert slopes[place] == pytest.approx((rise - fall) / (2 * step[place]), rel=1e-5, abs=1e-6)
        assert float(formula_values(expression.root, numbers)) == pytest.approx(
            expression.value(numbers.tolist())
        )


@pytest.mark.parametrize(
    ("text", "degree"),
    [
        ("sum(x)", 1),
        ("sum(x) - rate * count()", 1),
        ("sum(x) / count()", 0),
        ("share(good) * sum(x)", 1),
        ("sum(x) * sum(y)", 2),
        ("sum(x) + share(good)", None),
        ("-mean(x) * 100", 0),
    ],
)
def test_what_grows_with_the_rows(text: str, degree: int | None) -> None:
    expression = kpi(text)
    assert formula_degree(expression.root, [1] * len(expression.atoms)) == degree


def a_log(n: int = 400) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(5)
    return {
        "x": draw.exponential(2.0, n),
        "y": draw.normal(5.0, 1.0, n),
        "good": draw.random(n) < 0.6,
        "late": draw.random(n) < 0.2,
    }


def summed_of(expressions: list[KpiExpression], log: dict[str, np.ndarray]) -> Summed:
    """Return sums as a pass over the rows would bring them home, one group a row."""
    ((plan, batch),) = plans_of(expressions)
    assert list(batch) == expressions

    def read(node: object) -> np.ndarray:
        text = str(getattr(node, "name", ""))
        if text:
            return np.asarray(log[text])
        return ~read(node.operand)  # type: ignore[attr-defined]  # not late

    mask = np.zeros(len(log["x"]), dtype=np.int64)
    for place, node in enumerate(plan.conditions):
        mask += read(node).astype(np.int64) << place
    values = [read(node).astype(float) for node in plan.values]
    products = {pair: values[pair[0]] * values[pair[1]] for pair in plan.pairs}
    counts = tuple(np.isfinite(each).astype(float) for each in values)
    sums = tuple(np.nan_to_num(each) for each in values)
    return Summed(plan, mask, np.ones(mask.size), sums, products, counts)


def test_sums_by_the_bits_that_hold() -> None:
    log = a_log()
    expressions = [kpi("sum(x where fine) / sum(y where good)"), kpi("count(late) / count()")]
    summed = summed_of(expressions, log)
    assert len(summed.plan.conditions) == 3  # good, not late, late: joined ones are no more
    group = np.arange(400) % 3
    fine = log["good"] & ~log["late"]
    found = summed.atoms(linear_atoms(expressions[0]), group, 3)
    for each in range(3):
        mine = group == each
        assert found[each, 0] == pytest.approx(log["x"][mine & fine].sum())
        assert found[each, 1] == pytest.approx(log["y"][mine & log["good"]].sum())
    cross = summed.cross(expressions[0].atoms, group, 3)
    mine = (group == 0) & fine
    assert cross[0, 0, 1] == pytest.approx((log["x"] * log["y"])[mine].sum())
    assert cross[0, 1, 0] == cross[0, 0, 1]
    rows = summed.atoms(expressions[1].atoms, np.full(400, -1), 1)
    assert rows.tolist() == [[0.0, 0.0]]


def test_a_ratio_has_the_usual_variance() -> None:
    """Cochran's estimator: the rows' residuals, squared, over the square of the lower sum."""
    log = a_log()
    expression = kpi("sum(x) / sum(y)")
    summed = summed_of([expression], log)
    group = np.zeros(400, dtype=np.int64)
    sums = summed.atoms(expression.atoms, group, 1)
    value = formula_values(expression.root, sums)
    found = delta_interval(
        value,
        formula_gradient(expression.root, sums),
        summed.cross(expression.atoms, group, 1),
        [400],
    )
    residuals = log["x"] - value * log["y"]
    error = math.sqrt((residuals**2).sum()) / log["y"].sum()
    assert found.high[0] - found.value[0] == pytest.approx(1.959964 * error, rel=1e-6)


def test_a_total_says_how_far_another_one_may_lie() -> None:
    """Of compound Poisson sums 95 of 100 intervals hold the expected total."""
    draw, expression = np.random.default_rng(9), kpi("sum(x)")
    held = 0
    for _ in range(300):
        x = draw.exponential(2.0, draw.poisson(200))
        found = delta_interval(x.sum(), [1.0], [[(x**2).sum()]], x.size)
        held += bool(found.low <= 400 <= found.high)
    assert linear_atoms(expression) == expression.atoms
    assert 270 <= held <= 297


def test_one_row_has_no_interval() -> None:
    found = delta_interval([3.0], [[1.0]], [[[9.0]]], [1])
    assert found.value[0] == 3.0
    assert np.isnan([found.low[0], found.high[0]]).all()


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("share(good)", True),
        ("share(good where late)", True),
        ("count(good and late) / count(good)", True),
        ("count(fine) / count()", True),
        ("count(good) / count(late)", False),
        ("sum(x) / count()", False),
        ("count(good) / 2", False),
        ("1 - share(good)", False),
    ],
)
def test_which_kpis_are_plain_shares(text: str, plain: bool) -> None:
    assert (plain_share(kpi(text)) is not None) == plain


def test_conditions_are_taken_apart_at_and() -> None:
    (atom,) = kpi("count(good and not late and x > 1)").atoms
    assert len(conjuncts(atom.where)) == 3
    assert conjuncts(None) == ()


def test_many_conditions_need_several_passes() -> None:
    expressions = [kpi(f"count(x > {number})") for number in range(7)]
    plans = plans_of(expressions, most=3)
    assert [len(batch) for _, batch in plans] == [3, 3, 1]
    assert all(len(plan.conditions) <= 3 for plan, _ in plans)


@settings(deadline=None)
@given(
    values=arrays.arrays(np.float64, st.integers(1, 60), elements=st.floats(-9, 9)),
    level=st.floats(0.05, 0.95),
)
def test_quantiles_are_those_of_numpy(values: np.ndarray, level: float) -> None:
    before = values.copy()
    found = quantile_figure(values, level)
    assert found.n == values.size
    assert found.value == pytest.approx(np.quantile(values, level), abs=1e-12)
    assert values.min() <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= values.max()
    np.testing.assert_array_equal(values, before)


def test_limits_of_a_median_are_rows_by_order() -> None:
    """Of 100 rows the 40th and the 61st: 50 ∓ 1.96 · 5, to the outside (Conover, table A5)."""
    shuffled = np.random.default_rng(2).permutation(np.arange(1.0, 101.0))
    found = quantile_figure(shuffled, 0.5)
    assert (found.value, found.low, found.high) == (50.5, 40.0, 61.0)


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(4_990, 40_000),
    level=st.floats(0.001, 0.999),
    different=st.sampled_from([1, 3, 500, 10**9]),
    seed=st.integers(0, 99),
)
def test_quantiles_of_many_rows_are_those_of_numpy(
    n: int, level: float, different: int, seed: int
) -> None:
    values = np.random.default_rng(seed).integers(0, different, n).astype(np.float64)
    found, ordered = quantile_figure(values, level), np.sort(values)
    half = 1.959963984540054 * math.sqrt(n * level * (1 - level))
    assert found.value == pytest.approx(np.quantile(values, level), rel=1e-9)
    assert found.low == ordered[max(math.floor(n * level - half), 1) - 1]
    assert found.high == ordered[min(math.ceil(n * level + half) + 1, n) - 1]


@pytest.mark.parametrize("few", [-1e9, 1e9, math.inf])
def test_rows_that_mislead_a_sample_change_no_quantile(few: float) -> None:
    """Each ninth row, those that are looked at first of 10,000, is unlike all others."""
    values = np.random.default_rng(3).normal(size=10_000)
    values[::9] = few
    found, ordered = quantile_figure(values, 0.5), np.sort(values)
    assert found.value == (ordered[4_999] + ordered[5_000]) / 2
    assert (found.low, found.high) == (ordered[4_901], ordered[5_098])


def test_no_rows_no_quantile() -> None:
    found = quantile_figure(np.zeros(0), 0.5)
    assert math.isnan(found.value)
    assert found.n == 0


def by_subject(summed: Summed, subject: np.ndarray) -> Summed:
    """Return sums of rows whose subjects are dealt into random groups."""
    part = np.random.default_rng(3).integers(0, GROUPS, subject.max() + 1)[subject]
    return replace(summed, part=part.astype(np.int64))


def test_a_sum_of_rows_without_any_value_is_not_known() -> None:
    log = {**a_log(6), "x": np.array([np.nan, np.nan, np.nan, 4.0, np.nan, np.nan])}
    log["good"] = np.array([True, True, False, True, False, False])
    expression = kpi("sum(x where good)")
    summed = summed_of([expression], log)
    group = np.array([0, 0, 0, 1, 1, 2])
    found = summed.atoms(expression.atoms, group, 3)[:, 0]
    # Two good ones without a value; one with; none that is good at all.
    np.testing.assert_array_equal(found, [np.nan, 4.0, 0.0])
    assert summed.behind(expression.atoms, group, 3)[:, 0].tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("text", "below"),
    [
        ("sum(x) / sum(y)", {1}),
        ("sum(x where good) / sum(y) - count(late) / count(good)", {1, 3}),
        ("-(sum(x) / (count() - count(late)))", {1, 2}),
        ("sum(x) / 60", set()),
        ("sum(x) * sum(y)", set()),
    ],
)
def test_what_is_divided_by(text: str, below: set[int]) -> None:
    assert divisors(kpi(text).root) == below


def test_repeated_rows_of_a_subject_say_no_more_than_one() -> None:
    """Each row four times: the interval of the single rows, not half of it."""
    single, copies = a_log(2000), 4
    log = {name: np.repeat(each, copies) for name, each in single.items()}
    subject = np.repeat(np.arange(2000), copies)
    for text in ("sum(x) / sum(y)", "sum(x where good)", "count(late) / count()"):
        expression, group = kpi(text), np.zeros(2000, dtype=np.int64)
        alone = summed_of([expression], single)
        every = by_subject(summed_of([expression], log), subject)
        one = alone.cross(expression.atoms, group, 1)[0]
        many = every.cross(expression.atoms, np.repeat(group, copies), 1)[0]
        slope = formula_gradient(expression.root, alone.atoms(expression.atoms, group, 1))[0]
        slope_many = slope / copies if "/" in text else slope
        times = 1 if "/" in text else copies**2
        wanted = slope @ one @ slope * times
        assert slope_many @ many @ slope_many == pytest.approx(wanted, rel=0.45)


def test_the_covariance_by_groups_is_that_of_their_sums() -> None:
    expression = kpi("sum(x) / sum(y)")
    log, subject = a_log(), np.arange(400) // 2
    summed = by_subject(summed_of([expression], log), subject)
    assert summed.part is not None
    group = np.arange(400) % 2
    found = summed.cross(expression.atoms, group, 2)
    frame = pd.DataFrame({"x": log["x"], "y": log["y"], "part": summed.part})[group == 1]
    sums = frame.groupby("part").sum().reindex(range(GROUPS), fill_value=0.0)
    np.testing.assert_allclose(found[1], sums.cov().to_numpy() * GROUPS, rtol=1e-9)
    assert summed.subjects(group, 2)[1] == frame["part"].nunique()


def test_a_share_of_subjects_has_the_interval_of_fewer_rows() -> None:
    # 30 of 100, with twice the variance of independent rows: Wilson of 15 of 50.
    found = share_interval(30, 100, 2 * 0.3 * 0.7 / 100, 100)
    wanted = wilson(15, 50)
    assert [float(each) for each in (found.value, found.low, found.high)] == pytest.approx(
        [float(each) for each in (wanted.value, wanted.low, wanted.high)]
    )
    assert found.n == 100
    # Alike rows of 25 subjects, four each: as 25 rows. Never narrower than independent rows.
    assert share_interval(0, 100, 0.0, 400).high == pytest.approx(float(wilson(0, 25).high))
    assert share_interval(30, 100, 0.0, 1).low == pytest.approx(float(wilson(30, 100).low))
    assert np.isnan(share_interval(0, 0, np.nan, 0).value)
