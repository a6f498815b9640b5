"""Which figures of a month are explained, and by what."""

import math

from core.domain.identity import Actor, Permission
from core.domain.kpi_level import KpiLevel
from core.domain.windows import Window
from core.errors import HarbourlightError
from core.i18n import Translator
from core.reports.monthly import ReportCause, ReportChange
from core.reports.number import Number
from core.services import access
from core.services.kpi_changes import KpiChange, kpi_change
from core.services.kpis import KpiAnswer, KpiSeries
from core.services.kpis.words import effect_text, measure_of
from core.services.monthly.kpis import number
from core.services.questions import Question
from core.services.workspace import Workspace

MOST = 3
_LEVELS = {KpiLevel.missed: 0, KpiLevel.at_risk: 1}


def explained(
    workspace: Workspace, answer: KpiAnswer, month: Question, *, actor: Actor
) -> tuple[KpiChange, ...]:
    """Return why figures changed since the month before: at most three, those that matter first.

    A figure that missed its target comes before one at risk, and that before all others; of those,
    the one first that moved furthest beyond its own interval. A change within chance is left out.
    """
    access.require(actor, Permission.kpi_export, model=month.model)
    found: list[KpiChange] = []
    for series in sorted(answer.kpis, key=_place):
        if len(found) == MOST or not _moved(series):
            continue
        try:
            change = kpi_change(workspace, month, series.definition.id, actor=actor)
        except HarbourlightError:
            continue  # not made of sums, or too few rows: the table still shows the figure
        if change.beyond_chance:
            found.append(change)
    return tuple(found)


def report_change(t: Translator, change: KpiChange) -> ReportChange:
    """Return a change in the language of the report."""
    measure = measure_of(change.definition)

    def effect(value: float) -> Number:
        kind = number(t, measure, value).kind
        return Number(value, effect_text(t, measure, value), kind, measure.currency)

    causes = tuple(
        ReportCause(
            change.cause_name(each.cause, t),
            effect(each.value),
            f"{effect_text(t, measure, each.low)} … {effect_text(t, measure, each.high)}"
            if math.isfinite(each.low)
            else "",
        )
        for each in change.contributions
    )
    return ReportChange(
        name=change.definition.name.get(t.locale),
        sentence=change.sentence(t),
        before=number(t, measure, change.before.value),
        after=number(t, measure, change.after.value),
        causes=causes,
    )


def month_question(model: str, window: Window, timezone: str, *, as_of: str | None) -> Question:
    """Return the question about one month alone."""
    first, last = window.days(timezone)
    return Question(model, start=first.isoformat(), end=last.isoformat(), by="month", as_of=as_of)


def _moved(series: KpiSeries) -> bool:
    return math.isfinite(_distance(series))


def _place(series: KpiSeries) -> tuple[int, float]:
    level = series.periods[-1].level
    return _LEVELS.get(level, len(_LEVELS)), -_distance(series)


def _distance(series: KpiSeries) -> float:
    """Return how far a figure moved, in halves of its interval; minus infinity if nobody knows."""
    if len(series.periods) < 2:
        return -math.inf
    before, after = series.periods[-2], series.periods[-1]
    half = (after.high - after.low) / 2
    if not (math.isfinite(before.value) and math.isfinite(after.value)):
        return -math.inf
    return abs(after.value - before.value) / half if half > 0 else 0.0
