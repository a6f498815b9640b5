"""Dispute notes: bound to a prediction, and shown wherever its score or decision is shown.

Whoever shows one prediction asks :func:`notes_shown`, and shows what it answers; services that list
predictions ask :mod:`core.services.rights.attention` which of them have a note.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.rights.attention import SHOWN, note_shown
from core.services.rights.common import (
    checked_words,
    keep_step,
    reference_of,
    request_reference,
    require_identified,
    require_kind,
    visible,
)
from core.services.serving.releases import release_state
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.rights import disputes
from core.store.rights.disputes import DisputeNote

ITEMS = {
    "score": N_("The score"),
    "decision": N_("The decision"),
    "data": N_("Data that the model read"),
}
LONGEST_NOTE = 2000
_MOST_SHOWN = 10_000


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it is shown beside a score.

    Parameters
    ----------
    id : int
        Its number.
    request : str
        The request it came of, as people call it.
    model_id, prediction_id : str
        What it is bound to.
    item : str
        What is disputed: one of :data:`ITEMS`.
    text : str
        The customer's words.
    made_at : datetime
        Since when it is shown.
    made_by : str
        Who attached it.
    withdrawn_at : datetime, optional
        Until when, if it was withdrawn.
    """

    id: int
    request: str
    model_id: str
    prediction_id: str
    item: str
    text: str
    made_at: datetime
    made_by: str
    withdrawn_at: datetime | None = None


def attach_note(
    workspace: Workspace, request_id: int, text: str, *, item: str = "score", actor: Actor
) -> Note:
    """Attach the customer's note to what was not changed; from now on it is shown with it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        A correction request, or one for review, whose prediction is named.
    text : str
        What the customer says, without the reference.
    item : str
        What is disputed: one of :data:`ITEMS`.
    actor : Actor
        Who attaches it.

    Raises
    ------
    Conflict
        If who asks is not confirmed, or the person was erased.
    InvalidInput
        If the request names no prediction, or the text is missing or names the customer.
    """
    access.require(actor, Permission.rights_handle)
    if item not in ITEMS:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=item,
            known=", ".join(ITEMS),
        )
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "correction", "review")
        require_identified(found)
        said = checked_words(text, reference=reference_of(workspace, found), longest=LONGEST_NOTE)
        if found.model_id is None or found.prediction_id is None:
            raise InvalidInput(
                N_("The request names no prediction that a note could be bound to."),
                remedy=N_("Name the prediction first."),
            )
        values = {
            "subject_id": found.subject_id,
            "model_id": found.model_id,
            "prediction_id": found.prediction_id,
            "item": item,
            "text": said,
            "request_id": found.id,
            "made_at": workspace.clock(),
            "made_by": actor.user_id,
        }
        note = disputes.get(conn, disputes.add(conn, values))
        made = _shown(note, {actor.user_id: actor.display_name or actor.username})
        keep_step(
            workspace,
            conn,
            found,
            "note_attached",
            by=actor,
            body={"note": note.id, "item": item},
            words=said,
        )
    return made


def withdraw_note(workspace: Workspace, note_id: int, *, actor: Actor) -> None:
    """Take a note back at the customer's wish, or because what it disputes was changed.

    Raises
    ------
    NotFound
        If there is no such note in the actor's scope.
    Conflict
        If it was withdrawn before.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        note = disputes.get(conn, note_id)
        found = visible(conn, note.request_id, actor)
        disputes.withdraw(conn, note_id, by=actor.user_id, at=workspace.clock())
        keep_step(workspace, conn, found, "note_withdrawn", by=actor, body={"note": note_id})


def notes_of_request(workspace: Workspace, request_id: int, *, actor: Actor) -> tuple[Note, ...]:
    """Return the notes that came of a request, withdrawn ones included."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        visible(conn, request_id, actor)
        found = disputes.of_request(conn, request_id)
        names = users.names_by_id(conn, {each.made_by for each in found})
    return tuple(_shown(each, names) for each in found)


def notes_for(conn: Connection, model_id: str, prediction_id: str) -> tuple[Note, ...]:
    """Return the notes in force of a prediction, for services that show its score or decision.

    Parameters
    ----------
    conn : Connection
        Any transaction; the caller has checked who reads, and in which scope.
    model_id, prediction_id : str
        What is shown.
    """
    found = disputes.notes_for(conn, model_id, prediction_id)
    names = users.names_by_id(conn, {each.made_by for each in found}) if found else {}
    return tuple(_shown(each, names) for each in found)


def notes_shown(
    workspace: Workspace, model_id: str, prediction_id: str, place: str, *, actor: Actor
) -> tuple[Note, ...]:
    """Return the notes in force of a prediction that is shown, and put on record that they were.

    Raises
    ------
    NotFound
        If there is no such prediction in the actor's scope.
    """
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        found = notes_for(conn, model_id, prediction_id)
    if found:
        release_state(workspace, model_id, prediction_id, actor=actor)
        note_shown(workspace, model_id, [prediction_id], place, by=actor)
    return found


def count_shown(
    workspace: Workspace, *, actor: Actor, days: int = 30, model: str | None = None
) -> int:
    """Return how often notes were drawn to somebody's attention in the last days."""
    access.require(actor, Permission.rights_view, model=model)
    since = workspace.clock() - timedelta(days=days)
    with workspace.store.read() as conn:
        found = audit.list_newest(
            conn,
            kind=SHOWN,
            objects={"model": model} if model else None,
            models=actor.models,
            jurisdictions=actor.jurisdictions,
            since=since,
            limit=_MOST_SHOWN,
        )
    return len(found)


def count_notes(workspace: Workspace, *, actor: Actor) -> int:
    """Return how many notes are in force in the actor's scope."""
    access.require(actor, Permission.rights_view)
    if actor.jurisdictions is not None:
        return 0
    with workspace.store.read() as conn:
        return disputes.count(conn, actor.models)


def _shown(note: DisputeNote, names: dict[str, str]) -> Note:
    return Note(
        note.id,
        request_reference(note.request_id),
        note.model_id,
        note.prediction_id,
        note.item,
        note.text,
        note.made_at,
        names.get(note.made_by, note.made_by),
        note.withdrawn_at,
    )
