"""The KPI in either of two periods, and how much of them is not final yet."""

from dataclasses import dataclass, replace
from datetime import datetime

from core.contract.kpi_definitions import KpiDefinition
from core.domain.expression import Atom
from core.domain.expression.tree import IsMissing, Logic
from core.domain.windows import Chunk, Window, calendar_chunks, local_day
from core.lake.kpis.cells import rows_of_periods
from core.lake.kpis.rows import KpiRows
from core.metrics.arrays import Floats
from core.metrics.decomposition import Decomposition, Effect
from core.services.kpi_changes.periods import Periods
from core.services.kpis.answer import KpiFigure, KpiMaturity
from core.services.kpis.judged import is_total, judged_level
from core.services.kpis.periods import is_complete
from core.services.kpis.rows import maturity_of_rows
from core.services.performance.counting import matured_before
from core.services.questions import View
from core.services.workspace import Workspace


def final_until(view: View, definition: KpiDefinition) -> datetime | None:
    """Return up to when the rows of a KPI are final; ``None`` if it waits for nothing."""
    maturity, aged = maturity_of_rows(view, definition)
    return matured_before(view) if maturity == "outcome" else aged


def counting(atom: Atom) -> Atom:
    """Return what counts the rows that a sum or count adds up."""
    if atom.value is None:
        return atom
    known = IsMissing(atom.value, negated=True)
    return Atom("count", where=known if atom.where is None else Logic("and", atom.where, known))


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows of the period before and of the one after that do not count.

    Parameters
    ----------
    young : tuple of int
        Those not old enough yet.
    unknown : tuple of int
        Those old enough, of which no result is known.
    """

    young: tuple[int, int] = (0, 0)
    unknown: tuple[int, int] = (0, 0)


def rows_left_out(
    workspace: Workspace, rows: KpiRows, periods: Periods, told: Decomposition
) -> LeftOut:
    """Return how many rows of either period do not count."""
    limit = {"outcome": rows.matured_before, "aged": rows.aged_before}.get(rows.maturity)
    if limit is None:
        return LeftOut()
    every = rows_of_periods(workspace.duck, rows, limit)
    before, after = (every[1], every[0]) if periods.turned else every
    unknown = max(before[0] - told.rows[0], 0), max(after[0] - told.rows[1], 0)
    return LeftOut((before[1], after[1]), unknown)


def period_figures(
    view: View,
    definition: KpiDefinition,
    periods: Periods,
    told: Decomposition,
    left_out: LeftOut,
    behind: Floats,
) -> tuple[KpiFigure, KpiFigure]:
    """Return the KPI in the period before and in the one after, with the rows behind them.

    Parameters
    ----------
    view : View
        The question made exact.
    definition : KpiDefinition
        The KPI.
    periods : Periods
        The two periods.
    told : Decomposition
        The change by cause.
    left_out : LeftOut
        What neither period counts.
    behind : ndarray
        Rows behind each figure.
    """
    spans = (periods.before, periods.after)
    before, after = (
        _figure(view, definition, Chunk(place, "", span.start, span.end), found, rows)
        for place, span, found, rows in zip(
            (0, 1),
            spans,
            (told.before, told.after),
            zip(behind.tolist(), left_out.young, strict=True),
            strict=True,
        )
    )
    return before, after


def _figure(
    view: View, definition: KpiDefinition, chunk: Chunk, found: Effect, rows: tuple[float, int]
) -> KpiFigure:
    by = "month" if _is_a_month(chunk, view.timezone) else "all"
    view = replace(view, question=replace(view.question, by=by))
    told = (found.value, found.low, found.high)
    target, level = judged_level(view, definition, chunk, "", told, rows[0])
    maturity: KpiMaturity = "partial" if rows[1] else "matured"
    complete = is_complete(view, chunk, total=is_total(definition))
    return KpiFigure(
        chunk,
        "",
        round(rows[0]),
        found.value,
        found.low,
        found.high,
        maturity,
        complete,
        target,
        level,
    )


def _is_a_month(chunk: Chunk, timezone: str) -> bool:
    """Whether a period is a month of the calendar: the one for which totals have a target."""
    month = Window(chunk.start, chunk.end)
    days = calendar_chunks(month, "month", timezone)
    first, end = local_day(chunk.start, timezone), local_day(chunk.end, timezone)
    return len(days) == 1 and first.day == end.day == 1 and month.is_calendar(timezone)
