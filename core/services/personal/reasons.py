"""Reasons that may speak of a person: bound by the trail, kept under that person's own key.

The entry holds a commitment; the words lie beside it until the person is erased. Then key and
words are destroyed, the trail still verifies, and nobody can test a guess at the words.
"""

import json
import re
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.naming import names_value
from core.errors import InvalidInput
from core.i18n import N_
from core.lake.streams import identity_column
from core.lake.upkeep.erase import tokens
from core.services.workspace import Workspace
from core.store.audit import subjects
from core.store.audit.trail import COMMITTED, AuditEntry, PersonalPayload
from core.store.retention import tombstones

REASON = "reason"
_BETWEEN_CELLS = re.compile(r"[,;|\t\"]")


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


def values_of_prediction(contract: ModelContract, row: Mapping[str, object]) -> list[object]:
    """Return every personal value of a row of the lake, the subject's reference included."""
    named = {source: canonical for canonical, source in contract.log.mapping().items()}
    columns = contract.personal_log_columns
    return [row.get(named.get(name) or contract.alias(name)) for name in columns]


def values_of_refused(contract: ModelContract, row: object) -> list[object]:
    """Return every personal value of a refused row; of a line as text, whatever is in a cell."""
    if isinstance(row, Mapping):
        return [row.get(name) for name in contract.personal_log_columns]
    return list(_BETWEEN_CELLS.split(str(row)))


def refuse_values(reason: str, values: Iterable[object]) -> None:
    """Refuse a reason that names a value; other people read it, and some reasons stay for ever.

    Raises
    ------
    InvalidInput
        If it does (see :func:`core.domain.naming.names_value`).
    """
    if any(names_value(reason, value) for value in values):
        raise InvalidInput(
            N_("The reason repeats a personal value; it would outlast the person's data."),
            remedy=N_("Name the case or the request instead."),
        )


def refuse_known_people(workspace: Workspace, conn: Connection, reason: str) -> None:
    """Refuse a reason with the reference of somebody whom the workspace already knows.

    That is whoever was revealed, decided about, held or erased: their pseudonyms are looked up. Who
    stands in logs only is not found this way, because every file of the lake would have to be read.

    Raises
    ------
    InvalidInput
        If it does.
    """
    written = {spelt for each in tokens(reason) for spelt in (each, each.upper(), each.lower())}
    pseudonyms = [workspace.keys.subject_id(each) for each in sorted(written) if each]
    if subjects.are_known(conn, pseudonyms):
        raise InvalidInput(
            N_("The reason names a person; it would outlast the person's data."),
            remedy=N_("Name the case or the request instead."),
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
