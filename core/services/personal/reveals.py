"""Who looked at personal values: which, of what, when and why; never the values themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.services import access
from core.services.audit.trail import Search
from core.services.personal import reasons
from core.services.review.blind import shown_entries
from core.services.workspace import Workspace
from core.store import batches
from core.store.audit import trail as audit
from core.store.audit.trail import AuditEntry
from core.store.identity import users

KIND = "personal.revealed"
PAGE = 100


@dataclass(frozen=True, slots=True)
class Reveal:
    """Who revealed which columns of which row, when and why.

    Parameters
    ----------
    sequence : int
        The entry of the audit trail.
    at : datetime
        When.
    person : str
        Name of who did it, or the pseudonym of somebody whom the directory does not know.
    model_id : str
        Of which model.
    prediction_id : str, optional
        Of which prediction; ``None`` for a refused row.
    batch_id, file, line : str, str, int, optional
        Which refused row.
    jurisdiction : str
        Of the row; empty if it names none.
    columns : tuple of str
        Names of the columns; ``*`` for a line that could not be read column by column.
    reason : str, optional
        As given; ``None`` once the person was erased.
    """

    sequence: int
    at: datetime
    person: str
    model_id: str
    prediction_id: str | None
    batch_id: str | None
    file: str | None
    line: int | None
    jurisdiction: str
    columns: tuple[str, ...]
    reason: str | None


def list_reveals(
    workspace: Workspace,
    search: Search | None = None,
    *,
    actor: Actor,
    before: int | None = None,
    limit: int = PAGE,
) -> tuple[Reveal, ...]:
    """Return who revealed what in the actor's scope, the newest first.

    Parameters
    ----------
    workspace : Workspace
        Where.
    search : Search, optional
        Only those of a person, of a model or a prediction, of a period.
    actor : Actor
        Who asks; reads names in the place of pseudonyms.
    before : int, optional
        Only what comes behind the entry of this sequence.
    limit : int
        Most to return.
    """
    access.require(actor, Permission.audit_view)
    asked = search or Search()
    with workspace.store.read() as conn:
        found = audit.list_newest(
            conn,
            kind=KIND,
            actor=asked.person,
            objects=asked.objects,
            models=actor.models,
            jurisdictions=actor.jurisdictions,
            since=asked.since,
            until=asked.until,
            before=before,
            limit=limit,
            shown=shown_entries(actor),
        )
        people = users.names_by_pseudonym(conn, {each.actor for each in found})
        files = _files(conn, {each.objects.get("batch", "") for each in found})
        said = reasons.read_reasons(conn, found)
    return tuple(_reveal(entry, people, files, said.get(entry.sequence)) for entry in found)


def _files(conn: Connection, batch_ids: Iterable[str]) -> Mapping[tuple[str, int], str]:
    return {
        (batch_id, source.ordinal): source.name
        for batch_id in batch_ids
        if batch_id
        for source in batches.sources(conn, batch_id)
    }


def _reveal(
    entry: AuditEntry,
    people: Mapping[str, str],
    files: Mapping[tuple[str, int], str],
    reason: str | None,
) -> Reveal:
    objects, body = entry.objects, entry.body
    columns, batch, line = body["columns"], objects.get("batch"), body.get("line")
    return Reveal(
        sequence=entry.sequence,
        at=entry.at,
        person=people.get(entry.actor, entry.actor),
        model_id=objects["model"],
        prediction_id=objects.get("prediction"),
        batch_id=batch,
        file=files.get((batch, int(str(body["source"])))) if batch else None,
        line=int(str(line)) if line is not None else None,
        jurisdiction=objects.get("jurisdiction", ""),
        columns=tuple(str(each) for each in columns) if isinstance(columns, list) else (),
        reason=reason,
    )
