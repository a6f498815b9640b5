"""Several classes: each against the rest, and the plain mean over the classes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import Interval, wilson
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

    def of_each(self, named: Collection[str]) -> tuple[str, ...]:
        """Return the classes, after checking that something is named for each of them.

        Raises
        ------
        core.errors.InvalidInput
            If a class is missing, or one is named that the matrix does not have.
        """
        if set(named) != set(self.classes):
            raise InvalidInput(N_("The scores are not those of the classes of the matrix."))
        return self.classes


def multiclass_accuracy(matrix: ClassMatrix, *, confidence: float = 0.95) -> Interval:
    """Return the share of rows whose class was predicted right, with Wilson's interval.

    NaN without rows; 0 means that none was right, 1 that all were.
    """
    right = np.trace(matrix.counts, axis1=-2, axis2=-1)
    return wilson(right, matrix.n, confidence=confidence)


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


def macro_interval(
    classes: Mapping[str, Interval], *, n: ArrayLike, independent: bool = False
) -> Interval:
    r"""Return the plain mean of a figure over the classes with an interval made of theirs.

    .. math:: \bar x - \frac1K \sqrt{\sum_k (x_k - l_k)^2}, \quad
              \bar x + \frac1K \sqrt{\sum_k (u_k - x_k)^2}

    where the classes' figures are independent; else the means of the lower and of the upper
    limits, which is as wide as any dependence can make it.

    Parameters
    ----------
    classes : mapping of str to Interval, shape (...)
        The figure of each class with its limits l and u.
    n : array_like, shape (...)
        Rows behind the mean.
    independent : bool
        Whether no row counts for two classes: so it is with the recall, given the rows of each
        actual class, and with the precision, given those of each predicted class.

    Returns
    -------
    Interval, shape (...)
        NaN where the figure or a limit of any class is.

    Notes
    -----
    Zou and Donner (2008) for independent classes. Of dependent ones, the standard error of a sum
    is at most the sum of the standard errors.
    """
    value, low, high = (
        macro_average({name: getattr(found, part) for name, found in classes.items()})
        for part in ("value", "low", "high")
    )
    if independent:
        below = np.sqrt(sum((found.value - found.low) ** 2 for found in classes.values()))
        above = np.sqrt(sum((found.high - found.value) ** 2 for found in classes.values()))
        low, high = value - below / len(classes), value + above / len(classes)
    return Interval(value, low, high, np.asarray(n, dtype=np.float64))
