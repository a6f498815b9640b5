"""A figure as a row: what ``--json`` and exports say of it, the same for every kind of reading."""

from dataclasses import dataclass

from core.domain.windows import Chunk


@dataclass(frozen=True, slots=True)
class FigureRow:
    """One figure in one chunk.

    Parameters
    ----------
    metric : str
        Kind of reading: ``drift``, ``quality`` or ``operations``.
    method : str
        Id of the metric.
    column : str
        Feature, ``@score`` and the like; empty for a figure of whole rows.
    slice : str, optional
        ``name=value`` if the rows are of one slice only.
    chunk : dict
        ``key``, ``start``, ``end`` (UTC, excluded) and ``n``: see :func:`chunk_entry`.
    value : float
        The figure; NaN if there is none, and ``status`` says why.
    threshold : float, optional
        From which value on to act.
    alert : bool
        Whether it is time to act.
    status : str
        ``ok``, or why there is no figure or no judgement.
    level : str
        A value of :class:`core.domain.status.Status`.
    """

    metric: str
    method: str
    column: str
    slice: str | None
    chunk: dict[str, object]
    value: float
    threshold: float | None
    alert: bool
    status: str
    level: str


def chunk_entry(chunk: Chunk, n: float) -> dict[str, object]:
    """Return a chunk with its number of rows, as rows carry it."""
    return {"key": chunk.key, "start": chunk.start, "end": chunk.end, "n": int(n)}
