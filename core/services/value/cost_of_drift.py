"""Cost of drift: what an alert's time earned less than the reference would have led to expect.

Rows that are old enough count as what came of them; all others as much as the newest rows with an
outcome did, score band by score band, or less where they lost more already than those did in the
end. Both are held against what a unit of amount (or a row) was worth in the reference period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.domain.identity import Actor, Permission
from core.i18n import N_
from core.lake.labels.score_grid import lowest_scores
from core.lake.value.worth import WorthByBand, worth_by_band
from core.metrics.influence import Worth, carried_over, less, plus
from core.metrics.intervals import Interval
from core.services.performance.maturity import ENOUGH
from core.services.questions import Question, View, resolve
from core.services.rates import rate_table
from core.services.stale import retry_when_stale
from core.services.value.cells import (
    ValueQuestion,
    cells_by_score,
    kpi_rows,
    value_question,
    within,
)
from core.services.value.rates import NO_RATE, lacks_rate, money_rates
from core.services.workspace import Workspace

BANDS = 10
_FEW = 10  # rows of a band
_NO_WEIGHT = 1e-300
NEWEST = 365
"""Days before the newest mature prediction whose outcomes say what open rows are worth."""

NO_REFERENCE = N_("No outcome of the reference period is known, so nothing tells what to expect.")
NO_HISTORY = N_("Too few outcomes have come to say what rows without one are worth.")
NO_ROWS = N_("No prediction of this time has a score.")


@dataclass(frozen=True, slots=True)
class DriftCost:
    """What a time earned less than the reference would have led to expect.

    Parameters
    ----------
    start, end : datetime
        The time; ``end`` is not part of it.
    currency : str
        ISO code of the money.
    cost, low, high : float
        Money lost against the reference, and its 95 % interval; below 0 is a gain. NaN if nothing
        can be told.
    expected, found : float
        What the reference led to expect, and what came or is estimated.
    n, realised : int
        Rows, and those of them whose outcome is final.
    why : str
        Message id of why nothing can be told; empty if something can.
    lost_already : float
        What rows whose outcome is not final have lost so far, without its sign.
    at_least : bool
        Whether that is more than earlier rows would have led to expect in all, by more than the
        interval of the estimate: it is counted then, and the cost is a lower bound without limits.
    """

    start: datetime
    end: datetime
    currency: str
    cost: float
    low: float
    high: float
    expected: float
    found: float
    n: int
    realised: int
    why: str = ""
    lost_already: float = 0.0
    at_least: bool = False

    @property
    def estimated(self) -> bool:
        """Whether a part of it is an estimate."""
        return self.realised < self.n


@retry_when_stale
def cost_of_drift(
    workspace: Workspace,
    question: Question,
    times: Sequence[tuple[datetime, datetime]],
    *,
    actor: Actor,
) -> tuple[DriftCost, ...]:
    """Say what times cost, such as those of alerts.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, version and slice, and what was known when; its period is not looked at.
    times : sequence of (datetime, datetime)
        Half-open times.
    actor : Actor
        Needs ``value.view`` for the model.

    Raises
    ------
    NotComputable
        If the contract does not say what a decision is worth.
    NothingYet, InvalidInput
        As for :func:`core.services.value.value`.
    """
    view = resolve(workspace, question, Permission.value_view, actor=actor)
    asked = value_question(workspace, view)

    def answer(start: datetime, end: datetime) -> DriftCost:
        key = ("cost of drift", view.key, start, end, rate_table(workspace).digest)
        return workspace.memo.get(key, lambda: _cost(workspace, asked, start, end))

    return tuple(answer(*time) for time in times)


def _cost(workspace: Workspace, asked: ValueQuestion, start: datetime, end: datetime) -> DriftCost:
    edges = _edges(workspace, asked)
    reference = asked.view.reference_window
    before, lacking = _worth(workspace, asked, edges, reference.start, reference.end)
    newest, newest_lacks = _worth(workspace, asked, edges, *_newest(asked))
    now, now_lacks = _worth(workspace, asked, edges, start, end)
    n, realised = int(now.known.n.sum() + now.n.sum()), int(now.known.n.sum())

    def told(
        cost: Interval, expected: float, found: float, why: str = "", *, at_least: bool = False
    ) -> DriftCost:
        parts = (float(cost.value), float(cost.low), float(cost.high))
        lost = 0.0 if why else float(now.lost.sum())
        return DriftCost(
            start, end, asked.currency, *parts, expected, found, n, realised, why, lost, at_least
        )

    nothing = _without_limits(np.nan)
    if lacking or now_lacks or (now.weight.any() and newest_lacks):
        return told(nothing, np.nan, np.nan, NO_RATE)
    if not n:
        return told(nothing, np.nan, np.nan, NO_ROWS)
    if before.known.n.sum() < ENOUGH:
        return told(nothing, np.nan, np.nan, NO_REFERENCE)
    weight = now.known.weight.sum() + now.weight.sum()
    expected = carried_over(before.known.pooled(), [weight])
    if now.weight.any() and newest.known.n.sum() < ENOUGH:
        return told(nothing, float(expected.value), np.nan, NO_HISTORY)
    still = _open(newest.known, now)
    found = plus(_came(now.known), still)
    beyond = float(now.lost.sum()) - _losses_expected(newest, now)
    if not beyond > float(still.high - still.value):
        return told(less(expected, found), float(expected.value), float(found.value))
    left = float(found.value) - beyond
    cost = _without_limits(float(expected.value) - left)
    return told(cost, float(expected.value), left, at_least=True)


def _without_limits(value: float) -> Interval:
    nan = np.asarray(np.nan)
    return Interval(np.asarray(value), nan, nan, nan)


def _came(worth: Worth) -> Interval:
    """Return what came of rows; a few of them count as they came, without an interval."""
    if worth.n.sum() >= ENOUGH:
        return carried_over(worth.pooled(), [worth.weight.sum()])
    total = np.asarray(worth.value.sum())
    return Interval(total, total, total, np.asarray(worth.n.sum()))


def _open(earlier: Worth, now: WorthByBand) -> Interval:
    """Return what open rows are worth by earlier ones of their band; of all, where it has few.

    The interval says how such rows scatter, not only how well earlier ones tell their mean.
    """
    few = earlier.n < _FEW
    alone = [np.where(few, 0.0, part) for part in (now.weight, now.weight_squares)]
    pooled = [np.atleast_1d(part[few].sum()) for part in (now.weight, now.weight_squares)]
    return plus(
        carried_over(earlier, alone[0], scatter=alone[1]),
        carried_over(earlier.pooled(), pooled[0], scatter=pooled[1]),
    )


def _losses_expected(newest: WorthByBand, now: WorthByBand) -> float:
    """Return what single open rows would lose in the end if they lost as earlier ones did."""
    earlier = newest.known
    few = earlier.n < _FEW
    total = max(float(earlier.weight.sum()), _NO_WEIGHT)
    alike = newest.lost_finally / np.maximum(earlier.weight, _NO_WEIGHT)
    of_all = float(newest.lost_finally.sum()) / total
    return float((now.weight * np.where(few, of_all, alike)).sum())


def _edges(workspace: Workspace, asked: ValueQuestion) -> tuple[float, ...]:
    """Return the scores that part all mature predictions into tenths."""
    cells = cells_by_score(workspace, asked)
    codes, place = np.unique(cells.cell, return_inverse=True)
    rows = np.bincount(place.reshape(-1), cells.n, codes.size)
    if not rows.sum():
        return ()
    reached = np.cumsum(rows) - rows
    wanted = np.arange(1, BANDS) / BANDS * rows.sum()
    found = np.unique(np.searchsorted(reached, wanted))
    return tuple(lowest_scores(codes[found[found < codes.size]]).tolist())


def _newest(asked: ValueQuestion) -> tuple[datetime, datetime]:
    """Return the year that ends with the newest mature prediction."""
    end = min(asked.matured_before, asked.view.last_prediction) + timedelta(microseconds=1)
    return end - timedelta(days=NEWEST), end


def _worth(
    workspace: Workspace,
    asked: ValueQuestion,
    edges: tuple[float, ...],
    start: datetime,
    end: datetime,
) -> tuple[WorthByBand, bool]:
    """Return the sums of a time, and whether some of its money cannot be converted."""
    view: View = within(asked.view, start, end)
    rates = money_rates(workspace, view, asked.block, asked.rule)
    found = workspace.memo.get(
        ("worth by band", asked.view.key, edges, start, end, rate_table(workspace).digest),
        lambda: worth_by_band(
            workspace.duck, kpi_rows(workspace, view, view.chunks, rates), asked.rule, edges
        ),
    )
    return found, lacks_rate(rates, start, end, view.timezone)
