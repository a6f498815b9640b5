"""Four eyes: what one person proposes, another decides, and the decision carries it out.

The proposer never decides, nor does a developer of the model; the database refuses the first
too. A step is carried out in the transaction of its approval: if it fails, it stays proposed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, Forbidden, HarbourlightError, InvalidInput, NotFound
from core.services import access
from core.services.workspace import Workspace
from core.store import approvals as store
from core.store.approvals import Approval, ApprovalState
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.identity import assignments, users

LIFETIME = timedelta(days=7)
_ABOUT_ROWS = audit.ABOUT_ROWS | {"disposal", "request"}
"""Kinds of objects that are rows, wherever they are from."""


@dataclass(frozen=True, slots=True)
class ApprovalKind:
    """One kind of step that takes two people.

    Parameters
    ----------
    name : str
        Such as ``model.resume``.
    label : str
        Message id of what a reader calls it.
    propose, decide : Permission
        Who may propose it, and who may decide it.
    execute : callable
        Carries it out in the transaction of the approval; what it returns is kept as the result.
        It raises to refuse, and enqueues a job for what takes long.
    """

    name: str
    label: str
    propose: Permission
    decide: Permission
    execute: Callable[[Workspace, Connection, Approval, Actor], Mapping[str, object]]


def kind_of(name: str) -> ApprovalKind:
    """Return a kind by its name.

    Raises
    ------
    NotFound
        If this version knows no such kind.
    """
    from core.services.approvals import kinds as approval_kinds  # noqa: PLC0415  # kinds are made from this module

    found = approval_kinds.KINDS.get(name)
    if found is None:
        raise NotFound(
            "There is no kind of approval {kind}.",
            remedy="Install the version of Harbourlight that wrote it, or a newer one.",
            kind=name,
        )
    return found


def propose(
    workspace: Workspace,
    kind_name: str,
    *,
    actor: Actor,
    reason: str,
    object_kind: str,
    object_id: str,
    model: str | None = None,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
    command: Mapping[str, object] | None = None,
    lifetime: timedelta = LIFETIME,
) -> Approval:
    """Propose a step for somebody else to decide.

    Parameters
    ----------
    workspace : Workspace
        Where.
    kind_name : str
        One of :data:`core.services.approvals.kinds.KINDS`.
    actor : Actor
        Who proposes; will not be able to decide.
    reason : str
        Why, for whoever decides.
    object_kind, object_id : str
        What it concerns: ids and pseudonyms, never a person's name.
    model : str, optional
        The model it concerns.
    before, after : Mapping, optional
        What a reader compares.
    command : Mapping, optional
        What the execution needs to know.
    lifetime : timedelta
        After which it can no longer be decided.

    Raises
    ------
    Forbidden
        If the actor may not propose it.
    InvalidInput
        If there is no reason.
    Conflict
        If the same is proposed already.
    """
    access.require(actor, kind_of(kind_name).propose, model=model)
    if not reason.strip():
        raise InvalidInput("A proposal needs a reason.", remedy="Write why, for whoever decides.")
    expire_due(workspace)
    now = workspace.clock()
    proposed = Approval(
        id=workspace.new_id(),
        kind=kind_name,
        model_id=model,
        object_kind=object_kind,
        object_id=object_id,
        command=dict(command or {}),
        before=dict(before or {}),
        after=dict(after or {}),
        reason=reason.strip(),
        proposed_by=actor.user_id,
        proposed_at=now,
        expires_at=now + lifetime,
        state="pending",
    )
    with workspace.store.begin() as conn:
        store.add(conn, proposed)
        _record(workspace, conn, proposed, "approval.proposed", actor=actor, at=now)
    return proposed


def approve(workspace: Workspace, approval_id: str, *, actor: Actor, reason: str = "") -> Approval:
    """Approve a step and carry it out, both in one transaction.

    Raises
    ------
    Forbidden
        If the actor proposed it, develops the model, or lacks the permission.
    StepUpNeeded
        If the actor has to say again who they are.
    Conflict
        If it was decided, withdrawn or expired before.
    """
    access.require(actor, Permission.approval_view)
    expire_due(workspace)
    _check_before(workspace, approval_id, actor)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        asked = _checked(conn, approval_id, actor, now)
        store.end(
            conn,
            approval_id,
            state="approved",
            at=now,
            decided_by=actor.user_id,
            reason=reason.strip(),
        )
        result = kind_of(asked.kind).execute(workspace, conn, asked, actor)
        store.set_result(conn, approval_id, result)
        _record(workspace, conn, asked, "approval.approved", actor=actor, at=now)
        return store.get(conn, approval_id)


def reject(workspace: Workspace, approval_id: str, *, actor: Actor, reason: str) -> Approval:
    """Reject a step; nothing is done.

    Raises
    ------
    Forbidden, StepUpNeeded, Conflict
        As :func:`approve`.
    InvalidInput
        If there is no reason.
    """
    access.require(actor, Permission.approval_view)
    if not reason.strip():
        raise InvalidInput("A rejection needs a reason.", remedy="Write why, for who proposed it.")
    expire_due(workspace)
    _check_before(workspace, approval_id, actor)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        asked = _checked(conn, approval_id, actor, now)
        store.end(
            conn,
            approval_id,
            state="rejected",
            at=now,
            decided_by=actor.user_id,
            reason=reason.strip(),
        )
        _record(workspace, conn, asked, "approval.rejected", actor=actor, at=now)
        return store.get(conn, approval_id)


def withdraw(workspace: Workspace, approval_id: str, *, actor: Actor) -> Approval:
    """Take back what the actor proposed.

    Raises
    ------
    Forbidden
        If somebody else proposed it.
    Conflict
        If it was decided, withdrawn or expired before.
    """
    access.require(actor, Permission.approval_view)
    expire_due(workspace)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        asked = _visible(conn, approval_id, actor)
        if asked.proposed_by != actor.user_id:
            raise Forbidden("Only who proposed this can withdraw it.", remedy="Reject it instead.")
        store.end(conn, approval_id, state="withdrawn", at=now)
        _record(workspace, conn, asked, "approval.withdrawn", actor=actor, at=now)
        return store.get(conn, approval_id)


def list_approvals(
    workspace: Workspace, *, actor: Actor, state: ApprovalState | None = None
) -> tuple[Approval, ...]:
    """Return the approvals in the actor's scope, the newest first, perhaps of one state only.

    An actor limited to some jurisdictions is not told of those that concern rows, such as the
    erasure of a person: they are of all jurisdictions. Those that name no model are of all models,
    and not told to an actor limited to some.
    """
    access.require(actor, Permission.approval_view)
    now = workspace.clock()
    with workspace.store.read() as conn:
        found = store.list_approvals(
            conn,
            now=now,
            state=state,
            models=actor.models,
            without=_ABOUT_ROWS if actor.jurisdictions is not None else frozenset(),
            of_rows=_ABOUT_ROWS,
        )
    return tuple(_as_of(each, now) for each in found)


def get_approval(workspace: Workspace, approval_id: str, *, actor: Actor) -> Approval:
    """Return one approval.

    Raises
    ------
    NotFound
        If there is none of that id in the actor's scope.
    """
    access.require(actor, Permission.approval_view)
    with workspace.store.read() as conn:
        return _as_of(_visible(conn, approval_id, actor), workspace.clock())


def obstacle(workspace: Workspace, approval_id: str, *, actor: Actor) -> HarbourlightError | None:
    """Return why the actor cannot decide an approval, or ``None``; the step-up is not asked."""
    access.require(actor, Permission.approval_view)
    with workspace.store.read() as conn:
        try:
            _checked(conn, approval_id, actor, workspace.clock())
        except (Forbidden, NotFound, Conflict) as error:
            return error
    return None


def names(workspace: Workspace, *, actor: Actor) -> Mapping[str, str]:
    """Return user id → name of everybody, to show who proposed and who decided."""
    access.require(actor, Permission.approval_view)
    with workspace.store.read() as conn:
        return {user.id: user.display_name or user.username for user in users.list_users(conn)}


def expire_due(workspace: Workspace) -> int:
    """Mark what ran out as expired, and return how many; nobody decides it, the clock does."""
    now = workspace.clock()
    with workspace.store.read() as conn:
        if not store.due(conn, now):
            return 0
    expired = 0
    with workspace.store.begin() as conn:
        for each in store.due(conn, now):
            store.end(conn, each.id, state="expired", at=now)
            _record(workspace, conn, each, "approval.expired", actor=None, at=now)
            expired += 1
    return expired


def _check_before(workspace: Workspace, approval_id: str, actor: Actor) -> None:
    """Check all that can be checked without the write lock, the step-up last."""
    with workspace.store.read() as conn:
        _checked(conn, approval_id, actor, workspace.clock())
    access.require_recent(workspace, actor)


def _checked(conn: Connection, approval_id: str, actor: Actor, now: datetime) -> Approval:
    """Return an approval that the actor may decide now."""
    asked = _visible(conn, approval_id, actor)
    access.require(actor, kind_of(asked.kind).decide, model=asked.model_id)
    if asked.proposed_by == actor.user_id:
        raise Forbidden(
            "Who proposed this cannot decide it.", remedy="Ask somebody else to decide it."
        )
    if asked.model_id is not None and _develops(conn, actor.user_id, asked.model_id):
        raise Forbidden(
            "A developer of the model {model} cannot decide this.",
            remedy="Ask somebody who does not develop the model.",
            model=asked.model_id,
        )
    if _as_of(asked, now).state != "pending":
        raise Conflict(
            "This approval is not pending any more.", remedy="Read it again: it has been decided."
        )
    return asked


def _visible(conn: Connection, approval_id: str, actor: Actor) -> Approval:
    found = store.get(conn, approval_id)
    about_rows = found.object_kind in _ABOUT_ROWS
    if found.model_id is None:
        elsewhere = about_rows and actor.models is not None
    else:
        elsewhere = not actor.sees_model(found.model_id)
    limited = actor.jurisdictions is not None and about_rows
    if elsewhere or limited:
        raise NotFound(
            "There is no approval {approval}.",
            remedy="Choose one on the page Approvals, or run 'harbourlight approvals list'.",
            approval=approval_id,
        )
    return found


def _develops(conn: Connection, user_id: str, model_id: str) -> bool:
    found = assignments.list_assignments(conn, user_id=user_id, model_id=model_id)
    return any(each.kind == "developer" for each in found)


def _as_of(approval: Approval, now: datetime) -> Approval:
    if approval.state == "pending" and approval.expires_at <= now:
        return replace(approval, state="expired")
    return approval


def _record(
    workspace: Workspace,
    conn: Connection,
    approval: Approval,
    kind: str,
    *,
    actor: Actor | None,
    at: datetime,
) -> None:
    """Append to the trail; a keyed digest binds the entry to what was proposed, word for word."""
    content = {
        "command": approval.command,
        "before": approval.before,
        "after": approval.after,
        "reason": approval.reason,
    }
    about = {"approval": approval.id}
    if approval.model_id is not None:
        about["model"] = approval.model_id
    if approval.object_kind in audit.ABOUT_ROWS:
        about[approval.object_kind] = approval.object_id
    audit.append(
        conn,
        at=at,
        actor=actor.audit_name if actor else "worker",
        role=actor.role_text if actor else "",
        kind=kind,
        objects=about,
        body={
            "kind": approval.kind,
            "object_kind": approval.object_kind,
            "object_id": approval.object_id,
            "content": workspace.keys.mac("approval", canonical_bytes(content).decode("utf-8")),
        },
    )
