"""Chunks that are long enough to be judged: a small model's weeks hold too few rows."""

from collections.abc import Callable, Sequence

import numpy as np

from app.filters import Filters
from core.domain.comparison import REFERENCE
from core.domain.identity import Actor
from core.domain.status import Status
from core.domain.windows import GRAINS
from core.services.drift.measure import DriftTable, drift
from core.services.fairness.attributes import WHOSE
from core.services.fairness.measure import FairnessTable, fairness
from core.services.workspace import Workspace


def readable_drift(
    workspace: Workspace, filters: Filters, methods: Sequence[str], *, actor: Actor
) -> DriftTable:
    """Measure drift in the shortest chunks of which most have enough rows.

    Begins at the grain that suits the period's length and goes up to years; if none will do,
    the answer is the first one, which says that there are too few rows. A reader who asked for
    chunks of a number of rows gets these. The grain is that of the comparison with the reference,
    whatever else the periods are then compared with.
    """

    def asked(by: str, *, compared: bool = True) -> DriftTable:
        against = filters.against if compared else REFERENCE
        question = filters.question(by)
        return drift(workspace, question, actor=actor, methods=tuple(methods), against=against)

    if rows := filters.rows_per_chunk:
        return asked(f"rows:{rows}")
    found = _with_reference(filters, lambda grain: asked(grain, compared=False))
    return found if filters.against.is_fixed else asked(found.view.question.by)


def _with_reference(filters: Filters, ask: Callable[[str], DriftTable]) -> DriftTable:
    first: DriftTable | None = None
    for grain in GRAINS[GRAINS.index(filters.grain) : GRAINS.index("all")]:
        table = ask(grain)
        if _is_judged(table):
            return table
        first = first or table
        if len(table.chunks) == 1:
            break
    if first is None:
        raise ValueError(f"{filters.grain} is no grain of a calendar")
    return first


def _is_judged(table: DriftTable) -> bool:
    """Whether in at least half of the chunks with rows some input has enough of them."""
    enough = Status.not_enough_data.value
    judged = np.any([np.asarray(c.result.status) != enough for c in table.inputs], axis=0)
    filled = np.any([c.counts.current.row_count > 0 for c in table.inputs], axis=0)
    return bool(judged.any() and 2 * np.count_nonzero(judged) >= np.count_nonzero(filled))


def readable_fairness(
    workspace: Workspace, filters: Filters, *, actor: Actor, whose: str = WHOSE[0]
) -> FairnessTable:
    """Compare groups in the shortest chunks of which most show the groups that matter.

    Begins at the grain that suits the period's length and goes up to years; if none will do, the
    answer is the last one.
    """

    def asked(grain: str) -> FairnessTable:
        return fairness(workspace, filters.question(grain), actor=actor, whose=whose)

    shortest, *longer = GRAINS[GRAINS.index(filters.grain) : GRAINS.index("all")]
    table = asked(shortest)
    for grain in longer:
        if _shows_groups(table) or len(table.view.chunks) == 1:
            break
        table = asked(grain)
    return table


def _shows_groups(table: FairnessTable) -> bool:
    """Whether in half of the chunks both groups of each attribute's ratio are shown."""
    return all(
        2 * sum({each.ratio.worst, each.ratio.best} <= set(f.counts.groups) for _, f in each.chunks)
        >= len(each.chunks)
        for each in table.judged
    )
