"""An erasure's report in words: every store that was touched, and what lies out of reach."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.i18n import N_

_ROWS = {
    "predictions": N_("Prediction log: rows removed"),
    "decisions": N_("Decisions: rows removed"),
    "outcomes": N_("Outcomes: rows removed"),
    "resolved": N_("Outcomes joined to predictions: rows removed"),
    "releases": N_("Decisions about release: removed"),
}
_OF_MODEL = {
    "refused": N_("Quarantine: refused rows emptied"),
    "files": N_("Lake: files replaced"),
    "profiles": N_("Profiles and reference counts: counted anew"),
}
_STORES = {
    "payloads": N_("Audit trail: personal payloads deleted"),
    "keys": N_("Audit trail: keys of the person destroyed"),
    "hold_reasons": N_("Holds on the person: reasons removed"),
    "review_cases": N_("Cases of human review: removed"),
    "review_texts": N_("Words in cases of human review: removed"),
    "rights_requests": N_("Customer's requests: words, reference and frozen data removed"),
    "dispute_notes": N_("Dispute notes: removed"),
    "disclosures": N_("Notes of disclosures: removed"),
    "letters": N_("Letters about decisions: removed"),
    "explanations": N_("Explanations of decisions: removed"),
    "sampled": N_("Samples of examiners: ids of decisions removed"),
    "loose_files": N_("Attachments and frozen data deleted from the disk"),
    "replaced_files": N_("Lake: replaced files deleted from the disk"),
    "exports": N_("Downloads and reports deleted"),
    "uploads": N_("Uploads deleted"),
    "leftovers": N_("Unpublished leftovers in the lake deleted"),
    "scratch": N_("Temporary folders of ended processes deleted"),
}
_TEXTS = N_("State database, table {table}: texts with the reference mended")
_DATABASE = N_("State database: tables written anew without deleted rows")
HOLDS = N_("Registered data set {path} holds the person; it is left as it is, because of its hash.")
FREE = N_("{count} registered data sets were searched and do not hold the person.")
UNREADABLE = N_("Registered data set {path} could not be read.")
WAITING = N_(
    "{count} files were being written or waited for the worker: their rows of the person are "
    "refused when they are read, and the files go then."
)
LEFT = N_("{count} rows of table {table} still hold the reference and may not be changed.")
ENTRIES_LEFT = N_(
    "The audit trail names the person in these entries, which nobody may change: {entries}."
)
LOG_LEFT = N_("The write-ahead log could not be cut, because another process read it: repeat it.")
BINS = N_(
    "Edges and categories of the reference stay as they were; a value that only this person had "
    "can be among them until the reference is rebuilt."
)
SERVER = N_("PostgreSQL's own write-ahead log, replicas and backups may hold deleted rows.")
BACKUPS = N_(
    "{count} backups were made before; a restore erases the person again, with tombstones.json."
)
_SHOWN = 12
ALWAYS = (
    N_("Copies that were downloaded before, and files in the folders that logs came from."),
    N_("Snapshots of the file system, and blocks that a solid-state disk keeps by wear levelling."),
    N_("The memory of other running processes, until they read the new generation or restart."),
)


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One store: what was done (a message and its values), to which model, how often."""

    message: str
    params: Mapping[str, object]
    model_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that is told and not counted: a message and its values."""

    message: str
    params: Mapping[str, object]


def report_lines(report: Mapping[str, object]) -> tuple[ReportLine, ...]:
    """Return every store that an erasure touches, zeros included."""
    return tuple(_lines(report))


def remarks(report: Mapping[str, object]) -> tuple[Remark, ...]:
    """Return what was found and left, and what no erasure can reach."""
    return tuple(_remarks(report))


def _lines(report: Mapping[str, object]) -> Iterator[ReportLine]:
    for model_id, each in _mapping(report.get("models")).items():
        done = _mapping(each)
        rows = _mapping(done.get("rows"))
        yield from (
            ReportLine(label, {}, model_id, _number(rows.get(name)))
            for name, label in _ROWS.items()
        )
        yield from (
            ReportLine(label, {}, model_id, _number(done.get(name)))
            for name, label in _OF_MODEL.items()
        )
    stores = _mapping(report.get("stores"))
    yield from (
        ReportLine(label, {}, "", _number(stores.get(name))) for name, label in _STORES.items()
    )
    for table, count in _mapping(report.get("texts_mended")).items():
        yield ReportLine(_TEXTS, {"table": table}, "", _number(count))
    database = _mapping(report.get("database"))
    yield ReportLine(_DATABASE, {}, "", _number(database.get("vacuumed")))


def _remarks(report: Mapping[str, object]) -> Iterator[Remark]:
    recounted, free = False, 0
    for each in _mapping(report.get("models")).values():
        done = _mapping(each)
        recounted = recounted or bool(done.get("profiles"))
        for path, holds in _mapping(done.get("artefacts")).items():
            free += holds is False
            if holds is not False:
                name = path.rsplit("/", maxsplit=1)[-1][:_SHOWN]
                yield Remark(HOLDS if holds else UNREADABLE, {"path": name})
    if free:
        yield Remark(FREE, {"count": free})
    waiting = _number(_mapping(report.get("stores")).get("waiting_files"))
    if waiting:
        yield Remark(WAITING, {"count": waiting})
    for table, count in _mapping(report.get("texts_left")).items():
        yield Remark(LEFT, {"count": _number(count), "table": table})
    named = report.get("entries_left")
    if isinstance(named, list) and named:
        yield Remark(ENTRIES_LEFT, {"entries": ", ".join(str(each) for each in named)})
    database = _mapping(report.get("database"))
    if database.get("database") == "sqlite" and not database.get("log_cut"):
        yield Remark(LOG_LEFT, {})
    if database.get("database") == "postgresql":
        yield Remark(SERVER, {})
    if recounted:
        yield Remark(BINS, {})
    if _number(report.get("backups")):
        yield Remark(BACKUPS, {"count": _number(report.get("backups"))})
    yield from (Remark(text, {}) for text in ALWAYS)


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
