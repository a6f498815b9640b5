"""Chunks that are long enough to be judged: a small model's weeks hold too few rows for drift."""

from collections.abc import Sequence

import numpy as np

from app.context import PageContext
from core.domain.status import Status
from core.domain.windows import GRAINS
from core.services.drift.measure import DriftTable, drift


def readable_drift(ctx: PageContext, methods: Sequence[str]) -> DriftTable:
    """Measure drift in the shortest chunks of which most have enough rows.

    Begins at the grain that suits the period's length and goes up to years; if none will do,
    the answer is the first one, which says that there are too few rows. A reader who asked for
    chunks of a number of rows gets these. The grain is that of the comparison with the reference,
    whatever else the periods are then compared with.
    """
    if rows := ctx.filters.rows_per_chunk:
        return _compared(ctx, f"rows:{rows}", methods)
    found = _with_reference(ctx, methods)
    return (
        found if ctx.filters.against.is_fixed else _compared(ctx, found.view.question.by, methods)
    )


def _compared(ctx: PageContext, by: str, methods: Sequence[str]) -> DriftTable:
    return drift(
        ctx.workspace,
        ctx.filters.question(by),
        actor=ctx.actor,
        methods=tuple(methods),
        against=ctx.filters.against,
    )


def _with_reference(ctx: PageContext, methods: Sequence[str]) -> DriftTable:
    first: DriftTable | None = None
    for grain in GRAINS[GRAINS.index(ctx.filters.grain) : GRAINS.index("all")]:
        table = drift(
            ctx.workspace, ctx.filters.question(grain), actor=ctx.actor, methods=tuple(methods)
        )
        if _is_readable(table):
            return table
        first = first or table
        if len(table.chunks) == 1:
            break
    if first is None:
        raise ValueError(f"{ctx.filters.grain} is no grain of a calendar")
    return first


def _is_readable(table: DriftTable) -> bool:
    """Whether in at least half of the chunks with rows some input has enough of them."""
    enough = Status.not_enough_data.value
    judged = np.any([np.asarray(c.result.status) != enough for c in table.inputs], axis=0)
    filled = np.any([c.counts.current.row_count > 0 for c in table.inputs], axis=0)
    return bool(judged.any() and 2 * np.count_nonzero(judged) >= np.count_nonzero(filled))
