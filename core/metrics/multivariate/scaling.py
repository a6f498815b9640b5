"""Rows as points: standardised numbers, and categories as how frequent they are."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput, MissingColumn, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats

Columns = Mapping[str, Any]
"""Columns by name, each of shape (n,): arrays, series or lists, with None or NaN where missing."""

_NO_VALUES = N_("There are no rows to learn from.")


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """How named columns become points, as learned from a reference.

    Parameters
    ----------
    shares : mapping of str to mapping or None
        By feature, in order: the share of each category in the reference, or None for a number.
    fill : ndarray, shape (p,)
        What stands for a missing value: the reference's mean, or the share of its most frequent
        category.
    centre, scale : ndarray, shape (p,)
        Mean and standard deviation of the reference; a column without spread has scale 1.
    """

    shares: Mapping[str, Mapping[str, float] | None]
    fill: Floats
    centre: Floats
    scale: Floats

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the columns, in the order of the points' coordinates."""
        return tuple(self.shares)

    def points(self, columns: Columns) -> Floats:
        """Return rows as points, shape (n, p).

        A category that the reference does not have has share 0; a number that is missing or not
        finite is the reference's mean.

        Raises
        ------
        core.errors.MissingColumn
            If a feature is not there.
        core.errors.InvalidInput
            If a number cannot be read, or numbers of rows differ.
        """
        raw = _raw(columns, self.shares)
        return np.asarray((np.where(np.isnan(raw), self.fill, raw) - self.centre) / self.scale)


def fit_scaling(columns: Columns, categorical: Collection[str]) -> Scaling:
    """Learn how rows of a reference become points.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        Columns of the reference.
    categorical : collection of str
        Names of those that are categories.

    Raises
    ------
    core.errors.NotComputable
        If there are no rows or no columns.
    core.errors.InvalidInput
        If a number cannot be read, or numbers of rows differ.

    Notes
    -----
    As NannyML prepares rows for its data reconstruction: missing numbers by the mean, missing
    categories by the most frequent, categories by their share, then mean 0 and deviation 1.
    """
    shares = {
        name: _shares(column) if name in categorical else None for name, column in columns.items()
    }
    raw = _raw(columns, shares)
    if not raw.size:
        raise NotComputable(_NO_VALUES)
    known = ~np.isnan(raw)
    rows = known.sum(axis=0)
    mean = np.divide(np.where(known, raw, 0.0).sum(axis=0), rows, where=rows > 0, out=0.0 * rows)
    top = [
        max(each.values(), default=0.0) if each is not None else None for each in shares.values()
    ]
    fill = np.array([mean[place] if each is None else each for place, each in enumerate(top)])
    whole = np.where(known, raw, fill)
    scale = whole.std(axis=0)
    # Of equal values rounding leaves a deviation of about their last digit.
    flat = scale <= 1e-12 * np.abs(whole).max(axis=0, initial=0.0)
    return Scaling(shares, fill, whole.mean(axis=0), np.where(flat, 1.0, scale))


def _raw(columns: Columns, shares: Mapping[str, Mapping[str, float] | None]) -> Floats:
    """Return the numbers as they are and the categories as shares; NaN where missing."""
    parts = []
    for name, known in shares.items():
        if name not in columns:
            raise MissingColumn(N_("The feature {feature} is missing."), feature=name)
        try:
            part = _numbers(columns[name]) if known is None else _coded(columns[name], known)
        except (TypeError, ValueError) as error:
            raise InvalidInput(
                N_("The feature {feature} cannot be read as numbers, one a row."), feature=name
            ) from error
        parts.append(part)
    if len({part.shape for part in parts}) > 1:
        raise InvalidInput(N_("Columns have different numbers of rows."))
    return np.column_stack(parts) if parts else np.empty((0, 0))


def _numbers(column: Any) -> Floats:
    values = np.asarray(column, dtype=np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _shares(column: Any) -> dict[str, float]:
    """Return the share of each category; missing values count as the most frequent one."""
    texts = _texts(column)
    counts = Counter(text for text in texts if text is not None)
    if counts:
        # Of equally frequent ones the first by name, as scikit-learn's imputer chooses.
        top = min(counts, key=lambda text: (-counts[text], text))
        counts[top] += sum(text is None for text in texts)
    return {text: n / len(texts) for text, n in counts.items()}


def _coded(column: Any, known: Mapping[str, float]) -> Floats:
    return np.array(
        [np.nan if text is None else known.get(text, 0.0) for text in _texts(column)],
        dtype=np.float64,
    )


def _texts(column: Any) -> list[str | None]:
    """Return each value as text; None, NaN and other values unequal to themselves are missing."""
    values = np.asarray(column, dtype=object).tolist()
    return [None if value is None or value != value else str(value) for value in values]
