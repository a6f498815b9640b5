"""Erasing a person: asked for by one, approved by another, done everywhere, proven in numbers.

The reference itself is never kept: requests know the pseudonym, and hold the reference sealed
under the workspace's key until the erasure has ended.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.lake.duck import open_duck
from core.lake.upkeep.erase import Wanted
from core.lake.upkeep.keyed_hash import KeyedHash
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.erasure.lake import ModelErasure
from core.services.erasure.obstacles import HELD, Obstacle, obstacles, refuse
from core.services.personal import reasons
from core.services.retention.holds import check_reason
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.approvals import Approval
from core.store.retention import erasures, holds, tombstones
from core.store.retention.erasures import APPROVAL_KIND, Erasure
from core.store.retention.tombstones import EVERY_MODEL, Tombstone

ERASURE_JOB = "erasure"
SEAL = "erasure"
_LONGEST_BASIS = 300


@dataclass(frozen=True, slots=True)
class Touch:
    """What an erasure would touch in one model.

    Parameters
    ----------
    model_id : str
        Which model.
    rows : Mapping of str to int
        Rows of each stream.
    refused : int
        Refused rows in quarantine that would be emptied.
    artefacts : Mapping of str to bool, optional
        Registered data sets: whether they hold the subject (``None``: could not be read). They
        are told, not changed.
    """

    model_id: str
    rows: Mapping[str, int]
    refused: int
    artefacts: Mapping[str, bool | None]

    @property
    def total(self) -> int:
        """Rows of all streams and of the quarantine."""
        return sum(self.rows.values()) + self.refused


@dataclass(frozen=True, slots=True)
class ErasurePreview:
    """What an erasure would touch, and what stands against it."""

    subject_id: str
    touches: tuple[Touch, ...]
    obstacles: tuple[Obstacle, ...]
    erased_before: bool

    @property
    def total(self) -> int:
        """Rows found in all models."""
        return sum(touch.total for touch in self.touches)


def preview(
    workspace: Workspace, reference: str, *, actor: Actor, model: str | None = None
) -> ErasurePreview:
    """Look for a subject and change nothing.

    Parameters
    ----------
    workspace : Workspace
        Where.
    reference : str
        What the logs call the person.
    actor : Actor
        Who asks; models outside the scope are not looked at.
    model : str, optional
        Only this model.

    Raises
    ------
    Forbidden
        If the actor may not, or is limited to some jurisdictions: a person's rows are counted
        in all of them, and that there are some elsewhere is not theirs to know.
    """
    access.require(actor, Permission.erasure_request, model=model)
    access.require_every_jurisdiction(actor)
    _check_reference(reference)
    subject_id = workspace.keys.subject_id(reference)
    with workspace.store.read() as conn:
        before = tombstones.is_erased(conn, subject_id, model)
    searched = _search(workspace, subject_id, reference, _scope(workspace, actor, model))
    return ErasurePreview(
        subject_id,
        tuple(
            Touch(
                each.model_id,
                dict(each.rows),
                each.refused,
                dict(each.artefacts),
            )
            for each in searched
        ),
        obstacles(workspace, subject_id, searched),
        before,
    )


def propose_erasure(
    workspace: Workspace,
    reference: str,
    *,
    basis: str,
    actor: Actor,
    model: str | None = None,
) -> Approval:
    """Ask for a subject's erasure; somebody else approves it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    reference : str
        What the logs call the person.
    basis : str
        Why; it stays in the trail for ever, so it names a law or a request and no person.
    actor : Actor
        Who asks.
    model : str, optional
        Only from this model.

    Raises
    ------
    Forbidden
        As :func:`preview`.
    Conflict
        If a legal hold or a retention minimum forbids it, or it is asked for already.
    InvalidInput
        If the reference or the basis is missing, or the basis names the person.
    """
    access.require(actor, Permission.erasure_request, model=model)
    access.require_every_jurisdiction(actor)
    if len(basis) > _LONGEST_BASIS:
        raise InvalidInput(
            N_("The basis is longer than {longest} characters."),
            remedy=N_("Name the law or the request in a few words."),
            longest=_LONGEST_BASIS,
        )
    check_reason(basis, reference)
    if model is None and actor.models is not None:
        raise InvalidInput(
            N_("An erasure from all models needs a scope of all models."),
            remedy=N_("Name the model, or ask somebody whose scope is not limited."),
        )
    found = preview(workspace, reference, actor=actor, model=model)
    refuse(found.obstacles)
    asked = Erasure(
        id=workspace.new_id(),
        subject_id=found.subject_id,
        model_id=model,
        basis=basis.strip(),
        state="proposed",
        requested_by=actor.audit_name,
        requested_at=workspace.clock(),
        sealed=workspace.keys.seal(SEAL, reference.encode("utf-8")),
    )
    with workspace.store.begin() as conn:
        reasons.refuse_known_people(workspace, conn, basis)
        erasures.close_unapproved(conn, at=workspace.clock())
        if erasures.is_open(conn, found.subject_id, model):
            raise Conflict(
                N_("The erasure of this person is asked for already."),
                remedy=N_("Decide or withdraw the first request."),
            )
        erasures.add(conn, asked)
    before = {f"{touch.model_id}: {name}": rows for touch in found.touches
              for name, rows in _counts(touch)}  # fmt: skip
    try:
        return approvals.propose(
            workspace,
            APPROVAL_KIND,
            actor=actor,
            reason=asked.basis,
            object_kind="erasure",
            object_id=asked.id,
            model=model,
            before=before,
            after=dict.fromkeys(before, 0),
            command={"subject": found.subject_id, "model": model},
        )
    except BaseException:
        with workspace.store.begin() as conn:
            erasures.discard(conn, asked.id)
        raise


def list_erasures(workspace: Workspace, *, actor: Actor) -> tuple[Erasure, ...]:
    """Return the erasures in the actor's scope, the newest first, without what is sealed.

    An actor limited to some jurisdictions is told of none: an erasure is of all rows of a person.
    """
    access.require(actor, Permission.retention_view)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        found = erasures.list_erasures(conn)
    return tuple(
        each.without_secret()
        for each in found
        if each.model_id is None or actor.sees_model(each.model_id)
    )


def get_erasure(workspace: Workspace, erasure_id: str, *, actor: Actor) -> Erasure:
    """Return one erasure with its report.

    Raises
    ------
    NotFound
        If there is none of that id, or it concerns a model outside the actor's scope.
    Forbidden
        If the actor may not, or is limited to some jurisdictions.
    """
    access.require(actor, Permission.retention_view)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        found = erasures.get(conn, erasure_id)
    access.require(actor, Permission.retention_view, model=found.model_id)
    return found.without_secret()


def tombstone_counts(workspace: Workspace, *, actor: Actor) -> tuple[int, int] | None:
    """Return the number of erased subjects, and of their predictions.

    ``None`` for an actor limited to some jurisdictions: the counts are of all of them.
    """
    access.require(actor, Permission.retention_view)
    if actor.jurisdictions is not None:
        return None
    with workspace.store.read() as conn:
        return tombstones.count(conn)


def forget_unapproved(workspace: Workspace) -> int:
    """Forget whom requests concerned that were rejected, withdrawn or ran out; return how many."""
    with workspace.store.read() as conn:
        if not erasures.list_erasures(conn, state="proposed"):
            return 0
    with workspace.store.begin() as conn:
        return erasures.close_unapproved(conn, at=workspace.clock())


def wanted_of(workspace: Workspace, subject_id: str, reference: str | None, column: str) -> Wanted:
    """Return whose rows are meant, for searching one model's lake."""
    key = KeyedHash(workspace.keys.derive("subject"))
    return Wanted(column, subject_id, key, reference)


def _execute(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Begin an approved erasure: from this commit on nothing of the subject comes in any more."""
    asked = erasures.get(conn, approval.object_id)
    at = workspace.clock()
    held = [
        Obstacle("hold", HELD, {"hold": hold.id})
        for hold in holds.list_holds(conn, in_force=True)
        if hold.subject_id == asked.subject_id and hold.model_id in {None, asked.model_id}
    ]
    refuse(held)
    erasures.start(conn, asked.id, approved_by=actor.audit_name, at=at)
    stone = Tombstone(asked.subject_id, asked.model_id or EVERY_MODEL, at, asked.id)
    tombstones.bury(conn, [stone])
    return {"erasure": asked.id, "job": _order(workspace, conn, asked.id, actor)}


def _order(workspace: Workspace, conn: Connection, erasure_id: str, actor: Actor) -> str:
    ticket = jobs.enqueue(
        conn,
        job_id=workspace.new_id(),
        kind=ERASURE_JOB,
        payload={"erasure": erasure_id},
        actor=actor.username,
        at=workspace.clock(),
        dedupe_key=f"{ERASURE_JOB}:{erasure_id}",
    )
    return ticket.id


ERASURE_KIND = approvals.ApprovalKind(
    APPROVAL_KIND,
    N_("Erasure of a person"),
    Permission.erasure_request,
    Permission.erasure_approve,
    _execute,
)


def _search(
    workspace: Workspace, subject_id: str, reference: str, model_ids: tuple[str, ...]
) -> list[ModelErasure]:
    searched = []
    with open_duck(workspace.settings) as duck:
        for model_id in model_ids:
            each = ModelErasure(
                workspace,
                model_id,
                "",
                lambda column: wanted_of(workspace, subject_id, reference, column),
            )
            each.search(duck)
            searched.append(each)
    return searched


def _scope(workspace: Workspace, actor: Actor, model: str | None) -> tuple[str, ...]:
    with workspace.store.read() as conn:
        if model is not None:
            return (models.get(conn, model).id,)
        return tuple(record.id for record in models.list_models(conn, actor.models))


def _counts(touch: Touch) -> Iterator[tuple[str, int]]:
    yield from ((name, rows) for name, rows in touch.rows.items() if rows)
    if touch.refused:
        yield "quarantine", touch.refused


def _check_reference(reference: str) -> None:
    if not reference.strip():
        raise InvalidInput(
            N_("The person's reference is missing."),
            remedy=N_("Give it exactly as the logs write it."),
        )
