"""The chance distribution of a month: against theory, by its seed, and by counting false alarms."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, chi2

from core.errors import InvalidInput, NotComputable
from core.metrics.alarms import (
    Check,
    Counts,
    FamilyNull,
    Member,
    Series,
    counts_of_feature,
    draw_family,
    feature_series,
    judge,
)
from core.metrics.alarms.series_draws import SeriesDraws
from core.metrics.binning import BinnedCounts
from tests.core.metrics.alarms.days import (
    LETTERS,
    letter_days,
    letters,
    month,
    number_bins,
    number_days,
    numbers,
    scores,
)

V = Member("x", "chi2")


def _family(
    seed: int = 0, draws: int = 199, rate: float = 0.05, smallest: float | None = 0.0
) -> FamilyNull:
    reference = {"x": letters("x", 1), "y": numbers("y", 2), "s": scores("s", 3)}
    members = [V, Member("y", "wasserstein"), Member("y", "psi"), Member("s", "roc_auc")]
    checks = [month(10, 400, "x", "y", "s"), Check("week", 0, 7, {"x": 250, "y": 250})]
    return draw_family(
        reference, members, checks, draws=draws, seed=seed, rate=rate, block_length=1,
        minimum_effects=None if smallest is None else {each.key: smallest for each in members},
    )  # fmt: skip


def test_the_noise_is_that_of_both_sides() -> None:
    # V² = (1/n + 1/N) χ²/4 with three degrees of freedom for two independent samples of one law.
    # Were the current rows part of the reference, it would be 1/n - 1/N: with n = N/2, a third. The
    # corrections for few blocks only widen it. The middle of nine references.
    squares = np.array(
        [
            draw_family(
                {"x": letters("x", seed, days=600, rows=5)}, [V], [month(300, 1_500, "x")],
                draws=499, seed=seed, block_length=1,
            ).figures[0, 0] ** 2
            for seed in range(9)
        ]
    )  # fmt: skip
    unit = (1 / 1_500 + 1 / 3_000) / 4
    assert 0.93 < np.median(squares.mean(axis=1)) / (3 * unit) < 1.4
    for share in (0.5, 0.9, 0.95):
        found = np.median(np.quantile(squares, share, axis=1))
        assert 0.9 < found / (chi2.ppf(share, 3) * unit) < 1.45


def test_days_that_differ_widen_the_noise() -> None:
    random = np.random.default_rng(5)
    lifted = random.normal(0.25, 0.08, size=60)
    n = np.concatenate(
        [
            letter_days(random, 1, 50, np.array([p, 0.5 - p, 0.25, 0.25])).n
            for p in lifted.clip(0.02, 0.48)
        ]
    )
    uneven = {"x": feature_series("x", LETTERS, BinnedCounts(n))}
    check = [month(10, 500, "x")]
    even = draw_family({"x": letters("x", 1)}, [V], check, draws=299, rate=0.05)
    wider = draw_family(uneven, [V], check, draws=299, rate=0.05)
    assert wider.threshold(V, "month") > 1.15 * even.threshold(V, "month")


def test_a_shorter_reference_has_wider_thresholds_than_its_rows_explain() -> None:
    # As many rows, on 80 days or on 8: eight days tell little of how days differ.
    check = [month(4, 160, "x")]
    long = draw_family({"x": letters("x", 1, 80, 40)}, [V], check, block_length=1, rate=0.05)
    short = draw_family({"x": letters("x", 1, 8, 400)}, [V], check, block_length=1, rate=0.05)
    assert short.threshold(V, "month") > long.threshold(V, "month")


def test_the_seed_repeats_the_draws() -> None:
    first, again, other = _family(3), _family(3), _family(4)
    assert np.array_equal(first.figures, again.figures, equal_nan=True)
    assert first.threshold(V, "month") == again.threshold(V, "month")
    assert first.threshold(V, "month") != other.threshold(V, "month")


def test_figures_without_rows_are_left_out() -> None:
    family = _family()
    assert family.size == 7
    assert np.isnan(family.threshold(Member("s", "roc_auc"), "week"))
    assert np.isnan(family.p_value(Member("s", "roc_auc"), "week", 0.5))
    assert np.isnan(family.single_p_value(V, "week", float("nan")))


def test_p_is_at_the_rate_where_the_threshold_is() -> None:
    family = _family(draws=199)
    for member in family.members:
        limit = family.threshold(member, "month")
        assert family.p_value(member, "month", limit * 1.0001) <= 0.05
        assert family.p_value(member, "month", limit * 0.98) > 0.05 - 1 / 200
        # One figure alone is as far out less often than any of the family.
        single = family.single_p_value(member, "month", limit)
        assert single <= family.p_value(member, "month", limit)


@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=30, deadline=None)
def test_a_larger_figure_never_has_a_larger_p(one: float, two: float) -> None:
    low, high = sorted((one, two))
    assert FAMILY.p_value(V, "month", high) <= FAMILY.p_value(V, "month", low)
    assert 1 / 200 <= FAMILY.p_value(V, "month", high) <= 1


FAMILY = _family()


def test_the_stated_rate_is_never_below_the_attainable_one() -> None:
    family = draw_family(
        {"x": letters("x", 1, days=8)}, [V], [month(1, 40, "x")], rate=0.01, draws=199,
        block_length=1,
    )  # fmt: skip
    # One of nine days: the eight of the reference and the current one.
    assert family.attainable == pytest.approx(1 / 9)
    assert family.stated_rate == family.attainable
    assert family.rate == 0.01


def test_more_draws_make_rarer_alarms_attainable() -> None:
    few, many = _family(draws=19, rate=0.01), _family(draws=199, rate=0.01)
    assert few.stated_rate == pytest.approx(0.05)
    assert many.stated_rate == pytest.approx(0.01)


def test_expected_alarms_are_near_the_rate_and_fewer_with_larger_effects() -> None:
    every = _family(rate=0.05).expected_alarms()
    # At most 5 % of the draws have a figure beyond its threshold; some have several.
    assert 0.04 <= every <= 0.2
    assert _family(rate=0.05, smallest=0.04).expected_alarms() <= every
    assert _family(rate=0.05, smallest=9.0).expected_alarms() == 0


def test_a_figure_too_small_for_an_alarm_takes_nothing_of_the_rate() -> None:
    # The psi of y is far below 5 by chance, so all of the rate is left to x.
    reference = {"x": letters("x", 1), "y": numbers("y", 2)}
    members = [V, Member("y", "psi")]
    checks = [month(10, 400, "x", "y")]

    def threshold(smallest: float) -> float:
        family = draw_family(
            reference, members, checks, draws=199, rate=0.05, block_length=1,
            minimum_effects={"x/chi2": 0.0, "y/psi": smallest},
        )  # fmt: skip
        return family.threshold(V, "month")

    assert threshold(5.0) < threshold(0.0)


def test_a_family_of_small_figures_is_held_to_what_one_alone_would_need() -> None:
    family = _family(rate=0.05, smallest=9.0)
    assert np.isneginf(family.largest).all()
    assert family.cut == pytest.approx(1.6448536)


def test_what_is_not_of_the_family_is_refused() -> None:
    with pytest.raises(InvalidInput):
        FAMILY.threshold(Member("x", "psi"), "month")
    with pytest.raises(InvalidInput):
        FAMILY.threshold(V, "year")


@pytest.mark.parametrize("change", [{"rate": 0.0}, {"rate": 1.0}, {"draws": 0}])
def test_a_family_needs_a_rate_and_draws(change: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        draw_family({"x": letters("x", 1)}, [V], [month(5, 99, "x")], **change)  # type: ignore[arg-type]


def test_a_family_needs_figures_that_can_be_computed() -> None:
    with pytest.raises(InvalidInput):
        draw_family({"x": letters("x", 1)}, [], [month(5, 99, "x")])
    with pytest.raises(NotComputable):
        draw_family({"x": letters("x", 1)}, [V], [month(5, 0, "x")], draws=9)


def test_a_figure_that_chance_leaves_at_zero_takes_its_height_from_the_minimum_effect() -> None:
    # 600,000 rows with no value missing: 100 rows more are expected to have none missing either.
    series = letters("x", 1, days=60, rows=10_000)
    member = Member("x", "missing_share")
    family = draw_family(
        {"x": series}, [member, V], [month(1, 100, "x")], draws=99, rate=0.05, block_length=1
    )
    assert 0 < family.threshold(member, "month") < 0.01


def _false_alarms(references: int, months: int) -> int:
    """Count months with an alarm among months like the reference, at a rate of one in ten."""
    found = 0
    for seed in range(references):
        random = np.random.default_rng(seed)
        values = random.normal(size=(40, 30))
        bins = number_bins(values.ravel())
        reference: dict[str, Series] = {
            "x": feature_series("x", LETTERS, letter_days(random, 40, 30)),
            "y": feature_series("y", bins, number_days(bins, values)),
        }
        members = [V, Member("y", "wasserstein"), Member("y", "jensen_shannon")]
        family = draw_family(
            reference, members, [month(20, 600, "x", "y")], rate=0.1, draws=199, seed=seed,
            block_length=1, minimum_effects={member.key: 0.0 for member in members},
        )  # fmt: skip
        for _ in range(months):
            current = {
                "x": counts_of_feature(letter_days(random, 20, 30)).merged(),
                "y": counts_of_feature(number_days(bins, random.normal(size=(20, 30)))).merged(),
            }
            verdicts = judge(family, reference, {"month": current})
            found += any(verdict.alarm for verdict in verdicts)
    return found


def test_the_measured_rate_is_the_stated_one() -> None:
    # 240 months at 10 %. In-sample noise (1/n - 1/N, with n = N/2) would be √3 too narrow, which
    # raises a third of the months.
    found = _false_alarms(references=60, months=4)
    assert binom.ppf(0.001, 240, 0.1) <= found <= binom.ppf(0.999, 240, 0.1)


def test_where_every_look_may_be_without_rows_nothing_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Two days of seven have no rows: four days out of such weeks are empty in one of 150 draws.
    whole = letters("x", 1, days=84)
    counts = Counts(whole.counts.n * (np.arange(84) % 7 < 5)[:, None], whole.counts.sums)
    series = {"x": Series("x", whole.bins, counts)}
    drawn = list[str]()
    real = SeriesDraws.figures

    def counting(self: SeriesDraws, *args: Any) -> Any:
        drawn.append("a look")
        return real(self, *args)

    monkeypatch.setattr(SeriesDraws, "figures", counting)
    members = [Member("x", "jensen_shannon")]
    days = [Check(f"day {day}", day, 1, {"x": 10}) for day in range(28)]
    with pytest.raises(NotComputable, match="No figure"):
        draw_family(series, members, days, draws=999)
    assert not drawn
    weeks = [Check("week", 0, 7, {"x": 70}), Check("day", 7, 1, {"x": 10})]
    found = draw_family(series, members, weeks, draws=999)  # a week always has rows
    assert np.isfinite(found.scale[0, 0])
    assert np.isnan(found.scale[0, 1])
