"""Several classes: each against the rest, and the plain mean over the classes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.performance.confusion import Confusion


@dataclass(frozen=True, slots=True, eq=False)
class ClassMatrix:
    """Labelled rows by actual class (rows) and predicted class (columns).

    Parameters
    ----------
    classes : tuple of str
        Names, in the order of the matrix.
    counts : ndarray, shape (..., K, K)
        Labelled rows.
    """

    classes: tuple[str, ...]
    counts: Floats

    @classmethod
    def of(cls, classes: Sequence[str], counts: ArrayLike) -> "ClassMatrix":
        """Return a matrix, checked.

        Raises
        ------
        core.errors.InvalidInput
            If the shape does not fit the classes, or a count is negative or not finite.
        """
        cells = np.asarray(counts, dtype=np.float64)
        k = len(classes)
        if cells.ndim < 2 or cells.shape[-2:] != (k, k) or k < 2:
            raise InvalidInput(N_("A confusion matrix has one row and one column a class."))
        if not (np.isfinite(cells) & (cells >= 0)).all():
            raise InvalidInput(N_("Counts must be finite and not negative."))
        return cls(tuple(classes), cells)

    @property
    def n(self) -> Floats:
        """Labelled rows in all, shape (...)."""
        return np.asarray(self.counts.sum(axis=(-2, -1)))

    def one_against_rest(self) -> Mapping[str, Confusion]:
        """Return the matrix of each class against all others, cells of shape (...)."""
        found = {}
        for place, name in enumerate(self.classes):
            hit = self.counts[..., place, place]
            actual = self.counts[..., place, :].sum(axis=-1)
            said = self.counts[..., :, place].sum(axis=-1)
            found[name] = Confusion.of(hit, said - hit, actual - hit, self.n - said - actual + hit)
        return found


def multiclass_accuracy(matrix: ClassMatrix) -> Floats:
    """Return the share of rows whose class was predicted right; NaN without rows."""
    right = np.trace(matrix.counts, axis1=-2, axis2=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(right / matrix.n)


def macro_average(values: Mapping[str, ArrayLike]) -> Floats:
    """Return the plain mean of a figure over the classes, as scikit-learn's ``average="macro"``.

    Parameters
    ----------
    values : mapping of str to array_like, shape (...)
        The figure of each class against the rest.

    Returns
    -------
    ndarray, shape (...)
        NaN where the figure of any class is: a mean over some classes only would not be
        comparable with that of another period.
    """
    return np.asarray(np.mean([np.asarray(v, dtype=np.float64) for v in values.values()], axis=0))
