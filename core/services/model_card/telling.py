"""How a card's values are written: as they are for the hash, and as a reader reads them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.contract.text import LocalisedText
from core.domain.status import Status
from core.i18n import LOCALES, N_, Translator
from core.metrics.registry import METRICS
from core.reports.model_card import CardFact, CardTable, Value
from core.services.portfolio.written import STATUS_WORDS

_DIGITS = 9
"""Digits of a number that is hashed: sums in another order differ in the last ones."""

NOT_RECORDED = N_("Not recorded. Write it as '{place}' of the contract.")
LEFT_OUT = N_("Left out: the role of the reader may not see it.")
NOTHING = Value(None, "–")


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes values in one language and one time zone.

    Parameters
    ----------
    t : Translator
        The language.
    timezone : str
        That of the model.
    currency : str
        That of the contract.
    """

    t: Translator
    timezone: str
    currency: str

    def verbatim(self, text: str | None) -> Value:
        """Return a text that is the same in every language."""
        return Value(text, text) if text else NOTHING

    def label(self, text: LocalisedText | None) -> Value:
        """Return a text of the contract."""
        if text is None:
            return NOTHING
        return Value({each: text.get(each) for each in LOCALES}, text.get(self.t.locale))

    def labels(self, texts: Sequence[LocalisedText]) -> Value:
        """Return several texts of the contract, each a sentence."""
        found = [self.label(each) for each in texts]
        return Value([each.raw for each in found], self.t.sentences(*(e.text for e in found)))

    def word(self, message: str) -> Value:
        """Return a message of the catalogues."""
        return Value(message, self.t(message))

    def count(self, number: int) -> Value:
        """Return a whole number."""
        return Value(number, self.t.number(number))

    def number(self, value: float, digits: int | None = None) -> Value:
        """Return a number; a dash where there is none."""
        return Value(rounded(value), self.t.number(value, digits))

    def percent(self, share: float) -> Value:
        """Return a share."""
        return Value(rounded(share), self.t.percent(share))

    def day(self, day: date | None) -> Value:
        """Return a calendar day."""
        return NOTHING if day is None else Value(day.isoformat(), self.t.date(day))

    def moment(self, at: datetime | None) -> Value:
        """Return an instant by the model's own clock."""
        return NOTHING if at is None else Value(at, self.t.instant(at, self.timezone))

    def chunk(self, key: str) -> Value:
        """Return a period by its key, called as the reader calls it."""
        return Value(key, self.t.chunk(key)) if key else NOTHING

    def status(self, status: Status) -> Value:
        """Return how something stands."""
        return self.word(STATUS_WORDS[status])

    def figure(self, name: str, value: float) -> Value:
        """Return a value of a metric in its unit, with the digits of the page that shows it."""
        return Value(rounded(value), self._in_unit(METRICS[name].unit, value))

    def span(self, low: Value, high: Value) -> Value:
        """Return an interval."""
        if low.raw is None or high.raw is None:
            return NOTHING
        return Value([low.raw, high.raw], self.t.between(low.text, high.text))

    def items(self, values: Sequence[Value]) -> Value:
        """Return values one after the other."""
        if not values:
            return NOTHING
        return Value([each.raw for each in values], self.t.items(*(each.text for each in values)))

    def _in_unit(self, unit: str, value: float) -> str:
        t = self.t
        if math.isnan(value):
            return t.number(value)
        if unit in {"share", "relative"}:
            return t.percent(value)
        if unit == "money":
            return t.compact_money(value, self.currency)
        if unit == "hours":
            return t.duration(timedelta(hours=value))
        return t.number(value, 3) if unit == "none" else t.number(value)


def rounded(value: float) -> float | None:
    """Return a number as it is hashed; ``None`` for one that is not finite."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None


@dataclass(frozen=True, slots=True)
class Sheet:
    """Makes the facts of one source.

    Parameters
    ----------
    teller : Teller
        Writes values.
    source : str
        Where they are from and as of when, in the reader's language.
    """

    teller: Teller
    source: str

    def fact(self, key: str, name: str, value: Value) -> CardFact:
        """Return a fact; ``name`` is in the reader's language."""
        return CardFact(key, name, value, self.source)

    def stated(self, key: str, name: str, value: Value, place: str) -> CardFact:
        """Return a fact of the contract, or where to write it if nobody has."""
        if value.raw:
            return self.fact(key, name, value)
        said = self.teller.t(NOT_RECORDED, place=place)
        return CardFact(key, name, Value(None, said), self.source, "missing")

    def missing(self, key: str, name: str, why: str) -> CardFact:
        """Return that nothing is recorded, and why, in the reader's language."""
        return CardFact(key, name, Value(None, why), self.source, "missing")

    def left_out(self, key: str, name: str) -> CardFact:
        """Return that the reader may not see a fact."""
        return CardFact(key, name, Value(None, self.teller.t(LEFT_OUT)), self.source, "left_out")

    def table(
        self,
        key: str,
        caption: str,
        heads: Sequence[str],
        rows: Sequence[tuple[Value, ...]],
        levels: Sequence[Status] = (),
    ) -> CardTable:
        """Return a table; caption and heads are in the reader's language."""
        return CardTable(key, caption, tuple(heads), tuple(rows), self.source, tuple(levels))
