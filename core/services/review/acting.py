"""What acts with words on a case have in common: the words are checked, kept and told apart."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.domain.review import Action
from core.services.review import words
from core.services.review.cases import Case, shown
from core.services.review.changing import Said, apply, by, look_up_held
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import in_scope
from core.services.workspace import Workspace
from core.store.review import cases, texts
from core.store.review.records import CaseRecord

Values = Callable[[CaseRecord], Mapping[str, Any]]


def act(
    workspace: Workspace,
    case_id: int,
    action: Action,
    text: str,
    values: Values,
    *,
    kind: str,
    holder: Actor,
    revision: int,
) -> Case:
    """Do something with words to a case that somebody holds; whoever calls has asked.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        The case.
    action : Action
        What is done.
    text : str
        The words; they are about a person.
    values : Values
        Columns of the case to set.
    kind : str
        What kind of words they are.
    holder : Actor
        Who holds the case.
    revision : int
        The state of the case that the actor looked at.
    """
    why = words.checked(text, needed=True)
    refuse_personal(workspace, case_id, holder, [why])
    return _do(workspace, case_id, action, why, values, kind=kind, holder=holder, revision=revision)


@repeat_when_busy
def _do(
    workspace: Workspace,
    case_id: int,
    action: Action,
    text: str,
    values: Values,
    *,
    kind: str,
    holder: Actor,
    revision: int,
) -> Case:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = look_up_held(conn, case_id, holder, revision=revision, action=action)
        said = with_text(conn, found, text, kind, holder, at)
        after = apply(conn, found, action, by(holder), at=at, values=values(found), said=said)
        return shown(workspace, conn, [after], holder)[0]


def refuse_personal(
    workspace: Workspace, case_id: int, holder: Actor, written: Sequence[str]
) -> None:
    """Read the case's prediction and refuse words that repeat it."""
    if not any(written):
        return
    with workspace.store.read() as conn:
        found = in_scope(cases.get(conn, case_id), holder)
    words.refuse_personal(workspace, found.model_id, found.prediction_id, written)


def with_text(
    conn: Connection, found: CaseRecord, text: str, kind: str, holder: Actor, at: datetime
) -> Said:
    """Keep words about a case; return what its step and the audit trail say of them.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    found : CaseRecord
        The case.
    text : str
        The words.
    kind : str
        What kind of words they are.
    holder : Actor
        Who holds the case.
    at : datetime
        When.
    """
    if not text:
        return Said()
    kept = texts.add(conn, found.id, kind=kind, author_id=holder.user_id, text=text, at=at)
    return Said(words=text, body={"text": kept})
