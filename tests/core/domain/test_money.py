import math
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.money import Rate, RateTable

DAY = date(2010, 3, 1)
# By hand: a dollar is HK$7.80, a pound HK$11.70, so a pound is one dollar and a half.
TABLE = RateTable.of(
    [
        Rate("GBP", DAY, 11.7),
        Rate("USD", DAY, 7.8),
        Rate("USD", DAY + timedelta(days=4), 7.7),
    ]
)


@pytest.mark.parametrize(
    ("source", "target", "after", "factor"),
    [
        ("USD", "HKD", 0, 7.8),
        ("USD", "HKD", 3, 7.8),
        ("USD", "HKD", 4, 7.7),
        ("HKD", "USD", 4, 1 / 7.7),
        ("GBP", "USD", 0, 1.5),
        ("USD", "GBP", 0, 1 / 1.5),
        ("HKD", "HKD", -900, 1.0),
        ("USD", "USD", -900, 1.0),
        ("XXX", "XXX", 0, 1.0),
    ],
)
def test_the_newest_rate_up_to_the_day_is_in_force(
    source: str, target: str, after: int, factor: float
) -> None:
    found = TABLE.in_force(source, target, DAY + timedelta(days=after))
    assert found.factor == pytest.approx(factor, rel=1e-15)
    assert not found.stale
    assert not found.missing


def test_before_the_first_rate_there_is_none_and_the_currency_is_named() -> None:
    before = DAY - timedelta(days=1)
    for source, target, missing in (
        ("USD", "HKD", "USD"),
        ("HKD", "USD", "USD"),
        ("GBP", "USD", "GBP"),
        ("HKD", "EUR", "EUR"),
    ):
        found = TABLE.in_force(source, target, before)
        assert math.isnan(found.factor)
        assert found.missing == missing
        assert math.isnan(TABLE.convert(100.0, source, target, before))


def test_a_rate_is_stale_from_the_eleventh_day_on_and_still_in_force() -> None:
    kept = TABLE.in_force("GBP", "HKD", DAY + timedelta(days=10))
    late = TABLE.in_force("GBP", "HKD", DAY + timedelta(days=11))
    assert (kept.stale, late.stale) == (False, True)
    assert kept.factor == late.factor == 11.7
    assert late.published == DAY
    # The older of two rates says how old a cross rate is.
    assert TABLE.in_force("GBP", "USD", DAY + timedelta(days=11)).stale


def test_the_days_of_a_period_have_their_factors_and_say_what_is_missing() -> None:
    days = TABLE.daily("USD", "HKD", DAY - timedelta(days=2), DAY + timedelta(days=16))
    assert days.last == DAY + timedelta(days=16)
    assert len(days.factors) == 19
    assert [math.isnan(each) for each in days.factors[:3]] == [True, True, False]
    assert days.factors[2:6] == (7.8,) * 4
    assert set(days.factors[6:]) == {7.7}
    assert days.missing == ("USD",)
    assert days.missing_until == DAY - timedelta(days=1)
    assert days.stale_days == 2
    assert not days.complete


def test_the_later_of_two_rates_for_a_day_counts_and_the_digest_tells_them_apart() -> None:
    twice = RateTable.of([Rate("USD", DAY, 7.8), Rate("HKD", DAY, 1.0), Rate("USD", DAY, 7.9)])
    assert twice.in_force("USD", "HKD", DAY).factor == 7.9
    assert twice.currencies == ("HKD", "USD")
    assert twice.digest != RateTable.of([Rate("USD", DAY, 7.8)]).digest
    assert twice.digest == RateTable.of([Rate("USD", DAY, 7.9)]).digest


_RATES = st.lists(
    st.builds(
        Rate,
        st.sampled_from(["USD", "GBP", "CNY"]),
        st.dates(date(2005, 1, 1), date(2006, 12, 31)),
        st.floats(1e-4, 1e4),
    ),
    max_size=30,
)
_CODES = st.sampled_from(["HKD", "USD", "GBP", "CNY", "EUR"])


@given(
    rates=_RATES,
    source=_CODES,
    target=_CODES,
    amount=st.floats(-1e12, 1e12),
    day=st.dates(date(2004, 12, 1), date(2007, 2, 1)),
)
def test_there_and_back_gives_the_amount_or_nothing_at_all(
    rates: list[Rate], source: str, target: str, amount: float, day: date
) -> None:
    table = RateTable.of(rates)
    there = table.convert(amount, source, target, day)
    back = table.convert(there, target, source, day)
    published = {rate.currency for rate in rates if rate.day <= day} | {"HKD"}
    known = source == target or {source, target} <= published
    assert math.isnan(there) is not known
    assert math.isnan(back) is not known
    if known:
        assert back == pytest.approx(amount, rel=1e-12, abs=1e-12)
        assert table.in_force(source, target, day).missing == ""
    else:
        assert table.in_force(source, target, day).missing in {source, target} - published
