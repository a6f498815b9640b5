"""What a moved cut-off would bring the queue of human review, by the rules of the contract."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from core.contract import ModelContract
from core.contract.review_rules import rule_condition
from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.lake.routing.plan import RoutingPlan
from core.lake.routing.rows import count_chosen
from core.services.performance.counting import matured_before
from core.services.questions import Question, View, resolve
from core.services.reference.counts import row_filter
from core.services.routing.plan import routing_plan
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

_WEEK = 7
_LOGGED = frozenset({"decision", "prediction"})


@dataclass(frozen=True, slots=True)
class QueueLoad:
    """Cases that rules would make of some predictions.

    Parameters
    ----------
    cases : int
        How many.
    rows : int
        Predictions that the rules were asked about.
    days : int
        Local days from the first to the last of them.
    """

    cases: int
    rows: int
    days: int

    @property
    def per_week(self) -> float:
        """Cases in seven days."""
        return _WEEK * self.cases / self.days if self.days else 0.0


@dataclass(frozen=True, slots=True)
class Workload:
    """The queue under two cut-offs, over the same predictions.

    Parameters
    ----------
    today, then : QueueLoad
        By the cut-offs in force, and by the one that is tried out.
    as_logged : tuple of str
        Ids of rules that read the logged decision, which moves with no cut-off.
    """

    today: QueueLoad
    then: QueueLoad
    as_logged: tuple[str, ...]


@retry_when_stale
def workload(
    workspace: Workspace, question: Question, cut_off: float, *, actor: Actor
) -> Workload | None:
    """Say how many cases people would get if the cut-off moved; nothing is changed.

    The rules of human review in the contract are asked about every prediction of the question
    that is old enough for its outcome to be final, also about those before the rules' own start.
    Checks by a second person and blind cases come on top.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        As for :func:`core.services.value.value`.
    cut_off : float
        From which score on rows would be flagged.
    actor : Actor
        Needs ``value.view``; only rows in the actor's scope are counted.

    Returns
    -------
    Workload or None
        ``None`` without rules.

    Raises
    ------
    NotFound, Forbidden, NothingYet, InvalidInput
        As for :func:`core.services.value.value`.
    """
    view = resolve(workspace, question, Permission.value_view, actor=actor)
    if view.contract.review is None or not view.contract.review.rules:
        return None
    with workspace.store.read() as conn:
        plan = routing_plan(workspace, conn, view.contract)
    moved = replace(plan, around=replace(plan.around, cut_off=cut_off))
    return Workload(
        _load(workspace, view, plan),
        _load(workspace, view, moved),
        tuple(_as_logged(view.contract)),
    )


def _load(workspace: Workspace, view: View, plan: RoutingPlan) -> QueueLoad:
    around = plan.around
    state = around.cut_off, around.quality, around.drift, around.opted_out
    return workspace.memo.get(
        ("value workload", view.key, state), lambda: _counted(workspace, view, plan)
    )


def _counted(workspace: Workspace, view: View, plan: RoutingPlan) -> QueueLoad:
    newest = matured_before(view) + timedelta(microseconds=1)
    start, end = view.window.start, min(view.window.end, newest)
    if end <= start:
        return QueueLoad(0, 0, 0)
    paths = workspace.lake_paths(view.data_files("predictions"))
    counted, rows = count_chosen(
        workspace.duck, paths, plan, (start, end), row_filter(workspace, view)
    )
    last = local_day(end - timedelta(microseconds=1), view.timezone)
    days = (last - local_day(start, view.timezone)).days + 1
    return QueueLoad(sum(each.rows for each in counted), rows, days)


def _as_logged(contract: ModelContract) -> Iterator[str]:
    for rule in contract.review.rules if contract.review else ():
        if _LOGGED & set(rule_condition(contract, rule).columns):
            yield rule.id
