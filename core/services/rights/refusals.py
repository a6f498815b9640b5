"""Refusing a request: proposed by one, decided by another, entered in the log book with reasons."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.rights import keep_refusal_until
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import LOCALES, N_, Translator
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.exports import MadeExport, publish
from core.services.personal import reasons
from core.services.rights.common import (
    LONGEST_LINE,
    checked_words,
    keep_step,
    local_day,
    reference_of,
    request_reference,
    require_open,
    visible,
)
from core.services.rights.desk import REFUSAL_KIND
from core.services.rights.words import GROUNDS, KINDS
from core.services.safe_csv import csv_bytes
from core.services.workspace import Workspace
from core.store.approvals import Approval
from core.store.identity import users
from core.store.rights import refusals
from core.store.rights.refusals import Refusal

OBJECT = "request"
_LONGEST_REASONS = 2000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of the log book of refusals.

    Parameters
    ----------
    request_id, request : int, str
        The request, as a number and as people call it.
    kind, ground, reasons, language : str
        What was refused, on what ground, why in words, in which language the reasons are.
    other_data_user : str
        Who controls the data instead; empty if nobody.
    refused_at : datetime
        When.
    refused_by, proposed_by : str
        Names of the two.
    notice_sent_on : date, optional
        When the customer was sent the notice.
    keep_until : date
        Until when it stays at least.
    """

    request_id: int
    request: str
    kind: str
    ground: str
    reasons: str
    language: str
    other_data_user: str
    refused_at: datetime
    refused_by: str
    proposed_by: str
    notice_sent_on: date | None
    keep_until: date


def propose_refusal(
    workspace: Workspace,
    request_id: int,
    *,
    ground: str,
    reasons_text: str,
    actor: Actor,
    language: str = "en",
    other_data_user: str = "",
) -> Approval:
    """Propose to refuse a request; somebody else decides.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request; it may be one whose identity was never shown.
    ground : str
        One of :data:`core.services.rights.words.GROUNDS`.
    reasons_text : str
        Why, for the customer and the log book; it names nobody.
    actor : Actor
        Who proposes.
    language : str
        Language of the reasons.
    other_data_user : str, optional
        Who controls the data instead; needed for that ground.

    Raises
    ------
    Conflict
        If the request is closed, or a refusal is proposed already.
    InvalidInput
        If the ground or language is unknown, or the reasons are missing or name somebody.
    """
    access.require(actor, Permission.rights_handle)
    _check_choice(ground, GROUNDS)
    _check_choice(language, LOCALES)
    other = other_data_user.strip()
    if ground == "other_data_user" and not other:
        raise InvalidInput(
            N_("This ground names the organisation that controls the data."),
            remedy=N_("Write its name, for the customer to turn to."),
        )
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        reference = reference_of(workspace, found) if found.sealed is not None else ""
        said = checked_words(reasons_text, reference=reference, longest=_LONGEST_REASONS)
        if other:
            checked_words(other, reference=reference, longest=LONGEST_LINE)
        reasons.refuse_known_people(workspace, conn, f"{said} {other}")
    command = {"ground": ground, "reasons": said, "language": language, "other_data_user": other}
    return approvals.propose(
        workspace,
        REFUSAL_KIND,
        actor=actor,
        reason=said[:LONGEST_LINE],
        object_kind=OBJECT,
        object_id=str(found.id),
        model=found.model_id,
        before={"state": found.state},
        after={"state": "refused", "ground": ground},
        command=command,
    )


def refusal_of(workspace: Workspace, request_id: int, *, actor: Actor) -> LogEntry | None:
    """Return the entry of the log book about a request, if it was refused."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        visible(conn, request_id, actor)
        found = refusals.of_request(conn, request_id)
        return None if found is None else _entries(conn, (found,))[0]


def log_book(workspace: Workspace, *, actor: Actor) -> tuple[LogEntry, ...]:
    """Return the log book in the actor's scope, the newest first; it names no customer."""
    access.require(actor, Permission.rights_view)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        return _entries(conn, refusals.list_refusals(conn, models=actor.models))


def note_notice_sent(
    workspace: Workspace, request_id: int, *, actor: Actor, on: date | None = None
) -> None:
    """Note when the customer was sent the notice of refusal.

    Raises
    ------
    NotFound
        If the request was not refused.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        entry = refusals.of_request(conn, request_id)
        if entry is None:
            raise NotFound(
                N_("This request was not refused."),
                remedy=N_("A notice belongs to a refusal only."),
            )
        if entry.notice_sent_on is not None:
            raise Conflict(
                N_("It is noted already that the notice was sent."),
                remedy=N_("Nothing is left to do."),
            )
        day = on or local_day(workspace.clock())
        refusals.note_sent(conn, request_id, on=day)
        body = {"sent_on": day.isoformat(), "in_time": day <= found.due_on}
        keep_step(workspace, conn, found, "notice_sent", by=actor, body=body)


def export_log_book(workspace: Workspace, t: Translator, *, actor: Actor) -> MadeExport:
    """Make a file of the log book, for whoever may inspect and copy it."""
    access.require(actor, Permission.rights_view)
    entries = log_book(workspace, actor=actor)
    return publish(
        workspace,
        as_csv(t, entries),
        actor=actor,
        permission=Permission.rights_view,
        name=f"refusals-{local_day(workspace.clock()).isoformat()}.csv",
        media_type="text/csv",
    )


def as_csv(t: Translator, entries: tuple[LogEntry, ...]) -> bytes:
    """Return the log book as CSV, with headings and words of a language."""
    header = [
        t("Request"),
        t("Kind"),
        t("Ground"),
        t("Reasons"),
        t("Language of the reasons"),
        t("Organisation that controls the data"),
        t("Refused on"),
        t("Proposed by"),
        t("Refused by"),
        t("Notice sent on"),
        t("Kept at least until"),
    ]
    rows = [
        (
            each.request,
            t(KINDS[each.kind]),
            t(GROUNDS[each.ground]),
            each.reasons,
            each.language,
            each.other_data_user,
            local_day(each.refused_at).isoformat(),
            each.proposed_by,
            each.refused_by,
            each.notice_sent_on.isoformat() if each.notice_sent_on else "",
            each.keep_until.isoformat(),
        )
        for each in entries
    ]
    return csv_bytes(header, rows)


def _execute(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Refuse a request, in the transaction of the approval."""
    access.require(actor, Permission.rights_refuse, model=approval.model_id)
    found = visible(conn, int(approval.object_id), actor)
    require_open(found)
    now, command = workspace.clock(), approval.command
    entry = refusals.add(
        conn,
        {
            "request_id": found.id,
            "kind": found.kind,
            **{name: str(command[name]) for name in ("ground", "reasons", "language")},
            "other_data_user": str(command["other_data_user"]),
            "refused_at": now,
            "refused_by": actor.user_id,
            "proposed_by": approval.proposed_by,
            "keep_until": keep_refusal_until(local_day(now)),
        },
    )
    changes = {
        "state": "refused",
        "outcome": "refused",
        "closed_at": now,
        "closed_by": actor.user_id,
    }
    body = {"ground": str(command["ground"]), "entry": entry, "approval": approval.id}
    said = str(command["reasons"])
    keep_step(workspace, conn, found, "refused", by=actor, body=body, changes=changes, words=said)
    return {"request": found.id, "entry": entry}


REFUSAL = approvals.ApprovalKind(
    REFUSAL_KIND,
    N_("Refusal of a customer's request"),
    Permission.rights_handle,
    Permission.rights_refuse,
    _execute,
)


def _entries(conn: Connection, found: tuple[Refusal, ...]) -> tuple[LogEntry, ...]:
    names = users.names_by_id(conn, {name for e in found for name in (e.refused_by, e.proposed_by)})
    return tuple(
        LogEntry(
            each.request_id,
            request_reference(each.request_id),
            each.kind,
            each.ground,
            each.reasons,
            each.language,
            each.other_data_user,
            each.refused_at,
            names.get(each.refused_by, each.refused_by),
            names.get(each.proposed_by, each.proposed_by),
            each.notice_sent_on,
            each.keep_until,
        )
        for each in found
    )


def _check_choice(given: str, known: Mapping[str, str] | tuple[str, ...]) -> None:
    if given not in known:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=given,
            known=", ".join(known),
        )
