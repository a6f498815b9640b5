"""The words of the page Outcomes: figures, changes, targets and periods as managers say them."""

from collections.abc import Callable
from datetime import date
from functools import partial

from core.domain.kpi_level import KpiLevel
from core.domain.status import Status
from core.domain.windows import Chunk, Window, local_day
from core.i18n import Translator
from core.services.kpis import KpiDefinition, KpiFigure
from core.services.kpis.words import (
    LEVEL_WORDS,
    Better,
    Measure,
    change_text,
    measure_of,
    stale_rates,
    value_text,
    why_nothing,
)
from core.services.questions import View

__all__ = [
    "LEVEL_WORDS",
    "STATUS_OF_LEVEL",
    "Better",
    "Measure",
    "axis_unit",
    "change_text",
    "measure_of",
    "period_name",
    "remarks_of",
    "target_text",
    "value_text",
    "why_nothing",
    "writers",
]

# The words of the shapes that levels share with other statuses.
STATUS_OF_LEVEL = {
    Status.in_range: LEVEL_WORDS[KpiLevel.on_track],
    Status.watch: LEVEL_WORDS[KpiLevel.at_risk],
    Status.act: LEVEL_WORDS[KpiLevel.missed],
    Status.not_enough_data: LEVEL_WORDS[KpiLevel.not_enough_data],
}


def writers(
    t: Translator, measure: Measure
) -> tuple[Callable[[float], str], Callable[[float], str]]:
    """Return what writes a KPI's figures and their differences in charts."""
    return partial(value_text, t, measure), partial(change_text, t, measure)


def axis_unit(measure: Measure) -> str:
    """Return what an axis of the KPI is counted in; empty for a pure number."""
    if measure.is_share:
        return "%"
    return measure.currency or (measure.unit if measure.is_time else "")


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
    if figure.stale_days:
        found.append(stale_rates(t, figure.stale_days))
    return found
