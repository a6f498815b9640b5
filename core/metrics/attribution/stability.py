"""Whether the reasons for a decision hang on which rows it was compared with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats, Integers

TOP = 4
"""The most reasons that are told."""

SIZE_MESSAGE = N_("A background of {size} rows cannot be drawn from {rows}.")
_NOTHING = 1e-9  # of all parts together: less is a rounding error


@dataclass(frozen=True, slots=True)
class Stability:
    """How often redraws of the background gave the same reasons.

    Parameters
    ----------
    same_reasons : float
        Share of the redraws with the same set of top fields.
    same_first : float
        Share with the same first of them.
    redraws : int
        How many there were.
    """

    same_reasons: float
    same_first: float
    redraws: int


def top_fields(values: ArrayLike, *, towards: int, top: int = TOP) -> tuple[int, ...]:
    """Return the fields that add most in one direction, the greatest first.

    Parameters
    ----------
    values : array_like, shape (fields,)
        What each field adds to a score.
    towards : int
        1 for what raises the score, -1 for what lowers it.
    top : int
        The most that are wanted; fields that add nothing in this direction are never among them.
    """
    parts = np.asarray(values, dtype=np.float64) * np.sign(towards)
    order = np.argsort(-parts, kind="stable")[:top]
    least = _NOTHING * float(np.abs(parts).sum())
    return tuple(int(place) for place in order if parts[place] > least)


def stability(
    recorded: ArrayLike, redraws: ArrayLike, *, towards: int, top: int = TOP
) -> Stability:
    """Return how often other backgrounds give the reasons that are on record.

    Parameters
    ----------
    recorded : array_like, shape (fields,)
        The attributions on record.
    redraws : array_like, shape (k, fields)
        Those of the same decision beside each redraw of the background.
    towards : int
        The direction of the decision: 1 if a higher score led to it, -1 if a lower one did.
    top : int
        How many reasons are told at most.

    Returns
    -------
    Stability
        NaN without a redraw.
    """
    each = np.atleast_2d(np.asarray(redraws, dtype=np.float64))
    told = top_fields(recorded, towards=towards, top=top)
    if each.size == 0:
        return Stability(float("nan"), float("nan"), 0)
    found = [top_fields(values, towards=towards, top=top) for values in each]
    same: Floats = np.array([set(fields) == set(told) for fields in found], dtype=np.float64)
    first: Floats = np.array([fields[:1] == told[:1] for fields in found], dtype=np.float64)
    return Stability(float(same.mean()), float(first.mean()), len(found))


def redraw(rows: int, size: int, times: int, *, seed: int) -> Integers:
    """Return which rows of a pool make each of several backgrounds, shape (times, size).

    No row stands twice in one background. The same seed gives the same backgrounds, and more of
    them begin with the same.

    Raises
    ------
    InvalidInput
        If the pool has fewer rows than a background.
    """
    if not 0 < size <= rows:
        raise InvalidInput(SIZE_MESSAGE, size=size, rows=rows)
    draw = np.random.default_rng(seed)
    found = [np.sort(draw.permutation(rows)[:size]) for _ in range(times)]
    return np.array(found, dtype=np.int64).reshape(times, size)
