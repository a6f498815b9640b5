"""The register of who does not want a model alone to decide, and what serving systems are told."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.identity import Actor, Permission
from core.domain.working_days import HONG_KONG
from core.errors import Conflict
from core.i18n import N_
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.services import access
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.rights.common import (
    in_scope,
    keep_step,
    reference_of,
    request_reference,
    require_identified,
    require_kind,
    require_open,
    visible,
)
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.audit import trail as audit
from core.store.rights import opt_outs
from core.store.rights.opt_outs import EVERY_MODEL, OptOut

TOLD = "opt_out.told"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the register: the pseudonym, the model (``None``: all), since and until when."""

    subject_id: str
    model_id: str | None
    since: datetime
    request_id: int
    request: str
    ended_at: datetime | None


def enter(workspace: Workspace, request_id: int, *, actor: Actor) -> Entry:
    """Enter the customer of an opt-out request; answered by a letter afterwards.

    It is for the model that the request names, or else for all.

    Raises
    ------
    Conflict
        If it is another kind of request, is closed, who asks is not confirmed, or the person was
        erased or stands in the register already.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "opt_out")
        require_open(found)
        require_identified(found)
        reference_of(workspace, found)
        model_id = found.model_id or EVERY_MODEL
        if opt_outs.in_force(conn, found.subject_id, model_id) is not None:
            raise Conflict(
                N_("The customer stands in the register already."),
                remedy=N_("Nothing is left to do."),
            )
        entry = OptOut(found.subject_id, model_id, workspace.clock(), found.id, None)
        opt_outs.add(conn, entry)
        keep_step(workspace, conn, found, "opted_out", by=actor, body={"model": found.model_id})
    return _shown(entry)


def end(workspace: Workspace, request_id: int, *, actor: Actor) -> None:
    """End the opt-out that a request had entered, at the customer's wish.

    Raises
    ------
    Conflict
        If none is in force.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "opt_out")
        model_id = found.model_id or EVERY_MODEL
        if not opt_outs.end(conn, found.subject_id, model_id, at=workspace.clock()):
            raise Conflict(
                N_("The customer does not stand in the register."),
                remedy=N_("Nothing is left to do."),
            )
        keep_step(workspace, conn, found, "opted_in", by=actor, body={"model": found.model_id})


def list_register(workspace: Workspace, *, actor: Actor) -> tuple[Entry, ...]:
    """Return the register in the actor's scope, the newest first; pseudonyms only."""
    access.require(actor, Permission.rights_view)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        found = opt_outs.list_register(conn, models=actor.models)
    return tuple(_shown(each) for each in found if in_scope(each.model_id or None, actor))


def answer_subject(workspace: Workspace, model_id: str, reference: str, *, token_id: str) -> bool:
    """Tell a serving system, whose token allows the question, whether a customer opted out.

    What was told is on record: each customer, model and system once a day, and only a yes.

    Raises
    ------
    NotFound
        If there is no such model.
    """
    with workspace.store.read() as conn:
        models.get(conn, model_id)
    return _told(workspace, model_id, workspace.keys.subject_id(reference), token_id)


@retry_when_stale
def answer_prediction(
    workspace: Workspace, model_id: str, prediction_id: str, *, token_id: str
) -> bool:
    """Tell the same of whom a prediction is about; of one that is not known, the answer is no."""
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    place = PredictionFiles(model_id, [workspace.lake_paths(files)])
    row = read_prediction(workspace.duck, workspace.id_filters, place, prediction_id)
    if row is None:
        return False
    contract = parsed_contract(record.spec_text)
    subject_id = reasons.subject_of_prediction(workspace, contract, row)
    return _told(workspace, model_id, subject_id, token_id)


def _told(workspace: Workspace, model_id: str, subject_id: str, token_id: str) -> bool:
    now, name = workspace.clock(), f"token:{token_id}"
    objects = {"model": model_id, "subject": subject_id}
    midnight = now.astimezone(HONG_KONG).replace(hour=0, minute=0, second=0, microsecond=0)
    with workspace.store.read() as conn:
        entry = opt_outs.in_force(conn, subject_id, model_id)
        if entry is None:
            return False
        before = audit.list_newest(
            conn, kind=TOLD, actor=name, objects=objects, since=midnight, limit=1
        )
    if not before:
        with workspace.store.begin() as conn:
            audit.append(
                conn,
                at=now,
                actor=name,
                role="",
                kind=TOLD,
                objects=objects,
                body={"since": entry.since, "request": str(entry.request_id)},
            )
    return True


def _shown(entry: OptOut) -> Entry:
    return Entry(
        entry.subject_id,
        entry.model_id or None,
        entry.since,
        entry.request_id,
        request_reference(entry.request_id),
        entry.ended_at,
    )
