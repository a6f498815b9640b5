"""What a dossier says of the model: use case, version, hashes, approvals, lineage."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from core.i18n import N_
from core.i18n.locales import LOCALES
from core.services.explanation.dossier_source import Source
from core.services.registrations import LOOSEN_KIND
from core.store import approvals, batches, code_books, models
from core.store.approvals import Approval
from core.store.code_books import CodeBookRecord
from core.store.models import SpecRevision

_MOST_APPROVALS = 1000


def model_facts(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return what the dossier says of the model and of who agreed to it."""
    contract = source.decision.contract
    return {
        "use_case": {
            "model": contract.id,
            "name": {each: contract.name.get(each) for each in LOCALES},
            "purpose": {each: contract.purpose.get(each) for each in LOCALES},
            "owner": contract.owner,
            "task": contract.task,
            "simulated": list(contract.simulated),
        },
        "version": _version(source),
        "contract": _contract(conn, source),
        "code_book": _code_book(conn, source),
    }


def lineage(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return from which file the decision came, when, and where it belongs."""
    row = source.decision.row
    batch = batches.find(conn, str(row["_batch"]))
    read = batches.sources(conn, str(row["_batch"]))
    place = int(str(row.get("_source", 0)))
    file = next((each for each in read if each.ordinal == place), None)
    source.or_why("/lineage/file", file, N_("The batch names no file."))
    if not source.decision.jurisdiction:
        source.unknown["/lineage/jurisdiction"] = N_("The log names no jurisdiction.")
    return {
        "file": file and {"name": file.name, "sha256": file.sha256, "bytes": file.bytes},
        "line": row.get("_line"),
        "batch": batch
        and {
            "id": batch.id,
            "ingested_at": batch.finished_at,
            "by": source.people(batch.actor),
            "rows_read": batch.rows_read,
            "rows_quarantined": batch.rows_quarantined,
        },
        "features": [
            {"feature": each.name, "column": each.name, "type": each.type}
            for each in source.decision.contract.features
        ],
        "jurisdiction": source.decision.jurisdiction or None,
    }


def book_of_record(conn: Connection, source: Source) -> CodeBookRecord | None:
    """Return the code book that the record names."""
    wanted = source.kept.code_book
    found = code_books.list_of(conn, source.model_id, limit=wanted or 1)
    return next((each for each in found if each.number == wanted), None)


def _version(source: Source) -> Mapping[str, object]:
    decision = source.decision
    declared = next((e for e in decision.contract.versions if e.id == decision.version), None)
    files = [each for each in decision.files if each.version == decision.version]
    source.or_why("/version/files", files, N_("No file of this version is registered."))
    trained = source.or_why(
        "/version/trained_at",
        declared and declared.trained_at,
        N_("The contract does not say when this version was trained."),
    )
    level = source.or_why(
        "/version/oversight_level",
        declared and declared.oversight_level,
        N_("The contract states no level of human oversight for this version."),
    )
    return {
        "id": decision.version,
        "trained_at": trained,
        "oversight_level": level,
        "files": [
            {
                "role": each.role,
                "sha256": each.sha256,
                "bytes": each.bytes,
                "added_at": each.added_at,
                "added_by": source.people(each.added_by),
            }
            for each in sorted(files, key=lambda each: each.id)
        ],
    }


def _contract(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return the contract that the record was made under, and who agreed to it."""
    artefact = source.document["artefact"]
    wanted = artefact["contract_sha256"] if artefact else source.decision.spec_sha256
    revisions = models.spec_revisions(conn, source.model_id)
    found = next((each for each in revisions if each.sha256 == wanted), None)
    source.or_why("/contract", found, N_("No contract of the record's hash is registered."))
    return {
        "sha256": wanted,
        "revision": found and _revision(found, source),
        "approvals": _approvals(conn, source, wanted),
    }


def _revision(found: SpecRevision, source: Source) -> Mapping[str, object]:
    return {
        "number": found.revision,
        "registered_at": found.registered_at,
        "registered_by": source.people(found.registered_by),
    }


def _approvals(conn: Connection, source: Source, sha256: str) -> Sequence[Mapping[str, object]]:
    found = approvals.list_approvals(
        conn,
        now=source.workspace.clock(),
        state="approved",
        models=frozenset({source.model_id}),
        limit=_MOST_APPROVALS,
    )
    told = [
        _approval(each, source)
        for each in found
        if each.kind == LOOSEN_KIND and each.command.get("sha256") == sha256
    ]
    why = N_(
        "No approval of this contract is on record; only one that guards people less takes it."
    )
    return source.or_why("/contract/approvals", told, why)


def _approval(each: Approval, source: Source) -> Mapping[str, object]:
    return {
        "id": each.id,
        "proposed_at": each.proposed_at,
        "proposed_by": source.people(each.proposed_by),
        "approved_at": each.decided_at,
        "approved_by": source.people(each.decided_by),
    }


def _code_book(conn: Connection, source: Source) -> Mapping[str, object] | None:
    book = source.or_why(
        "/code_book", book_of_record(conn, source), N_("No code book was in force.")
    )
    if book is None:
        return None
    approval = approvals.get(conn, book.approval_id)
    return {"number": book.number, "sha256": book.sha256, **_approval(approval, source)}
