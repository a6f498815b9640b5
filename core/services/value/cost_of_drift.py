"""Cost of drift: what an alert's time earned less than the reference would have led to expect.

Rows that are old enough count as what came of them; all others as much as the newest rows with an
outcome did, score band by score band. Both are held against what a unit of amount (or a row) was
worth in the reference period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from core.domain.identity import Actor, Permission
from core.i18n import N_
from core.lake.score_grid import lowest_scores
from core.lake.value_worth import WorthByBand, worth_by_band
from core.metrics.arrays import Floats
from core.metrics.influence import Worth, carried_over, less, plus
from core.metrics.intervals import Interval
from core.services.performance.maturity import ENOUGH
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.value.cells import (
    ValueQuestion,
    cells_by_score,
    kpi_rows,
    value_question,
    within,
)
from core.services.workspace import Workspace

BANDS = 10
_FEW = 10  # rows of a band
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
        key = ("cost of drift", view.key, start, end)
        return workspace.memo.get(key, lambda: _cost(workspace, asked, start, end))

    return tuple(answer(*time) for time in times)


def _cost(workspace: Workspace, asked: ValueQuestion, start: datetime, end: datetime) -> DriftCost:
    edges = _edges(workspace, asked)
    reference = asked.view.reference_window
    before = _worth(workspace, asked, edges, reference.start, reference.end)
    newest = _worth(workspace, asked, edges, *_newest(asked))
    now = _worth(workspace, asked, edges, start, end)
    n, realised = int(now.known.n.sum() + now.n.sum()), int(now.known.n.sum())
    currency = asked.block.currency or asked.view.contract.currency

    def told(cost: Interval, expected: float, found: float, why: str = "") -> DriftCost:
        parts = (float(cost.value), float(cost.low), float(cost.high))
        return DriftCost(start, end, currency, *parts, expected, found, n, realised, why)

    nothing = Interval(*(np.asarray(np.nan) for _ in range(4)))
    if not n:
        return told(nothing, np.nan, np.nan, NO_ROWS)
    if before.known.n.sum() < ENOUGH:
        return told(nothing, np.nan, np.nan, NO_REFERENCE)
    weight = now.known.weight.sum() + now.weight.sum()
    expected = carried_over(before.known.pooled(), [weight])
    if now.weight.any() and newest.known.n.sum() < ENOUGH:
        return told(nothing, float(expected.value), np.nan, NO_HISTORY)
    found = plus(_came(now.known), _open(newest.known, now.weight))
    return told(less(expected, found), float(expected.value), float(found.value))


def _came(worth: Worth) -> Interval:
    """Return what came of rows; a few of them count as they came, without an interval."""
    if worth.n.sum() >= ENOUGH:
        return carried_over(worth.pooled(), [worth.weight.sum()])
    total = np.asarray(worth.value.sum())
    return Interval(total, total, total, np.asarray(worth.n.sum()))


def _open(earlier: Worth, weight: Floats) -> Interval:
    """Return what open rows are worth by earlier ones of their band; of all, where it has few."""
    few = earlier.n < _FEW
    of_bands = carried_over(earlier, np.where(few, 0.0, weight))
    return plus(of_bands, carried_over(earlier.pooled(), [weight[few].sum()]))


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
) -> WorthByBand:
    view: View = within(asked.view, start, end)
    return workspace.memo.get(
        ("worth by band", asked.view.key, edges, start, end),
        lambda: worth_by_band(
            workspace.duck, kpi_rows(workspace, view, view.chunks), asked.rule, edges
        ),
    )
