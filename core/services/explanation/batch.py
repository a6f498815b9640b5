"""Explaining many decisions at once: a folder of records, and what they come to."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.domain.explanation.record import LOGGED, MODEL, NONE, ExplanationRecord
from core.domain.identity import Actor, Permission
from core.services import access
from core.services.explanation.batch_files import BatchFiles
from core.services.explanation.choosing import USUAL, Chosen, choose_decisions
from core.services.explanation.finding import book_in_force, explained_each
from core.services.explanation.keeping_many import keep_many
from core.services.explanation.telling import shown
from core.services.rights import attention
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.retention import tombstones

FORMAT = "harbourlight-explanations-1"
KIND = "explanation.batch_made"
_ON_RECORD = ("count", "left_out", "kept", "another_score", "files")
CHUNK = 100
"""So many decisions are asked of a model together, and kept in one transaction."""


@dataclass(slots=True)
class _Tally:
    """What the records come to so far."""

    sources: Counter[str] = field(default_factory=Counter)
    backgrounds: dict[str, str] = field(default_factory=dict)
    artefacts: dict[str, str] = field(default_factory=dict)
    kept: int = 0
    differing: int = 0

    def add(self, record: ExplanationRecord) -> None:
        """Count a record."""
        version = record.subject.version
        self.sources[record.source] += 1
        self.differing += record.rescored is not None and not record.rescored.agrees
        if record.background is not None:
            self.backgrounds[version] = record.background.id
        if record.artefact is not None:
            self.artefacts[version] = record.artefact.sha256

    def told(self) -> dict[str, object]:
        """Return the same as the manifest has it."""
        return {
            "count": self.sources.total(),
            "sources": {each: self.sources[each] for each in (MODEL, LOGGED, NONE)},
            "kept": self.kept,
            "another_score": self.differing,
            "artefacts": self.artefacts,
            "backgrounds": self.backgrounds,
        }


def explain_many(
    workspace: Workspace,
    model_id: str,
    where: str,
    out: Path,
    *,
    actor: Actor,
    limit: int = USUAL,
    keep: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, object]:
    """Explain the decisions that an expression chooses, and write their records to a folder.

    Personal values are masked in all files. Each record is what it would be if its decision were
    explained by itself.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, where : str
        As :func:`core.services.explanation.choosing.choose_decisions`.
    out : Path
        The folder; it must not be there, or be empty. It appears when all is written.
    actor : Actor
        Needs ``explanation.make``.
    limit : int
        The most decisions.
    keep : bool
        Whether each record is kept, with all its values, sealed.
    progress : callable, optional
        Told how many are done, of how many.

    Returns
    -------
    dict
        What ``manifest.json`` says.

    Raises
    ------
    Forbidden, NotFound, InvalidInput
        As :func:`core.services.explanation.choosing.choose_decisions`.
    Conflict
        If the folder holds something, or, where records are kept, somebody was erased meanwhile.
        What was kept before stays kept.
    StorageError
        If the folder cannot be written.
    """
    access.require(actor, Permission.explanation_make, model=model_id)
    with workspace.store.read() as conn:
        buried = tombstones.marker(conn, model_id)
    chosen = choose_decisions(workspace, model_id, where, limit=limit, actor=actor)
    book, tally, as_of = book_in_force(workspace, model_id), _Tally(), workspace.clock()
    with BatchFiles(out) as files:
        for decisions in chosen.chunks(workspace, CHUNK):
            records = explained_each(workspace, decisions, book, by=actor.audit_name)
            for record in records:
                tally.add(record)
                files.add(_open(chosen, record))
            if keep:
                kept = keep_many(workspace, model_id, records, buried=buried, actor=actor)
                tally.kept += len(kept)
            _note_shown(workspace, model_id, records, actor)
            if progress is not None:
                progress(tally.sources.total(), chosen.count)
        manifest = files.finish(
            {
                "format": FORMAT,
                "model": model_id,
                "where": where,
                "as_of": as_of.isoformat(),
                "made_by": actor.audit_name,
                "left_out": chosen.left_out,
                "contract_sha256": chosen.spec_sha256,
                "code_book": None if book is None else book.number,
                **tally.told(),
            }
        )
    _record(workspace, manifest, actor)
    return manifest


def _open(chosen: Chosen, record: ExplanationRecord) -> ExplanationRecord:
    """Return a record as the files have it, without its random part.

    With that, guesses at masked values could be held against the hash of a kept record.
    """
    return shown(chosen.contract, record)


def _note_shown(
    workspace: Workspace, model_id: str, records: Sequence[ExplanationRecord], actor: Actor
) -> None:
    ids = [each.subject.prediction_id for each in records]
    attention.note_shown(workspace, model_id, ids, "explanation", by=actor)


def _record(workspace: Workspace, manifest: dict[str, object], actor: Actor) -> None:
    """Put on record who took how many explanations away; the expression may name somebody."""
    told = {name: manifest[name] for name in _ON_RECORD}
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=KIND,
            objects={"model": str(manifest["model"])},
            body=told,
        )
