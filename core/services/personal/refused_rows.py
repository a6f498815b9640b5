"""Personal values of a refused row: masked as those of a prediction are, and revealed so too."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import NotFound
from core.i18n import N_
from core.ingest.quarantine_rows import files_with_refused, find_refused, jurisdiction_of
from core.lake.duck import open_duck
from core.services import access
from core.services.personal import reasons
from core.services.personal.masking import check_columns, checked_reason
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit

_BATCHES = 100
WHOLE_LINE = "*"
"""What is revealed of a line that could not be read column by column."""


def refused_files(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[tuple[str, str], ...]:
    """Return batch and name of every file with refused rows in the actor's scope, newest first.

    Of the newest hundred batches with refused rows.
    """
    access.require(actor, Permission.personal_reveal, model=model_id)
    contract, files = _files(workspace, model_id)
    with open_duck(workspace.settings) as connection:
        return tuple(
            files_with_refused(
                connection,
                files[:_BATCHES],
                jurisdiction_column=contract.log.jurisdiction,
                jurisdictions=actor.jurisdictions,
            )
        )


def reveal_refused(
    workspace: Workspace,
    model_id: str,
    batch_id: str,
    place: tuple[str, int],
    columns: Sequence[str],
    *,
    reason: str,
    actor: Actor,
) -> Mapping[str, object]:
    """Return personal values of one refused row; the trail says who saw which, and why.

    The entry is committed before a value leaves this function. It names the batch, the place of
    the file in it and the line: a file's name can be that of a person.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, batch_id : str
        Of which batch.
    place : tuple of (str, int)
        File and line, as the quarantine has them.
    columns : sequence of str
        Personal columns of the log. Of a line that could not be read column by column, the whole
        line is revealed, under :data:`WHOLE_LINE`.
    reason : str
        At least ten characters; kept under the key of whom the row is about.
    actor : Actor
        Who looks.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    NotFound
        If there is no such row in the actor's scope; a row that names no jurisdiction is in the
        scope of those only who are not limited to some.
    InvalidInput
        If the reason is too short or names a personal value of the row, also of a column that is
        not asked for; or a column is not personal.
    """
    access.require(actor, Permission.personal_reveal, model=model_id)
    why = checked_reason(reason)
    access.require_recent(workspace, actor)
    contract, files = _files(workspace, model_id)
    paths = [path for batch, path in files if batch == batch_id]
    check_columns(contract, columns)
    with open_duck(workspace.settings) as connection:
        found = find_refused(connection, paths, *place)
    jurisdiction = jurisdiction_of(found[1], contract.log.jurisdiction) if found else None
    if found is None or not actor.sees_jurisdiction(jurisdiction or ""):
        raise NotFound(
            N_("Batch {batch} has no refused row at line {line} of {file}."),
            remedy=N_("Look at the refused rows on the page Ingest."),
            batch=batch_id,
            file=place[0],
            line=place[1],
        )
    ordinal, raw = found
    row = json.loads(raw)
    values = (
        {name: row.get(name) for name in columns} if isinstance(row, dict) else {WHOLE_LINE: row}
    )
    reasons.refuse_values(why, reasons.values_of_refused(contract, row))
    subject_id = reasons.subject_of_refused(workspace, contract, row, (batch_id, ordinal, place[1]))
    with workspace.store.begin() as conn:
        reasons.refuse_known_people(workspace, conn, why)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="personal.revealed",
            objects={"model": model_id, "batch": batch_id, "jurisdiction": jurisdiction or ""},
            body={"columns": list(values), "source": ordinal, "line": place[1]},
            personal=reasons.about(subject_id, why),
        )
    return values


def _files(workspace: Workspace, model_id: str) -> tuple[ModelContract, list[tuple[str, Path]]]:
    """Return the contract and the quarantine files with their batches, the newest first."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(conn, model_id, record.lake_generation, kinds=["quarantine"])
    lake = workspace.settings.lake_dir
    newest = sorted(files, key=lambda file: -file.id)
    return parsed_contract(record.spec_text), [
        (file.batch_id or "", lake / file.path) for file in newest
    ]
