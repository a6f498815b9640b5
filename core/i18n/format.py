"""Numbers, money, dates and changes as each language writes them (Babel's CLDR data)."""

import math
import re
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_interval, format_timedelta
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_symbol,
)

from core.i18n.locales import BABEL_NAMES, Locale

Better = Literal["higher", "lower"] | None
DeltaKind = Literal["number", "percent", "points"]

UNCHANGED = "→"
NO_VALUE = "–"
CURRENCIES = frozenset({"HKD", "USD", "CNY", "EUR", "GBP", "JPY"})
"""Units that are written as money is."""
_SIGNIFICANT = 3
_SHORT_COUNT = 10_000
_MINUS = str.maketrans("-", "−")  # as wide as the digits and the plus beside it

# Largest first. Hong Kong counts money in 百萬 and 億, the Mainland in 万 and 亿.
_UNITS: dict[Locale, tuple[tuple[float, str], ...]] = {
    "en": ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")),
    "zh-HK": ((1e12, "兆"), (1e8, "億"), (1e6, "百萬"), (1e4, "萬")),
    "zh-CN": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
}
# Short names of the zones that models here live in; CLDR spells the Chinese ones out at length.
_ZONE_NAMES: dict[str, dict[Locale, str]] = {
    "Asia/Hong_Kong": {"en": "HKT", "zh-HK": "香港時間", "zh-CN": "香港时间"},
    "Asia/Shanghai": {"en": "CST", "zh-HK": "北京時間", "zh-CN": "北京时间"},
}

_APART = re.compile(r"(?<=\d)(?=[\u4e00-\u9fff])")
"""Where Chinese sets a unit apart from its figure, as the catalogues do."""


def _missing(value: float | None) -> bool:
    return value is None or not math.isfinite(value)


def number(value: float | None, locale: Locale, digits: int | None = None) -> str:
    """Write a number; without ``digits``, integers in full and others to three figures.

    Examples
    --------
    >>> number(1234567, "en"), number(0.123456, "en"), number(2, "en", 2)
    ('1,234,567', '0.123', '2.00')
    """
    if value is None or _missing(value):
        return NO_VALUE
    if digits is None:
        digits = 0 if float(value).is_integer() else _digits_for(value)
        pattern = "#,##0." + "#" * digits if digits else "#,##0"
    else:
        pattern = "#,##0." + "0" * digits if digits else "#,##0"
    if round(value, digits) == 0:  # what rounds to nothing has no sign
        value = 0.0
    return format_decimal(value, format=pattern, locale=BABEL_NAMES[locale]).translate(_MINUS)


def _digits_for(value: float, significant: int = _SIGNIFICANT) -> int:
    """Return the decimals that show a number to some significant figures, at most six."""
    if value == 0:
        return 0
    return min(6, max(0, significant - 1 - math.floor(math.log10(abs(value)))))


def percent(share: float | None, locale: Locale, digits: int = 1) -> str:
    """Write a share as a percentage with ``digits`` decimals."""
    if share is None or _missing(share):
        return NO_VALUE
    pattern = f"#,##0.{'0' * digits}%" if digits else "#,##0%"
    if round(share, digits + 2) == 0:  # what rounds to nothing has no sign
        share = 0.0
    return format_percent(share, format=pattern, locale=BABEL_NAMES[locale]).translate(_MINUS)


def money(amount: float | None, currency: str, locale: Locale, digits: int = 0) -> str:
    """Write an amount in full with its currency sign."""
    if amount is None or _missing(amount):
        return NO_VALUE
    pattern = f"¤#,##0.{'0' * digits}" if digits else "¤#,##0"
    written = format_currency(
        amount, currency, format=pattern, locale=BABEL_NAMES[locale], currency_digits=False
    )
    return written.translate(_MINUS)


def _compact(value: float, locale: Locale) -> tuple[str, str]:
    """Return three significant figures and the unit that they count."""
    for size, unit in _UNITS[locale]:
        # 999,950 in thousands would read 1,000K: take the next unit as soon as rounding does.
        scaled = value / size
        if abs(scaled) >= 1 - 0.5 * 10.0**-_SIGNIFICANT:
            return number(round(scaled, _digits_for(scaled)), locale), unit
    return number(value, locale), ""


def compact_number(value: float | None, locale: Locale) -> str:
    """Write a count to three significant figures with the language's own large units.

    Up to 10,000, from where Chinese has a unit, a count stands in full in every language.
    """
    if value is None or _missing(value):
        return NO_VALUE
    if abs(value) < _SHORT_COUNT:
        return number(value, locale)
    digits, unit = _compact(value, locale)
    return f"{digits} {unit}" if locale == "zh-HK" and unit else f"{digits}{unit}"


def compact_money(amount: float | None, currency: str, locale: Locale) -> str:
    """Write an amount to three significant figures: HK$1.23M, 1.23 百萬港元, 123万港元."""
    if amount is None or _missing(amount):
        return NO_VALUE
    babel = BABEL_NAMES[locale]
    digits, unit = _compact(abs(amount), locale)
    sign = "−" if amount < 0 else ""
    if locale == "en":
        return f"{sign}{get_currency_symbol(currency, babel)}{digits}{unit}"
    space = " " if locale == "zh-HK" else ""
    return f"{sign}{digits}{space}{unit}{get_currency_name(currency, locale=babel)}"


def currency(code: str, locale: Locale) -> str:
    """Return the name of a currency, as of several of its units."""
    return get_currency_name(code, count=2, locale=BABEL_NAMES[locale])


def day(value: date | datetime | None, locale: Locale, timezone: str = "UTC") -> str:
    """Write a calendar day; an instant is put into the time zone first."""
    if value is None:
        return NO_VALUE
    if isinstance(value, datetime):
        value = value.astimezone(ZoneInfo(timezone)).date()
    return str(format_date(value, "medium", locale=BABEL_NAMES[locale]))


def month(value: date | None, locale: Locale) -> str:
    """Write a month with its year."""
    if value is None:
        return NO_VALUE
    pattern = "MMM y" if locale == "en" else "y年M月"
    return str(format_date(value, pattern, locale=BABEL_NAMES[locale]))


def instant(at: datetime | None, timezone: str, locale: Locale) -> str:
    """Write a moment to the minute in a time zone, and name the zone."""
    if at is None:
        return NO_VALUE
    pattern = "d MMM y, HH:mm" if locale == "en" else "y年M月d日 HH:mm"
    zone = ZoneInfo(timezone)
    text = format_datetime(at, pattern, tzinfo=zone, locale=BABEL_NAMES[locale])
    name = _ZONE_NAMES.get(timezone, {}).get(locale) or at.astimezone(zone).tzname() or timezone
    return f"{text} {name}"


def period(first: date, last: date, locale: Locale) -> str:
    """Write the days from ``first`` to ``last``, both included, naming shared parts once."""
    if first == last:
        return day(first, locale)
    return str(format_interval(first, last, skeleton="yMMMd", locale=BABEL_NAMES[locale]))


def duration(span: timedelta, locale: Locale) -> str:
    """Write a length of time: minutes and hours below two days, then days, then months."""
    babel = BABEL_NAMES[locale]
    if span < timedelta(days=2):
        written = format_timedelta(span, locale=babel, threshold=2)
    else:
        # A threshold that no number of weeks or years reaches keeps the unit at days or months.
        unit: Literal["day", "month"] = "day" if span < timedelta(days=120) else "month"
        written = format_timedelta(span, granularity=unit, threshold=1e9, locale=babel)
    return _APART.sub(" ", str(written))


def signed(
    change: float | None, locale: Locale, kind: DeltaKind = "number", digits: int | None = None
) -> str:
    """Write a change with an arrow and its sign; points are a share times one hundred.

    What is written as nothing goes neither up nor down.
    """
    if change is None or _missing(change):
        return NO_VALUE
    text, nothing = (_size(each, locale, kind, digits) for each in (abs(change), 0.0))
    if text == nothing:
        return f"{UNCHANGED} {text}"
    return f"↑ +{text}" if change > 0 else f"↓ −{text}"


def _size(size: float, locale: Locale, kind: DeltaKind, digits: int | None) -> str:
    if kind == "percent":
        return percent(size, locale, 1 if digits is None else digits)
    return number(size * 100 if kind == "points" else size, locale, digits)


def verdict(change: float | None, better: Better) -> str:
    """Return ``"better"`` or ``"worse"``, or nothing where there is nothing to judge."""
    if better is None or change is None or _missing(change) or change == 0:
        return ""
    return "better" if (change > 0) == (better == "higher") else "worse"
