"""What a long table of drift comes to: a line a column, the worst first."""

import math
from collections.abc import Iterable, Sequence

from core.services.drift.measure import DriftRow

_LEVELS = ("act", "watch", "in_range")


def summary_lines(rows: Iterable[DriftRow]) -> list[dict[str, object]]:
    """Return of each column the chunk in which it moved most; nothing if there is one chunk.

    Columns without a value in any chunk have no line.
    """
    groups: dict[tuple[str, ...], list[DriftRow]] = {}
    chunks = set()
    for row in rows:
        chunks.add(str(row.chunk["key"]))
        if math.isfinite(row.value):
            name = (row.slice or "", row.column, row.method)
            groups.setdefault(name, []).append(row)
    if len(chunks) < 2:
        return []
    lines = [_line(found, has_slices=any(name[0] for name in groups)) for found in groups.values()]
    return sorted(lines, key=lambda line: _rank(str(line["level"])))


def _line(found: Sequence[DriftRow], *, has_slices: bool) -> dict[str, object]:
    worst = max(found, key=lambda row: (-_rank(row.level), row.value))
    line: dict[str, object] = {"slice": worst.slice} if has_slices else {}
    return line | {
        "column": worst.column,
        "method": worst.method,
        "level": worst.level,
        "largest": worst.value,
        "in": worst.chunk["key"],
        "newest": found[-1].value,
        "chunks to act on": sum(row.level == "act" for row in found),
    }


def _rank(level: str) -> int:
    return _LEVELS.index(level) if level in _LEVELS else len(_LEVELS)
