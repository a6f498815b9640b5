"""The register of what was given to whom: read from the audit trail, which nobody can thin out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.i18n import N_, Translator
from core.services import access
from core.services.exports import MadeExport, publish
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.review.blind import shown_entries
from core.services.safe_csv import csv_bytes
from core.services.workspace import Workspace
from core.store import exports, models
from core.store.audit import trail as audit
from core.store.audit.canonical import instant_text
from core.store.audit.trail import AuditEntry
from core.store.rights import disclosures

MOST = 500
MOST_IN_FILE = 20_000
_CUSTOMER = N_("the customer")
_MAKER = N_("whoever made it")
_OUTSIDE = N_("a place outside this product")

KINDS: Mapping[str, str] = {
    "letter.released": N_("Letter about a decision"),
    "dossier.given": N_("Dossier of a decision"),
    "pack.given": N_("Pack of dossiers"),
    "card.made": N_("Model card"),
    "rights.copy_made": N_("Copy of a customer's data"),
    "rights.letter": N_("Letter to a customer"),
    "rights.letter_sent": N_("Letter sent to a customer"),
    "rights.late_notice": N_("Notice of delay"),
    "rights.notice_sent": N_("Notice of refusal"),
    "rights.disclosed": N_("Data given to others"),
    "rights.recipient_told": N_("Recipient told of a correction"),
    "monthly_report.made": N_("Monthly report"),
    "portfolio.exported": N_("Report on the portfolio"),
    "quarantine.exported": N_("Rows in quarantine"),
    "explanation.batch_made": N_("Explanations of many decisions"),
    "audit.exported": N_("Export of the audit trail"),
    "backup.made": N_("Backup"),
    "export.made": N_("File to take away"),
    "export.fetched": N_("File fetched"),
}
"""Kind of an entry of the trail → what was given."""

_TO: Mapping[str, str] = {
    "letter.released": _CUSTOMER,
    "rights.copy_made": _CUSTOMER,
    "rights.letter": _CUSTOMER,
    "rights.letter_sent": _CUSTOMER,
    "rights.late_notice": _CUSTOMER,
    "rights.notice_sent": _CUSTOMER,
    "backup.made": _OUTSIDE,
}
_HASHES = ("sha256", "letter_sha256", "root")


@dataclass(frozen=True, slots=True)
class Given:
    """One line of the register.

    Parameters
    ----------
    sequence, at : int, datetime
        The entry of the trail that tells of it, and when.
    kind, what : str
        Kind of that entry, and the name of the file where it is known.
    model_id, decision : str
        About which model and decision; a personal id is masked, empty where it is about none.
    to, by : str
        Who got it, and who gave it (pseudonym).
    to_is_ours : bool
        Whether ``to`` is a message id of ours, to be translated.
    why : str
        As it was written; empty where none was asked for.
    sha256 : str
        Of what was given; empty where the trail has none.
    """

    sequence: int
    at: datetime
    kind: str
    what: str
    model_id: str
    decision: str
    to: str
    by: str
    to_is_ours: bool
    why: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines; all if nothing is named.

    Parameters
    ----------
    kind, model_id : str, optional
        Only of this kind, or about this model.
    recipient : str
        Only where the name of who got it holds this text.
    since, until : datetime, optional
        Half-open interval of the instant.
    """

    kind: str | None = None
    model_id: str | None = None
    recipient: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Register:
    """Lines of the register, the newest first; ``is_cut`` if there are more."""

    lines: Sequence[Given]
    is_cut: bool


def read_register(
    workspace: Workspace, wanted: Wanted, *, actor: Actor, limit: int = MOST
) -> Register:
    """Return what was given to whom, as far as it lies in the actor's scope.

    Parameters
    ----------
    workspace : Workspace
        Where.
    wanted : Wanted
        Which lines.
    actor : Actor
        Needs ``examiner.view``.
    limit : int
        Most lines.
    """
    access.require(actor, Permission.examiner_view, model=wanted.model_id)
    named = wanted.recipient.strip().casefold()
    reach = MOST_IN_FILE if named else limit
    with workspace.store.read() as conn:
        entries = _entries(conn, wanted, actor, reach)
        found = list(_lines(conn, entries[:reach]))
    kept = [each for each in found if named in each.to.casefold()] if named else found
    return Register(tuple(kept[:limit]), len(entries) > reach or len(kept) > limit)


def register_table(t: Translator, lines: Sequence[Given]) -> tuple[list[str], list[list[object]]]:
    """Return the head and the rows of the register as a file has them."""
    head = [
        t(N_("Entry")), t(N_("When (UTC)")), t(N_("What was given")), t(N_("File")),
        t(N_("Model")), t(N_("Decision")), t(N_("To whom")), t(N_("By whom")), t(N_("Why")),
        "SHA-256",
    ]  # fmt: skip
    rows: list[list[object]] = [
        [
            each.sequence, instant_text(each.at), t(KINDS[each.kind]), each.what, each.model_id,
            each.decision, recipient(t, each), each.by, each.why, each.sha256,
        ]
        for each in lines
    ]  # fmt: skip
    return head, rows


def recipient(t: Translator, line: Given) -> str:
    """Return who got it, in a language."""
    return t(line.to) if line.to_is_ours else line.to


def export_register(
    workspace: Workspace, wanted: Wanted, *, t: Translator, actor: Actor
) -> MadeExport:
    """Let the actor take the register away as CSV; people are named by their pseudonyms."""
    access.require(actor, Permission.examiner_view, model=wanted.model_id)
    found = read_register(workspace, wanted, actor=actor, limit=MOST_IN_FILE)
    return publish(
        workspace,
        csv_bytes(*register_table(t, found.lines)),
        actor=actor,
        permission=Permission.examiner_view,
        name="register.csv",
        media_type="text/csv",
        model=wanted.model_id,
    )


def _entries(conn: Connection, wanted: Wanted, actor: Actor, limit: int) -> list[AuditEntry]:
    kinds = KINDS if wanted.kind is None else {wanted.kind: ""}
    found = [
        entry
        for kind in kinds
        for entry in audit.list_newest(
            conn,
            kind=kind,
            objects={"model": wanted.model_id} if wanted.model_id else None,
            models=actor.models,
            jurisdictions=actor.jurisdictions,
            since=wanted.since,
            until=wanted.until,
            limit=limit + 1,
            shown=shown_entries(actor),
        )
    ]
    return sorted(found, key=lambda entry: -entry.sequence)


def _lines(conn: Connection, entries: Sequence[AuditEntry]) -> Iterator[Given]:
    masked: dict[str, bool] = {}
    for entry in entries:
        model = entry.objects.get("model", "")
        if model and model not in masked:
            found = models.find(conn, model)
            masked[model] = found is None or parsed_contract(found.spec_text).is_personal(
                "@prediction_id"
            )
        to, is_ours, why = _told(conn, entry)
        decision = entry.objects.get("prediction", "")
        yield Given(
            sequence=entry.sequence,
            at=entry.at,
            kind=entry.kind,
            what=_name(conn, entry),
            model_id=model,
            decision=MASK if decision and masked.get(model, True) else decision,
            to=to,
            by=entry.actor,
            to_is_ours=is_ours,
            why=why,
            sha256=next((str(entry.body[name]) for name in _HASHES if name in entry.body), ""),
        )


def _told(conn: Connection, entry: AuditEntry) -> tuple[str, bool, str]:
    """Return who got it, whether these are words of ours, and why."""
    if entry.kind in _TO:
        return _TO[entry.kind], True, ""
    if "disclosure" in entry.body:
        noted = disclosures.find(conn, int(str(entry.body["disclosure"])))
        if noted is None or noted.subject_id != entry.objects.get("subject"):
            return MASK, False, ""  # it went with the person
        return noted.recipient, False, noted.purpose
    if "to" in entry.body:
        return str(entry.body["to"]), False, _reason(conn, entry)
    return _MAKER, True, ""


def _reason(conn: Connection, entry: AuditEntry) -> str:
    """Return why something was given: the entry of its making says so, where its own does not."""
    if "reason" in entry.body or entry.kind != "dossier.given":
        return str(entry.body.get("reason", ""))
    about = {"explanation": entry.objects["explanation"]}
    made = audit.list_newest(
        conn, kind="dossier.made", objects=about, before=entry.sequence, limit=1
    )
    return str(made[0].body.get("reason", "")) if made else ""


def _name(conn: Connection, entry: AuditEntry) -> str:
    """Return the name of the file that was given, where the trail leads to it."""
    if "export" in entry.objects:
        found = exports.find(conn, entry.objects["export"])
        return "" if found is None else found.name
    return str(entry.body.get("file", ""))
