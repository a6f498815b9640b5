"""Chunks that a question does not cut, taken from the counts of the whole log.

Whose period begins and ends inside months has two months of its own; all others somebody else has
asked for before, or will.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import TypeVar

import numpy as np

from core.domain.windows import Chunk
from core.lake.labels.binary import LabelledCells
from core.lake.labels.predicted import PredictedCells
from core.metrics.arrays import Integers
from core.services.questions import View
from core.services.reference.counts import calendar_only

SHARED = frozenset({"month", "quarter", "year"})
"""Lengths of chunks of which a log has few. Days and weeks of all of it would be thousands."""

C = TypeVar("C", LabelledCells, PredictedCells)


def shared(view: View, whole: Callable[[View], C], count: Callable[[Sequence[Chunk]], C]) -> C:
    """Count a view by chunk, and by the whole log's counts the chunks that it does not cut.

    Parameters
    ----------
    view : View
        The question made exact, in calendar chunks.
    whole : callable
        Returns the counts of the view of the whole log, which are remembered.
    count : callable
        Counts some chunks; ``period`` is their place.

    Returns
    -------
    LabelledCells or PredictedCells
        ``period`` is the place in the view.
    """
    log = view.of_whole_chunks
    if log is view or view.question.by not in SHARED:
        return count(calendar_only(view))
    places = {(chunk.start, chunk.end): place for place, chunk in enumerate(view.chunks)}
    target = np.asarray([places.pop((chunk.start, chunk.end), -1) for chunk in log.chunks])
    found = whole(log)
    kept = found.where(target[found.period] >= 0)
    parts = [_placed(kept, target)]
    if places:
        own = np.asarray(sorted(places.values()))
        cut = count([view.chunks[place] for place in own])
        parts.append(_placed(cut, own))
    return _together(parts)


def _placed(found: C, places: Integers) -> C:
    """Return counts whose periods are looked up in an array."""
    others = (getattr(found, each.name) for each in fields(found) if each.name != "period")
    return type(found)(places[found.period], *others)


def _together(parts: Sequence[C]) -> C:
    """Return the entries of several counts behind each other."""
    first = parts[0]
    joined = {
        each.name: np.concatenate([getattr(part, each.name) for part in parts])
        for each in fields(first)
    }
    return type(first)(**joined)
