"""The files of a dossier: facts as JSON, tables as CSV, a document to read, what proves them."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from core.domain.explanation import CodeBook
from core.i18n import N_, Translator
from core.reports.dossier import printed, verifier
from core.services.explanation.dossier_page import dossier_page
from core.services.explanation.dossier_source import Source
from core.services.explanation.dossier_told import unproved
from core.services.personal.names import MASK
from core.services.safe_csv import csv_bytes
from core.store.audit.canonical import canonical_bytes

FORMAT, MANIFEST, VERSION = "harbourlight-dossier", "harbourlight-dossier-manifest", 1
_FILES = (
    ("dossier.pdf", N_("the dossier to read")),
    ("dossier.json", N_("the same facts for programs")),
    ("record.json", N_("the explanation record; left-out values are null")),
    ("record-openings.json", N_("what binds every value of the record to the audit trail")),
    ("attributions.csv", N_("what each field added")),
    ("inputs.csv", N_("the inputs, their columns and their quality")),
    ("other_results.csv", N_("what would have led to another result")),
    ("manifest.json", N_("SHA-256 of every file")),
    ("proof.json", N_("entries of the audit trail, their proofs, the signed checkpoint")),
    ("verify.py", N_("the program that checks all of this")),
)


def dossier_files(
    t: Translator,
    source: Source,
    book: CodeBook,
    facts: Mapping[str, Any],
) -> dict[str, bytes]:
    """Return every file but the manifest and the proof.

    Parameters
    ----------
    t : Translator
        The language of what is to be read.
    source, book : Source, CodeBook
        What the dossier is made from.
    facts : mapping
        ``dossier.json`` before it is written.
    """
    opening = source.opening
    bound = {"salts": opening.salts, "withheld": opening.withheld}
    page = dossier_page(t, source, book, facts)
    return {
        "README.txt": _readme(t),
        "attributions.csv": _attributions(source),
        "dossier.json": canonical_bytes(facts),
        "dossier.pdf": printed(page, at=facts["made"]["at"]),
        "inputs.csv": _inputs(source, facts["inputs"]["quality"]),
        "other_results.csv": _others(source),
        "record-openings.json": canonical_bytes(bound),
        "record.json": canonical_bytes(opening.document),
        "verify.py": verifier(),
    }


def manifest_of(files: Mapping[str, bytes]) -> bytes:
    """Return the manifest: the hash of every file."""
    hashes = {name: sha256(content).hexdigest() for name, content in files.items()}
    return canonical_bytes({"format": MANIFEST, "version": VERSION, "files": hashes})


def _readme(t: Translator) -> bytes:
    lines = [t(N_("Dossier of a decision")), "", *unproved(t), ""]
    lines += [f"{name}: {t(what)}" for name, what in _FILES]
    return ("\n".join(lines) + "\n").encode()


def _attributions(source: Source) -> bytes:
    found = source.document["attributions"] or {"parts": (), "method": "", "scale": ""}
    head = ("field", "added", "standard_error", "method", "scale")
    rows = [
        (each["field"], each["added"], each["error"], found["method"], found["scale"])
        for each in found["parts"]
    ]
    return csv_bytes(head, rows)


def _inputs(source: Source, quality: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    decision, found = source.decision, source.document["attributions"] or {"parts": ()}
    parts = {each["field"]: each for each in found["parts"]}
    rows = []
    for feature in decision.contract.features:
        name, part = feature.name, parts.get(feature.name, {})
        shown = source.is_shown(name)
        flags = [f"{e['method']} {e['value']} {e['level']}" for e in quality.get(name, ())]
        rows.append(
            (
                name,
                decision.cell(name) if shown else MASK,
                part.get("usual") if shown else MASK,
                part.get("added"),
                name,
                feature.asset,
                "; ".join(flags) or None,
            )
        )
    head = ("input", "value", "usual", "added", "source_column", "asset", "quality_of_the_period")
    return csv_bytes(head, rows)


def _others(source: Source) -> bytes:
    found = source.document["others"] or {"found": ()}
    rows = []
    for number, each in enumerate(found["found"], start=1):
        measured = (each["score"], each["distance"], each["nearest"])
        for kind in ("changes", "moved"):
            for change in each[kind]:
                name = change["field"]
                pair = (change["before"], change["after"])
                shown = pair if source.is_shown(name) else (MASK, MASK)
                rows.append((number, kind, name, *shown, *measured))
    head = ("number", "kind", "field", "before", "after", "score", "distance", "nearest")
    return csv_bytes(head, rows)
