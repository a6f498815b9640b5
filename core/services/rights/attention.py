"""That a note was drawn to somebody's attention: which predictions have one, and who was shown it.

The trail counts who saw a disputed score, and where; a person, place and prediction once a day.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.domain.working_days import HONG_KONG
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.rights import disputes

SHOWN = "dispute.shown"


def disputed(workspace: Workspace, model_id: str) -> frozenset[str]:
    """Return the predictions of a model that have a note in force, for services that list some."""
    with workspace.store.read() as conn:
        return disputes.predictions_of(conn, model_id)


def note_shown(
    workspace: Workspace,
    model_id: str,
    prediction_ids: Iterable[str],
    place: str,
    *,
    by: Actor | None = None,
    system: str = "",
) -> int:
    """Put on record that somebody was drawn to the notes of predictions; return how many are new.

    A person, place and prediction count once a day.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_ids
        What was shown; those without a note in force are left out.
    place : str
        Which screen, export or answer, such as ``reveal``.
    by : Actor, optional
        Who looked.
    system : str, optional
        The serving system that asked, where it was no person.
    """
    now = workspace.clock()
    midnight = now.astimezone(HONG_KONG).replace(hour=0, minute=0, second=0, microsecond=0)
    name = by.audit_name if by else system
    with workspace.store.read() as conn:
        wanted = sorted(disputes.disputed(conn, model_id, tuple(prediction_ids)))
        fresh = [
            each
            for each in wanted
            if not _was_shown(conn, model_id, each, place, name, since=midnight)
        ]
    for each in fresh:
        with workspace.store.begin() as conn:
            audit.append(
                conn,
                at=now,
                actor=name,
                role=by.role_text if by else "",
                kind=SHOWN,
                objects={"model": model_id, "prediction": each},
                body={"place": place},
            )
    return len(fresh)


def _was_shown(
    conn: Connection, model_id: str, prediction_id: str, place: str, name: str, *, since: datetime
) -> bool:
    found = audit.list_newest(
        conn,
        kind=SHOWN,
        actor=name,
        objects={"model": model_id, "prediction": prediction_id},
        since=since,
        limit=20,
    )
    return any(each.body.get("place") == place for each in found)
