"""Rows of two periods counted in cells: who, which version, which score, and what was decided."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats, Integers

SHAPE_MESSAGE = N_("Cells need five keys each, and rows and sums of two periods.")


class Level(IntEnum):
    """The keys of a cell, in the order in which one depends on those before it."""

    segment = 0
    version = 1
    score = 2
    automated = 3
    final = 4


LEVELS: tuple[Level, ...] = tuple(Level)


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """What the rows of two periods add up to in each of M cells.

    Parameters
    ----------
    keys : ndarray of int, shape (M, 5)
        Segment value, version, score band, automated decision and final decision of each cell, as
        codes; sorted, each cell once. Make it by :meth:`by_group`.
    rows : ndarray, shape (..., 2, M)
        Rows of the period before and of the one after.
    sums : ndarray, shape (..., 2, M, K)
        Sums over these rows.
    """

    keys: Integers
    rows: Floats
    sums: Floats

    @classmethod
    def by_group(
        cls,
        keys: ArrayLike,
        period: ArrayLike,
        group: ArrayLike,
        rows: ArrayLike,
        sums: ArrayLike,
        *,
        groups: int,
    ) -> "Cells":
        """Return cells of a table in which a cell may stand many times, by group of rows.

        Parameters
        ----------
        keys : array_like of int, shape (R, 5)
            Codes of each line; there is at least one line.
        period : array_like of int, shape (R,)
            0 before, 1 after.
        group : array_like of int, shape (R,)
            The group of rows that the line is of: 0 … G - 1.
        rows : array_like, shape (R,)
            Rows of each line.
        sums : array_like, shape (R, K)
            Their sums.
        groups : int
            The number G.

        Returns
        -------
        Cells
            Of shapes (G, 2, M) and (G, 2, M, K).

        Raises
        ------
        InvalidInput
            If the shapes do not belong together.
        """
        codes = np.asarray(keys, dtype=np.int64)
        when, who = np.asarray(period, dtype=np.int64), np.asarray(group, dtype=np.int64)
        counts = np.asarray(rows, dtype=np.float64)
        values = np.asarray(sums, dtype=np.float64)
        lines = counts.shape[:1]
        if (
            lines in {(), (0,)}
            or codes.shape != (*lines, len(LEVELS))
            or values.shape[:1] != lines
            or values.ndim != 2
            or not ((when == 0) | (when == 1)).all()
        ):
            raise InvalidInput(SHAPE_MESSAGE)
        cells, place = _distinct(codes)
        size = groups * 2 * len(cells)
        flat = (who * 2 + when) * len(cells) + place
        shape = (groups, 2, len(cells))
        counted: Floats = np.asarray(
            np.bincount(flat, weights=counts, minlength=size).reshape(shape), dtype=np.float64
        )
        summed = [
            np.bincount(flat, weights=column, minlength=size).reshape(shape) for column in values.T
        ]
        return cls(cells, counted, np.stack(summed, axis=-1))

    def weighted(self, weights: Floats) -> "Cells":
        """Return the cells of groups put together, each group and period counted so many times.

        Parameters
        ----------
        weights : ndarray, shape (D, 2, G)
            How often each group of each period counts in each of D draws.
        """
        rows = np.einsum("dpg,gpm->dpm", weights, self.rows, optimize=True)
        sums = np.einsum("dpg,gpmk->dpmk", weights, self.sums, optimize=True)
        return Cells(self.keys, rows, sums)

    def together(self) -> "Cells":
        """Return the cells of all groups as one."""
        return Cells(self.keys, self.rows.sum(axis=0), self.sums.sum(axis=0))

    def starts(self, level: Level) -> Integers:
        """Return where a new prefix of keys, up to a level, begins among the cells."""
        prefix = self.keys[:, : level + 1]
        new = np.ones(len(prefix), dtype=np.bool_)
        new[1:] = (prefix[1:] != prefix[:-1]).any(axis=1)
        return np.flatnonzero(new)

    @property
    def totals(self) -> Floats:
        """The sums of either period, shape (..., 2, K)."""
        return np.asarray(self.sums.sum(axis=-2))


def _distinct(codes: Integers) -> tuple[Integers, Integers]:
    """Return each line once, in order, and where every line stands among them.

    As one number a line, which is ten times as fast as comparing lines.
    """
    values = [np.unique(column, return_inverse=True) for column in codes.T]
    sizes = [len(found) for found, _ in values]
    numbers = np.ravel_multi_index([place.reshape(-1) for _, place in values], sizes)
    kept, place = np.unique(numbers, return_inverse=True)
    places = np.unravel_index(kept, sizes)
    lines = [found[at] for (found, _), at in zip(values, places, strict=True)]
    return np.stack(lines, axis=1), place.reshape(-1)
