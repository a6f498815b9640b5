"""Who works on blind cases learns of none: what tells them apart is kept from that person.

While a blind case of a prediction waits, whoever works on the queue sees none of the other cases of
that prediction but those with an own verdict, and no blind case about an own verdict at all.
"""

from collections.abc import Collection

from sqlalchemy import ColumnElement, Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.review import CONTROL, FINISHED, SECOND
from core.services.workspace import Workspace
from core.store.review import blind
from core.store.review.cases import no_case
from core.store.review.records import CaseRecord

BLIND = frozenset({CONTROL, SECOND})
TELLING_KINDS = frozenset(
    {"review.made", "review.controls_made", "review.doubles_made", "review.unmasked"}
)
"""Entries of the audit trail that name blind cases, or the moment when they were made.

``review.made`` is among them: it counts the live cases of an instant, and so tells which of those
that bear it came later.
"""


def is_kept_blind(reader: Actor) -> bool:
    """Whether somebody works on cases without watching over those who do."""
    return allows(reader, Permission.review_work) and not allows(reader, Permission.oversight_view)


def shown_entries(reader: Actor) -> ColumnElement[bool] | None:
    """Return which entries tell who works on cases of no blind one; ``None`` for other readers."""
    if not is_kept_blind(reader):
        return None
    return blind.shown_in_trail(reader.user_id, reader.audit_name, TELLING_KINDS)


def kept_back(
    workspace: Workspace, model_id: str, reader: Actor, *, among: Collection[str] | None = None
) -> frozenset[str]:
    """Return the predictions whose decision and outcome a reader is not told row by row.

    With ``among`` only those of them are looked for, which is much the shorter way.
    """
    if not is_kept_blind(reader):
        return frozenset()
    with workspace.store.read() as conn:
        return blind.waiting_predictions(conn, model_id, among=among)


def is_of_own_verdict(record: CaseRecord, reader: Actor) -> bool:
    """Whether a waiting blind case is about a verdict that the reader gave, or checked."""
    return (
        record.kind in BLIND
        and record.state not in FINISHED
        and reader.user_id in {record.barred_maker_id, record.barred_checker_id}
    )


def require_readable(conn: Connection, record: CaseRecord, reader: Actor) -> None:
    """Let pass who may read a case; a decided one waits until a blind one of the same is decided.

    Raises
    ------
    NotFound
        If it is kept from the reader; it is not told from none.
    """
    if (
        is_kept_blind(reader)
        and record.state in FINISHED
        and reader.user_id not in {record.maker_id, record.checker_id}
        and blind.waits(conn, record.model_id, record.prediction_id, besides=record.id)
    ):
        raise no_case(record.id)
