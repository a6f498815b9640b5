"""The newest month whose results are all known, of KPIs that wait for outcomes.

The report of a month is made when the month is over, and the outcomes of its decisions come later:
some years later. Beside what is not known yet stands what was known last.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from core.contract.kpi_definitions import KpiDefinition
from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.services import access
from core.services.checks.kpis import newest_final
from core.services.kpis import KpiAnswer, KpiFigure, KpiSeries, kpi_figures
from core.services.performance.counting import matured_before
from core.services.questions import Question, View
from core.services.workspace import Workspace


def newest_finals(workspace: Workspace, answer: KpiAnswer, *, actor: Actor) -> dict[str, KpiFigure]:
    """Return the newest final figure of each KPI whose month is not final, by its id.

    Parameters
    ----------
    workspace : Workspace
        Where.
    answer : KpiAnswer
        The months of the report; the last one is its month.
    actor : Actor
        Needs ``kpi.export`` for the model, and ``kpi.view``.

    Returns
    -------
    dict of str to KpiFigure
        From the months of the report, or from the twelve before its outcomes began to be open;
        nothing for a KPI that has no final month there either.
    """
    access.require(actor, Permission.kpi_export, model=answer.view.contract.id)
    waiting = [each for each in answer.kpis if _waits(each)]
    found = _newest(waiting)
    older: dict[date, list[str]] = {}
    for series in waiting:
        if series.definition.id not in found:
            last = _last_day(answer.view, series.definition)
            older.setdefault(last, []).append(series.definition.id)
    began = local_day(answer.view.first_prediction, answer.view.timezone)
    for last, ids in older.items():
        if last >= began:
            question = _year_to(answer.view, last)
            found |= _newest(kpi_figures(workspace, question, actor=actor, ids=ids).kpis)
    return found


def _waits(series: KpiSeries) -> bool:
    definition = series.definition
    waits = definition.maturity != "none" and definition.unavailable is None
    return waits and not series.periods[-1].is_final


def _newest(kpis: Iterable[KpiSeries]) -> dict[str, KpiFigure]:
    each_newest = ((each.definition.id, newest_final(each)) for each in kpis)
    return {kpi: figure for kpi, figure in each_newest if figure is not None}


def _last_day(view: View, definition: KpiDefinition) -> date:
    """Return the last day of the newest month before the view whose results may be final."""
    age = definition.age
    known = matured_before(view) if age is None else age.before(view.as_of)
    day = local_day(min(known, view.chunks[0].start), view.timezone)
    return day.replace(day=1) - timedelta(days=1)


def _year_to(view: View, last: date) -> Question:
    following = last + timedelta(days=1)  # the first of a month
    start = following.replace(year=following.year - 1).isoformat()
    model, as_of = view.contract.id, view.question.as_of
    return Question(model, start=start, end=last.isoformat(), by="month", as_of=as_of)
