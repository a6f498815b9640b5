"""A case as a reader may know it.

A blind control or second review looks like any other case until it is final, and then to those who
watch over reviews only; a score that is to be hidden stays hidden; the draw of what is checked is
never told.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import CLOCKED, CONTROL, FINISHED, SECOND, CaseState, Verdict
from core.services.review.blind import is_kept_blind
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.review import lists, steps
from core.store.review.records import CaseRecord

_BLIND = frozenset({CONTROL, SECOND})
_REFERENCE = re.compile(r"^\s*R-0*(\d{1,15})\s*$", re.IGNORECASE)


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
    rule, rules, priority : str, tuple of str, int, optional
        Empty or ``None`` while the score is hidden: they would give it away.
    fed_batch : str, optional
        ``None`` also for who works on blind cases, which are never fed.
    own_view : Verdict, optional
        What this reader thought before the score was shown.
    is_mine : bool
        Whether this reader has the case now.
    is_overdue : bool
        Whether it waits, not for the customer, and its time is past.
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
    priority: int | None
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


def case_reference(case_id: int) -> str:
    """Return how people call a case: ``R-000123``."""
    return f"R-{case_id:06d}"


def case_id_of(reference: str) -> int | None:
    """Return the key that a reference names, or ``None`` if it is none."""
    found = _REFERENCE.match(reference)
    return int(found[1]) if found else None


def shown(
    workspace: Workspace, conn: Connection, found: Sequence[CaseRecord], reader: Actor
) -> tuple[Case, ...]:
    """Return cases as the reader may know them; whoever calls has checked the scope."""
    people = {
        user
        for each in found
        for user in (each.holder_id, each.assigned_to, each.maker_id, each.checker_id)
        if user is not None
    }
    names = users.names_by_id(conn, people)
    judged_first = [each.id for each in found if each.score_shown == "after_own_view"]
    views = steps.own_views(conn, judged_first, reader.user_id) if judged_first else {}
    now = workspace.clock()
    return tuple(_shown(each, reader, names, views.get(each.id), now) for each in found)


def _shown(
    case: CaseRecord, reader: Actor, names: Mapping[str, str], own_view: str | None, now: datetime
) -> Case:
    blind = case.kind in _BLIND and not (
        case.state is CaseState.final and allows(reader, Permission.oversight_view)
    )
    hidden = hides_score(case, reader, own_view)
    left = None if case.lease_until is None else (case.lease_until - now).total_seconds()
    return Case(
        **{name: getattr(case, name) for name in _AS_STORED},
        reference=case_reference(case.id),
        kind=lists.ROUTED if blind else case.kind,
        parent_id=None if blind else case.parent_id,
        score=None if hidden else case.score,
        rule="" if hidden else case.rule,
        rules=() if hidden else case.rules,
        priority=None if hidden else case.priority,
        fed_batch=None if is_kept_blind(reader) else case.fed_batch,
        score_hidden=hidden,
        seconds_left_of_lease=None if left is None else max(0, int(left)),
        own_view=None if own_view is None else Verdict(own_view),
        is_overdue=case.state in CLOCKED and case.due_at < now,
        is_mine=case.holder_id == reader.user_id,
        holder_name=names.get(case.holder_id or "", ""),
        assigned_name=names.get(case.assigned_to or "", ""),
        maker_name=names.get(case.maker_id or "", ""),
        checker_name=names.get(case.checker_id or "", ""),
    )


def hides_score(case: CaseRecord, reader: Actor, own_view: str | None) -> bool:
    """Whether a reader who may be asked to judge the case does not see its score yet."""
    if case.score_shown == "at_once" or case.state in FINISHED:
        return False
    if not allows(reader, Permission.review_work):
        return False
    return case.score_shown == "never" or own_view is None


_AS_STORED = frozenset(Case.__dataclass_fields__) & frozenset(CaseRecord.__dataclass_fields__) - {
    "kind",
    "parent_id",
    "score",
    "rule",
    "rules",
    "priority",
    "fed_batch",
}
