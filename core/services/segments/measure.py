"""Looking through all slices of a model for those in which it does worse than elsewhere."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from core.domain.identity import Actor, Permission
from core.errors import NotComputable
from core.lake.profiles.segments import SliceValues, slice_values
from core.metrics.registry import METRICS
from core.metrics.slices import BINARY_FIGURES, REGRESSION_FIGURES, Comparison, holm
from core.services.performance.counting import labelled_rows
from core.services.performance.measure import NO_OUTCOME, NO_OUTCOME_REMEDY
from core.services.personal.names import shown_labels
from core.services.questions import Question, View, resolve
from core.services.reference.counts import live_bins
from core.services.registry.versions import require_known_version
from core.services.segments.counting import Counted, count_slices
from core.services.segments.rows import SegmentTable, SliceRow
from core.services.stale import retry_when_stale
from core.services.thresholds import thresholds_of
from core.services.workspace import Workspace

MINIMUM_N = 100
LEVEL = 0.05
_FIGURES = {
    "binary_classification": BINARY_FIGURES,
    "multiclass_classification": ("accuracy",),
    "regression": REGRESSION_FIGURES,
}


@retry_when_stale
def segments(
    workspace: Workspace, question: Question, *, actor: Actor, pairs: bool = False
) -> SegmentTable:
    """Hold every value of every segment against the rest of the rows.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, version and slice, as known when. The period is not cut into chunks;
        within a slice, the rest is that of the slice.
    actor : Actor
        Who asks.
    pairs : bool
        Whether to look also at every two segments' values together.

    Raises
    ------
    NothingYet
        If there are no predictions, or the reference, which fixes the values, is not complete.
    NotComputable
        If the contract names no outcome with a label.
    InvalidInput
        If the version is unknown.
    """
    view = resolve(workspace, replace(question, by="all"), Permission.performance_view, actor=actor)
    require_known_version(workspace, view)
    if view.contract.outcome is None or view.contract.outcome.label is None:
        raise NotComputable(NO_OUTCOME, remedy=NO_OUTCOME_REMEDY, model=view.contract.id)
    return workspace.memo.get(
        ("segments", view.key, pairs), lambda: _measure(workspace, view, pairs=pairs)
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """One segment, or two, with its counts."""

    cuts: tuple[SliceValues, ...]
    counted: Counted


def _measure(workspace: Workspace, view: View, *, pairs: bool) -> SegmentTable:
    wanted = labelled_rows(workspace, view)
    known = slice_values(view.contract, live_bins(workspace, view))
    cuts = [cut for cut in known if view.slice is None or cut.name != view.slice[0]]
    groups: list[tuple[SliceValues, ...]] = [(cut,) for cut in cuts]
    if pairs:
        groups += [(a, b) for a, b in combinations(cuts, 2) if a.column != b.column]
    parts = [_Part(group, count_slices(workspace, wanted, group, MINIMUM_N)) for group in groups]
    figures = {
        name: [row for part in parts for row in _rows(view, part, name)]
        for name in _FIGURES[view.contract.task]
    }
    judged, comparisons = _adjusted(figures)
    return SegmentTable(
        view=view,
        n=int(parts[0].counted.n.sum()) if parts else 0,
        figures={name: _ranked(rows) for name, rows in judged.items()},
        slices=sum(part.counted.n.size for part in parts),
        small=sum(part.counted.n.size - part.counted.compared.size for part in parts),
        minimum_n=MINIMUM_N,
        comparisons=comparisons,
        level=LEVEL,
        pairs=pairs,
    )


def _rows(view: View, part: _Part, name: str) -> list[SliceRow]:
    """Return one figure of each slice, not yet adjusted for the others."""
    counted, total = part.counted, part.counted.n.sum()
    minimum = max(MINIMUM_N, thresholds_of(view.contract, name).minimum_n)
    found = counted.figures.get(name)
    index = {int(place): slot for slot, place in enumerate(counted.compared)}
    shape = tuple(len(cut.labels) for cut in part.cuts)
    labels = [shown_labels(view.contract, cut) for cut in part.cuts]
    rows = []
    for place, (code, n) in enumerate(zip(counted.place, counted.n, strict=True)):
        codes = np.unravel_index(int(code), shape)
        key = tuple(
            (cut.name, words[int(at)])
            for cut, words, at in zip(part.cuts, labels, codes, strict=True)
        )
        slot = index.get(place)
        if found is None or slot is None:
            continue
        row = _row(name, key, int(n), found, slot)
        if n < minimum or total - n < minimum:
            status = "too_few" if n < minimum else "too_few_others"
            row = replace(row, p_value=math.nan, status=status)
        rows.append(row)
    return rows


def _row(
    name: str, key: tuple[tuple[str, str], ...], n: int, found: Comparison, slot: int
) -> SliceRow:
    difference, affected = float(found.difference.value[slot]), float(found.difference.n[slot])
    sign = -1.0 if METRICS[name].direction == "higher_is_better" else 1.0
    return SliceRow(
        metric=name,
        slice=key,
        n=n,
        affected=int(affected),
        value=float(found.value.value[slot]),
        rest=float(found.rest.value[slot]),
        difference=difference,
        low=float(found.difference.low[slot]),
        high=float(found.difference.high[slot]),
        p_value=float(found.p_value[slot]),
        adjusted=math.nan,
        damage=sign * affected * difference,
        significant=False,
        status="ok" if found.enough[slot] else "too_few_events",
    )


def _adjusted(
    figures: Mapping[str, Sequence[SliceRow]],
) -> tuple[dict[str, list[SliceRow]], int]:
    """Adjust p-values for all slices and figures: to pick a figure is no second try."""
    given = np.asarray([row.p_value for rows in figures.values() for row in rows])
    adjusted = iter(holm(given).tolist())
    found = {
        name: [
            replace(row, adjusted=value, significant=value <= LEVEL)
            for row, value in zip(rows, adjusted, strict=False)
        ]
        for name, rows in figures.items()
    }
    return found, int((~np.isnan(given)).sum())


def _ranked(rows: Sequence[SliceRow]) -> tuple[SliceRow, ...]:
    """Return what is worse beyond chance first, then the others judged, each by damage."""

    def key(row: SliceRow) -> tuple[bool, bool, float, str]:
        damage = -math.inf if math.isnan(row.damage) else row.damage
        return not row.found, row.status != "ok", -damage, row.text

    return tuple(sorted(rows, key=key))
