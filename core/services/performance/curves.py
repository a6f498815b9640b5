"""What a score does in one period: cut-offs, calibration and lift."""

from dataclasses import dataclass

import numpy as np

from core.contract.cut_offs import CutOff
from core.lake.labels.binary import LabelledCells
from core.lake.labels.score_grid import NO_SCORE, lowest_scores
from core.metrics.arrays import Floats
from core.metrics.performance import (
    CalibrationCurve,
    Lift,
    calibration_curve,
    cut_off_curve,
    lift,
)
from core.services.confidence import Unsaid
from core.services.performance.blocks import blocks
from core.services.performance.counting import labelled_of
from core.services.performance.figures import used_rows
from core.services.performance.in_force import cut_off_in_force
from core.services.performance.measure import Performance
from core.services.workspace import Workspace

_MOST_POINTS = 160


@dataclass(frozen=True, slots=True, eq=False)
class CutOffs:
    """What each possible cut-off would do; arrays of shape (K,), cut-offs ascending.

    Parameters
    ----------
    cut_off : ndarray
        Lowest score that is flagged.
    flagged_share, precision, recall : ndarray
        Share of the rows flagged, of those that turn out positive, of positives that are flagged.
    """

    cut_off: Floats
    flagged_share: Floats
    precision: Floats
    recall: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """The curves of one period's labelled rows.

    Parameters
    ----------
    n, positives : int
        Labelled rows with a score, and positive ones.
    cut_offs : CutOffs
        At most 160 of them, about equally many rows apart.
    calibration : CalibrationCurve
        Ten groups of equal size.
    lift : Lift
        Tenths, the highest scores first.
    in_force : CutOff or Unsaid
        The one that flagged the rows, or why there is none; without a policy, an even chance.
    """

    n: int
    positives: int
    cut_offs: CutOffs
    calibration: CalibrationCurve
    lift: Lift
    in_force: CutOff | Unsaid


def curves(workspace: Workspace, found: Performance, chunk: int) -> Curves | None:
    """Return the curves of one chunk of a binary model; ``None`` without both classes.

    Parameters
    ----------
    workspace : Workspace
        Where.
    found : Performance
        Measured under a permission; its rows are read again from memory.
    chunk : int
        Place of the chunk.
    """
    if found.view.contract.task != "binary_classification":
        return None
    cells = labelled_of(workspace, found.view)
    early = np.asarray([each.basis == "early" for each in found.maturity], dtype=np.bool_)
    used = used_rows(cells.period, cells.matured, early) & (cells.period == chunk)
    part = cells.where(used & (cells.cell != NO_SCORE))
    positives = float(part.n[part.label == 1].sum())
    if not 0 < positives < part.n.sum():
        return None
    in_force = cut_off_in_force(workspace, found.view, found.chunks[chunk])
    return _curves(part, positives, in_force)


def _curves(part: LabelledCells, positives: float, in_force: CutOff | Unsaid) -> Curves:
    alone = _first_period(part)
    (block,) = blocks(alone, 1)
    hits, misses = block.counts.positives[0], block.counts.negatives[0]
    return Curves(
        n=int(hits.sum() + misses.sum()),
        positives=int(positives),
        cut_offs=_cut_offs(hits, misses, lowest_scores(block.cells)),
        calibration=_one(calibration_curve(block.counts)),
        lift=lift(hits, misses),
        in_force=in_force,
    )


def _first_period(part: LabelledCells) -> LabelledCells:
    return LabelledCells(
        np.zeros_like(part.period),
        *(getattr(part, name) for name in LabelledCells.__dataclass_fields__ if name != "period"),
    )


def _one(curve: CalibrationCurve) -> CalibrationCurve:
    rate = curve.outcome_rate
    parts = (part[0] for part in (rate.value, rate.low, rate.high, rate.n))
    return CalibrationCurve(curve.mean_score[0], type(rate)(*parts))


def _cut_offs(hits: Floats, misses: Floats, lowest: Floats) -> CutOffs:
    curve = cut_off_curve(hits, misses, lowest)
    cells = curve.confusion
    rows = np.cumsum(hits + misses)
    wanted = np.linspace(0, rows[-1], _MOST_POINTS)
    chosen = np.unique(np.searchsorted(rows, wanted).clip(0, rows.size - 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return CutOffs(
            cut_off=curve.cut_off[chosen],
            flagged_share=(cells.flagged / cells.n)[chosen],
            precision=(cells.true_positives / cells.flagged)[chosen],
            recall=(cells.true_positives / cells.positives)[chosen],
        )
