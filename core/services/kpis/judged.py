"""One figure of a KPI: why it has no value, what it should reach, and how it stands."""

import math
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.contract import Target
from core.contract.kpi_definitions import KpiDefinition
from core.domain.kpi_level import ENOUGH_ROWS, KpiLevel, kpi_level
from core.domain.windows import Chunk, local_day
from core.i18n import N_
from core.lake.kpis.order import Cells
from core.lake.kpis.rows import KpiRows
from core.metrics.kpi import formula_degree
from core.services.kpis.answer import KpiFigure, KpiMaturity
from core.services.kpis.grid import Numbers
from core.services.kpis.periods import labels_are_missing, maturity_in
from core.services.performance.maturity import ChunkMaturity
from core.services.questions import View

NO_ROWS = N_("There are no such predictions in the period.")
NOT_KNOWN = N_("No outcome of the period is final yet.")
NOT_COMPUTABLE = N_("There is nothing to divide by, or no value to compute it from.")
NO_RATE = N_("On some days of the period there is no exchange rate.")
UNAVAILABLE = N_("The log lacks what this KPI needs.")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the periods of a view, whatever the KPI."""

    view: View
    labels: tuple[ChunkMaturity, ...]
    complete: tuple[bool, ...]
    complete_totals: tuple[bool, ...]


def kpi_figure(
    known: Known,
    definition: KpiDefinition,
    chunk: Chunk | None,
    part: str,
    found: tuple[Cells, Numbers, KpiRows] | None,
    cell: int,
) -> KpiFigure:
    """Return a figure of a period, or of the window, from where it lies among the numbers.

    Parameters
    ----------
    known : Known
        Labels, and which periods are complete.
    definition : KpiDefinition
        The KPI.
    chunk : Chunk, optional
        The period; ``None`` for the window.
    part : str
        Value of what rows are parted by; empty for all.
    found : tuple, optional
        Cells, numbers and rows of the KPI; ``None`` if it could not be read.
    cell : int
        Where the figure lies.
    """
    view = known.view
    span = view.window if chunk is None else chunk
    labels = known.labels if chunk is None else known.labels[chunk.index : chunk.index + 1]
    over = known.complete_totals if is_total(definition) else known.complete
    complete = all(over) if chunk is None else over[chunk.index]
    maturity = maturity_in(view, definition, span.start, span.end, labels)
    if found is None:
        return KpiFigure(
            chunk, part, 0, math.nan, math.nan, math.nan, maturity, complete, None,
            KpiLevel.not_enough_data, UNAVAILABLE,
        )  # fmt: skip
    _, numbers, rows = found
    value, low, high, n = (
        float(getattr(numbers.figure, name)[cell]) for name in ("value", "low", "high", "n")
    )
    why = _why(rows, span.start, span.end, view, numbers.rows[cell], value, maturity)
    if why:
        value = low = high = math.nan
    if rows.maturity == "outcome" and labels_are_missing(labels):
        low = high = math.nan
    target, level = judged_level(view, definition, chunk, part, (value, low, high), n)
    return KpiFigure(
        chunk, part, int(n), value, low, high, maturity, complete, target, level, why,
        stale_days(rows, span.start, span.end, view.timezone),
    )  # fmt: skip


def _why(
    rows: KpiRows,
    start: datetime,
    end: datetime,
    view: View,
    counted: float,
    value: float,
    maturity: KpiMaturity,
) -> str:
    """Return why a figure has no value; empty if it has one."""
    if not counted:
        return NOT_KNOWN if maturity == "none" else NO_ROWS
    if rate_is_missing(rows, start, end, view):
        return NO_RATE
    return NOT_COMPUTABLE if math.isnan(value) else ""


def rate_is_missing(rows: KpiRows, start: datetime, end: datetime, view: View) -> bool:
    """Whether money of some day from ``start`` to before ``end`` cannot be converted."""
    for rates in rows.rates.values():
        if rates.complete:
            continue
        first = local_day(start, view.timezone).toordinal() - rates.first.toordinal()
        stop = local_day(end, view.timezone).toordinal() - rates.first.toordinal()
        factors = np.asarray(rates.factors)[max(first, 0) : max(stop, first + 1, 0)]
        if np.isnan(factors).any():
            return True
    return False


def stale_days(rows: KpiRows, start: datetime, end: datetime, timezone: str) -> int:
    """Return on how many local days of a period money is converted at a stale rate."""
    first, stop = local_day(start, timezone), local_day(end, timezone)
    stale = {day for rates in rows.rates.values() for day in rates.stale}
    return sum(first <= day < stop for day in stale)


def judged_level(
    view: View,
    definition: KpiDefinition,
    chunk: Chunk | None,
    part: str,
    figure: tuple[float, float, float],
    n: float,
) -> tuple[Target | None, KpiLevel]:
    """Return the target of a figure, and how it stands.

    It is the target in force on the first day: what was set later does not judge what was before.
    A total is held against its target by the month alone: neither a part of the rows nor another
    period should reach it.

    Parameters
    ----------
    view : View
        The question made exact.
    definition : KpiDefinition
        The KPI.
    chunk : Chunk, optional
        The period; ``None`` for the window.
    part : str
        Value of what rows are parted by; empty for all.
    figure : tuple
        Value with its limits.
    n : float
        Rows behind it.
    """
    if is_total(definition) and (chunk is None or part or view.question.by != "month"):
        level = KpiLevel.not_enough_data if math.isnan(figure[0]) else KpiLevel.no_target
        return None, level
    start = view.window.start if chunk is None else chunk.start
    target = definition.target_on(local_day(start, view.timezone))
    level = kpi_level(
        *figure,
        target=None if target is None else target.value,
        watch=definition.watch,
        act=definition.act,
        direction=definition.direction,
    )
    if n < ENOUGH_ROWS and level is not KpiLevel.no_target:
        level = KpiLevel.not_enough_data
    return target, level


def is_total(definition: KpiDefinition) -> bool:
    """Whether a KPI grows with the number of rows, as a sum does and a rate does not."""
    if definition.expression is None:
        return False
    grows = {"sum": 1, "count": 1, "distinct": 1, "quantile": 0, "minimum": 0, "maximum": 0}
    degrees = [grows[atom.kind] for atom in definition.expression.atoms]
    return formula_degree(definition.expression.root, degrees) != 0
