"""Days that are left, drawn from past weeks: by hand, and what holds of any log."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.domain.expression import Combined, Constant, Formula, Opposite, Reference
from core.metrics.arrays import Floats
from core.metrics.forecast import (
    Band,
    OpenPeriod,
    band_of,
    expected_total,
    least_value,
    likely_totals,
    weeks_before,
    widened,
)
from core.metrics.kpi import formula_values

SUM: Formula = Reference(0)
RATE: Formula = Combined("/", Reference(0), Reference(1))
# Two weeks of one sum: Monday 1 and 3, each other day 2.
TWO_WEEKS = np.array([[1.0, 2, 2, 2, 2, 2, 2], [3, 2, 2, 2, 2, 2, 2]])[:, :, None]


def value_of(root: Formula):  # type: ignore[no-untyped-def]  # noqa: ANN201
    def value(sums: Floats) -> Floats:
        return formula_values(root, sums)

    return value


def test_the_weeks_before_a_day_end_with_it() -> None:
    days = np.arange(20.0)[:, None]
    weeks = weeks_before(days, 15, 2)
    assert weeks is not None
    assert weeks[:, :, 0].tolist() == [[2, 3, 4, 5, 6, 7, 8], [9, 10, 11, 12, 13, 14, 15]]
    assert weeks_before(days, 12, 2) is None
    assert weeks_before(days, 13, 2) is not None


def test_expected_is_each_weekday_at_its_mean() -> None:
    # 100 known, one whole week of 14, and a Monday of 2.
    period = OpenPeriod(np.array([100.0]), TWO_WEEKS, 8)
    assert expected_total(period).tolist() == [116]


def test_a_day_that_has_begun_is_at_least_what_it_has() -> None:
    begun = OpenPeriod(np.array([100.0]), TWO_WEEKS, 1, np.array([2.5]))
    assert expected_total(begun).tolist() == [102.5]
    # The drawn Monday is 1, which lacks 1.5, or 3.
    assert set(likely_totals(begun)[:, 0].tolist()) == {102.5, 103.0}


def test_draws_are_whole_weeks_and_the_same_each_time() -> None:
    period = OpenPeriod(np.array([100.0]), TWO_WEEKS, 14)
    drawn = likely_totals(period)[:, 0]
    # Two weeks, each of 13 or 15, as often as two coins show 0, 1 or 2 heads.
    assert set(drawn.tolist()) == {126.0, 128.0, 130.0}
    assert np.mean(drawn == 128) == pytest.approx(0.5, abs=0.05)
    assert np.array_equal(drawn, likely_totals(period)[:, 0])


def test_a_band_leaves_out_a_tenth_on_either_side() -> None:
    # 26 and 30 come in a quarter of the draws each, so both tenths lie in them.
    band = band_of(OpenPeriod(np.array([0.0]), TWO_WEEKS, 14), value_of(SUM))
    assert (band.value, band.low, band.high) == (28, 26, 30)


def test_a_ratio_that_often_cannot_be_computed_has_no_band() -> None:
    weeks = np.zeros((5, 7, 2))
    weeks[0, 0] = 1, 2  # four of five draws have nothing to divide by
    band = band_of(OpenPeriod(np.zeros(2), weeks, 7), value_of(RATE))
    assert band.value == 0.5
    assert np.isnan(band.low)


def test_a_wider_band_stays_within_what_can_be() -> None:
    band = Band(0.9, 0.8, 0.95)
    found = widened(band, 2)
    assert (found.value, found.low, found.high) == pytest.approx((0.9, 0.7, 1.0))
    assert widened(band, 4, least=0.6, most=1.0) == Band(0.9, 0.6, 1.0)


@pytest.mark.parametrize(
    ("root", "least"),
    [
        (SUM, 5.0),
        (Combined("+", SUM, Constant(2)), 7.0),
        (Combined("*", SUM, Constant(2)), 10.0),
        (RATE, 0.0),
        (Combined("-", SUM, Reference(1)), -np.inf),
        (Reference(1), -np.inf),
        (Opposite(SUM), -np.inf),
    ],
)
def test_what_only_grows_cannot_end_below_what_it_is(root: Formula, least: float) -> None:
    grows = [True, root is RATE]
    assert least_value(root, np.array([5.0, 8.0]), grows) == least


amounts = st.floats(0, 1e6).map(lambda each: round(each, 3))


@given(
    weeks=arrays(np.float64, (4, 7, 1), elements=amounts),
    known=amounts,
    begun=amounts,
    left=st.integers(0, 40),
    factor=st.floats(1, 20),
)
def test_the_band_of_a_total_holds_the_point_and_is_never_below_what_is_there(
    weeks: Floats, known: float, begun: float, left: int, factor: float
) -> None:
    has = begun if left else 0.0
    period = OpenPeriod(np.array([known]), weeks, left, np.array([has]))
    least = least_value(SUM, np.array([known + has]), [True])
    band = widened(band_of(period, value_of(SUM)), factor, least=least)
    tiny = 1e-9 * max(1.0, band.high)
    assert band.low <= band.value <= band.high
    assert band.low >= known + has - tiny
    if left == 0:
        assert band.low == band.value == band.high == known


@given(
    counts=arrays(np.float64, (6, 7), elements=st.integers(1, 50)),
    share=arrays(np.float64, (6, 7), elements=st.floats(0, 1)),
    left=st.integers(1, 60),
)
def test_a_share_stays_between_the_lowest_and_the_highest_day(
    counts: Floats, share: Floats, left: int
) -> None:
    weeks = np.stack([counts * share, counts], axis=-1)
    band = band_of(OpenPeriod(weeks[0].sum(axis=0), weeks, left), value_of(RATE))
    assert share.min() - 1e-9 <= band.low <= band.value <= band.high <= share.max() + 1e-9
