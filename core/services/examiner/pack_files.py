"""The files of a pack: dossiers, frame, sample, register, the programs, and what proves them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection

from core.domain import merkle
from core.domain.identity import Actor
from core.errors import StorageError
from core.i18n import N_, Translator
from core.proof.checkpoint import Checkpoint, parse_checkpoint
from core.reports.dossier.verify import unpacked
from core.reports.dossier_pack import packed, programs
from core.services.audit.checkpoints import sign_within
from core.services.audit.keys import keyring_within
from core.services.examiner.drawing import DRAWN, ORDERED
from core.services.examiner.register import Given, register_table
from core.services.examiner.words import SEED_TOLD, method_told, shows
from core.services.safe_csv import csv_bytes
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit import tree as audit_tree
from core.store.audit.canonical import canonical_bytes
from core.store.audit.trail import AuditEntry
from core.store.explanations.samples import SampleItem, SampleRecord

MADE = "pack.made"
_FORMAT, _PROOF, _VERSION = "harbourlight-pack", "harbourlight-pack-proof", 1
_FILES = (
    ("dossiers/", N_("a dossier of each drawn decision; each is checked by itself, too")),
    ("sample.json", N_("how the sample was drawn, and what was drawn")),
    ("sample.csv", N_("the drawn decisions, and why one has no dossier")),
    ("frame.jsonl", N_("everything that the sample was drawn from: key, time, stratum")),
    ("sample.py", N_("a short program that draws the sample again")),
    ("register.csv", N_("what was given to whom, as far as it concerns this model")),
    ("manifest.json", N_("SHA-256 of every file")),
    ("proof.json", N_("entries of the audit trail, their proofs, the signed checkpoint")),
    ("verify.py, verify_dossier.py", N_("the programs that check all of this")),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one drawn decision.

    Parameters
    ----------
    item : SampleItem
        Which.
    content : bytes
        Its dossier; empty where there is none.
    why : str
        Why there is none, in the reader's language.
    """

    item: SampleItem
    content: bytes
    why: str

    @property
    def file(self) -> str:
        """Name of the dossier in the pack."""
        return f"dossiers/{self.item.place:03}.zip" if self.content else ""


def pack_files(
    t: Translator,
    record: SampleRecord,
    frame: bytes,
    taken: Sequence[Taken],
    given: Sequence[Given],
) -> dict[str, bytes]:
    """Return every file but the manifest and the proof.

    Parameters
    ----------
    t : Translator
        The language of what is to be read.
    record, frame : SampleRecord, bytes
        The sample, and what it was drawn from.
    taken : sequence of Taken
        What became of each drawn decision, in their order.
    given : sequence of Given
        Lines of the register about the model.
    """
    head = [
        t(N_("Drawn as number")),
        t(N_("Key")),
        t(N_("Stratum")),
        t(N_("Dossier")),
        t(N_("Why none")),
    ]
    rows = [(e.item.place, e.item.key, e.item.stratum, e.file, e.why) for e in taken]
    return {
        "README.txt": _readme(t, record),
        "frame.jsonl": frame,
        "register.csv": csv_bytes(*register_table(t, given)),
        "sample.csv": csv_bytes(head, rows),
        "sample.json": canonical_bytes(_sample(t, record, taken)),
        **{each.file: each.content for each in taken if each.content},
        **programs(),
    }


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest: the hash of every file."""
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    return canonical_bytes({"format": _FORMAT, "version": _VERSION, "files": hashes})


def proved(
    workspace: Workspace,
    record: SampleRecord,
    files: Mapping[str, bytes],
    body: Mapping[str, object],
    *,
    by: Actor,
) -> bytes:
    """Put a pack into the trail, sign it, and return the archive with what proves it.

    Parameters
    ----------
    workspace, record
        Where, and which sample.
    files : mapping
        Of :func:`pack_files`.
    body : mapping
        What the trail says of the pack besides the hash of its manifest.
    by : Actor
        Who made it, and was asked for the permission.
    """
    manifest = manifest_of(files)
    told = {**body, "manifest": sha256(manifest).hexdigest()}
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=by.audit_name,
            role=by.role_text,
            kind=MADE,
            objects={"model": record.model_id, "sample": record.id},
            body=told,
        )
        signed = sign_within(workspace, conn, reason="export")
        (made,) = audit.read(conn, after=signed.size - 1, limit=1)
        proof = {
            "format": _PROOF,
            "version": _VERSION,
            "ordered": _told(conn, _only(conn, ORDERED, record), signed),
            "drawn": _told(conn, _only(conn, DRAWN, record), signed),
            "made": _told(conn, made, signed),
            "earlier": _earlier(conn, record, files, signed),
            "checkpoint": signed.note,
            "public_key": keyring_within(workspace, conn).current.text(),
        }
    whole = {**files, "manifest.json": manifest, "proof.json": canonical_bytes(proof)}
    return packed(whole)


def _only(conn: Connection, kind: str, record: SampleRecord) -> AuditEntry:
    found = audit.list_newest(conn, kind=kind, objects={"sample": record.id}, limit=2)
    if len(found) != 1:
        raise StorageError(
            N_("The audit trail does not tell of this sample as it should."),
            remedy=N_("Run 'harbourlight audit verify' and keep a copy of the database."),
        )
    return found[0]


def _told(conn: Connection, entry: AuditEntry, signed: Checkpoint) -> dict[str, object]:
    hashes = audit_tree.inclusion(conn, entry.sequence - 1, signed.size)
    return {"entry": entry.canonical.decode(), "hashes": [each.hex() for each in hashes]}


def _earlier(
    conn: Connection, record: SampleRecord, files: Mapping[str, bytes], signed: Checkpoint
) -> dict[str, list[str]]:
    """Return why the trees of the seed and of each dossier are the past of the pack's tree."""
    sizes = {"seed": record.root_size}
    for name, content in files.items():
        if name.startswith("dossiers/"):
            sizes[name] = parse_checkpoint(_note_of(content)).size
    return {
        name: [
            each.hex()
            for each in merkle.consistency_proof(
                size, signed.size, lambda level, place: audit_tree.node(conn, level, place)
            )
        ]
        for name, size in sizes.items()
    }


def _note_of(dossier: bytes) -> str:
    proof: Any = json.loads(unpacked(dossier)["proof.json"])
    return str(proof["checkpoint"])


def _sample(t: Translator, record: SampleRecord, taken: Sequence[Taken]) -> dict[str, object]:
    return {
        "id": record.id,
        "model": record.model_id,
        "method": record.method,
        "method_in_words": method_told(t, record),
        "seed_in_words": t(SEED_TOLD),
        "shows": shows(t, record),
        "stratum": record.stratum,
        "strata": {name: list(each) for name, each in record.strata.items()},
        "condition": record.condition,
        "first_day": record.first_day,
        "last_day": record.last_day,
        "jurisdictions": None if record.jurisdictions is None else list(record.jurisdictions),
        "words": record.words,
        "reason": record.reason,
        "root": record.root,
        "root_size": record.root_size,
        "seed": record.seed,
        "population": record.population,
        "left_out": record.left_out,
        "drawn": record.drawn,
        "drawn_at": record.drawn_at,
        "drawn_by": record.drawn_by,
        "frame": record.frame_sha256,
        "keys": record.drawn_sha256,
        "decisions": [
            {"key": e.item.key, "stratum": e.item.stratum, "file": e.file, "why": e.why}
            for e in taken
        ],
    }


def _readme(t: Translator, record: SampleRecord) -> bytes:
    lines = [
        t(N_("Pack of dossiers")),
        "",
        method_told(t, record),
        t(SEED_TOLD),
        *shows(t, record),
        "",
        t(N_("To check it: unpack verify.py and verify_dossier.py beside each other, then run")),
        "    python verify.py pack.zip --key public-key.txt",
        t(N_("To draw the sample again: python sample.py, beside sample.json and frame.jsonl.")),
        t(N_("Take programs and key from another way than the pack, or read them first.")),
        "",
        *(f"{name}: {t(what)}" for name, what in _FILES),
    ]
    return ("\n".join(lines) + "\n").encode()
