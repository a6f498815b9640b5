"""The fixed grid of scores: cells of a five-hundredth in the logarithm of the odds.

It depends on no data, so counts of any files, days and models' lives add up, and is finest where
scores of rare events lie: near 0 and 1. A cell is a fifth of a per cent of the odds wide, so no
score in it lies more than 0.0005 from another.
"""

import numpy as np
from numpy.typing import ArrayLike

from core.metrics.arrays import Floats, Integers

_STEPS = 500  # cells to one in the logarithm of the odds
_REACH = 7500  # cells to either side of an even chance; beyond lie odds of 1 to 3 million
LOWEST, HIGHEST = -_REACH - 1, _REACH
NO_SCORE = LOWEST - 1
"""Code of a row without a score, or with one that is no probability."""


def score_cell_sql(column: str) -> str:
    """Return the SQL of the cell of a score.

    Parameters
    ----------
    column : str
        SQL of the score, a name of ours.
    """
    odds = f"floor(ln({column} / (1 - {column})) * {_STEPS})"
    inner = f"CAST(greatest({-_REACH}, least({_REACH - 1}, {odds})) AS INTEGER)"
    return (
        f"CASE WHEN {column} IS NULL OR NOT ({column} BETWEEN 0 AND 1) THEN {NO_SCORE}"
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
    inner = np.clip(np.nan_to_num(odds, nan=0.0), -_REACH, _REACH - 1)
    cells = np.where(values <= 0, LOWEST, np.where(values >= 1, HIGHEST, inner))
    known = (values >= 0) & (values <= 1)
    return np.where(known, cells, NO_SCORE).astype(np.int64)


def lowest_scores(cells: ArrayLike) -> Floats:
    """Return the lowest score of each cell, shape (n,)."""
    codes = np.asarray(cells, dtype=np.float64)
    edge = 1 / (1 + np.exp(-codes / _STEPS))
    return np.where(codes <= -_REACH, 0.0, np.where(codes >= HIGHEST, 1.0, edge))
