"""The words of the page Outcomes: figures, changes, targets and periods as managers say them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Literal

from core.contract.text import LocalisedText
from core.domain.kpi_level import KpiLevel
from core.domain.status import Status
from core.domain.windows import Chunk, Window, local_day
from core.i18n import N_, Translator
from core.services.kpis import KpiDefinition, KpiFigure
from core.services.questions import View

Better = Literal["higher", "lower"] | None

LEVEL_WORDS = {
    KpiLevel.on_track: N_("On track"),
    KpiLevel.at_risk: N_("At risk"),
    KpiLevel.missed: N_("Missed"),
    KpiLevel.no_target: N_("No target"),
    KpiLevel.not_enough_data: N_("Not enough data"),
}
# The words of the shapes that levels share with other statuses.
STATUS_OF_LEVEL = {
    Status.in_range: LEVEL_WORDS[KpiLevel.on_track],
    Status.watch: LEVEL_WORDS[KpiLevel.at_risk],
    Status.act: LEVEL_WORDS[KpiLevel.missed],
    Status.not_enough_data: LEVEL_WORDS[KpiLevel.not_enough_data],
}
_BETTER: dict[str, Better] = {"higher_is_better": "higher", "lower_is_better": "lower"}
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


def measure_of(definition: KpiDefinition) -> Measure:
    """Return how a KPI's figures are written."""
    return Measure(
        definition.unit, definition.currency or "", _BETTER.get(str(definition.direction))
    )


def value_text(t: Translator, measure: Measure, value: float) -> str:
    """Write a figure in its unit: 4.2%, HK$1.23M, 3.5 days."""
    if value != value:  # NaN differs from itself
        return t.number(value)
    if measure.unit in {"share", "relative"}:
        return t.percent(value)
    if measure.currency:
        return t.compact_money(value, measure.currency)
    if measure.unit in _TIMES:
        one, many = _TIMES[measure.unit]
        value = round(value, 1)
        return t(one if value == 1 else many, value=t.number(value))
    if measure.unit == "count" and abs(value) >= 10_000:
        return t.compact_number(value)
    return t.number(value)


def change_text(t: Translator, measure: Measure, change: float) -> str:
    """Write a difference: arrow, sign, size in the KPI's unit, better or worse."""
    if change != change:
        return t.number(change)
    if measure.unit in {"share", "relative"}:
        return _points_text(t, measure, change)
    change = change if abs(change) >= _LARGE else round(change, _DECIMALS)
    size = value_text(t, measure, abs(change))
    if change == 0:
        return f"→ {size}"
    text = f"↑ +{size}" if change > 0 else f"↓ −{size}"
    if measure.better is None:
        return text
    good = (change > 0) == (measure.better == "higher")
    return f"{text} {t('better') if good else t('worse')}"


def _points_text(t: Translator, measure: Measure, change: float) -> str:
    """Write a change of a share: in tenths of a point, or hundredths if it is less than one."""
    digits = 1 if round(abs(change), 3) else 2
    if round(change, 2 + digits) == 0:  # what rounds to nothing is neither better nor worse
        change, digits = 0.0, 1
    return t.delta(change, better=measure.better, kind="points", digits=digits)


def writers(
    t: Translator, measure: Measure
) -> tuple[Callable[[float], str], Callable[[float], str]]:
    """Return what writes a KPI's figures and their differences in charts."""
    return partial(value_text, t, measure), partial(change_text, t, measure)


def axis_unit(measure: Measure) -> str:
    """Return what an axis of the KPI is counted in; empty for a pure number."""
    if measure.unit in {"share", "relative"}:
        return "%"
    return measure.currency or (measure.unit if measure.unit in _TIMES else "")


def period_name(t: Translator, span: Chunk | Window, grain: str, timezone: str) -> str:
    """Return what a period is called: Q4 2007, Dec 2010, 2007; or its days."""
    first, last = Window(span.start, span.end).days(timezone)
    if grain == "year" and first.year == last.year:
        return t("{year}", year=str(first.year))
    if grain == "quarter" and _quarter(first) == _quarter(last):
        year, quarter = _quarter(first)
        return t("Q{quarter} {year}", quarter=str(quarter), year=str(year))
    if grain == "month" and (first.year, first.month) == (last.year, last.month):
        return t.month(first)
    return t.period(first, last)


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3 + 1


def target_text(t: Translator, definition: KpiDefinition, figure: KpiFigure) -> str:
    """Return what was aimed at in a period, since when and by whom; empty without a target."""
    target = figure.target
    if target is None:
        return ""
    written = value_text(t, measure_of(definition), target.value)
    aim = {
        "higher_is_better": t("Target: at least {value}", value=written),
        "lower_is_better": t("Target: at most {value}", value=written),
    }.get(str(definition.direction), t("Target: {value}", value=written))
    if target.set_by:
        return t("{aim}, set on {date} by {who}", aim=aim, date=target.set_on, who=target.set_by)
    return t("{aim}, set on {date}", aim=aim, date=target.set_on)


def remarks_of(t: Translator, figure: KpiFigure, view: View) -> list[str]:
    """Return what must be known with a figure: how it is no final one, and a late target."""
    found = []
    live = local_day(view.first_prediction, view.timezone)
    if figure.target is not None and figure.target.set_on > live:
        found.append(t("The target was set after go-live."))
    if not figure.complete:
        found.append(t("Part of the period only."))
    if figure.maturity == "partial":
        found.append(t("Not all results are known yet."))
    elif figure.maturity == "none":
        found.append(t("Results are not known yet."))
    return found


def why_nothing(t: Translator, definition: KpiDefinition, figure: KpiFigure | None) -> str:
    """Return why a KPI has no value; empty if it has one."""
    lacking = definition.unavailable
    if lacking is not None:
        params = {
            name: each.get(t.locale) if isinstance(each, LocalisedText) else each
            for name, each in lacking.params.items()
        }
        return t(lacking.reason, **params)
    if figure is not None and figure.value != figure.value:
        return t(figure.why) if figure.why else t("Nothing to compute it from.")
    return ""
