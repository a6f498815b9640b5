"""Comments on a case, and whom they speak to.

``@name`` speaks to somebody who may look at the case. That person follows it from then on, and
finds the comment among those to answer until they act on the case or comment themselves.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.review import words
from core.services.review.cases import case_reference
from core.services.review.changing import objects_of
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import is_readable, readable, require_no_developer
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.review import cases, mentions, texts, watching
from core.store.review.records import CaseRecord

_MENTION = re.compile(r"(?<![\w.@-])@([\w.\-]+)")
MOST_MENTIONS = 10


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment on a case.

    Parameters
    ----------
    id, case_id, reference : int, int, str
        Its key, and the case.
    author_name, written_at, text : str, datetime, str
        Who wrote what, and when.
    mentioned : tuple of str
        Names of whom it speaks to.
    """

    id: int
    case_id: int
    reference: str
    author_name: str
    written_at: datetime
    text: str
    mentioned: tuple[str, ...]


def comment(workspace: Workspace, case_id: int, text: str, *, actor: Actor) -> int:
    """Write a comment on a case; return its id.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        On which case, in whatever state.
    text : str
        The words; they repeat no personal value of the row.
    actor : Actor
        Needs ``review.work``.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    Forbidden
        If the actor develops the model.
    InvalidInput
        If the words are missing, too long or repeat a personal value, or speak to somebody who
        may not look at the case.
    """
    access.require(actor, Permission.review_work)
    said = words.checked(text, needed=True)
    with workspace.store.read() as conn:
        found = readable(conn, cases.get(conn, case_id), actor)
        require_no_developer(conn, found, actor)
    words.refuse_personal(workspace, found.model_id, found.prediction_id, [said])
    return _comment(workspace, case_id, said, actor=actor)


def comments(workspace: Workspace, case_id: int, *, actor: Actor) -> tuple[Comment, ...]:
    """Return the comments on a case, the oldest first.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    """
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        readable(conn, cases.get(conn, case_id), actor)
        found = [each for each in texts.of_case(conn, case_id) if each.kind == "comment"]
        return _named(conn, found)


def to_answer(workspace: Workspace, *, actor: Actor, limit: int = 20) -> tuple[Comment, ...]:
    """Return the comments that speak to the actor and wait for an answer, the newest first."""
    access.require(actor, Permission.review_view)
    with workspace.store.read() as conn:
        found = mentions.unanswered(conn, actor.user_id, limit=limit)
        seen = [each for each in found if is_readable(conn, each.case_id, actor)]
        return _named(conn, seen)


@repeat_when_busy
def _comment(workspace: Workspace, case_id: int, text: str, *, actor: Actor) -> int:
    at = workspace.clock()
    with workspace.store.begin() as conn:
        found = readable(conn, cases.get(conn, case_id, lock=True), actor)
        spoken_to = _mentioned(conn, text, found)
        kept = texts.add(
            conn, case_id, kind="comment", author_id=actor.user_id, text=text, at=at,
            mentions=spoken_to,
        )  # fmt: skip
        for user_id in spoken_to:
            watching.add(conn, case_id, user_id, since=at)
        audit.append(
            conn,
            at=at,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="review.commented",
            objects=objects_of(found),
            body={"text": kept, "mentions": len(spoken_to)},
            personal=reasons.about_unless_erased(conn, found.subject_id, text),
        )
    return kept


def _mentioned(conn: Connection, text: str, case: CaseRecord) -> list[str]:
    names = dict.fromkeys(users.normal_username(each) for each in _MENTION.findall(text))
    if len(names) > MOST_MENTIONS:
        raise InvalidInput(
            N_("A comment speaks to at most {most} people."),
            remedy=N_("Name those who have to do something."),
            most=MOST_MENTIONS,
        )
    found = []
    for name in names:
        user = users.find_by_username(conn, name.rstrip(".-"))
        may = user is not None and not user.disabled and _sees(case, user.actor("web"))
        if user is None or not may:
            raise InvalidInput(
                N_("Nobody called {name} may look at this case."),
                remedy=N_("Write the name with which the person signs in, behind an @."),
                name=name,
            )
        found.append(user.id)
    return found


def _sees(case: CaseRecord, reader: Actor) -> bool:
    return (
        allows(reader, Permission.review_view)
        and reader.sees_model(case.model_id)
        and reader.sees_jurisdiction(case.jurisdiction)
    )


def _named(conn: Connection, found: list[texts.TextRecord]) -> tuple[Comment, ...]:
    people = {user for each in found for user in (each.author_id, *each.mentions)}
    names = users.names_by_id(conn, people)
    return tuple(
        Comment(
            each.id,
            each.case_id,
            case_reference(each.case_id),
            names.get(each.author_id, each.author_id),
            each.written_at,
            each.text,
            tuple(names.get(user, user) for user in each.mentions),
        )
        for each in found
    )
