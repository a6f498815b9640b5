"""What every cut-off would have been worth, as far as outcomes say."""

from dataclasses import dataclass

import numpy as np

from core.lake.labels.score_grid import lowest_scores
from core.lake.value.cells import ValueCells
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.influence import CutOffValues, cut_off_values
from core.metrics.influence.cut_offs import from_place, up_to_place
from core.metrics.intervals import Interval
from core.services.performance.maturity import ENOUGH
from core.services.value.cells import ValueQuestion
from core.services.value.compared import Other, flagged_share, unknown, usual_share

MOST_POINTS = 200
_NEARLY = 1 - 1e-9  # a number that was written out is found again
_FEW = 0.9


@dataclass(frozen=True, slots=True, eq=False)
class Scale:
    """The scores of cells in their order.

    Parameters
    ----------
    place : ndarray of int64, shape (k,)
        Place of each cell's score.
    lowest : ndarray, shape (P,)
        From which score on a place begins.
    """

    place: Integers
    lowest: Floats

    def of(self, cut_off: float) -> int:
        """Return the first place that a cut-off flags; P flags nobody."""
        return int(np.searchsorted(self.lowest, cut_off * _NEARLY, side="left"))


@dataclass(frozen=True, slots=True, eq=False)
class CutOffTable:
    """Cut-offs ascending, and what each would have been worth; arrays of shape (K,).

    Parameters
    ----------
    over : str
        What each is held against: the baseline of the contract, or ``today`` where outcomes do not
        say what that would have brought.
    cut_off : ndarray
        Lowest score that is flagged.
    flagged : ndarray
        Share of the rows flagged.
    gain : Interval
        Gain over the other way in money; NaN where outcomes are not known.
    today, best : int
        Place of the cut-off in force, and of the one worth most; -1 for none.
    beyond_today : Interval, scalar
        How much more the best is worth than what was decided, paired row by row. It was picked
        from all on these rows, so the truth is likely to be less.
    n : int
        Rows with a known value.
    """

    over: str
    cut_off: Floats
    flagged: Floats
    gain: Interval
    today: int
    best: int
    beyond_today: Interval
    n: int


def scale_of(asked: ValueQuestion, cells: ValueCells) -> Scale:
    """Return the order of the cells' scores, parted at the cut-offs asked for exactly."""
    width = len(asked.cut_offs) + 1
    codes, place = np.unique(cells.cell * width + cells.reached, return_inverse=True)
    lowest = lowest_scores(codes // width)
    limits = np.asarray([0.0, *(cut.value for cut in asked.cut_offs)])
    return Scale(place.reshape(-1).astype(np.int64), np.maximum(lowest, limits[codes % width]))


def cut_off_table(asked: ValueQuestion, cells: ValueCells) -> CutOffTable | None:
    """Return what cut-offs would have been worth; ``None`` without a row whose value is known."""
    acted = cells.where(cells.held == 0)
    if not acted.valued.sum():
        return None
    scale = scale_of(asked, acted)
    today = acted.flagged.astype(np.float64)
    baseline: Other = asked.block.baseline
    over, rest = str(baseline), flagged_share(asked, acted, baseline)
    if unknown(acted, today, rest):
        over, rest = "today", today
    in_force = -1 if asked.in_force is None else scale.of(asked.in_force.value)
    places = _chosen(acted, scale, in_force)
    found = cut_off_values(acted.sums, scale.place, rest, places=places)
    beyond = cut_off_values(acted.sums, scale.place, today, places=places)
    told = _known(acted, scale, rest)[places] & _known(acted, scale, today)[places]
    gains = _where(told, found.gain)
    best = -1 if not told.any() else int(np.nanargmax(gains.value))
    return CutOffTable(
        over=over,
        cut_off=np.append(scale.lowest, 1.0)[places],
        flagged=_flagged(acted, scale)[places],
        gain=gains,
        today=int(np.flatnonzero(places == in_force)[0]) if in_force >= 0 else -1,
        best=best,
        beyond_today=_at(beyond, best),
        n=int(acted.valued.sum()),
    )


def _chosen(cells: ValueCells, scale: Scale, in_force: int) -> Integers:
    """Return places about equally many rows apart, and that of the cut-off in force."""
    size = scale.lowest.size
    if size < MOST_POINTS:
        return np.arange(size + 1)
    reached = np.cumsum(np.bincount(scale.place, cells.n, size))
    wanted = np.linspace(0, reached[-1], MOST_POINTS)
    places = np.searchsorted(reached, wanted)
    extra = [in_force] if in_force >= 0 else []
    return np.unique([*places.tolist(), size, *extra])


def _flagged(cells: ValueCells, scale: Scale) -> Floats:
    above = from_place(scale.place, cells.n, scale.lowest.size)
    return np.asarray(above / max(float(cells.n.sum()), 1.0))


def _known(cells: ValueCells, scale: Scale, rest: Floats) -> Booleans:
    """Return for each place whether outcomes of the rows decided differently are known."""
    size = scale.lowest.size

    def apart(count: Floats) -> Floats:
        above = from_place(scale.place, (1 - rest) * count, size)
        return np.asarray(above + up_to_place(scale.place, rest * count, size))

    rows, known = apart(cells.n), apart(cells.labelled)
    few = (rows >= ENOUGH) & (known < _FEW * usual_share(cells) * rows)
    return np.asarray(~few & ~((rows > 0) & (known == 0)))


def _where(told: Booleans, found: Interval) -> Interval:
    value, low, high = (
        np.where(told, part, np.nan) for part in (found.value, found.low, found.high)
    )
    return Interval(value, low, high, found.n)


def _at(found: CutOffValues, place: int) -> Interval:
    parts = (found.gain.value, found.gain.low, found.gain.high, found.gain.n)
    if place < 0:
        return Interval(*(np.asarray(np.nan) for _ in parts))
    return Interval(*(np.asarray(part[place]) for part in parts))
