"""Reading cases: one, a page of them, how many, and the steps of one.

Nobody who works on the queue learns here what would spoil a review: a blind control or second
review looks like any other case until it is final, and then to those who watch over reviews only;
a score that is to be hidden stays hidden; the draw of what is checked is never told.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import CONTROL, FINISHED, SECOND, Action, CaseState, Verdict
from core.domain.working_days import local_day, start_of_day
from core.services import access
from core.services.review.rules import in_scope
from core.services.workspace import Workspace
from core.store import users
from core.store.review import cases, lists, steps, texts
from core.store.review.lists import Narrowed, Order, Scope
from core.store.review.records import CaseRecord

_BLIND = frozenset({CONTROL, SECOND})
_REFERENCE = re.compile(r"^\s*R-0*(\d{1,15})\s*$", re.IGNORECASE)
_PAGE = 50


@dataclass(frozen=True, slots=True)
class Case:
    """A case as a reader may know it.

    Parameters
    ----------
    id, reference : int, str
        Its key, and how people call it: ``R-000123``.
    kind : str
        ``routed``, ``request`` or ``appeal``; a control or second review shows what it is when it
        is final, to whoever holds ``oversight.view``.
    score : float, optional
        ``None`` also while it is hidden from this reader.
    score_hidden : bool
        Whether it is.
    own_view : Verdict, optional
        What this reader thought before the score was shown.
    is_mine : bool
        Whether this reader has the case now.
    is_overdue : bool
        Whether it waits, and its time is past.
    seconds_left_of_lease : int, optional
        Of whoever has it; 0 once it may be returned.
    holder_name, assigned_name, maker_name, checker_name : str
        Names of the people; empty where there is nobody.

    Notes
    -----
    The other fields are those of :class:`core.store.review.records.CaseRecord`.
    """

    id: int
    reference: str
    model_id: str
    prediction_id: str
    kind: str
    parent_id: int | None
    request_id: int | None
    subject_id: str
    jurisdiction: str
    version: str
    predicted_at: datetime
    decision: str
    score: float | None
    score_hidden: bool
    score_shown: str
    amount: float | None
    policy_version: str | None
    rules_sha256: str
    rule: str
    rules: tuple[str, ...]
    tier: str
    priority: int
    language: str | None
    skill: str | None
    state: CaseState
    revision: int
    holder_id: str | None
    lease_until: datetime | None
    seconds_left_of_lease: int | None
    assigned_to: str | None
    maker_id: str | None
    checker_id: str | None
    verdict: Verdict | None
    own_view: Verdict | None
    proposed_decision: str | None
    final_decision: str | None
    reason_code: str | None
    check_reason: str | None
    created_at: datetime
    due_at: datetime
    is_overdue: bool
    follow_up_on: date | None
    escalated_at: datetime | None
    proposed_at: datetime | None
    final_at: datetime | None
    fed_batch: str | None
    is_mine: bool
    holder_name: str
    assigned_name: str
    maker_name: str
    checker_name: str


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list shows.

    Parameters
    ----------
    states, models : sequence of str, optional
        Only these; by default those that wait.
    rule, tier, kind : str, optional
        Only of this rule, tier or kind.
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


def case_reference(case_id: int) -> str:
    """Return how people call a case: ``R-000123``."""
    return f"R-{case_id:06d}"


def case_id_of(reference: str) -> int | None:
    """Return the key that a reference names, or ``None`` if it is none."""
    found = _REFERENCE.match(reference)
    return int(found[1]) if found else None


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
        found = in_scope(cases.get(conn, case_id), actor)
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
        states = lists.count_by_state(conn, scope, Narrowed(models=wanted))
        mine = lists.count_by_state(conn, scope, Narrowed(models=wanted, for_user=actor.user_id))
        overdue, due_today = lists.count_due(
            conn,
            scope,
            Narrowed(models=wanted),
            now=now,
            until=start_of_day(today + timedelta(days=1)),
        )
        done = steps.count_of_actor(
            conn,
            actor.user_id,
            [Action.propose, Action.agree, Action.send_back],
            since=midnight,
        )
    return QueueCounts(
        open=states.get(CaseState.open, 0),
        mine=sum(mine.values()),
        proposed=states.get(CaseState.proposed, 0),
        overdue=overdue,
        due_today=due_today,
        escalated=states.get(CaseState.escalated, 0),
        awaiting=states.get(CaseState.awaiting_customer, 0),
        done_today=done,
        claimed=states.get(CaseState.claimed, 0),
        checking=states.get(CaseState.checking, 0),
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
        in_scope(cases.get(conn, case_id), actor)
        found = steps.of_case(conn, case_id)
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


def shown(
    workspace: Workspace, conn: Connection, found: Sequence[CaseRecord], actor: Actor
) -> tuple[Case, ...]:
    """Return cases as the actor may know them; whoever calls has checked the scope."""
    people = {
        user
        for each in found
        for user in (each.holder_id, each.assigned_to, each.maker_id, each.checker_id)
        if user is not None
    }
    names = users.names_by_id(conn, people)
    judged_first = [each.id for each in found if each.score_shown == "after_own_view"]
    views = steps.own_views(conn, judged_first, actor.user_id) if judged_first else {}
    now = workspace.clock()
    return tuple(_shown(each, actor, names, views.get(each.id), now) for each in found)


def _shown(
    case: CaseRecord, actor: Actor, names: dict[str, str], own_view: str | None, now: datetime
) -> Case:
    blind = case.kind in _BLIND and not (
        case.state is CaseState.final and allows(actor, Permission.oversight_view)
    )
    hidden = _hides_score(case, actor, own_view)
    left = None if case.lease_until is None else (case.lease_until - now).total_seconds()
    return Case(
        **{name: getattr(case, name) for name in _AS_STORED},
        reference=case_reference(case.id),
        kind=lists.ROUTED if blind else case.kind,
        parent_id=None if blind else case.parent_id,
        score=None if hidden else case.score,
        score_hidden=hidden,
        seconds_left_of_lease=None if left is None else max(0, int(left)),
        own_view=None if own_view is None else Verdict(own_view),
        is_overdue=case.state not in FINISHED and case.due_at < now,
        is_mine=case.holder_id == actor.user_id,
        holder_name=names.get(case.holder_id or "", ""),
        assigned_name=names.get(case.assigned_to or "", ""),
        maker_name=names.get(case.maker_id or "", ""),
        checker_name=names.get(case.checker_id or "", ""),
    )


def _hides_score(case: CaseRecord, actor: Actor, own_view: str | None) -> bool:
    """Whether a reader who may be asked to judge the case does not see its score yet."""
    if case.score_shown == "at_once" or case.state in FINISHED:
        return False
    if not allows(actor, Permission.review_work):
        return False
    return case.score_shown == "never" or own_view is None


def _scope(actor: Actor) -> Scope:
    return Scope(actor.models, actor.jurisdictions, allows(actor, Permission.oversight_view))


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


_AS_STORED = frozenset(Case.__dataclass_fields__) & frozenset(CaseRecord.__dataclass_fields__) - {
    "kind",
    "parent_id",
    "score",
}
