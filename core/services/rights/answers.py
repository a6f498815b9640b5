"""Answering a request: opening its case, telling of a delay, closing it with what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.rights import last_notice_day
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.review import appeals
from core.services.rights.common import (
    LONGEST_WORDS,
    checked_words,
    keep_step,
    local_day,
    require_identified,
    require_kind,
    require_open,
    visible,
)
from core.services.rights.desk import Request, refusal_waits, shown
from core.services.rights.disclosures import CORRECTED, recipients_of
from core.services.workspace import Workspace
from core.store.rights import cases, disputes, opt_outs, requests
from core.store.rights.cases import RequestCase
from core.store.rights.opt_outs import EVERY_MODEL
from core.store.rights.requests import RequestRecord, StepRecord

OUTCOMES_OF: Mapping[str, tuple[str, ...]] = {
    "review": ("upheld", "overturned"),
    "explanation": ("explained",),
    "access": ("copy_supplied", "nothing_held"),
    "correction": ("corrected", "note_attached"),
    "opt_out": ("opted_out",),
}
"""How each kind of request may be answered, unless it is refused or withdrawn."""
_OF_VERDICT = {"uphold": "upheld", "overturn": "overturned"}


def open_case(workspace: Workspace, request_id: int, *, actor: Actor) -> int:
    """Open the case of human review that a request asks for, or put it to the one that waits.

    Its number is returned.
    Where a person has decided about the prediction before, it is an appeal: a third person decides.

    Raises
    ------
    Conflict
        If it is another kind of request, is closed, has a case already, who asks is not
        confirmed, or an appeal about the prediction was decided.
    InvalidInput
        If the request names no prediction.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "review")
        require_open(found)
        require_identified(found)
        model_id, prediction_id = found.model_id, found.prediction_id
        if model_id is None or prediction_id is None:
            raise InvalidInput(
                N_("The request names no prediction that could be reviewed."),
                remedy=N_("Name the prediction first."),
            )
        if cases.of_request(conn, request_id):
            raise Conflict(
                N_("The case of this request is opened already."),
                remedy=N_("Look at the case on the page Human review."),
            )
        if cases.appeal_decided(conn, model_id, prediction_id):
            raise Conflict(
                N_("A third person has decided about this; nobody looks at it again here."),
                remedy=N_("Propose to refuse, on the ground that an answered request is repeated."),
            )
        kind: appeals.Kind = (
            "appeal" if cases.decided_before(conn, model_id, prediction_id) else "request"
        )
    made = appeals.open_for_request(
        workspace, model_id, prediction_id, request_id=request_id, kind=kind, actor=actor
    )
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        body = {"case": made.id, "case_kind": made.kind}
        keep_step(workspace, conn, found, "case_opened", by=actor, body=body)
    return made.id


def case_of(workspace: Workspace, request_id: int, *, actor: Actor) -> RequestCase | None:
    """Return the case whose verdict answers a request, if there is one."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        return answering_case(conn, visible(conn, request_id, actor))


def answering_case(conn: Connection, found: RequestRecord) -> RequestCase | None:
    """Return the case whose verdict answers a request: its newest, or the appeal about that.

    Two requests about one decision are so never answered in two ways: while an appeal waits that
    another request led to, an open request waits with it. One that was answered keeps the verdict
    of then until the appeal is decided.
    """
    own = next(iter(cases.of_request(conn, found.id)), None)
    appeal = None if own is None else cases.appeal_of(conn, own.id)
    if appeal is None or not (found.is_open or appeal.state == "final"):
        return own
    return appeal


def late_notice(
    workspace: Workspace, request_id: int, reasons_text: str, *, partly: bool, actor: Actor
) -> Request:
    """Put on record that the customer is told of a delay, with reasons; the clock runs on.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request.
    reasons_text : str
        Why it cannot be answered in time, for the customer.
    partly : bool
        Whether what can be given is given already.
    actor : Actor
        Who sends it.

    Raises
    ------
    Conflict
        If it is closed, the notice was sent before, or the forty days are past: it comes too late
        then. That the request was due before them, as its day 40 is a Sunday, hinders nothing.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        if found.late_notice_at is not None:
            raise Conflict(
                N_("The customer was told of the delay already."),
                remedy=N_("Answer the request next."),
            )
        now = workspace.clock()
        if local_day(now) > last_notice_day(local_day(found.received_at)):
            raise Conflict(
                N_("A notice of delay belongs inside the limit, which is past."),
                remedy=N_("Answer the request now; the trail shows that it is late."),
            )
        said = checked_words(reasons_text, longest=LONGEST_WORDS)
        reasons.refuse_known_people(workspace, conn, said)
        after = keep_step(
            workspace,
            conn,
            found,
            "late_notice",
            by=actor,
            body={"partly": partly},
            changes={"late_notice_at": now},
            words=said,
        )
    return _read(workspace, after.id)


def answer(workspace: Workspace, request_id: int, outcome: str, *, actor: Actor) -> Request:
    """Close a request with what came of it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request.
    outcome : str
        One of :data:`OUTCOMES_OF` its kind.
    actor : Actor
        Who answers.

    Raises
    ------
    Conflict
        If it is closed, who asks is not confirmed, a refusal waits, or what the outcome says was
        not done: no final case with that verdict, no copy, correction, note or entry, or a
        recipient to be told of a correction is neither told nor is it noted why not.
    InvalidInput
        If the outcome is none of its kind.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        require_identified(found)
        if refusal_waits(workspace, conn, found.id):
            raise Conflict(
                N_("A refusal of this request waits for a decision."),
                remedy=N_("Let it be decided or withdrawn on the page Approvals first."),
            )
        if outcome not in OUTCOMES_OF[found.kind]:
            raise InvalidInput(
                N_("{text!r} is not known here."),
                remedy=N_("Choose from: {known}."),
                text=outcome,
                known=", ".join(OUTCOMES_OF[found.kind]),
            )
        if not _was_done(_Done(conn, found), outcome):
            raise Conflict(
                N_("What this answer says has not been done yet."),
                remedy=N_("Do it first: the steps of the request show what is missing."),
            )
        changes = {
            "state": "answered",
            "outcome": outcome,
            "closed_at": workspace.clock(),
            "closed_by": actor.user_id,
        }
        body = {"outcome": outcome, "in_time": local_day(workspace.clock()) <= found.due_on}
        after = keep_step(workspace, conn, found, "answered", by=actor, body=body, changes=changes)
    return _read(workspace, after.id)


def possible_outcomes(workspace: Workspace, request_id: int, *, actor: Actor) -> tuple[str, ...]:
    """Return how a request could be answered now; empty while something is missing."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        if not found.is_open or found.identified_at is None:
            return ()
        if refusal_waits(workspace, conn, found.id):
            return ()
        done = _Done(conn, found)
        return tuple(each for each in OUTCOMES_OF[found.kind] if _was_done(done, each))


@dataclass(frozen=True, slots=True)
class _Done:
    """A request, and where to look for what was done about it."""

    conn: Connection
    found: RequestRecord

    @property
    def actions(self) -> frozenset[str]:
        """The steps taken so far."""
        return frozenset(each.action for each in requests.list_steps(self.conn, self.found.id))

    @property
    def letters(self) -> tuple[StepRecord, ...]:
        """The letters made so far."""
        steps = requests.list_steps(self.conn, self.found.id)
        return tuple(each for each in steps if each.action == "letter")


def _was_done(done: _Done, outcome: str) -> bool:
    conn, found = done.conn, done.found
    match outcome:
        case "upheld" | "overturned":
            newest = answering_case(conn, found)
            return (
                newest is not None
                and newest.state == "final"
                and _OF_VERDICT.get(newest.verdict or "") == outcome
            )
        case "copy_supplied":
            return "copy_made" in done.actions
        case "nothing_held":
            return found.sealed is None or _holds_nothing(done)
        case "corrected":
            return all(each.is_settled for each in recipients_of(conn, found)) and (
                CORRECTED in done.actions
            )
        case "note_attached":
            notes = disputes.of_request(conn, found.id)
            return any(each.withdrawn_at is None for each in notes)
        case "opted_out":
            model_id = found.model_id or EVERY_MODEL
            return opt_outs.in_force(conn, found.subject_id, model_id) is not None
        case _:
            return any(each.body.get("template") == "explanation" for each in done.letters)


def _holds_nothing(done: _Done) -> bool:
    """Whether the frozen data of a request are no rows at all."""
    steps = requests.list_steps(done.conn, done.found.id)
    counts = [each.body.get("rows") for each in steps if each.action == "snapshot"]
    rows = counts[-1] if counts else None
    return isinstance(rows, Mapping) and not any(rows.values())


def _read(workspace: Workspace, request_id: int) -> Request:
    with workspace.store.read() as conn:
        return shown(workspace, conn, requests.get(conn, request_id))
