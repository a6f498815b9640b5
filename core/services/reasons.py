"""Reasons that may speak of a person: bound by the trail, kept under that person's own key.

The entry holds a commitment; the words lie beside it until the person is erased. Then key and
words are destroyed, the trail still verifies, and nobody can test a guess at the words.
"""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from core.contract import ModelContract
from core.lake.streams import identity_column
from core.services.workspace import Workspace
from core.store import subjects, tombstones
from core.store.audit import COMMITTED, AuditEntry, PersonalPayload

REASON = "reason"


def subject_of_prediction(
    workspace: Workspace, contract: ModelContract, row: Mapping[str, object]
) -> str:
    """Return the pseudonym of whom a row of the lake is about.

    Where the log names no subject, or the row does not, it is that of the prediction's id: the
    same reference by which such a row is erased.
    """
    reference = row.get(identity_column(contract)) or row["prediction_id"]
    return workspace.keys.subject_id(str(reference))


def subject_of_refused(
    workspace: Workspace, contract: ModelContract, row: object, place: tuple[str, int, int]
) -> str:
    """Return the pseudonym of whom a refused row is about.

    A line that could not be read column by column, or that names nobody, has a key of its own: no
    erasure of a person reaches it, and so its reason may name no piece of the line.

    Parameters
    ----------
    workspace : Workspace
        Where.
    contract : ModelContract
        Of the model.
    row : object
        The row by the log's columns, or the line as text.
    place : tuple of (str, int, int)
        Batch, place of the file in it, and line.
    """
    named = row if isinstance(row, Mapping) else {}
    columns = (contract.log.subject, contract.log.prediction_id)
    found = (str(named.get(column) or "") for column in columns if column)
    batch_id, source, line = place
    return workspace.keys.subject_id(
        next((each for each in found if each.strip()), f"refused row {batch_id} {source} {line}")
    )


def about(subject_id: str, reason: str) -> PersonalPayload:
    """Return a reason as what is kept under a person's key."""
    return PersonalPayload(subject_id, {REASON: reason})


def about_unless_erased(conn: Connection, subject_id: str, reason: str) -> PersonalPayload | None:
    """Return the same, or ``None`` if the person was erased: then no words are kept."""
    return None if tombstones.is_erased(conn, subject_id) else about(subject_id, reason)


def read_reasons(conn: Connection, entries: Iterable[AuditEntry]) -> dict[int, str]:
    """Return sequence → reason of the entries whose payload is there still."""
    committed = [each.sequence for each in entries if each.body.keys() >= COMMITTED]
    kept = subjects.payloads(conn, committed)
    said = {sequence: json.loads(payload) for sequence, payload in kept.items()}
    return {
        sequence: str(payload[REASON]) for sequence, payload in said.items() if REASON in payload
    }
