"""One way to decide beside another: the gain in money, or why it cannot be told."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.domain.windows import Chunk
from core.i18n import N_
from core.lake.value.cells import UNDECIDED, ValueCells
from core.metrics.arrays import Floats
from core.metrics.influence import gain, gain_over_random, rows_apart, welch
from core.metrics.intervals import Interval
from core.services.performance.maturity import ENOUGH, labels_missing
from core.services.value.cells import ValueQuestion
from core.services.value.rates import NO_RATE

Other = Literal["none_flagged", "all_flagged", "random", "previous_policy", "reviewers", "hold_out"]
OTHERS: tuple[Other, ...] = (
    "none_flagged",
    "all_flagged",
    "random",
    "previous_policy",
    "reviewers",
    "hold_out",
)
UNKNOWN_OUTCOME = N_(
    "What would have become of the rows decided differently is not known: their outcome is missing."
)
NO_OTHER_POLICY = N_("The contract names no policy before this one.")
NO_REVIEW = N_("Nobody decided otherwise than the model in this period.")
NO_HOLD_OUT = N_("The contract names no hold-out.")
EMPTY_HOLD_OUT = N_("No row of this period is in the hold-out.")
NO_OUTCOMES = N_("No prediction of this period is old enough for its outcome to be final.")
NO_VALUES = N_("The value of no row can be computed: a column that it needs is missing.")


@dataclass(frozen=True, slots=True)
class Compared:
    """What the model's decisions are worth more than another way to decide.

    Parameters
    ----------
    other : str
        The other way; see :data:`OTHERS`.
    gain, low, high : float
        Difference in money over the rows with a known value, and its 95 % interval; for the
        hold-out, per row. NaN where it cannot be told.
    n : int
        Rows with a known value.
    apart : float
        Rows that the two decide differently; for the hold-out, the rows in it.
    why : str
        Message id of why nothing can be told; empty if something can.
    """

    other: Other
    gain: float
    low: float
    high: float
    n: int
    apart: float
    why: str = ""

    @property
    def sure(self) -> bool:
        """Whether enough rows are decided differently for the interval to be trusted."""
        return self.apart >= ENOUGH and not np.isnan(self.low)


def flagged_share(asked: ValueQuestion, cells: ValueCells, other: Other) -> Floats:
    """Return which share of each cell's rows another way flags, shape (k,)."""
    if other == "all_flagged":
        return np.ones(cells.n.shape)
    if other == "random":
        total = cells.valued.sum()
        return np.full(cells.n.shape, (cells.flagged * cells.valued).sum() / max(total, 1.0))
    if other == "previous_policy" and asked.previous is not None:
        before = asked.previous.value, asked.previous.included
        place = [(cut.value, cut.included) for cut in asked.cut_offs].index(before)
        return np.asarray(cells.reached > place, dtype=np.float64)
    if other == "reviewers":
        decided = cells.final != UNDECIDED
        return np.where(decided, cells.final, cells.flagged).astype(np.float64)
    return np.zeros(cells.n.shape)


def compared(
    asked: ValueQuestion, cells: ValueCells, other: Other, chunk: Chunk | None = None
) -> Compared:
    """Return the model's decisions beside another way.

    Parameters
    ----------
    asked : ValueQuestion
        What was asked.
    cells : ValueCells
        Rows; those of the hold-out are left out of every comparison but its own.
    other : str
        The other way.
    chunk : Chunk, optional
        Which time the rows are of; the whole window by default.
    """
    if asked.lacks_rate(chunk):
        return Compared(other, np.nan, np.nan, np.nan, int(cells.valued.sum()), 0.0, NO_RATE)
    if other == "hold_out":
        return _beside_hold_out(asked, cells)
    acted = cells.where(cells.held == 0)
    own, rest = acted.flagged.astype(np.float64), flagged_share(asked, acted, other)
    why = _obstacle(asked, acted, other) or unknown(acted, own, rest)
    n, apart = int(acted.valued.sum()), rows_apart(acted.sums, own, rest)
    if why:
        return Compared(other, np.nan, np.nan, np.nan, n, apart, why)
    sums = acted.sums
    found = gain_over_random(sums, own) if other == "random" else gain(sums, own, rest)
    return _of(other, found, n, apart)


def _of(other: Other, found: Interval, n: int, apart: float) -> Compared:
    return Compared(other, float(found.value), float(found.low), float(found.high), n, apart)


def _obstacle(asked: ValueQuestion, cells: ValueCells, other: Other) -> str:
    if not cells.labelled.sum():
        return NO_OUTCOMES
    if not cells.valued.sum():
        return NO_VALUES
    if other == "previous_policy" and asked.previous is None:
        return NO_OTHER_POLICY
    differ = (cells.final != UNDECIDED) & (cells.final != cells.flagged)
    if other == "reviewers" and not cells.n[differ].sum():
        return NO_REVIEW
    return ""


def unknown(cells: ValueCells, own: Floats, rest: Floats) -> str:
    """Return why two ways cannot be compared: too few outcomes of the rows decided differently.

    Loans that were declined were never made. Where far fewer of the rows on which two ways differ
    have an outcome than of the others, the rest says nothing of them.
    """
    apart = np.abs(own - rest)
    rows, known = float((apart * cells.n).sum()), float((apart * cells.labelled).sum())
    if rows > 0 and known == 0:
        return UNKNOWN_OUTCOME
    missing = labels_missing(round(known), round(rows), usual_share(cells))
    return UNKNOWN_OUTCOME if missing else ""


def usual_share(cells: ValueCells) -> float:
    """Return the share of outcomes known of the rows flagged, or of those not: the higher one."""
    shares = [0.0]
    for side in (0, 1):
        chosen = cells.flagged == side
        rows = float(cells.n[chosen].sum())
        if rows >= ENOUGH:
            shares.append(float(cells.labelled[chosen].sum()) / rows)
    return max(shares)


def _beside_hold_out(asked: ValueQuestion, cells: ValueCells) -> Compared:
    """Return the mean value of a row that the model acted on less that of one in the hold-out.

    A held row counts as the contract's other way would have it: flagged if that flags all, else
    not.
    """
    if asked.rule.hold_out is None:
        return Compared("hold_out", np.nan, np.nan, np.nan, 0, 0.0, NO_HOLD_OUT)
    held, acted = cells.where(cells.held == 1), cells.where(cells.held == 0)
    n, apart = int(cells.valued.sum()), float(held.valued.sum())
    if not apart or not acted.valued.sum():
        return Compared("hold_out", np.nan, np.nan, np.nan, n, apart, EMPTY_HOLD_OUT)
    share = np.full(held.n.shape, 1.0 if asked.block.baseline == "all_flagged" else 0.0)
    return _of(
        "hold_out",
        welch(_moments(acted, acted.flagged.astype(np.float64)), _moments(held, share)),
        n,
        apart,
    )


def _moments(cells: ValueCells, share: Floats) -> tuple[float, float, float]:
    """Return rows, sum and sum of squares of values, each row flagged or not."""
    sums, flags = cells.sums, np.asarray(share) == 1
    return (
        float(sums.n.sum()),
        float(np.where(flags, sums.flagged, sums.kept).sum()),
        float(np.where(flags, sums.flagged_squares, sums.kept_squares).sum()),
    )
