"""Which of many intervals an instant lies in, as SQL that is quick for thousands of them."""

from collections.abc import Sequence

from core.domain.windows import Chunk
from core.lake.local_days import to_microseconds


def period_sql(chunks: Sequence[Chunk]) -> str:
    """Return the SQL of the place of row ``r`` among chunks; -1 outside all of them.

    A tree of comparisons: eleven for five years of days, where a join compares with each.

    Parameters
    ----------
    chunks : sequence of Chunk
        Intervals in the order of time that do not overlap.
    """
    bounds: list[tuple[int, int]] = []
    for place, chunk in enumerate(chunks):
        start, end = to_microseconds(chunk.start), to_microseconds(chunk.end)
        if bounds and bounds[-1] == (start, -1):
            bounds.pop()
        bounds += [(start, place), (end, -1)]
    return _tree(bounds, -1)


def _tree(bounds: Sequence[tuple[int, int]], before: int) -> str:
    """Return the place by the last bound that is reached."""
    if not bounds:
        return str(int(before))
    middle = len(bounds) // 2
    instant, place = bounds[middle]
    left, right = _tree(bounds[:middle], before), _tree(bounds[middle + 1 :], place)
    return f"CASE WHEN epoch_us(r.time) < {int(instant)} THEN {left} ELSE {right} END"
