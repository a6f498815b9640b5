"""The two distribution functions of a numeric feature, and how far apart they lie."""

from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, NumericBins
from core.metrics.drift.wasserstein import SUMS_MESSAGE, wasserstein_terms

ONE_WAY = 0.9
MEANS = 50
NO_ROWS_MESSAGE = N_("One of the two sides has no rows.")


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeShares:
    """Reference and current data as shares of the rows up to a value.

    Parameters
    ----------
    at : ndarray, shape (P,)
        Ascending values in the feature's unit.
    reference, current : ndarray, shape (P,)
        Share of the rows with a value of at most ``at``; straight lines between the points.
    n_reference, n_current : int
        Rows with a value.
    distance : float
        Wasserstein distance in the feature's unit: the area between the two.
    deviations : float
        The same in standard deviations of the reference; NaN if that has no spread.
    shift : float
        Mean of the current values minus that of the reference, in the feature's unit.
    """

    at: Floats
    reference: Floats
    current: Floats
    n_reference: int
    n_current: int
    distance: float
    deviations: float
    shift: float

    @property
    def one_way(self) -> int:
        """1 if at least nine tenths of the move are upwards, -1 if downwards, otherwise 0."""
        if self.distance <= 0 or abs(self.shift) < ONE_WAY * self.distance:
            return 0
        return 1 if self.shift > 0 else -1

    def central(self, tail: float = 0.005) -> tuple[float, float]:
        """Return the values between which all but a tail of each side's rows lies."""
        inside = (np.minimum(self.reference, self.current) < 1 - tail) & (
            np.maximum(self.reference, self.current) > tail
        )
        places = np.flatnonzero(inside)
        if not places.size:
            return float(self.at[0]), float(self.at[-1])
        last = min(int(places[-1]) + 1, len(self.at) - 1)
        return float(self.at[max(int(places[0]) - 1, 0)]), float(self.at[last])


def cumulative_shares(
    bins: NumericBins, reference: BinnedCounts, current: BinnedCounts
) -> CumulativeShares:
    """Return the distribution functions behind a Wasserstein distance.

    At the edges of the bins they are exact, and the area under each is that of the values: wide
    bins have a point at their mean, and below and above the edges, where one bin holds all values,
    the line ends where its area is right.

    Parameters
    ----------
    bins : NumericBins
        Bins of the feature.
    reference, current : BinnedCounts, shape (C,)
        The two sides, with sums; missing values are left out.

    Raises
    ------
    core.errors.NotComputable
        If a side has no rows with a value, or the sums are not finite.
    core.errors.InvalidInput
        If the counts come without sums, or do not belong to the bins.

    Notes
    -----
    The area between the distribution functions is the distance: Vallender (1974).
    """
    if reference.total is None or current.total is None:
        raise InvalidInput(SUMS_MESSAGE)
    counts = [side.n[CODE_OFFSET:] for side in (reference, current)]
    totals = [part[CODE_OFFSET:] for part in (reference.total, current.total)]
    if not all(part.sum() > 0 for part in counts):
        raise NotComputable(NO_ROWS_MESSAGE)
    edges = bins.edge_array
    distance = float(
        wasserstein_terms(
            counts[0],
            counts[1],
            reference_totals=totals[0],
            current_totals=totals[1],
            edges=edges,
        ).sum()
    )
    if not np.isfinite(distance):
        raise NotComputable(N_("The values are infinite or too large to add up."))
    lines = [
        _with_means(*_line(n, total, edges), n, total, edges)
        for n, total in zip(counts, totals, strict=True)
    ]
    at = np.unique(np.concatenate([line[0] for line in lines]))
    means = [float(total.sum() / n.sum()) for n, total in zip(counts, totals, strict=True)]
    return CumulativeShares(
        at=at,
        reference=np.interp(at, *lines[0], left=0.0, right=1.0),
        current=np.interp(at, *lines[1], left=0.0, right=1.0),
        n_reference=int(counts[0].sum()),
        n_current=int(counts[1].sum()),
        distance=distance,
        deviations=distance / bins.deviation if bins.deviation > 0 else float("nan"),
        shift=means[1] - means[0],
    )


def _line(n: Floats, totals: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Return one side's points; values beyond the edges lie evenly around their mean."""
    shares = np.cumsum(n)[:-1] / n.sum()
    at = edges
    if n[0] > 0:
        begin = min(2 * totals[0] / n[0] - edges[0], np.nextafter(edges[0], -np.inf))
        at, shares = np.append(begin, at), np.append(0.0, shares)
    if n[-1] > 0:
        end = max(2 * totals[-1] / n[-1] - edges[-1], np.nextafter(edges[-1], np.inf))
        at, shares = np.append(at, end), np.append(shares, 1.0)
    return at, shares


def _with_means(
    at: Floats, shares: Floats, n: Floats, totals: Floats, edges: Floats
) -> tuple[Floats, Floats]:
    """Add a point at the mean of the bins in which a straight line would be furthest off.

    In a bin (a, b] of share s and mean m, the lines (a, 0), (m, s (b − m) / (b − a)), (b, s) have
    the area of the values, s (b − m).
    """
    lower, upper, inside = edges[:-1], edges[1:], n[1:-1]
    share, width = inside / n.sum(), upper - lower
    mean = np.clip(
        np.divide(totals[1:-1], inside, out=upper.copy(), where=inside > 0), lower, upper
    )
    off = share * np.abs((lower + upper) / 2 - mean)
    chosen = np.argsort(-off, kind="stable")[:MEANS]
    chosen = chosen[(mean[chosen] > lower[chosen]) & (mean[chosen] < upper[chosen])]
    before = np.cumsum(n)[:-2][chosen] / n.sum()
    point = before + share[chosen] * (upper - mean)[chosen] / width[chosen]
    order = np.argsort(np.append(at, mean[chosen]), kind="stable")
    return np.append(at, mean[chosen])[order], np.append(shares, point)[order]
