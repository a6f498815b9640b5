"""Reconstruction error: how badly the reference's main directions describe new rows."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats, Integers
from core.metrics.multivariate.scaling import Columns, Scaling, fit_scaling

VARIANCE = 0.65
"""Share of the reference's variance that the kept directions explain, as in NannyML."""

FEWEST_BLOCKS = 3
RATE = 0.01
"""False alarms a period of the limits out of sample."""

_DEVIATIONS = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class Reconstruction:
    """The main directions of a reference.

    Parameters
    ----------
    scaling : Scaling
        How rows become points.
    directions : ndarray, shape (k, p)
        Orthonormal, the one with the most variance first.
    explained : float
        Share of the variance that they explain.
    """

    scaling: Scaling
    directions: Floats
    explained: float

    def errors(self, columns: Columns) -> Floats:
        """Return each row's distance to what the directions make of it, shape (n,).

        In standard deviations of the reference; see :meth:`Scaling.points` for missing values and
        errors raised.
        """
        points = self.scaling.points(columns)
        if not points.size:
            return np.zeros(len(points))
        left = points - (points @ self.directions.T) @ self.directions
        return np.asarray(np.sqrt((left**2).sum(axis=1)))


def fit_reconstruction(
    columns: Columns, categorical: Collection[str], *, variance: float = VARIANCE
) -> Reconstruction:
    r"""Learn the main directions of a reference.

    Rows become points (:func:`fit_scaling`). With :math:`\lambda_1 \ge \lambda_2 \ge \dots` the
    eigenvalues of their covariance, the first k directions are kept whose share
    :math:`\sum_{i \le k} \lambda_i / \sum_i \lambda_i` exceeds ``variance``. A row's error is
    :math:`\lVert z - V^T V z \rVert`.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        Columns of the reference.
    categorical : collection of str
        Names of those that are categories.
    variance : float
        Share of the variance to explain, above 0 and below 1.

    Raises
    ------
    core.errors.NotComputable
        If there are fewer than two rows, or nothing varies.
    core.errors.InvalidInput
        If a column cannot be read, or ``variance`` is no share.

    Notes
    -----
    Principal components: Hotelling (1933). The figure and its 65 % are NannyML's data
    reconstruction.
    """
    if not 0 < variance < 1:
        raise InvalidInput(N_("A share of the variance lies between 0 and 1."))
    scaling = fit_scaling(columns, categorical)
    points = scaling.points(columns)
    if len(points) < 2:  # one point has no spread
        raise NotComputable(N_("There are no rows to learn from."))
    values, vectors = np.linalg.eigh(points.T @ points / (len(points) - 1))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    total = float(values.sum())
    if total <= 0:
        raise NotComputable(N_("No input varies in the reference."))
    shares = np.cumsum(values) / total
    kept = min(int(np.searchsorted(shares, variance, side="right")) + 1, len(values))
    return Reconstruction(
        scaling, np.ascontiguousarray(vectors[:, :kept].T), float(shares[kept - 1])
    )


@dataclass(frozen=True, slots=True)
class BlockErrors:
    """The reconstruction error of one stretch of rows.

    Parameters
    ----------
    mean : float
        Mean over its rows; NaN without any.
    deviation : float
        Standard deviation of its rows.
    n : int
        Rows.
    """

    mean: float
    deviation: float
    n: int

    @property
    def standard_error(self) -> float:
        """What the mean may be off by the choice of the rows."""
        return float(self.deviation / np.sqrt(self.n)) if self.n else float("nan")


def mean_error(errors: Floats) -> BlockErrors:
    """Return mean and spread of the rows' errors."""
    if not errors.size:
        return BlockErrors(float("nan"), float("nan"), 0)
    return BlockErrors(float(errors.mean()), float(errors.std()), errors.size)


def out_of_sample(
    columns: Columns,
    categorical: Collection[str],
    block: Integers,
    *,
    variance: float = VARIANCE,
) -> tuple[BlockErrors, ...]:
    """Measure each block of the reference by the directions of the other blocks.

    Parameters
    ----------
    columns : mapping of str to array_like, shape (n,)
        Columns of the reference.
    categorical : collection of str
        Names of those that are categories.
    block : ndarray of int64, shape (n,)
        Number of each row's block; stretches of time, in order.
    variance : float
        As in :func:`fit_reconstruction`.

    Returns
    -------
    tuple of BlockErrors
        One a block that has rows, in order.
    """
    found = []
    for number in np.unique(block).tolist():
        held = block == number
        fitted = fit_reconstruction(_rows(columns, ~held), categorical, variance=variance)
        found.append(mean_error(fitted.errors(_rows(columns, held))))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Limits:
    """Between what values the mean error of a period without a change lies."""

    low: float
    high: float

    def contain(self, value: float) -> bool:
        """Whether a value is inside, the limits included."""
        return self.low <= value <= self.high


def limits_of(blocks: Sequence[BlockErrors], n: int, *, rate: float = RATE) -> Limits:
    r"""Return the limits of a new period of n rows, from blocks measured out of sample.

    With K blocks of mean :math:`\bar e` and standard deviation s of their means,
    :math:`\sigma` the deviation of a row and m the rows of a block, blocks differ by
    :math:`\tau^2 = \max(0, s^2 - \sigma^2 / m)` beyond the choice of rows, so

    .. math:: \bar e \pm t_{K-1,\, 1 - r/2} \sqrt{\tau^2 + \sigma^2 / n + (\tau^2 + \sigma^2/m) / K}

    Parameters
    ----------
    blocks : sequence of BlockErrors
        Of the reference.
    n : int
        Rows of the new period.
    rate : float
        Share of unchanged periods that lie outside.

    Returns
    -------
    Limits
        At least 0; NaN with fewer than three blocks, or without rows.

    Notes
    -----
    The prediction interval of a new group in a one-way random-effects layout. Few blocks make it
    wide: that is what they can vouch for.
    """
    from scipy.special import stdtrit  # noqa: PLC0415  # a tenth of a second, and few need it

    used = [each for each in blocks if each.n]
    if len(used) < FEWEST_BLOCKS or n < 1:
        return Limits(float("nan"), float("nan"))
    means = np.array([each.mean for each in used])
    rows = np.array([each.n for each in used], dtype=np.float64)
    row_variance = float(np.average([each.deviation**2 for each in used], weights=rows))
    chosen = float((row_variance / rows).mean())
    beyond = max(0.0, float(means.var(ddof=1)) - chosen)
    spread = np.sqrt(beyond + row_variance / n + (beyond + chosen) / len(used))
    reach = float(stdtrit(len(used) - 1, 1 - rate / 2) * spread)
    return Limits(max(float(means.mean()) - reach, 0.0), float(means.mean()) + reach)


def three_deviations(means: Sequence[float]) -> Limits:
    """Return mean ± 3 population standard deviations of the reference's chunks, as NannyML does.

    Parameters
    ----------
    means : sequence of float
        Of the chunks, measured by the directions of the whole reference, themselves included.
    """
    known = np.asarray([each for each in means if np.isfinite(each)])
    if not known.size:
        return Limits(float("nan"), float("nan"))
    reach = _DEVIATIONS * float(known.std())
    return Limits(float(known.mean()) - reach, float(known.mean()) + reach)


def _rows(columns: Columns, chosen: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Columns:
    taken: Mapping[str, object] = {
        name: np.asarray(column)[chosen] for name, column in columns.items()
    }
    return taken
