"""Features as numbers that a tree can read: categories by frequency, what is unknown as missing."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidInput, MissingColumn
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats

MOST_CATEGORIES = 255
"""As many as scikit-learn's histogram gradient boosting tells apart; rarer ones share the last."""

Columns = Mapping[str, Any]
"""Columns by name, each of shape (n,): arrays, series or lists, with None or NaN where missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Encoder:
    """How named columns become a matrix; its last column is the model's own estimate.

    Parameters
    ----------
    codes : mapping of str to mapping or None
        By feature, in the order of the matrix: the number of each category, or None for a number.
    """

    codes: Mapping[str, Mapping[str, int] | None]

    @property
    def categories(self) -> Booleans:
        """Which columns of the matrix are categories, shape (features + 1,)."""
        return np.array([*(code is not None for code in self.codes.values()), False])

    def encode(self, features: Columns, estimates: Floats) -> Floats:
        """Return the matrix of rows, shape (n, features + 1).

        A missing value and a category that the reference did not have are NaN.

        Raises
        ------
        core.errors.MissingColumn
            If a feature is not there.
        core.errors.InvalidInput
            If a number cannot be read, or numbers of rows differ.
        """
        matrix: Floats = np.empty((estimates.size, len(self.codes) + 1))
        for place, (name, code) in enumerate(self.codes.items()):
            if name not in features:
                raise MissingColumn(N_("The feature {feature} is missing."), feature=name)
            try:
                column = (
                    np.asarray(features[name], dtype=np.float64)
                    if code is None
                    else _coded(features[name], code)
                )
                matrix[:, place] = column
            except (TypeError, ValueError) as error:
                raise InvalidInput(
                    N_("The feature {feature} cannot be read as numbers, one a row."), feature=name
                ) from error
        matrix[:, -1] = estimates
        return matrix


def fit_encoder(features: Columns, categorical: Collection[str]) -> Encoder:
    """Learn the categories of the reference, the most frequent first.

    Parameters
    ----------
    features : mapping of str to array_like, shape (n,)
        Columns of the reference.
    categorical : collection of str
        Names of those that are categories.
    """
    codes: dict[str, Mapping[str, int] | None] = {}
    for name, column in features.items():
        if name not in categorical:
            codes[name] = None
            continue
        counts = Counter(text for text in _texts(column) if text is not None)
        ranked = sorted(counts, key=lambda text: (-counts[text], text))
        codes[name] = {text: min(rank, MOST_CATEGORIES - 1) for rank, text in enumerate(ranked)}
    return Encoder(codes)


def _coded(column: Any, code: Mapping[str, int]) -> Floats:
    return np.array(
        [np.nan if text is None else code.get(text, np.nan) for text in _texts(column)],
        dtype=np.float64,
    )


def _texts(column: Any) -> list[str | None]:
    """Return each value as text; None, NaN and other values unequal to themselves are missing."""
    values = np.asarray(column, dtype=object).tolist()
    return [None if value is None or value != value else str(value) for value in values]
