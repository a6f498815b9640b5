"""Changing how somebody signs in whose roles decide: proposed by one, confirmed by another.

A one-time password is made with the proposal and told to who proposed it, once; it opens nothing
before somebody confirmed it. Till then its hash is kept sealed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.auth.passwords import generate_password, hash_password
from core.domain.identity import Actor, Permission
from core.i18n import N_
from core.services import access
from core.services.approvals import deciders
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.identity import people
from core.services.workspace import Workspace
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.identity import second_factors, users

TOLD_FOR = timedelta(days=30)
_SEAL = "waiting password"
_PASSWORD, _FACTOR, _IDENTITY = "user.password", "user.second_factor", "user.identity"
# What of one's account somebody else changed, of which one is told.
_TOLD = ("password.reset", "second_factor.reset", "user.identity_changed")


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody else changed about an account: the kind of entry, and when."""

    kind: str
    at: datetime


def takes_two(workspace: Workspace, user_id: str, *, actor: Actor) -> bool:
    """Whether helping a user back in has to be proposed to somebody else."""
    access.require(actor, Permission.user_manage)
    with workspace.store.read() as conn:
        return deciders.takes_two(conn, users.get(conn, user_id), actor, at=workspace.clock())


def propose_password(
    workspace: Workspace, user_id: str, *, actor: Actor, reason: str
) -> tuple[Approval, str]:
    """Propose a password for one sign-in; return it, to be told once; it counts once confirmed.

    Raises
    ------
    InvalidInput
        If there is no reason.
    Conflict
        If the same is proposed already.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    made = generate_password()
    sealed = workspace.keys.seal(_SEAL, hash_password(made).encode("ascii")).hex()
    command = {"sealed": sealed}
    return _propose(workspace, _PASSWORD, user_id, actor, reason, N_("one-time"), command), made


def propose_second_factor(
    workspace: Workspace, user_id: str, *, actor: Actor, reason: str
) -> Approval:
    """Propose to take a lost second factor away; raises as :func:`propose_password`."""
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    return _propose(workspace, _FACTOR, user_id, actor, reason, N_("none"), {})


def propose_identity(
    workspace: Workspace,
    user_id: str,
    *,
    actor: Actor,
    reason: str,
    issuer: str | None,
    subject: str | None,
) -> Approval:
    """Propose an identity to stand for a user; raises as :func:`propose_password`.

    Parameters
    ----------
    workspace : Workspace
        Where.
    user_id : str
        The user.
    actor : Actor
        Who asks.
    reason : str
        Why; it stands in the entry.
    issuer : str, optional
        The provider's address.
    subject : str, optional
        Who it is there; nobody if ``None``.
    """
    access.require(actor, Permission.user_manage)
    access.require_recent(workspace, actor)
    named = f"{issuer}: {subject}" if issuer and subject else N_("none")
    command = {"issuer": issuer, "subject": subject}
    return _propose(workspace, _IDENTITY, user_id, actor, reason, named, command)


def told(workspace: Workspace, *, actor: Actor) -> tuple[Told, ...]:
    """Return what others changed about the actor's account in the last 30 days, newest first.

    It cannot be dismissed: whoever came in with a password that was reset could do so first.
    """
    access.require(actor, Permission.account_manage)
    since = workspace.clock() - TOLD_FOR
    with workspace.store.read() as conn:
        found = audit.list_newest(conn, objects={"user": actor.user_id}, since=since, limit=200)
    return tuple(
        Told(each.kind, each.at)
        for each in found
        if each.kind in _TOLD and each.actor != actor.audit_name
    )


def _propose(
    workspace: Workspace,
    kind: str,
    user_id: str,
    actor: Actor,
    reason: str,
    after: str,
    command: Mapping[str, object],
) -> Approval:
    with workspace.store.read() as conn:
        user = users.get(conn, user_id)
        factor = user_id in second_factors.confirmed_users(conn)
    identity = f"{user.oidc_issuer}: {user.oidc_subject}" if user.oidc_subject else N_("none")
    before = {_PASSWORD: N_("the person's own"), _IDENTITY: identity}.get(
        kind, N_("set up") if factor else N_("none")
    )
    return approvals.propose(
        workspace,
        kind,
        actor=actor,
        reason=reason,
        object_kind="user",
        object_id=user_id,
        before={kind: before},
        after={kind: after},
        command=command,
    )


def _set_password(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    sealed = bytes.fromhex(str(approval.command["sealed"]))
    hashed = workspace.keys.unseal(_SEAL, sealed).decode("ascii")
    people.put_password(workspace, conn, approval.object_id, hashed, by=actor, approval=approval.id)
    return {}


def _drop_factor(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    user_id = approval.object_id
    removed = people.drop_second_factor(workspace, conn, user_id, by=actor, approval=approval.id)
    return {"removed": removed}


def _map_identity(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    given = approval.command
    issuer, subject = (str(given[key]) if given[key] else None for key in ("issuer", "subject"))
    people.put_identity(
        workspace, conn, approval.object_id, issuer, subject, by=actor, approval=approval.id
    )
    return {}


def _kind(
    name: str,
    label: str,
    execute: Callable[[Workspace, Connection, Approval, Actor], Mapping[str, object]],
) -> ApprovalKind:
    return ApprovalKind(name, label, Permission.user_manage, Permission.account_confirm, execute)


ACCOUNT_KINDS = (
    _kind(_PASSWORD, N_("Reset a password"), _set_password),
    _kind(_FACTOR, N_("Take a second factor away"), _drop_factor),
    _kind(_IDENTITY, N_("Let an outside identity stand for a person"), _map_identity),
)
