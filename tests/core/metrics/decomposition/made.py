"""Periods made from shares that a test chooses, so that the cause of a change is known."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from core.metrics.decomposition import Cells

Shares = Mapping[int, float]
_Line = tuple[tuple[int, int, int, int, int], float, tuple[float, float, float]]


@dataclass(frozen=True)
class Period:
    """How one period's rows come about; each table may depend on what is known before it.

    A row is of a segment, is scored by a version into a band 0…3, decided by a cut-off on the band
    (1 = approved), perhaps changed by a reviewer, and is lost with some rate.
    """

    rows: float = 10_000
    segments: Shares = field(default_factory=lambda: {0: 0.6, 1: 0.4})
    versions: Shares = field(default_factory=lambda: {1: 1.0})
    bands: Callable[[int, int], Shares] = lambda segment, _version: (
        {0: 0.4, 1: 0.3, 2: 0.2, 3: 0.1} if segment == 0 else {0: 0.1, 1: 0.2, 2: 0.3, 3: 0.4}
    )
    cut_off: int = 2
    changed: Callable[[int, int], float] = lambda _band, _automated: 0.1
    lost: Callable[[int, int, int], float] = lambda _segment, band, _final: 0.02 + 0.1 * band

    def but(self, **changes: object) -> "Period":
        """Return the period with some tables changed."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def lines(self) -> list[_Line]:
        """Return each cell with its rows and sums: approved, all rows, lost among approved."""
        found = []
        for (segment, at), (version, in_use) in product(
            self.segments.items(), self.versions.items()
        ):
            for band, of_band in self.bands(segment, version).items():
                automated = int(band < self.cut_off)
                for final in (0, 1):
                    changed = self.changed(band, automated)
                    decided = changed if final != automated else 1 - changed
                    rows = self.rows * at * in_use * of_band * decided
                    if rows > 0:
                        bad = rows * final * self.lost(segment, band, final)
                        key = (segment, version, band, automated, final)
                        found.append((key, rows, (rows * final, rows, bad)))
        return found


APPROVED, ROWS, LOST = 0, 1, 2


def cells_of(before: Period, after: Period, *sums: int, groups: int = 1) -> Cells:
    """Return the cells of two periods with some of the sums, shared out evenly among groups."""
    lines = [
        (key, period, group, rows / groups, [values[place] / groups for place in sums])
        for period, which in enumerate((before, after))
        for key, rows, values in which.lines()
        for group in range(groups)
    ]
    keys, periods, where, rows, values = zip(*lines, strict=True)
    return Cells.by_group(keys, periods, where, rows, np.array(values), groups=groups)
