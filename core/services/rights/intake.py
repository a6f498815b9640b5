"""Taking a request in, naming its prediction, confirming who asks, withdrawing it."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import LOCALES, N_
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.lake.streams import identity_column
from core.services import access
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.rights.calendar import due_day
from core.services.rights.common import (
    LONGEST_LINE,
    SEAL,
    audit_objects,
    checked_words,
    keep_step,
    local_day,
    reference_of,
    require_open,
    visible,
)
from core.services.rights.desk import Request, shown
from core.services.rights.words import METHODS
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit
from core.store.retention import tombstones
from core.store.retention.text_search import MASK
from core.store.rights import cases, requests
from core.store.rights.requests import RequestRecord
from core.store.tables import REQUEST_CHANNELS, REQUEST_KINDS


def intake(
    workspace: Workspace,
    kind: str,
    reference: str,
    *,
    words: str,
    actor: Actor,
    channel: str = "letter",
    language: str = "en",
    received_at: datetime | None = None,
    model: str | None = None,
    prediction: str | None = None,
    fee_hkd: float | None = None,
) -> Request:
    """Take a customer's request in; its clock runs from the day it was received.

    Of the customer only a pseudonym and a sealed reference are kept. Of somebody who was erased
    nothing is kept but that there was a request.

    Parameters
    ----------
    workspace : Workspace
        Where.
    kind : {"review", "explanation", "access", "correction", "opt_out"}
        What is asked for.
    reference : str
        What the logs call the customer.
    words : str
        What was asked for, without the reference.
    actor : Actor
        Who takes it in.
    channel, language : str
        How it came, and in which language the customer wrote: the letters answer in it.
    received_at : datetime, optional
        When it reached the organisation, if that was earlier than now.
    model, prediction : str, optional
        What it is about, if known; the prediction has to be of this customer.
    fee_hkd : float, optional
        What was charged.

    Raises
    ------
    Forbidden
        If the actor may not, or is limited to some jurisdictions.
    NotFound
        If the model lies outside the actor's scope, or there is no such prediction of the customer.
    InvalidInput
        If something is missing, unknown or in the future, or the words name the customer.
    """
    access.require(actor, Permission.rights_handle, model=model)
    access.require_every_jurisdiction(actor)
    _require_wide_scope(actor, model)
    now = workspace.clock()
    came = received_at or now
    known = _checked(kind, channel, language, reference, came, now, fee_hkd)
    said = checked_words(words, reference=known)
    if prediction is not None:
        _require_own_prediction(workspace, model, prediction, known)
    subject_id = workspace.keys.subject_id(known)
    with workspace.store.begin() as conn:
        reasons.refuse_known_people(workspace, conn, said)
        erased = tombstones.is_erased(conn, subject_id)
        values = {
            "kind": kind,
            "channel": channel,
            "language": language,
            "subject_id": subject_id,
            "sealed": None if erased else workspace.keys.seal(SEAL, known.encode("utf-8")),
            "words": MASK if erased else said,
            "model_id": model,
            "prediction_id": prediction,
            "received_at": came,
            "due_on": due_day(conn, local_day(came)),
            "state": "received",
            "taken_by": actor.user_id,
            "fee_hkd": fee_hkd,
        }
        return _keep(workspace, conn, values, actor, said)


def name_prediction(
    workspace: Workspace, request_id: int, model: str, prediction: str, *, actor: Actor
) -> Request:
    """Say which prediction a request is about.

    Raises
    ------
    NotFound
        If there is no such request, model, or prediction of the customer, in the actor's scope.
    Conflict
        If the request is closed, the person was erased, or it names another and something was
        made of that one: a case, frozen data, a copy, a note, a letter, a correction or an entry.
    """
    access.require(actor, Permission.rights_handle, model=model)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        _require_nameable(conn, found, model, prediction)
        reference = reference_of(workspace, found)
    _require_own_prediction(workspace, model, prediction, reference)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        _require_nameable(conn, found, model, prediction)
        changes = {"model_id": model, "prediction_id": prediction}
        after = keep_step(workspace, conn, found, "named", by=actor, changes=changes)
    return _read(workspace, after.id)


def identify(
    workspace: Workspace, request_id: int, method: str, *, actor: Actor, note: str = ""
) -> Request:
    """Confirm who asks: from here on data may be shown and sent.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request.
    method : str
        One of :data:`core.services.rights.words.METHODS`.
    actor : Actor
        Who answers for it.
    note : str, optional
        What was seen; never the number of a document.

    Raises
    ------
    Conflict
        If it was confirmed before, or the request is closed.
    InvalidInput
        If there is no such method.
    """
    access.require(actor, Permission.rights_handle)
    if method not in METHODS:
        raise InvalidInput(
            N_("There is no such way to check an identity."),
            remedy=N_("Choose from: {known}."),
            known=", ".join(METHODS),
        )
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        if found.identified_at is not None:
            raise Conflict(
                N_("Who asks was confirmed already."), remedy=N_("Nothing is left to do.")
            )
        said = checked_words(note, longest=LONGEST_LINE) if note.strip() else ""
        if said:
            reasons.refuse_known_people(workspace, conn, said)
        changes = {
            "state": "identified",
            "identity_method": method,
            "identified_by": actor.user_id,
            "identified_at": workspace.clock(),
            "handler_id": found.handler_id or actor.user_id,
        }
        after = keep_step(
            workspace,
            conn,
            found,
            "identified",
            by=actor,
            body={"method": method},
            changes=changes,
            words=said,
        )
    return _read(workspace, after.id)


def take_over(workspace: Workspace, request_id: int, *, actor: Actor) -> Request:
    """Make a request one's own to handle; raises as :func:`withdraw`."""
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        changes = {"handler_id": actor.user_id}
        after = keep_step(workspace, conn, found, "taken", by=actor, changes=changes)
    return _read(workspace, after.id)


def withdraw(workspace: Workspace, request_id: int, *, reason: str, actor: Actor) -> Request:
    """Close a request that the customer takes back.

    Raises
    ------
    Conflict
        If it is closed already.
    InvalidInput
        If there is no reason, or it names somebody.
    """
    access.require(actor, Permission.rights_handle)
    said = checked_words(reason, longest=LONGEST_LINE)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_open(found)
        reasons.refuse_known_people(workspace, conn, said)
        changes = {
            "state": "withdrawn",
            "outcome": "withdrawn",
            "closed_at": workspace.clock(),
            "closed_by": actor.user_id,
        }
        after = keep_step(
            workspace, conn, found, "withdrawn", by=actor, changes=changes, words=said
        )
    return _read(workspace, after.id)


def _keep(
    workspace: Workspace, conn: Connection, values: Mapping[str, object], actor: Actor, said: str
) -> Request:
    now = workspace.clock()
    found = requests.get(conn, requests.add(conn, values))
    facts = {
        "kind": found.kind,
        "channel": found.channel,
        "language": found.language,
        "received_at": found.received_at,
        "due_on": found.due_on.isoformat(),
    }
    requests.add_step(
        conn,
        found.id,
        "received",
        at=now,
        actor=actor.audit_name,
        states=("", found.state),
        body={**facts, "received_at": found.received_at.isoformat()},
    )
    after = shown(workspace, conn, found)
    audit.append(
        conn,
        at=now,
        actor=actor.audit_name,
        role=actor.role_text,
        kind="rights.received",
        objects=audit_objects(found),
        body=facts,
        personal=reasons.about_unless_erased(conn, found.subject_id, said),
    )
    return after


def _read(workspace: Workspace, request_id: int) -> Request:
    with workspace.store.read() as conn:
        return shown(workspace, conn, requests.get(conn, request_id))


_MADE_OF_ONE = frozenset({"snapshot", "copy_made", "note_attached", "corrected", "opted_out"})
_MADE_OF_NONE = frozenset({"acknowledgement", "identity_needed", "late_notice", "refusal"})


def _require_nameable(conn: Connection, found: RequestRecord, model: str, prediction: str) -> None:
    """Let an open request pass that names nothing else, or of which nothing was made yet."""
    require_open(found)
    named = (found.model_id in {None, model}, found.prediction_id in {None, prediction})
    steps = requests.list_steps(conn, found.id)
    entered = any(each.action == "opted_out" for each in steps)  # of the model, or of all of them
    if all(named) and not entered:
        return
    made = any(
        each.action in _MADE_OF_ONE
        or (each.action == "letter" and each.body.get("template") not in _MADE_OF_NONE)
        for each in steps
    )
    if made or cases.of_request(conn, found.id):
        raise Conflict(
            N_("Something was made of what this request names; it names nothing else any more."),
            remedy=N_("Take the customer's wish in as a request of its own."),
        )


def _require_wide_scope(actor: Actor, model: str | None) -> None:
    if model is None and actor.models is not None:
        raise InvalidInput(
            N_("A request about all models needs a scope of all models."),
            remedy=N_("Name the model, or ask somebody whose scope is not limited."),
        )


def _checked(
    kind: str,
    channel: str,
    language: str,
    reference: str,
    came: datetime,
    now: datetime,
    fee_hkd: float | None,
) -> str:
    """Return the reference without blanks around it, or say what is wrong with a request."""
    for given, known in ((kind, REQUEST_KINDS), (channel, REQUEST_CHANNELS), (language, LOCALES)):
        if given not in known:
            raise InvalidInput(
                N_("{text!r} is not known here."),
                remedy=N_("Choose from: {known}."),
                text=given,
                known=", ".join(known),
            )
    if not reference.strip():
        raise InvalidInput(
            N_("The person's reference is missing."),
            remedy=N_("Give it exactly as the logs write it."),
        )
    if came > now:
        raise InvalidInput(
            N_("The day of receipt lies in the future."), remedy=N_("Give the day it came in.")
        )
    if fee_hkd is not None and not 0 <= fee_hkd < float("inf"):
        raise InvalidInput(N_("A fee is an amount from 0 on."), remedy=N_("Leave it out for none."))
    return reference.strip()


def _require_own_prediction(
    workspace: Workspace, model: str | None, prediction: str, reference: str
) -> None:
    """Let a prediction pass that is about the customer; others do not exist here."""
    if model is None:
        raise InvalidInput(N_("A prediction needs its model."), remedy=N_("Name the model, too."))
    row_reference = _whose(workspace, model, prediction)
    if row_reference != reference:
        raise NotFound(
            N_("There is no prediction {prediction} of this customer in the model's log."),
            remedy=N_("Look the number up in the customer's letter."),
            prediction=prediction,
        )


@retry_when_stale
def _whose(workspace: Workspace, model: str, prediction: str) -> str | None:
    with workspace.store.read() as conn:
        record = models.get(conn, model)
        files = manifest.files_at(
            conn, model, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    place = PredictionFiles(model, [workspace.lake_paths(files)])
    row = read_prediction(workspace.duck, workspace.id_filters, place, prediction)
    if row is None:
        return None
    return str(row.get(identity_column(parsed_contract(record.spec_text))) or prediction)
