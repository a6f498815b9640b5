"""Making cases, and moving all of a model when it is suspended or resumed.

Both run in a transaction of their caller, who appends to the audit trail last.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.domain.review import HELD, Action, CaseState, state_after_resume
from core.store import serving
from core.store.review import cases, steps
from core.store.review.records import CaseRecord, NewCase
from core.store.review.steps import SYSTEM, NewStep

__all__ = ["NewCase", "make_all", "make_case", "make_cases", "resume_cases", "suspend_cases"]


def make_cases(conn: Connection, new: Sequence[NewCase], *, at: datetime, by: str = SYSTEM) -> int:
    """Make the cases that are not there yet; return how many were made.

    Done again with the same cases it makes none. Cases of a suspended model wait with it. The
    caller tells the audit trail: one entry ``review.made`` for all of them.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    new : sequence of NewCase
        The cases, of any models.
    at : datetime
        Now.
    by : str
        Id of the user who makes them; the worker by default.
    """
    return len(make_all(conn, new, at=at, by=by))


def make_case(conn: Connection, new: NewCase, *, at: datetime, by: str = SYSTEM) -> int | None:
    """Make one case; return its id, or ``None`` if it was there already."""
    made = make_all(conn, [new], at=at, by=by)
    return made[0] if made else None


def make_all(
    conn: Connection, new: Sequence[NewCase], *, at: datetime, by: str = SYSTEM
) -> tuple[int, ...]:
    """Make the cases that are not there yet, as :func:`make_cases`; return their ids."""
    made: list[int] = []
    for model_id in sorted({each.model_id for each in new}):
        cases.lock_model(conn, model_id)
        state = serving.find_state(conn, model_id)
        suspended = state is not None and state.state == "suspended"
        first = CaseState.suspended_model if suspended else CaseState.open
        of_model = [each for each in new if each.model_id == model_id]
        found = cases.insert_all(conn, of_model, state=first, at=at)
        steps.add(conn, [NewStep(each, at, by, Action.make, "", str(first)) for each in found])
        made.extend(found)
    return tuple(made)


def suspend_cases(conn: Connection, model_id: str, *, at: datetime, by: str) -> int:
    """Put every waiting case of a model aside while it is suspended; return how many.

    Whoever holds one no longer does; drafts and proposals stay. Call it in the transaction that
    suspends the model, which has locked it.
    """
    found = [
        each
        for each in cases.waiting_of_model(conn, model_id)
        if each.state is not CaseState.suspended_model
    ]
    values = {"holder_id": None, "lease_until": None}
    cases.move_all(conn, [each.id for each in found], CaseState.suspended_model, values)
    steps.add(
        conn,
        [_moved(each, Action.suspend, CaseState.suspended_model, at, by) for each in found],
    )
    return len(found)


def resume_cases(conn: Connection, model_id: str, *, at: datetime, by: str) -> int:
    """Put the cases of a model back to where they stood; return how many.

    What somebody held is open again, or proposed if a proposal stands.
    """
    found = [
        each
        for each in cases.waiting_of_model(conn, model_id)
        if each.state is CaseState.suspended_model
    ]
    before = steps.newest_from_states(conn, [each.id for each in found], Action.suspend)
    groups: dict[CaseState, list[CaseRecord]] = {}
    for each in found:
        groups.setdefault(_resumed(each, before.get(each.id)), []).append(each)
    for state, moved in groups.items():
        cases.move_all(conn, [each.id for each in moved], state, {})
    ordered = sorted(
        ((each, state) for state, moved in groups.items() for each in moved),
        key=lambda pair: pair[0].id,
    )
    steps.add(conn, [_moved(each, Action.resume, state, at, by) for each, state in ordered])
    return len(found)


def _resumed(case: CaseRecord, before: str | None) -> CaseState:
    """Return where a case goes; one that was made meanwhile, or taken escalated, to its queue."""
    state = CaseState.open if before is None else state_after_resume(CaseState(before))
    return CaseState.escalated if state is CaseState.open and case.is_escalated else state


def _moved(case: CaseRecord, action: Action, to: CaseState, at: datetime, by: str) -> NewStep:
    body: Mapping[str, Any] = {"holder": case.holder_id} if case.state in HELD else {}
    return NewStep(case.id, at, by, action, str(case.state), str(to), body=body)
