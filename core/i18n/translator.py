"""One reader's language: messages, plural forms and formatted values."""

import datetime as dt
import re
from collections.abc import Mapping
from functools import cache
from string import Formatter
from typing import Any

from core.i18n import format as formats
from core.i18n.catalogue import load_catalogue
from core.i18n.locales import DEFAULT_LOCALE, LOCALES, Locale


def N_(message: str) -> str:  # noqa: N802 - the name that every gettext reader knows
    """Mark a message for the catalogues where it is defined; it is translated where it is shown."""
    return message


# Chinese characters and the marks between them; no space stands between two of these.
_WIDE = "“”\u3000-\u303f\u4e00-\u9fff\uff00-\uffef"
_SPACE_BETWEEN = re.compile(f"(?<=[{_WIDE}]) $")
_WIDE_FIRST = re.compile(f"[{_WIDE}]")
_SPACE_THEN_WIDE = re.compile(f" [{_WIDE}]")
_WIDE_LAST = re.compile(f"[{_WIDE}]$")

_SAMPLE = re.compile(r"\bn = (?=\d)")
"""The size of a sample, which stays on one line."""

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_QUARTER = re.compile(r"(\d{4})-Q([1-4])")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YEAR = re.compile(r"\d{4}")
_VERDICTS = {"better": N_("better"), "worse": N_("worse")}


class _ValueFormatter(Formatter):
    """Writes numbers and dates that stand in a message as the locale does.

    In Chinese a space parts figures and Latin words from the characters beside them; where the
    value turns out to be Chinese itself, the message's space around it is left out.
    """

    def __init__(self, locale: Locale) -> None:
        self._locale = locale

    def fill(self, template: str, params: Mapping[str, object]) -> str:
        text = ""
        for literal, name, spec, conversion in self.parse(template):
            text = self._joined(text, literal)
            if name is not None:
                value, _ = self.get_field(name, (), params)
                shown = self.format_field(self.convert_field(value, conversion), spec or "")
                text = self._joined(text, shown)
        return _SAMPLE.sub("n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}", text)

    def _joined(self, left: str, right: str) -> str:
        if self._locale == DEFAULT_LOCALE:
            return left + right
        if _SPACE_BETWEEN.search(left) and _WIDE_FIRST.match(right):
            return left[:-1] + right
        if _SPACE_THEN_WIDE.match(right) and _WIDE_LAST.search(left):
            return left + right[1:]
        return left + right

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec or isinstance(value, bool):
            return str(format(value, format_spec))
        if isinstance(value, int | float):
            return formats.number(value, self._locale)
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return formats.day(value, self._locale)
        return str(value)


class Translator:
    """Translates and formats for one locale.

    Numbers and plain dates among the parameters of a message are written in the locale; pass
    text for identifiers, years and anything that is formatted already.

    Parameters
    ----------
    locale : {"en", "zh-HK", "zh-CN"}
        The reader's language.
    messages : mapping of str to str
        Message id → translation. What is missing is shown in English.
    """

    def __init__(self, locale: Locale, messages: Mapping[str, str]) -> None:
        self.locale = locale
        self._messages = messages
        self._formatter = _ValueFormatter(locale)

    def __call__(self, message: str, /, **params: object) -> str:
        """Return the message in the reader's language with its placeholders filled."""
        return self._formatter.fill(self._messages.get(message, message), params)

    def n(self, singular: str, plural: str, n: int, /, **params: object) -> str:
        """Return the form that fits the number ``n``, which the message may name as ``{n}``."""
        template = self._messages.get(singular)
        if template is None:
            template = singular if n == 1 else plural
        return self._formatter.fill(template, {**params, "n": n})

    def sentences(self, *texts: str) -> str:
        """Put translated sentences one after the other; those that are empty are left out."""
        return (" " if self.locale == DEFAULT_LOCALE else "").join(filter(None, texts))

    def items(self, *texts: str) -> str:
        """Put words or names one after the other, with the comma or mark of the language."""
        return (", " if self.locale == DEFAULT_LOCALE else "、").join(texts)

    def clauses(self, *texts: str) -> str:
        """Put parts of a sentence one after the other, with the comma of the language."""
        return (", " if self.locale == DEFAULT_LOCALE else "，").join(texts)

    def currency(self, code: str) -> str:
        """Return what amounts of a currency are counted in: Hong Kong dollars, 港元."""
        return formats.currency(code, self.locale)

    def number(self, value: float | None, digits: int | None = None) -> str:
        """Write a number with group separators; ``digits`` fixes the decimals."""
        return formats.number(value, self.locale, digits)

    def percent(self, share: float | None, digits: int = 1) -> str:
        """Write a share (0.034) as a percentage (3.4%)."""
        return formats.percent(share, self.locale, digits)

    def money(self, amount: float | None, currency: str, digits: int = 0) -> str:
        """Write an amount of money in full."""
        return formats.money(amount, currency, self.locale, digits)

    def compact_money(self, amount: float | None, currency: str) -> str:
        """Write an amount short: HK$1.23M, 1.23 百萬港元, 123万港元."""
        return formats.compact_money(amount, currency, self.locale)

    def compact_number(self, value: float | None) -> str:
        """Write a count short: 1.23M, 1.23 百萬, 123万."""
        return formats.compact_number(value, self.locale)

    def date(self, day: dt.date | dt.datetime | None, timezone: str = "UTC") -> str:
        """Write a calendar day; an instant is put into ``timezone`` first."""
        return formats.day(day, self.locale, timezone)

    def month(self, day: dt.date | None) -> str:
        """Write a month: Jun 2009, 2009年6月."""
        return formats.month(day, self.locale)

    def chunk(self, key: str) -> str:
        """Write the key of a period as it is called in a sentence: Jun 2009 for 2009-06.

        Weeks and numbers of rows have no other name than their key; axes show keys.
        """
        first, several, last = key.partition("..")
        if several:
            joint = " to " if self.locale == DEFAULT_LOCALE else "至"
            return joint.join((self.chunk(first), self.chunk(last)))
        if _YEAR.fullmatch(key) and self.locale != DEFAULT_LOCALE:
            return f"{key}年"
        if month := _MONTH.fullmatch(key):
            return self.month(dt.date(int(month[1]), int(month[2]), 1))
        if quarter := _QUARTER.fullmatch(key):
            return self(N_("Q{quarter} {year}"), quarter=quarter[2], year=quarter[1])
        return self.date(dt.date.fromisoformat(key)) if _DAY.fullmatch(key) else key

    def instant(self, at: dt.datetime | None, timezone: str) -> str:
        """Write a moment to the minute in a time zone, and name the zone."""
        return formats.instant(at, timezone, self.locale)

    def period(self, first: dt.date, last: dt.date) -> str:
        """Write the days from ``first`` to ``last``, both included."""
        return formats.period(first, last, self.locale)

    def between(self, low: str, high: str) -> str:
        """Write the ends of an interval that are written already: 0.65–0.83, −0.003 – 0.089."""
        # Beside a minus, a dash without space would look like another one.
        dash = " – " if "−" in (low[:1], high[:1]) else "–"
        return f"{low}{dash}{high}"

    def duration(self, span: dt.timedelta) -> str:
        """Write a length of time in its largest unit: 3 days."""
        return formats.duration(span, self.locale)

    def delta(
        self,
        change: float | None,
        *,
        better: formats.Better = None,
        kind: formats.DeltaKind = "number",
        digits: int | None = None,
    ) -> str:
        """Write a change with arrow and sign, and whether that is better or worse.

        Parameters
        ----------
        change : float, optional
            The difference; for ``kind="percent"`` a share.
        better : {"higher", "lower"}, optional
            Which direction is good; ``None`` judges nothing.
        kind : {"number", "percent", "points"}
            How the change is written; points are percentage points.
        digits : int, optional
            Decimals.
        """
        text = formats.signed(change, self.locale, kind, digits)
        verdict = "" if text.startswith(formats.UNCHANGED) else formats.verdict(change, better)
        if kind == "points" and change is not None:
            text = self("{change} pts", change=text)
        return f"{text} {self(_VERDICTS[verdict])}" if verdict else text


@cache
def translator(locale: str) -> Translator:
    """Return the translator of a locale; an unknown one is English."""
    known: Locale = next((name for name in LOCALES if name == locale), DEFAULT_LOCALE)
    return Translator(known, load_catalogue(known))
