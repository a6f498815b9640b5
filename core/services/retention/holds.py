"""Legal holds: placed and lifted by who may, with a reason, in the trail."""

from core.domain.identity import Actor, Permission
from core.domain.naming import names_value
from core.domain.retention import RECORD_CLASSES
from core.errors import InvalidInput
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.retention import holds
from core.store.retention.holds import Hold
from core.store.retention.text_search import MASK


def place_hold(
    workspace: Workspace,
    *,
    actor: Actor,
    reason: str,
    subject: str | None = None,
    model: str | None = None,
    record_class: str | None = None,
) -> Hold:
    """Place a hold on a subject, a model, a class of records, or what they have in common.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Who places it.
    reason : str
        Why; of a hold on a person it is kept under that person's key.
    subject : str, optional
        The reference that logs use; only its pseudonym is kept.
    model, record_class : str, optional
        The model, and one of :data:`core.domain.retention.RECORD_CLASSES`.

    Raises
    ------
    Forbidden
        If the actor may not, or names a subject and is limited to some jurisdictions: a hold on
        somebody covers their rows of all of them.
    Conflict
        If the subject was erased: there is nothing to hold.
    InvalidInput
        If nothing is named, the reason is missing or names the subject, or there is no such class.
    NotFound
        If there is no such model in the actor's scope.
    """
    access.require(actor, Permission.hold_manage, model=model)
    if subject:
        access.require_every_jurisdiction(actor)
    if not (subject or model or record_class):
        raise InvalidInput(
            N_("A hold names a subject, a model or a class of records."),
            remedy=N_("Name at least one of them."),
        )
    if record_class is not None:
        check_class(record_class)
    check_reason(reason, subject)
    hold = Hold(
        id=workspace.new_id(),
        subject_id=workspace.keys.subject_id(subject) if subject else None,
        model_id=model,
        record_class=record_class,
        reason=reason.strip(),
        placed_at=workspace.clock(),
        placed_by=actor.audit_name,
    )
    with workspace.store.begin() as conn:
        if model is not None:
            models.get(conn, model)
        reasons.refuse_known_people(workspace, conn, reason)
        holds.place(conn, hold)
        audit.append(
            conn,
            at=hold.placed_at,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="hold.placed",
            objects=_objects(hold),
            body={"record_class": record_class, **_bound(workspace, hold.subject_id, reason)},
            personal=reasons.about(hold.subject_id, hold.reason) if hold.subject_id else None,
        )
    return hold


def lift_hold(workspace: Workspace, hold_id: str, *, actor: Actor, reason: str) -> Hold:
    """Lift a hold; what it covered can be erased again.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    NotFound
        If there is no such hold, or it concerns a model outside the actor's scope.
    Forbidden
        As :func:`place_hold`.
    Conflict
        If it was lifted already.
    InvalidInput
        If there is no reason, or it names somebody whom the workspace knows.
    """
    access.require(actor, Permission.hold_manage)
    access.require_recent(workspace, actor)
    check_reason(reason, None)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        hold = holds.get(conn, hold_id)
        access.require(actor, Permission.hold_manage, model=hold.model_id)
        if hold.subject_id is not None:
            access.require_every_jurisdiction(actor)
        reasons.refuse_known_people(workspace, conn, reason)
        personal, words = None, reason.strip()
        if hold.subject_id is not None:
            personal = reasons.about_unless_erased(conn, hold.subject_id, words)
            words = words if personal else MASK
        holds.lift(conn, hold_id, by=actor.audit_name, reason=words, at=now)
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="hold.lifted",
            objects=_objects(hold),
            body=_bound(workspace, hold.subject_id, reason),
            personal=personal,
        )
        return holds.get(conn, hold_id)


def list_holds(workspace: Workspace, *, actor: Actor, in_force: bool = False) -> tuple[Hold, ...]:
    """Return the holds in the actor's scope, the newest first; only those in force if asked.

    An actor limited to some jurisdictions is not told of holds on people.
    """
    access.require(actor, Permission.retention_view)
    with workspace.store.read() as conn:
        found = holds.list_holds(conn, in_force=in_force)
    return tuple(hold for hold in found if hold.is_seen_by(actor))


def check_class(record_class: str) -> None:
    """Refuse a class of records that does not exist."""
    if record_class not in RECORD_CLASSES:
        raise InvalidInput(
            N_("There is no class of records {record_class}."),
            remedy=N_("Choose from: {classes}."),
            record_class=record_class,
            classes=", ".join(RECORD_CLASSES),
        )


def check_reason(reason: str, subject: str | None) -> None:
    """Refuse an empty reason, and one that names the person: it is kept when they are gone."""
    if not reason.strip():
        raise InvalidInput(
            N_("A reason is needed."), remedy=N_("Write why, such as the number of a case.")
        )
    if subject and names_value(reason, subject):
        raise InvalidInput(
            N_("The reason names the person; it would outlast the person's data."),
            remedy=N_("Name the case or the request instead."),
        )


def _objects(hold: Hold) -> dict[str, str]:
    named = {"hold": hold.id, "subject": hold.subject_id, "model": hold.model_id}
    return {name: value for name, value in named.items() if value is not None}


def _bound(workspace: Workspace, subject_id: str | None, reason: str) -> dict[str, str]:
    """Bind the entry of a hold on nobody in particular to its reason, word for word.

    That on a person is bound by a commitment under the person's key.
    """
    if subject_id is not None:
        return {}
    return {"reason_mac": workspace.keys.mac("reason", reason.strip())}
