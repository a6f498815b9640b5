"""When a verdict becomes final."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.domain.review import Action, CaseState
from core.services.review.changing import Said, by, changed_since, tell
from core.services.review.unmasking import unmask
from core.store.review import cases, drafts, steps
from core.store.review.records import CaseRecord
from core.store.review.steps import NewStep


def finish_at_once(
    conn: Connection,
    before: CaseRecord,
    values: Mapping[str, Any],
    said: Said,
    person: Actor,
    at: datetime,
) -> CaseRecord:
    """Make a verdict final that nobody checks: one change of the case, two steps of it.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    before : CaseRecord
        The case as it was read.
    values : Mapping of str to Any
        Columns of the case to set.
    said : Said
        Facts and words for the step and the entry.
    person : Actor
        Who decides.
    at : datetime
        When.

    Raises
    ------
    Conflict
        If the case was changed since.
    """
    drafts.remove_of_case(conn, before.id)
    after = cases.change(
        conn,
        before.id,
        state=before.state,
        revision=before.revision,
        to=CaseState.final,
        values={
            **values,
            "holder_id": None,
            "lease_until": None,
            "final_decision": values["proposed_decision"],
            "final_at": at,
        },
    )
    if after is None:
        raise changed_since(cases.get(conn, before.id))
    path = [
        (Action.propose, before.state, CaseState.proposed, said.body),
        (Action.finish, CaseState.proposed, CaseState.final, {}),
    ]
    steps.add(
        conn,
        [
            NewStep(
                before.id, at, person.user_id, action, str(old), str(new), said.verdict,
                said.reason_code, body,
            )
            for action, old, new, body in path
        ],
    )  # fmt: skip
    states = (str(before.state), str(CaseState.proposed))
    tell(conn, after, f"review.{Action.propose}", by(person), at=at, states=states, said=said)
    tell_final(conn, after, person, at, CaseState.proposed)
    unmask(conn, after, by(person), at)
    return after


def tell_final(
    conn: Connection, after: CaseRecord, person: Actor, at: datetime, before: CaseState
) -> None:
    """Tell the audit trail of a final verdict: one such entry for each case."""
    said = Said(
        str(after.verdict),
        after.reason_code,
        told={"decision": after.decision, "final_decision": after.final_decision},
    )
    states = (str(before), str(after.state))
    tell(conn, after, f"review.{Action.finish}", by(person), at=at, states=states, said=said)
