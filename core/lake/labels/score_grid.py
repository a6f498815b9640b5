"""The fixed grid of scores: cells of a five-hundredth in the logarithm of the odds.

It depends on no data, so counts of any files, days and models' lives add up, and is finest where
scores of rare events lie: near 0 and 1, down to the smallest number there is. A cell is a fifth of
a per cent of the odds wide, so no score in it lies more than 0.0005 from another. Where many
scores crowd in one cell, it can be counted in parts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, Integers

_STEPS = 500  # cells to one in the logarithm of the odds
PARTS = 2**20
"""Codes from one cell to the next: the finest parts that a cell can be counted in."""

_LEAST, _MOST = -372_500, 18_500  # cells of the numbers next to 0 and next to 1
LOWEST, HIGHEST = (_LEAST - 1) * PARTS, _MOST * PARTS
NO_SCORE = LOWEST - PARTS
"""Code of a row without a score, or with one that is no probability."""


@dataclass(frozen=True, slots=True)
class Crowded:
    """Cells that hold too many scores to say how they are ordered.

    Parameters
    ----------
    cells : tuple of int
        Codes of whole cells.
    parts : int
        Parts that each is counted in, a power of two up to :data:`PARTS`.
    """

    cells: tuple[int, ...]
    parts: int


def usable_score_sql(column: str) -> str:
    """Return the SQL of whether a score is a probability: neither missing nor outside 0…1.

    Parameters
    ----------
    column : str
        SQL of the score, a name of ours.
    """
    return f"coalesce({column} BETWEEN 0 AND 1, FALSE)"


def score_cell_sql(column: str, crowded: Crowded | None = None) -> str:
    """Return the SQL of the cell of a score.

    Parameters
    ----------
    column : str
        SQL of the score, a name of ours.
    crowded : Crowded, optional
        Cells that are counted in parts.
    """
    odds = f"(ln({column} / (1 - {column})) * {_STEPS})"
    whole = f"CAST(greatest({_LEAST}, least({_MOST - 1}, floor({odds}))) AS BIGINT) * {PARTS}"
    inner = whole
    if crowded is not None:
        part = f"CAST(floor(({odds} - floor({odds})) * {int(crowded.parts)}) AS BIGINT)"
        cells = ", ".join(str(int(cell)) for cell in crowded.cells)
        step = PARTS // int(crowded.parts)
        inner = f"{whole} + CASE WHEN {whole} IN ({cells}) THEN {part} * {step} ELSE 0 END"
    return (
        f"CASE WHEN NOT {usable_score_sql(column)} THEN {NO_SCORE}"
        f" WHEN {column} = 0 THEN {LOWEST} WHEN {column} = 1 THEN {HIGHEST} ELSE {inner} END"
    )


def score_cells(scores: ArrayLike) -> Integers:
    """Return the cell of each score, as :func:`score_cell_sql` does.

    Parameters
    ----------
    scores : array_like, shape (n,)
        Scores; NaN and what lies outside 0…1 has no cell.

    Returns
    -------
    ndarray of int64, shape (n,)
        Cells in the order of the score.
    """
    values = np.asarray(scores, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        odds = np.floor(np.log(values / (1 - values)) * _STEPS)
    finite = np.nan_to_num(odds, nan=0.0, posinf=0.0, neginf=0.0)
    inner = np.clip(finite, _LEAST, _MOST - 1) * PARTS
    cells = np.where(values <= 0, LOWEST, np.where(values >= 1, HIGHEST, inner))
    known = (values >= 0) & (values <= 1)
    return np.where(known, cells, NO_SCORE).astype(np.int64)


def whole_cells(cells: ArrayLike) -> Integers:
    """Return the code of the whole cell that each part belongs to, shape (n,)."""
    codes = np.asarray(cells, dtype=np.int64)
    return np.asarray(codes // PARTS * PARTS, dtype=np.int64)


def lowest_scores(cells: ArrayLike) -> Floats:
    """Return the lowest score of each cell, or part of one, shape (n,)."""
    codes = np.asarray(cells, dtype=np.float64)
    odds = np.exp(np.clip(codes / PARTS / _STEPS, None, 40.0))  # beyond, all scores are 1
    return np.where(codes <= LOWEST, 0.0, np.where(codes >= HIGHEST, 1.0, odds / (1 + odds)))
