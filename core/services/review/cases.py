"""Reading cases: one, a page of them, how many, and the steps of one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import FINISHED, Action, CaseState
from core.domain.working_days import local_day, start_of_day
from core.services import access
from core.services.review.blind import require_readable
from core.services.review.rules import in_scope
from core.services.review.shown_case import Case, case_id_of, case_reference, shown
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.review import cases, lists, steps, texts
from core.store.review.lists import Narrowed, Order, Scope
from core.store.review.records import CaseRecord

_PAGE = 50
__all__ = [
    "Case",
    "CaseFilter",
    "CasePage",
    "QueueCounts",
    "Step",
    "case_id_of",
    "case_reference",
    "case_steps",
    "list_cases",
    "queue_counts",
    "read_case",
    "shown",
]


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows.

    Parameters
    ----------
    states, models : sequence of str, optional
        Only these; by default those that wait.
    rule, tier, kind : str, optional
        Only of this rule, tier or kind; of a rule, none whose score is hidden from the reader.
    mine : bool
        Only those that the reader has, or that are assigned to the reader.
    overdue : bool
        Only those whose time is past.
    assigned_to : str, optional
        Only those assigned to this user.
    subject_id : str, optional
        Only those about this person.
    text_id : str, optional
        A reference such as R-000123, or the id of a prediction.
    page, size : int
        From 1; rows of a page, at most 500.
    order : {"queue", "due", "newest", "decided"}
        What comes first.
    """

    states: Sequence[str] | None = None
    models: Sequence[str] | None = None
    rule: str | None = None
    tier: str | None = None
    kind: str | None = None
    mine: bool = False
    overdue: bool = False
    assigned_to: str | None = None
    subject_id: str | None = None
    text_id: str | None = None
    page: int = 1
    size: int = _PAGE
    order: Order = "queue"


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases, and how many there are on all."""

    cases: tuple[Case, ...]
    total: int


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many cases wait, in the reader's scope.

    Parameters
    ----------
    open, escalated, awaiting : int
        To be claimed; for those who may check; until the customer answers.
    claimed, proposed, checking : int
        In work; waiting for a checker; being checked.
    mine : int
        Held by the reader, or assigned to the reader.
    overdue, due_today : int
        Of all that wait: past their time, and due before midnight in Hong Kong.
    done_today : int
        Verdicts that the reader proposed or checked since midnight in Hong Kong.
    next_due : datetime, optional
        When the first of the open cases is due.
    """

    open: int
    mine: int
    proposed: int
    overdue: int
    due_today: int
    escalated: int
    awaiting: int
    done_today: int
    claimed: int
    checking: int
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a case: when, by whom, from which state to which, and the words."""

    at: datetime
    actor_id: str
    actor_name: str
    action: str
    from_state: str
    to_state: str
    verdict: str | None
    reason_code: str | None
    text: str
    evidence: tuple[str, ...]


def read_case(workspace: Workspace, case_id: int, *, actor: Actor) -> Case:
    """Return a case.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    Forbidden
        If the actor may not look at cases.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        found = _readable(conn, case_id, actor)
        return shown(workspace, conn, [found], actor)[0]


def list_cases(workspace: Workspace, narrowed: CaseFilter, *, actor: Actor) -> CasePage:
    """Return a page of the cases in the actor's scope."""
    access.require(actor, Permission.review_view)
    size = min(max(narrowed.size, 1), 500)
    with workspace.store.read() as conn:
        found, total = lists.list_cases(
            conn,
            _scope(actor),
            _narrowed(workspace, narrowed, actor),
            order=narrowed.order,
            limit=size,
            offset=(max(narrowed.page, 1) - 1) * size,
        )
        return CasePage(shown(workspace, conn, found, actor), total)


def queue_counts(
    workspace: Workspace, *, actor: Actor, models: Iterable[str] | None = None
) -> QueueCounts:
    """Return how many cases wait where, in the actor's scope."""
    access.require(actor, Permission.review_view)
    scope, now = _scope(actor), workspace.clock()
    wanted = None if models is None else tuple(models)
    today = local_day(now)
    midnight = start_of_day(today)
    with workspace.store.read() as conn:
        waiting = lists.count_waiting(
            conn,
            scope,
            Narrowed(models=wanted),
            now=now,
            until=start_of_day(today + timedelta(days=1)),
        )
        mine = lists.count_of_person(conn, scope, Narrowed(models=wanted), actor.user_id)
        done = steps.count_of_actor(
            conn,
            actor.user_id,
            [Action.propose, Action.agree, Action.send_back],
            since=midnight,
        )
    states = waiting.by_state
    return QueueCounts(
        open=states.get(CaseState.open, 0),
        mine=mine,
        proposed=states.get(CaseState.proposed, 0),
        overdue=waiting.overdue,
        due_today=waiting.due,
        escalated=states.get(CaseState.escalated, 0),
        awaiting=states.get(CaseState.awaiting_customer, 0),
        done_today=done,
        claimed=states.get(CaseState.claimed, 0),
        checking=states.get(CaseState.checking, 0),
        next_due=waiting.first_due.get(CaseState.open),
    )


def case_steps(workspace: Workspace, case_id: int, *, actor: Actor) -> tuple[Step, ...]:
    """Return what happened to a case, the oldest first.

    Raises
    ------
    NotFound
        If there is none in the actor's scope.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        _readable(conn, case_id, actor)
        unmasked = allows(actor, Permission.oversight_view)
        found = [
            each
            for each in steps.of_case(conn, case_id)
            if unmasked or each.action != Action.unmask
        ]
        words = {each.id: each.text for each in texts.of_case(conn, case_id)}
        people = {each.actor_id for each in found}
        names = users.names_by_pseudonym(conn, people) | users.names_by_id(conn, people)
    return tuple(
        Step(
            each.at,
            each.actor_id,
            names.get(each.actor_id, each.actor_id),
            each.action,
            each.from_state,
            each.to_state,
            each.verdict,
            each.reason_code,
            words.get(each.body.get("text", 0), ""),
            tuple(words.get(key, "") for key in each.body.get("evidence", ())),
        )
        for each in found
    )


def _readable(conn: Connection, case_id: int, reader: Actor) -> CaseRecord:
    found = in_scope(cases.get(conn, case_id), reader)
    require_readable(conn, found, reader)
    return found


def _scope(actor: Actor) -> Scope:
    return Scope(
        actor.models,
        actor.jurisdictions,
        allows(actor, Permission.oversight_view),
        actor.user_id if allows(actor, Permission.review_work) else None,
    )


def _narrowed(workspace: Workspace, wanted: CaseFilter, actor: Actor) -> Narrowed:
    states = wanted.states
    text = (wanted.text_id or "").strip()
    named = case_id_of(text)
    if states is None and not text:
        states = [str(each) for each in CaseState if each not in FINISHED]
    return Narrowed(
        states=states,
        models=wanted.models,
        rule=wanted.rule,
        tier=wanted.tier,
        kind=wanted.kind,
        assigned_to=wanted.assigned_to,
        case_id=named,
        prediction_id=text if text and named is None else None,
        subject_id=wanted.subject_id,
        overdue_at=workspace.clock() if wanted.overdue else None,
        for_user=actor.user_id if wanted.mine else None,
    )
