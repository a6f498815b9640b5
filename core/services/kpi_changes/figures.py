"""The KPI in either of two periods, and how much of them is not final yet."""

from dataclasses import replace
from datetime import datetime

from core.contract.kpi_definitions import KpiDefinition
from core.domain.kpi_level import ENOUGH_ROWS, KpiLevel, kpi_level
from core.domain.windows import Chunk, local_day
from core.lake.kpi_cells import rows_of_periods
from core.lake.kpi_rows import KpiRows
from core.metrics.arrays import Floats
from core.metrics.decomposition import Decomposition, Effect
from core.services.kpi_changes.periods import Periods
from core.services.kpis.answer import KpiFigure, KpiMaturity
from core.services.kpis.periods import is_complete
from core.services.kpis.rows import maturity_of_rows
from core.services.performance.counting import matured_before
from core.services.questions import View
from core.services.workspace import Workspace


def final_until(view: View, definition: KpiDefinition) -> datetime | None:
    """Return up to when the rows of a KPI are final; ``None`` if it waits for nothing."""
    maturity, aged = maturity_of_rows(view, definition)
    return matured_before(view) if maturity == "outcome" else aged


def rows_left_out(
    workspace: Workspace, rows: KpiRows, periods: Periods, told: Decomposition
) -> tuple[int, int]:
    """Return how many rows of the period before and of the one after do not count yet."""
    if rows.maturity == "none":
        return 0, 0
    every = rows_of_periods(workspace.duck, rows)
    before, after = (every[1], every[0]) if periods.turned else every
    return max(before - told.rows[0], 0), max(after - told.rows[1], 0)


def period_figures(
    view: View,
    definition: KpiDefinition,
    periods: Periods,
    told: Decomposition,
    left_out: tuple[int, int],
    behind: Floats,
) -> tuple[KpiFigure, KpiFigure]:
    """Return the KPI in the period before and in the one after, with the rows behind them."""
    whole = replace(view, question=replace(view.question, by="all"))
    spans = (periods.before, periods.after)
    before, after = (
        _figure(whole, definition, Chunk(place, "", span.start, span.end), found, rows)
        for place, span, found, rows in zip(
            (0, 1),
            spans,
            (told.before, told.after),
            zip(behind.tolist(), left_out, strict=True),
            strict=True,
        )
    )
    return before, after


def _figure(
    view: View, definition: KpiDefinition, chunk: Chunk, found: Effect, rows: tuple[float, int]
) -> KpiFigure:
    target = definition.target_on(local_day(chunk.start, view.timezone))
    level = KpiLevel.not_enough_data
    if rows[0] >= ENOUGH_ROWS:
        level = kpi_level(
            found.value,
            found.low,
            found.high,
            target=target.value if target else None,
            watch=definition.watch,
            act=definition.act,
            direction=definition.direction,
        )
    maturity: KpiMaturity = "partial" if rows[1] else "matured"
    complete = is_complete(view, chunk)
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
