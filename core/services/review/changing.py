"""The one way in which a service changes a case: conditional update, step and audit entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.domain.review import HELD, Action, allowed, next_state
from core.errors import Conflict
from core.i18n import N_
from core.services.personal import reasons
from core.services.review.rules import readable, require_may_decide
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.review import cases, steps
from core.store.review.records import CaseRecord
from core.store.review.steps import NewStep

_NO_HOLDER: Mapping[str, Any] = {"holder_id": None, "lease_until": None}
NO_PROPOSAL: Mapping[str, Any] = {
    "maker_id": None,
    "checker_id": None,
    "verdict": None,
    "proposed_decision": None,
    "reason_code": None,
    "check_reason": None,
    "proposed_at": None,
}


@dataclass(frozen=True, slots=True)
class By:
    """Who changes a case: for its steps, and for the audit trail."""

    user_id: str
    audit_name: str
    role: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is said with a change.

    Parameters
    ----------
    verdict, reason_code : str, optional
        As the step keeps them.
    words : str
        About the person; the audit trail keeps them under the person's key.
    body : mapping
        Further facts of the step.
    told : mapping
        Further facts for the audit trail.
    """

    verdict: str | None = None
    reason_code: str | None = None
    words: str = ""
    body: Mapping[str, Any] = field(default_factory=dict)
    told: Mapping[str, Any] = field(default_factory=dict)


NOTHING_SAID = Said()
WORKER = By(steps.SYSTEM, steps.SYSTEM, "worker")


def by(person: Actor) -> By:
    """Return somebody as who changes a case."""
    return By(person.user_id, person.audit_name, person.role_text)


def look_up(
    conn: Connection, case_id: int, reader: Actor, *, revision: int | None = None
) -> CaseRecord:
    """Return a case in the reader's scope, locked, and as the reader last saw it.

    Raises
    ------
    NotFound
        If there is none.
    Conflict
        If it was changed since.
    """
    found = readable(conn, cases.get(conn, case_id, lock=True), reader)
    if revision is not None and found.revision != revision:
        raise changed_since(found)
    return found


def look_up_held(
    conn: Connection, case_id: int, reader: Actor, *, revision: int, action: Action
) -> CaseRecord:
    """Return a case that the reader holds, and may decide still.

    Raises
    ------
    NotFound
        If there is none in the reader's scope.
    Conflict
        If it is not the reader's any more, was changed, or the act is not possible.
    Forbidden
        If the reader develops the model since, or was barred.
    """
    found = readable(conn, cases.get(conn, case_id, lock=True), reader)
    if found.state in HELD and found.holder_id != reader.user_id:
        raise held_by_another(conn, found)
    if not allowed(found.state, action):
        raise not_now(found)
    if found.revision != revision:
        raise changed_since(found)
    require_may_decide(conn, found, reader)
    return found


def apply(
    conn: Connection,
    before: CaseRecord,
    action: Action,
    who: By,
    *,
    at: datetime,
    values: Mapping[str, Any] | None = None,
    said: Said = NOTHING_SAID,
) -> CaseRecord:
    """Change a case, note the step and tell the audit trail; the last thing in a transaction.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    before : CaseRecord
        The case as the caller looked at it.
    action : Action
        What is done.
    who : By
        By whom.
    at : datetime
        When.
    values : mapping, optional
        Columns to set beside the state.
    said : Said
        What is said with it.

    Raises
    ------
    Conflict
        If it was changed since, or the act is not possible.
    """
    if not allowed(before.state, action):
        raise not_now(before)
    to = next_state(before.state, action, escalated=before.is_escalated)
    columns = {**({} if to in HELD else _NO_HOLDER), **(values or {})}
    after = cases.change(
        conn, before.id, state=before.state, revision=before.revision, to=to, values=columns
    )
    if after is None:
        raise changed_since(cases.get(conn, before.id))
    note(conn, after, action, who, at=at, states=(before.state, to), said=said)
    return after


def note(
    conn: Connection,
    case: CaseRecord,
    action: Action,
    who: By,
    *,
    at: datetime,
    states: tuple[str, str],
    said: Said = NOTHING_SAID,
) -> None:
    """Note a step of a case that is changed already, and tell the audit trail of it.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    case : CaseRecord
        The case as it is now.
    action : Action
        The step.
    who : By
        Who does it, and in which role.
    at : datetime
        When.
    states : tuple
        The states before and after.
    said : Said
        Facts and words for the step and the entry.
    """
    step = NewStep(
        case.id,
        at,
        who.user_id,
        action,
        str(states[0]),
        str(states[1]),
        said.verdict,
        said.reason_code,
        said.body,
    )
    steps.add(conn, [step])
    tell(conn, case, f"review.{action}", who, at=at, states=states, said=said)


def tell(
    conn: Connection,
    case: CaseRecord,
    kind: str,
    who: By,
    *,
    at: datetime,
    states: tuple[str, str],
    said: Said = NOTHING_SAID,
) -> None:
    """Append what happened to a case to the audit trail; never why the case was made.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    case : CaseRecord
        The case as it is now.
    kind : str
        Kind of the entry, such as ``review.claimed``.
    who : By
        Who does it, and in which role.
    at : datetime
        When.
    states : tuple
        The states before and after.
    said : Said
        Facts and words for the step and the entry.
    """
    body: dict[str, object] = {
        "from": str(states[0]),
        "to": str(states[1]),
        "revision": case.revision,
        **({"verdict": said.verdict} if said.verdict else {}),
        **({"reason_code": said.reason_code} if said.reason_code else {}),
        **said.told,
    }
    words = said.words
    audit.append(
        conn,
        at=at,
        actor=who.audit_name,
        role=who.role,
        kind=kind,
        objects=objects_of(case),
        body=body,
        personal=reasons.about_unless_erased(conn, case.subject_id, words) if words else None,
    )


def objects_of(case: CaseRecord) -> dict[str, str]:
    """Return what an entry about a case is about."""
    return {
        "model": case.model_id,
        "prediction": case.prediction_id,
        "case": str(case.id),
        "jurisdiction": case.jurisdiction,
    }


def held_by_another(conn: Connection, case: CaseRecord) -> Conflict:
    """Return the error of a case that somebody else has."""
    holder = case.holder_id or ""
    return Conflict(
        N_("{name} has the case {case} now."),
        remedy=N_("Take another case; this one comes back if it is not decided."),
        name=users.names_by_id(conn, [holder]).get(holder, holder),
        case=case.id,
    )


def not_now(case: CaseRecord) -> Conflict:
    """Return the error of an act that is not possible in the state of a case."""
    return Conflict(
        N_("The case {case} is in the state {state}: this cannot be done now."),
        remedy=N_("Open it again and look at what happened."),
        case=case.id,
        state=str(case.state),
    )


def changed_since(case: CaseRecord) -> Conflict:
    """Return the error of a case that was changed since the actor looked at it."""
    return Conflict(
        N_("The case {case} was changed since you opened it."),
        remedy=N_("Open it again and look at what happened."),
        case=case.id,
        state=str(case.state),
    )
