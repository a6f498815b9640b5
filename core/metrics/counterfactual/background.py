"""Real cases that a changed row is held against: how near it has to be to one of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import AnyArray, Floats, Integers
from core.metrics.nearest import FARTHEST

Columns = Mapping[str, Any]
"""Columns by name, each of shape (n,); None or NaN where a value is missing."""

USUAL = 0.95
"""Share of the background's cases that are as near to another one as a changed row has to be."""

_AT_ONCE = 256
_MISSING, _UNSEEN = -1, -2
_TOO_FEW = N_("Too few cases to tell which values are plausible: at least two are needed.")
_UNEQUAL = N_("Columns have different numbers of rows.")


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN or otherwise unequal to itself."""
    return value is None or bool(value != value)


@dataclass(frozen=True, slots=True, eq=False)
class Background:
    """Cases of the model's past, with the units that distances are told in.

    Parameters
    ----------
    numbers : mapping of str to ndarray, shape (n,)
        Numeric features; NaN where missing.
    codes : mapping of str to ndarray, shape (n,)
        Categorical features: the place of each value among ``words``, -1 where it is missing.
    words : mapping of str to tuple of str
        Values of each categorical feature, the most frequent first and equals by name.
    scales : mapping of str to float
        Unit of each number: 1.4826 times the median absolute deviation; if that is 0, the
        interquartile range by 1.349, and if that is 0, too, the standard deviation.
    limit : float
        Distance within which 95 of 100 cases have another one.
    """

    numbers: Mapping[str, Floats]
    codes: Mapping[str, Integers]
    words: Mapping[str, tuple[str, ...]]
    scales: Mapping[str, float]
    limit: float

    @property
    def size(self) -> int:
        """How many cases there are."""
        return len(next(iter((*self.numbers.values(), *self.codes.values()))))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of all features, numbers first."""
        return (*self.numbers, *self.codes)

    def squares(self, name: str, values: Sequence[Any] | AnyArray) -> Floats:
        """Return what one feature adds to squared distances, shape (values, n)."""
        if name in self.numbers:
            return _numbers_apart(self.numbers[name], self.scales[name], values)
        known = {word: place for place, word in enumerate(self.words[name])}
        places = [_MISSING if is_missing(one) else known.get(str(one), _UNSEEN) for one in values]
        return np.asarray(np.array(places)[:, None] != self.codes[name], dtype=np.float64)

    def change(self, name: str, before: Any, after: Sequence[Any] | AnyArray) -> Floats:
        """Return how large each change of one feature is, in its unit; of a category 1."""
        if name in self.codes:
            return np.array([float(value != before) for value in after])
        apart = np.abs(np.asarray(after, dtype=np.float64) - float(before))
        scale = self.scales[name]
        return np.asarray(apart / scale if scale > 0 else FARTHEST * (apart > 0))


def fit_background(columns: Columns, categorical: Collection[str]) -> Background:
    r"""Learn from real cases how far apart cases are.

    Two cases are as far apart as for :func:`core.metrics.nearest.nearest`, in robust units:

    .. math:: d(x, y)^2 = \frac{1}{p} \Bigl( \sum_{j \in N} \min\bigl(|x_j - y_j| / s_j, 3\bigr)^2
        + \sum_{j \in C} [x_j \ne y_j] \Bigr)

    A number that only one of both has, or that differs where no two cases did, is 3 units away;
    what both lack is no distance.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        The model's features of cases, among which the row to be explained is not.
    categorical : collection of str
        Names of those that are categories.

    Raises
    ------
    core.errors.NotComputable
        With fewer than two cases.
    core.errors.InvalidInput
        If columns have different numbers of rows.
    """
    numbers = {
        name: np.asarray(column, dtype=np.float64)
        for name, column in columns.items()
        if name not in categorical
    }
    words, codes = {}, {}
    for name in (name for name in columns if name in categorical):
        words[name], codes[name] = _coded(columns[name])
    sizes = {len(each) for each in (*numbers.values(), *codes.values())}
    if len(sizes) > 1:
        raise InvalidInput(_UNEQUAL)
    if not sizes or sizes == {0} or sizes == {1}:
        raise NotComputable(_TOO_FEW)
    scales = {name: _scale(column) for name, column in numbers.items()}
    unlimited = Background(numbers, codes, words, scales, np.inf)
    limit = float(np.quantile(_own_nearest(unlimited, sizes.pop()), USUAL))
    return Background(numbers, codes, words, scales, limit)


class Nearness:
    """How near variants of one row are to the background.

    Parameters
    ----------
    background : Background
        The real cases.
    row : mapping of str to object
        Value of each feature.
    """

    def __init__(self, background: Background, row: Mapping[str, Any]) -> None:
        self._background = background
        self._own = {name: background.squares(name, [row[name]])[0] for name in background.features}

    def of(self, changed: Mapping[str, AnyArray]) -> tuple[Floats, Integers]:
        """Return the distance of each variant to its nearest case, and the place of that case.

        Parameters
        ----------
        changed : mapping of str to ndarray, shape (variants,)
            Fields that differ from the row, with their values.
        """
        kept: Floats = np.zeros(self._background.size)
        for name, own in self._own.items():
            if name not in changed:
                kept = kept + own
        size = len(next(iter(changed.values())))
        parts = []
        for start in range(0, size, _AT_ONCE):
            there = slice(start, start + _AT_ONCE)
            squares = kept[None, :]
            for name, values in changed.items():
                squares = squares + self._background.squares(name, values[there])
            parts.append((squares.min(axis=1), squares.argmin(axis=1)))
        least, places = (np.concatenate(each) for each in zip(*parts, strict=True))
        return np.sqrt(least / len(self._own)), places.astype(np.int64)


def _numbers_apart(known: Floats, scale: float, values: Sequence[Any] | AnyArray) -> Floats:
    asked = np.array([np.nan if is_missing(value) else float(value) for value in values])
    apart = np.abs(asked[:, None] - known)
    with np.errstate(over="ignore"):
        units = np.minimum(apart / scale, FARTHEST) if scale > 0 else FARTHEST * (apart > 0)
    units = np.where(np.isnan(apart), FARTHEST, units)
    units[np.isnan(asked)[:, None] & np.isnan(known)] = 0.0
    return np.asarray(units**2)


def _coded(column: Any) -> tuple[tuple[str, ...], Integers]:
    texts = [None if is_missing(value) else str(value) for value in np.asarray(column, object)]
    names, counts = np.unique([text for text in texts if text is not None], return_counts=True)
    order = np.lexsort((names, -counts))
    words = tuple(str(names[place]) for place in order)
    known = {word: place for place, word in enumerate(words)}
    codes = [_MISSING if text is None else known[text] for text in texts]
    return words, np.array(codes, dtype=np.int64)


def _scale(column: Floats) -> float:
    known = column[np.isfinite(column)]
    if not known.size:
        return 0.0
    deviation = float(np.median(np.abs(known - np.median(known))))
    if deviation > 0:
        return 1.4826 * deviation
    low, high = np.quantile(known, [0.25, 0.75])
    return float((high - low) / 1.349 if high > low else known.std())


def _own_nearest(background: Background, size: int) -> Floats:
    """Return how far each case is from the nearest other one, shape (n,)."""
    found = np.empty(size)
    for start in range(0, size, _AT_ONCE):
        places = np.arange(start, min(start + _AT_ONCE, size))
        squares = np.zeros((len(places), size))
        for name, column in background.numbers.items():
            squares += background.squares(name, column[places])
        for codes in background.codes.values():
            squares += codes[places][:, None] != codes
        squares[np.arange(len(places)), places] = np.inf
        found[places] = np.sqrt(squares.min(axis=1) / len(background.features))
    return found
