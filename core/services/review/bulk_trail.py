"""What is told of many cases that were changed at once: of each by itself, and of all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from core.domain.review import Action, CaseState
from core.services.review.changing import By, Said, tell
from core.store.audit import trail as audit
from core.store.review import steps
from core.store.review.records import CaseRecord
from core.store.review.steps import NewStep

_TOLD = {"to": "assigned_to"}  # "to" is the state in the trail


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to one case.

    Parameters
    ----------
    case : CaseRecord
        As it was before.
    moved_to : CaseState
        Where it stands now.
    action : Action
        What its step is called.
    about : mapping
        What is said with it, in the step and in the trail: to whom, which priority, why.
    """

    case: CaseRecord
    moved_to: CaseState
    action: Action
    about: Mapping[str, object] = field(default_factory=dict)


def note_all(
    conn: Connection,
    act: str,
    done: Sequence[Done],
    who: By,
    at: datetime,
    *,
    refused: Sequence[CaseRecord] = (),
) -> None:
    """Note a step of each case and tell the audit trail; the last thing in a transaction.

    Each case has an entry of its own, by which the trail is searched. Beside them there is one
    entry ``review.bulk`` for each model and jurisdiction: who reads the trail of one jurisdiction
    learns nothing of another's cases.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    act : str
        What was done.
    done : sequence of Done
        To which cases.
    who : By
        By whom.
    at : datetime
        When.
    refused : sequence of CaseRecord
        Which of the actor's cases were left as they are.
    """
    steps.add(conn, [_step(each, act, who, at) for each in done])
    for each in done:
        about = {_TOLD.get(name, name): value for name, value in each.about.items()}
        told: dict[str, object] = {"bulk": act, **about}
        after = replace(each.case, state=each.moved_to, revision=each.case.revision + 1)
        states = (str(each.case.state), str(each.moved_to))
        kind = f"review.{each.action}"
        tell(conn, after, kind, who, at=at, states=states, said=Said(told=told))
    for model_id, jurisdiction in sorted({_scope(each.case) for each in done}):
        here = [each for each in done if _scope(each.case) == (model_id, jurisdiction)]
        left = [each.id for each in refused if _scope(each) == (model_id, jurisdiction)]
        audit.append(
            conn,
            at=at,
            actor=who.audit_name,
            role=who.role,
            kind="review.bulk",
            objects={"model": model_id, "jurisdiction": jurisdiction},
            body={"act": act, "cases": [each.case.id for each in here], "refused": left},
        )


def _step(done: Done, act: str, who: By, at: datetime) -> NewStep:
    return NewStep(
        done.case.id,
        at,
        who.user_id,
        done.action,
        str(done.case.state),
        str(done.moved_to),
        body={"bulk": act, **done.about},
    )


def _scope(case: CaseRecord) -> tuple[str, str]:
    return case.model_id, case.jurisdiction
