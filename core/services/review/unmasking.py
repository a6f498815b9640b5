"""Telling a blind control from a case once it is final: one step, one audit entry.

What was found is what the first verdict says: whoever checks it may know what the case is.
"""

from datetime import datetime

from sqlalchemy import Connection

from core.domain.review import CONTROL, Action
from core.services.review.changing import By, Said, note
from core.store.review import controls, steps
from core.store.review.records import CaseRecord


def unmask(conn: Connection, decided: CaseRecord, who: By, at: datetime) -> None:
    """Note what was found of a case if it was a control; of any other case do nothing.

    Call it in the transaction that makes the verdict final, as its last step.
    """
    if decided.kind != CONTROL:
        return
    first = steps.first_verdict(conn, decided.id)
    found = controls.unmask(conn, decided.id, first or str(decided.verdict), at=at)
    if found is None:
        return
    facts = {"expected": found.expected, "caught": found.caught}
    said = Said(body=facts, told={**facts, "outcome": found.basis.get("outcome")})
    states = (str(decided.state), str(decided.state))
    note(conn, decided, Action.unmask, who, at=at, states=states, said=said)
