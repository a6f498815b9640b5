"""What KPIs should be at the end of the month, quarter or year that is not over."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.contract import ModelContract
from core.contract.kpi_definitions import KpiDefinition
from core.contract.periods import Age
from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk, Grain, local_day, start_of_day
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.kpis.columns import source_of
from core.lake.kpis.rows import KpiRows
from core.services.kpi_forecast.answer import KpiForecast, KpiForecasts
from core.services.kpi_forecast.drawn import drawn_forecast
from core.services.kpi_forecast.history import (
    NIGHT,
    WEEKS,
    History,
    day_chunks,
    histories,
    period_of,
)
from core.services.kpis.answer import KpiFigure
from core.services.kpis.figures import kpi_figures
from core.services.kpis.judged import NOT_KNOWN, rate_is_missing
from core.services.kpis.rows import definition_of, definitions_of, grouped_rows, rates_digest
from core.services.questions import Question, View, resolve
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

TOO_LATE = N_("Results are known only after {age}, which is longer than the period.")
STILL_COMING = N_("It counts results as they come in: days that are over change still.")
NO_SUM = N_("Medians, extremes and numbers of different values do not add up by day.")
NO_RATE = N_("On some days there is no exchange rate.")
LABELS_MISSING = N_("Results that should be known by now are missing.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the forecasts of one view are made with."""

    workspace: Workspace
    view: View
    by: Grain


@retry_when_stale
def kpi_forecasts(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    ids: Iterable[str] | None = None,
) -> KpiForecasts:
    """Forecast KPIs to the end of the period that is not over, in their own money.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, slice and version, whether months, quarters or years, and what was known
        when. Its window does not count: the whole log up to then is learned from.
    actor : Actor
        Needs ``kpi.view`` for the model.
    ids : iterable of str, optional
        Only these KPIs; all by default.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not ask, or there is no such model or KPI.
    NothingYet
        If there are no predictions.
    InvalidInput
        If periods are no months, quarters or years, or a name is unknown.
    """
    view = resolve(workspace, _whole(question), Permission.kpi_view, actor=actor)
    if question.by not in WEEKS:
        raise InvalidInput(
            "A period of {by!r} is not forecast.",
            remedy="Choose from: {grains}.",
            by=question.by,
            grains=", ".join(WEEKS),
        )
    require_known_version(workspace, view)
    chosen = None if ids is None else tuple(dict.fromkeys(ids))
    return workspace.memo.get(
        ("kpi forecasts", view.key, chosen, rates_digest(workspace)),
        lambda: _answer(
            workspace,
            view,
            definitions_of(view) if chosen is None else [definition_of(view, n) for n in chosen],
            actor,
        ),
    )


def _whole(question: Question) -> Question:
    """Return a question about the whole log."""
    return replace(question, start=None, end=None, last=None)


def _answer(
    workspace: Workspace, view: View, definitions: Sequence[KpiDefinition], actor: Actor
) -> KpiForecasts:
    by: Grain = view.question.by  # type: ignore[assignment]  # one of WEEKS, checked before
    asked = _Asked(workspace, view, by)
    summed = [each for each in definitions if each.expression and each.expression.is_linear]
    found: dict[str, KpiForecast | None] = {}
    for rows, members in grouped_rows(workspace, view, summed, chunks=day_chunks(view, by)):
        told = {each.id: _at_once(asked, each, rows) for each in members}
        found |= {kpi: each for kpi, each in told.items() if each is not None and each.why}
        left = [each for each in members if _is_open(told[each.id])]
        by_day = histories(workspace.duck, rows, left, view, WEEKS[by]) if left else {}
        for each in left:
            found[each.id] = _forecast(asked, each, rows, by_day[each.id], actor)
    for each in definitions:
        if each.expression is not None and not each.expression.is_linear:
            found[each.id] = _unsummed(asked, each)
    ordered = [found.get(each.id) for each in definitions]
    return KpiForecasts(view, tuple(each for each in ordered if each is not None))


def _unsummed(asked: _Asked, definition: KpiDefinition) -> KpiForecast | None:
    """Return the answer about a KPI that is no function of sums."""
    period = _newest_period(asked)
    if asked.view.as_of >= period.end - NIGHT:
        return None
    return _nothing(asked, definition, period, NO_SUM)


def _is_open(told: KpiForecast | None) -> bool:
    """Whether nothing but the days of the log can say more."""
    return told is not None and not told.why


def _at_once(asked: _Asked, definition: KpiDefinition, rows: KpiRows) -> KpiForecast | None:
    """Return what can be said of a KPI without its rows: ``None`` if its newest period is over."""
    view, newest = asked.view, _newest_period(asked)
    until, age = _until(view, definition, rows)
    if until >= newest.end - NIGHT or (age is not None and until >= view.last_prediction):
        return None
    if age is not None and age.after(newest.start) > newest.end:
        return _nothing(asked, definition, newest, TOO_LATE, age=age)
    if age is None and _reads_results(view.contract, definition):
        return _nothing(asked, definition, newest, STILL_COMING)
    return _nothing(asked, definition, newest)


def _reads_results(contract: ModelContract, definition: KpiDefinition) -> bool:
    """Whether a KPI reads what becomes known of a prediction long after it."""
    names = definition.expression.columns if definition.expression else frozenset()
    sources = [source_of(contract, name, decided=True, happened=True) for name in names]
    return any(each.outcome or each.event >= 0 for each in sources)


def _forecast(
    asked: _Asked, definition: KpiDefinition, rows: KpiRows, days: History, actor: Actor
) -> KpiForecast | None:
    """Return the forecast of a KPI; ``None`` if there is no day left to tell of."""
    view = asked.view
    until, age = _until(view, definition, rows)
    newest = _newest_period(asked)
    if days.newest is None:
        return _nothing(asked, definition, newest, NOT_KNOWN)
    period = period_of(days.newest, asked.by, view.timezone)
    if until >= period.end:
        return None if age is None else _nothing(asked, definition, newest, NOT_KNOWN)
    start = local_day(period.start, view.timezone)
    over = _over(asked, days, days.newest, until)
    told = _nothing(asked, definition, period, known_until=over if over >= start else None)
    if over == told.last_day:
        return None
    if rate_is_missing(rows, rows.chunks[0].start, period.end, view):
        return replace(told, why=NO_RATE)
    if _lacks_labels(asked, definition, start, period, actor):
        return replace(told, why=LABELS_MISSING)
    return drawn_forecast(view, asked.by, told, days, over)


def _until(view: View, definition: KpiDefinition, rows: KpiRows) -> tuple[datetime, Age | None]:
    """Return up to when predictions count, and the age that they must have for it."""
    outcome = view.contract.outcome
    if rows.maturity == "outcome" and outcome is not None:
        return rows.matured_before, outcome.matures_after
    if rows.aged_before is not None:
        return rows.aged_before, definition.age
    return view.as_of, None


def _newest_period(asked: _Asked) -> Chunk:
    """Return the whole period of the newest prediction."""
    timezone = asked.view.timezone
    return period_of(local_day(asked.view.last_prediction, timezone), asked.by, timezone)


def _nothing(
    asked: _Asked,
    definition: KpiDefinition,
    period: Chunk,
    why: str = "",
    known_until: date | None = None,
    **params: object,
) -> KpiForecast:
    """Return a forecast of which nothing is expected yet, or that there is none."""
    timezone = asked.view.timezone
    last = local_day(period.end, timezone) - timedelta(days=1)
    return KpiForecast(
        definition,
        period,
        known_until,
        last,
        _final_on(asked.view, definition, period, last),
        why=why,
        params=params,
    )


def _final_on(view: View, definition: KpiDefinition, period: Chunk, last: date) -> date:
    """Return the day from which on the figure of a period is final."""
    age = definition.age
    if definition.maturity == "outcome" and view.contract.outcome is not None:
        age = view.contract.outcome.matures_after
    return last if age is None else local_day(age.after(period.end), view.timezone)


def _over(asked: _Asked, days: History, newest: date, until: datetime) -> date:
    """Return the last day that is over: the newest with rows, or that before it."""
    following = newest + timedelta(days=1)
    ends = start_of_day(following, asked.view.timezone)
    return newest if days.is_over(newest, until, ends) else newest - timedelta(days=1)


def _lacks_labels(
    asked: _Asked, definition: KpiDefinition, start: date, period: Chunk, actor: Actor
) -> bool:
    """Whether results that should be known are not, so that those known are no sample."""
    if definition.maturity != "outcome":
        return False
    question = replace(asked.view.question, start=start.isoformat())
    answer = kpi_figures(asked.workspace, question, actor=actor)  # of all: asked once for all
    return any(
        _is_no_sample(figure)
        for series in answer.kpis
        for figure in series.periods
        if series.definition.id == definition.id
        and figure.chunk is not None
        and figure.chunk.key == period.key
    )


def _is_no_sample(figure: KpiFigure) -> bool:
    return figure.n > 1 and math.isfinite(figure.value) and math.isnan(figure.low)
