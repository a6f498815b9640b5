"""Packs: the dossiers of all decisions of a sample in one file, made by the worker.

``pack.ordered`` says for whom and why; ``pack.made`` binds the hash of the manifest and stands in
the pack itself; ``pack.given`` has the hash of the file. A decision whose dossier cannot be made
is in the pack with the reason, not left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from core.domain.identity import Actor, Permission
from core.errors import Conflict, HarbourlightError, InvalidInput, StorageError
from core.i18n import N_, Translator, translator
from core.i18n.locales import LOCALES
from core.lake.files import finished_file
from core.services import access, exports
from core.services.examiner.drawing import read_sample
from core.services.examiner.pack_files import Taken, pack_files, proved
from core.services.examiner.register import MOST_IN_FILE, Wanted, read_register
from core.services.explanation.dossier import Order, make_dossier
from core.services.explanation.keeping import keep_for
from core.services.identity import users
from core.services.jobs import ordering
from core.services.jobs.worker import Progress
from core.services.serving.state import checked_reason
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import trail as audit
from core.store.explanations import records as explanations
from core.store.explanations import samples
from core.store.explanations.samples import SampleItem, SampleRecord

PACK_JOB = "sample_pack"
ORDERED, GIVEN = "pack.ordered", "pack.given"
LIFETIME = timedelta(days=1)
_PREFIX = "pack-"
_LONGEST_NAME = 200
_GONE = N_("The person was erased since the sample was drawn.")


@dataclass(frozen=True, slots=True)
class PackOrder:
    """What pack is asked for.

    Parameters
    ----------
    sample_id : str
        Of which sample.
    to, reason : str
        Who gets it, and why; neither names a person whom a decision is about.
    language : str
        Of what is to be read.
    values : bool
        Whether personal values are in.
    """

    sample_id: str
    to: str
    reason: str
    language: str = "en"
    values: bool = False


def order_pack(workspace: Workspace, order: PackOrder, *, actor: Actor) -> jobs.Ticket:
    """Let the worker make the pack of a sample; ordered again while it is made it is one job.

    Parameters
    ----------
    workspace : Workspace
        Where.
    order : PackOrder
        Of what, for whom, why.
    actor : Actor
        Needs ``examiner.work``; for personal values ``personal.export`` and a step-up besides.

    Raises
    ------
    Forbidden, NotFound, StepUpNeeded
        If the actor may not, there is no such sample in the actor's scope, or the actor has to say
        again who they are.
    InvalidInput
        If nobody is named who gets it, or no reason.
    """
    access.require(actor, Permission.examiner_work)
    record = _allowed(workspace, order, actor)
    to, reason = _checked(order)
    payload = {
        "user": actor.user_id,
        "sample": record.id,
        "to": to,
        "reason": reason,
        "language": order.language,
        "values": order.values,
    }
    return ordering.order(
        workspace,
        PACK_JOB,
        payload,
        actor=actor,
        permission=Permission.examiner_work,
        model_id=record.model_id,
        dedupe_key=f"{PACK_JOB}:{record.id}:{actor.user_id}",
        entry_kind=ORDERED,
        objects={"sample": record.id},
        body={"to": to, "reason": reason, "values": order.values},
    )


def newest_packs(workspace: Workspace, model_id: str, *, actor: Actor) -> Mapping[str, jobs.Job]:
    """Return sample → the newest pack that the actor ordered of it, in whatever state it is."""
    access.require(actor, Permission.examiner_work, model=model_id)
    with workspace.store.read() as conn:
        found = jobs.list_jobs(
            conn, models=[model_id], kinds=[PACK_JOB], created_by=actor.audit_name, limit=1000
        )
    return {str(each.payload["sample"]): each for each in reversed(found)}


def stop_pack(workspace: Workspace, job: jobs.Job, *, actor: Actor) -> bool:
    """Stop the making of a pack that the actor ordered; return whether it was under way."""
    access.require(actor, Permission.examiner_work, model=job.model_id)
    if job.kind != PACK_JOB or job.created_by != actor.audit_name:
        return False
    with workspace.store.begin() as conn:
        return jobs.ask_to_stop(conn, job.id)


def hand_over(workspace: Workspace, job: jobs.Job, *, actor: Actor) -> exports.MadeExport | None:
    """Let the actor fetch a finished pack; ``None`` if its file is gone."""
    access.require(actor, Permission.examiner_work, model=job.model_id)
    path = ordering.made_file(
        workspace, job, actor=actor, permission=Permission.examiner_work, prefix=_PREFIX
    )
    if path is None:
        return None
    return exports.publish(
        workspace,
        path.read_bytes(),
        actor=actor,
        permission=Permission.examiner_work,
        name=f"pack-{job.payload['sample']}.zip",
        media_type="application/zip",
        model=job.model_id,
        personal=bool(job.payload["values"]),
    )


def pack_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Do what :func:`order_pack` ordered, with the rights that the person has now.

    Raises
    ------
    Conflict
        If somebody stopped it.
    """
    said = job.payload
    person = users.actor_for(workspace, str(said["user"]), "worker")
    order = PackOrder(
        str(said["sample"]),
        str(said["to"]),
        str(said["reason"]),
        str(said["language"]),
        bool(said["values"]),
    )

    def going_on(share: float, note: str) -> None:
        with workspace.store.read() as conn:
            if jobs.is_to_stop(conn, job.id):
                raise Conflict(
                    N_("The making of the pack was stopped."), remedy=N_("Order it again.")
                )
        progress(share, note)

    content, counts = make_pack(workspace, order, actor=person, progress=going_on)
    target = workspace.settings.exports_dir / f"{_PREFIX}{job.id}.zip"
    with finished_file(target) as partial:
        partial.write_bytes(content)
    return {"file": target.name, "sha256": sha256(content).hexdigest(), **counts}


def make_pack(
    workspace: Workspace,
    order: PackOrder,
    *,
    actor: Actor,
    progress: Progress = lambda _share, _note: None,
) -> tuple[bytes, Mapping[str, int]]:
    """Make the pack of a sample.

    Where a drawn decision has no kept explanation, one is kept first: a pack is made of records.

    Returns
    -------
    tuple
        The archive, and how many dossiers are in it and how many could not be made.

    Raises
    ------
    Forbidden, NotFound, StepUpNeeded, InvalidInput
        As :func:`order_pack`.
    """
    access.require(actor, Permission.examiner_work)
    record = _allowed(workspace, order, actor)
    to, reason = _checked(order)
    t = translator(order.language)
    with workspace.store.read() as conn:
        items, frame = samples.items(conn, record.id), samples.frame(conn, record.id)
    taken: list[Taken] = []
    for item in items:
        progress(len(taken) / (len(items) + 1), "")
        taken.append(_taken(workspace, record, item, order, t, actor))
    lines = read_register(
        workspace, Wanted(model_id=record.model_id), actor=actor, limit=MOST_IN_FILE
    ).lines
    files = pack_files(t, record, frame, taken, lines)
    counts = _counts(taken)
    body = {"to": to, "reason": reason, "values": order.values, **counts}
    content = proved(workspace, record, files, body, by=actor)
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind=GIVEN,
            objects={"model": record.model_id, "sample": record.id},
            body={
                "to": to,
                "reason": reason,
                "sha256": sha256(content).hexdigest(),
                "bytes": len(content),
            },
        )
    return content, counts


def remove_old_packs(workspace: Workspace) -> int:
    """Remove packs whose day is over; the worker does so when idle."""
    oldest = (workspace.clock() - LIFETIME).timestamp()
    folder = workspace.settings.exports_dir
    old = [path for path in folder.glob(f"{_PREFIX}*.zip") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _allowed(workspace: Workspace, order: PackOrder, actor: Actor) -> SampleRecord:
    """Return the sample of an order, if the actor may make a pack of it."""
    access.require(actor, Permission.dossier_make)
    record, _ = read_sample(workspace, order.sample_id, actor=actor)
    if order.values:
        access.require(actor, Permission.personal_export, model=record.model_id)
        access.require_recent(workspace, actor)
    return record


def _checked(order: PackOrder) -> tuple[str, str]:
    """Return who gets a pack, and why."""
    to = order.to.strip()
    if not 1 <= len(to) <= _LONGEST_NAME:
        raise InvalidInput(
            N_("Say who gets the pack, in 1 to {most} characters."),
            remedy=N_("Name the office or the firm, such as an examiner's."),
            most=_LONGEST_NAME,
        )
    if order.language not in LOCALES:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=order.language,
            known=", ".join(LOCALES),
        )
    return to, checked_reason(order.reason)


def _taken(
    workspace: Workspace,
    record: SampleRecord,
    item: SampleItem,
    order: PackOrder,
    t: Translator,
    actor: Actor,
) -> Taken:
    """Return the dossier of one drawn decision, or why there is none."""
    if item.prediction_id is None:
        return Taken(item, b"", t(_GONE))
    asked = Order(order.to, order.reason, values=order.values, despite=True)
    try:
        with workspace.store.read() as conn:
            kept = explanations.of_prediction(conn, record.model_id, item.prediction_id)
        if not kept:
            keep_for(workspace, record.model_id, item.prediction_id, by=actor)
        made = make_dossier(workspace, record.model_id, item.prediction_id, asked, t=t, actor=actor)
    except StorageError:
        raise  # of the machine, not of this decision: the worker tries again
    except HarbourlightError as error:
        # The key stands for the decision in the pack; its id may be personal.
        params = {**error.params, "prediction": item.key[:12]}
        return Taken(item, b"", t(error.template, **params))
    return Taken(item, made.content, "")


def _counts(taken: Sequence[Taken]) -> dict[str, int]:
    made = sum(bool(each.content) for each in taken)
    return {"dossiers": made, "without": len(taken) - made}
