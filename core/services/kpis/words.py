"""The words of KPIs: figures, changes, targets and how they stand, as managers say them."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from core.contract.kpi_definitions import KpiDefinition
from core.contract.text import LocalisedText
from core.domain.kpi_level import KpiLevel
from core.i18n import N_, Translator
from core.services.kpis.answer import KpiFigure

Better = Literal["higher", "lower"] | None

LEVEL_WORDS = {
    KpiLevel.on_track: N_("On track"),
    KpiLevel.at_risk: N_("At risk"),
    KpiLevel.missed: N_("Missed"),
    KpiLevel.no_target: N_("No target"),
    KpiLevel.not_enough_data: N_("Not enough data"),
}
_BETTER: dict[str, Better] = {"higher_is_better": "higher", "lower_is_better": "lower"}
_SHARES = frozenset({"share", "relative"})
_SHORT = 10_000  # counts from here on are written short
_LARGE, _DECIMALS = 100.0, 2  # numbers below are told apart by two decimals
_TIMES = {
    "days": (N_("{value} day"), N_("{value} days")),
    "hours": (N_("{value} hour"), N_("{value} hours")),
    "minutes": (N_("{value} minute"), N_("{value} minutes")),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """What it takes to write a KPI's figures: its unit, its currency, and which way is good."""

    unit: str
    currency: str
    better: Better

    @property
    def is_share(self) -> bool:
        """Whether figures are written in percent."""
        return self.unit in _SHARES

    @property
    def is_time(self) -> bool:
        """Whether figures are days, hours or minutes."""
        return self.unit in _TIMES


def measure_of(definition: KpiDefinition) -> Measure:
    """Return how a KPI's figures are written."""
    return Measure(
        definition.unit, definition.currency or "", _BETTER.get(str(definition.direction))
    )


def value_text(t: Translator, measure: Measure, value: float) -> str:
    """Write a figure in its unit: 4.2%, HK$1.23M, 3.5 days."""
    if value != value:  # NaN differs from itself
        return t.number(value)
    if measure.is_share:
        return t.percent(value)
    if measure.currency:
        return t.compact_money(value, measure.currency)
    if measure.unit in _TIMES:
        one, many = _TIMES[measure.unit]
        value = round(value, 1)
        return t(one if value == 1 else many, value=t.number(value))
    if measure.unit == "count" and abs(value) >= _SHORT:
        return t.compact_number(value)
    return t.number(value)


def change_text(t: Translator, measure: Measure, change: float) -> str:
    """Write a difference: arrow, sign, size in the KPI's unit, better or worse."""
    if change != change:
        return t.number(change)
    if measure.is_share:
        return _points_text(t, measure, change)
    change = _rounded(change)
    size = value_text(t, measure, abs(change))
    if size == value_text(t, measure, 0.0):  # what is written as nothing is not judged
        return f"→ {size}"
    text = f"↑ +{size}" if change > 0 else f"↓ −{size}"
    if measure.better is None:
        return text
    good = (change > 0) == (measure.better == "higher")
    return f"{text} {t('better') if good else t('worse')}"


def change_between(
    t: Translator, measure: Measure, before: KpiFigure | None, after: KpiFigure
) -> str:
    """Write what a figure changed by; better or worse only if the change is beyond chance."""
    if before is None:
        return t.number(math.nan)
    if not beyond_chance(before, after):
        measure = replace(measure, better=None)
    return change_text(t, measure, after.value - before.value)


def beyond_chance(before: KpiFigure, after: KpiFigure) -> bool:
    """Whether two figures differ by more than chance, by their intervals.

    The interval of the difference is put together from those of the two figures, which are of
    different rows (Zou and Donner, 2008); without them nothing is beyond chance.
    """
    change = after.value - before.value
    down = math.hypot(after.value - after.low, before.high - before.value)
    up = math.hypot(after.high - after.value, before.value - before.low)
    return change - down > 0 or change + up < 0


def _points_text(t: Translator, measure: Measure, change: float) -> str:
    """Write a change of a share: in tenths of a point, or hundredths if it is less than one."""
    digits = 1 if round(abs(change), 3) else 2
    if round(change, 2 + digits) == 0:  # what rounds to nothing is neither better nor worse
        change, digits = 0.0, 1
    return t.delta(change, better=measure.better, kind="points", digits=digits)


def effect_text(t: Translator, measure: Measure, value: float) -> str:
    """Write what a cause added: the sign and the size in the KPI's unit, shares in points."""
    if value != value:
        return t.number(value)
    shown = round(value, 4) if measure.is_share else _rounded(value)
    if measure.is_share:
        size, nothing = (
            t("{size} points", size=t.number(abs(each) * 100, 2)) for each in (shown, 0.0)
        )
    else:
        size, nothing = (value_text(t, measure, abs(each)) for each in (shown, 0.0))
    sign = "" if size == nothing else "+" if shown > 0 else "−"
    return sign + size


def _rounded(change: float) -> float:
    """Return a difference as precise as it is shown."""
    return change if abs(change) >= _LARGE else round(change, _DECIMALS)


def stale_rates(t: Translator, days: int) -> str:
    """Say on how many days money was converted at an old rate; empty if on none."""
    if not days:
        return ""
    return t.n(
        "On {n} day the rate was more than ten days old.",
        "On {n} days the rate was more than ten days old.",
        days,
    )


def why_nothing(t: Translator, definition: KpiDefinition, figure: KpiFigure | None) -> str:
    """Return why a KPI has no value; empty if it has one."""
    lacking = definition.unavailable
    if lacking is not None:
        params = {
            name: each.get(t.locale) if isinstance(each, LocalisedText) else each
            for name, each in lacking.params.items()
        }
        return t(lacking.reason, **params)
    if figure is None or figure.value == figure.value:
        return ""
    return t(figure.why) if figure.why else t("Nothing to compute it from.")
