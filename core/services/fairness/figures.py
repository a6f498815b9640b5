"""Fairness figures from counts: what is shown of an attribute, and what is hidden and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.domain.windows import Chunk
from core.metrics.arrays import Booleans, Floats
from core.metrics.fairness import (
    Compared,
    GroupCounts,
    Stability,
    ratio_stability,
    selection_rates,
    shown_cells,
    shown_groups,
)
from core.services.fairness.attributes import Attribute
from core.services.fairness.summaries import (
    Figures,
    Judging,
    Summary,
    selection_ratio,
    summaries,
)

OTHERS = "others"
Reason = Literal["", "needs_ranges", "no_decisions", "no_values", "too_small", "one_group"]


@dataclass(frozen=True, slots=True, eq=False)
class AttributeFairness:
    """How the groups of one attribute fare.

    Parameters
    ----------
    attribute : Attribute
        Which.
    n : int
        Rows with a decision.
    beside : int
        Rows with a decision that no figure below counts: not given, or in a hidden group.
    hidden_groups : int
        Groups with too few rows, and those hidden for their sake; all rare values count as one.
        Where there are any, ``beside`` tells both together, so that neither can be told from
        the totals.
    overall : Figures
        Of the whole period; only groups that may be shown.
    others : Compared or None
        The group that fares best, and all other shown groups together.
    chunks : tuple of (Chunk, Figures)
        The same by chunk; groups too small in a chunk are left out of it.
    summaries : mapping of str to Summary
        By metric.
    stability : mapping of str to Stability
        By group: whether its ratio to the best group changed over time.
    reason : str
        Why there is nothing to compare; empty if there is.
    """

    attribute: Attribute
    n: int
    beside: int
    hidden_groups: int
    overall: Figures
    others: Compared | None
    chunks: tuple[tuple[Chunk, Figures], ...]
    summaries: Mapping[str, Summary]
    stability: Mapping[str, Stability]
    reason: Reason

    @property
    def ratio(self) -> Summary:
        """The selection rate ratio of the group that fares worst."""
        return self.summaries["selection_rate_ratio"]

    @property
    def moved(self) -> tuple[str, ...]:
        """Groups whose ratio changed over time beyond chance and by enough to matter."""
        tests = max(len(self.stability), 1)
        return tuple(
            key for key, found in self.stability.items() if found.moved(level=0.01 / tests)
        )


@dataclass(frozen=True, slots=True, eq=False)
class PairFairness:
    """How the groups made of two attributes fare.

    Parameters
    ----------
    first, second : Attribute
        The two.
    groups : tuple of (str, str)
        Keys of the cells shown, in the order of ``overall.counts.groups``.
    beside : int
        Rows with a decision outside the cells shown.
    hidden_cells : int
        Cells with people that are not shown.
    overall : Figures
        Of the whole period.
    ratio : Summary
        Of the cell that fares worst.
    """

    first: Attribute
    second: Attribute
    groups: tuple[tuple[str, str], ...]
    beside: int
    hidden_cells: int
    overall: Figures
    ratio: Summary


def attribute_fairness(
    attribute: Attribute,
    whole: GroupCounts,
    chunks: tuple[tuple[Chunk, GroupCounts], ...],
    beside: tuple[float, float],
    beside_by_chunk: Floats,
    judging: Judging,
) -> AttributeFairness:
    """Return the figures of an attribute, small groups hidden.

    Parameters
    ----------
    attribute : Attribute
        Which.
    whole : GroupCounts
        All its groups, shape (G,), over the whole period.
    chunks : tuple of (Chunk, GroupCounts)
        The same by chunk.
    beside : (float, float)
        Rows with a decision whose group was not given, and whose value is a rare one.
    beside_by_chunk : ndarray, shape (T,)
        Both together by chunk.
    judging : Judging
        What figures are judged by.
    """
    shown = shown_groups(whole.n, sum(beside), judging.minimum)
    hidden = ~shown & (whole.n > 0)
    overall = Figures(whole.only(shown), judging)
    parts = _chunk_figures(chunks, beside_by_chunk, shown, judging)
    reason = _reason(attribute, whole, shown, beside)
    return AttributeFairness(
        attribute=attribute,
        n=int(whole.n.sum() + sum(beside)),
        beside=int(whole.n[hidden].sum() + sum(beside)),
        hidden_groups=int(np.count_nonzero(hidden)) + (beside[1] > 0),
        overall=overall,
        others=_others(overall, judging),
        chunks=parts,
        summaries=summaries(overall),
        stability=_stability(overall, parts),
        reason=reason,
    )


def pair_fairness(
    pair: tuple[AttributeFairness, AttributeFairness],
    table: GroupCounts,
    total: float,
    judging: Judging,
) -> PairFairness | None:
    """Return the figures of two attributes together; ``None`` if fewer than two cells are shown.

    Parameters
    ----------
    pair : (AttributeFairness, AttributeFairness)
        The two, with R and C groups.
    table : GroupCounts
        Their cells row by row, shape ((R + 1) * (C + 1),); the last row and column hold whoever
        has no group.
    total : float
        Rows with a decision.
    judging : Judging
        What figures are judged by.
    """
    first, second = (each.attribute for each in pair)
    rows, columns = len(first.groups) + 1, len(second.groups) + 1
    allowed = np.outer(_is_shown(pair[0]), _is_shown(pair[1]))
    n = table.n.reshape(rows, columns)
    apart = np.ones_like(allowed)
    apart[:-1, :-1] = False
    shown = shown_cells(n, judging.minimum, allowed=allowed, apart=apart)
    if np.count_nonzero(shown) < 2:
        return None
    overall = Figures(table.only(shown.ravel()), judging)
    keys = [
        (first.groups[row].key, second.groups[column].key)
        for row, column in zip(*np.nonzero(shown), strict=True)
    ]
    return PairFairness(
        first=first,
        second=second,
        groups=tuple(keys),
        beside=int(total - n[shown].sum()),
        hidden_cells=int(np.count_nonzero(~apart & ~shown & (n > 0))),
        overall=overall,
        ratio=selection_ratio(overall),
    )


def _is_shown(found: AttributeFairness) -> Booleans:
    """Return which groups are shown, shape (G + 1,); the last place is whoever has none."""
    keys = set(found.overall.counts.groups)
    return np.asarray([*(group.key in keys for group in found.attribute.groups), False])


def _chunk_figures(
    chunks: tuple[tuple[Chunk, GroupCounts], ...],
    beside: Floats,
    shown: Booleans,
    judging: Judging,
) -> tuple[tuple[Chunk, Figures], ...]:
    """Return the figures by chunk; a cell of chunk and group is hidden like one of two groups."""
    if not chunks:
        return ()
    n = np.column_stack([np.vstack([counts.n for _, counts in chunks]), beside])
    allowed = np.broadcast_to(np.append(shown, False), n.shape)
    apart = np.zeros(n.shape, dtype=bool)
    apart[:, -1] = True
    cells = shown_cells(n, judging.minimum, allowed=allowed, apart=apart)[:, :-1]
    return tuple(
        (chunk, Figures(counts.only(cells[place]), judging))
        for place, (chunk, counts) in enumerate(chunks)
    )


def _reason(
    attribute: Attribute, whole: GroupCounts, shown: Booleans, beside: tuple[float, float]
) -> Reason:
    if attribute.needs_ranges:
        return "needs_ranges"
    if not whole.n.sum():
        return "no_values" if sum(beside) else "no_decisions"
    count = np.count_nonzero(shown)
    if count > 1:
        return ""
    return "too_small" if count < np.count_nonzero(whole.n) else "one_group"


def _others(overall: Figures, judging: Judging) -> Compared | None:
    """Return the best group against all others together; ``None`` with fewer than three."""
    best, count = overall.selection.best, len(overall.counts.groups)
    if best < 0 or count < 3:
        return None
    # The best was picked: each group could have been the one beside the rest (Bonferroni).
    two = overall.counts.apart(best, OTHERS)
    return selection_rates(two, minimum=judging.minimum, together=1 - 0.05 / count)


def _stability(
    overall: Figures, chunks: tuple[tuple[Chunk, Figures], ...]
) -> Mapping[str, Stability]:
    """Test each group's ratio to the best group, in the chunks in which both are shown."""
    best = overall.selection.best
    if best < 0 or len(chunks) < 2:
        return {}
    top = overall.counts.groups[best]
    found = {}
    for key in overall.counts.groups:
        if key == top:
            continue
        pairs = [
            (counts.groups.index(key), counts.groups.index(top), counts)
            for counts in (figures.counts for _, figures in chunks)
            if key in counts.groups and top in counts.groups
        ]
        if len(pairs) > 1:
            found[key] = ratio_stability(
                [counts.favourable[own] for own, _, counts in pairs],
                [counts.n[own] for own, _, counts in pairs],
                [counts.favourable[first] for _, first, counts in pairs],
                [counts.n[first] for _, first, counts in pairs],
            )
    return found
