"""Chunks that a question does not cut, taken from the counts of the whole log.

Whose period begins and ends inside months has two months of its own; all others somebody else has
asked for before, or will.
"""

from collections.abc import Callable, Sequence
from dataclasses import fields
from typing import Any, ClassVar, Protocol, Self, TypeVar

import numpy as np

from core.domain.windows import Chunk
from core.metrics.arrays import Booleans, Integers
from core.services.questions import View
from core.services.reference.counts import calendar_only

SHARED = frozenset({"month", "quarter", "year"})
"""Lengths of chunks of which a log has few. Days and weeks of all of it would be thousands."""


class Counts(Protocol):
    """A dataclass of arrays with an entry each, of which ``period`` is the place of the chunk."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def period(self) -> Integers:
        """Place of the chunk, shape (k,)."""

    def where(self, chosen: Booleans) -> Self:
        """Return the entries chosen by a mask of shape (k,)."""


C = TypeVar("C", bound=Counts)


def shared_log(view: View) -> View:
    """Return the view of the whole log whose chunks all questions share, or the view itself."""
    return view.of_whole_chunks if view.question.by in SHARED else view


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
    Counts
        ``period`` is the place in the view.
    """
    log = shared_log(view)
    if log is view:
        return count(calendar_only(view))
    places = {(chunk.start, chunk.end): place for place, chunk in enumerate(view.chunks)}
    target = np.asarray([places.pop((chunk.start, chunk.end), -1) for chunk in log.chunks])
    found = whole(log)
    kept = found.where(target[found.period] >= 0)
    parts = [(kept, target)]
    if places:
        own = np.asarray(sorted(places.values()))
        parts.append((count([view.chunks[place] for place in own]), own))
    return _together(parts)


def _together(parts: Sequence[tuple[C, Integers]]) -> C:
    """Return the entries of several counts behind each other, each period looked up in an array."""
    first, _ = parts[0]
    columns = {each.name: [getattr(part, each.name) for part, _ in parts] for each in fields(first)}
    columns["period"] = [places[part.period] for part, places in parts]
    return type(first)(**{name: np.concatenate(column) for name, column in columns.items()})
