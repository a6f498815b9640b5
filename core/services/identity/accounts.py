"""My account: one's own password, second factor, recovery codes and language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.auth import totp
from core.auth.passwords import hash_password, verify_password
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, InvalidInput
from core.i18n import LOCALES, N_
from core.services import access
from core.services.identity import attempts, proofs
from core.services.identity.sign_in_settings import read_settings
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import passwords, second_factors, sessions, users
from core.store.identity.users import User

_JUST_NOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Account:
    """What a person sees of the own account.

    Parameters
    ----------
    user : User
        As stored.
    has_second_factor, needs_second_factor : bool
        Whether there is one, and whether a role asks for one.
    recovery_codes : int
        How many are left.
    """

    user: User
    has_second_factor: bool
    needs_second_factor: bool
    recovery_codes: int

    @property
    def has_password(self) -> bool:
        """Whether the person signs in with a password kept here."""
        return self.user.password_hash is not None


@dataclass(frozen=True, slots=True)
class NewFactor:
    """A second factor that waits for its first code; ``secret`` for typing, ``uri`` to scan."""

    secret: str
    uri: str


def account(workspace: Workspace, *, actor: Actor) -> Account:
    """Return the actor's own account."""
    access.require(actor, Permission.account_manage)
    with workspace.store.read() as conn:
        user = users.get(conn, actor.user_id)
        return Account(
            user,
            proofs.has_second_factor(conn, user.id),
            read_settings(conn).asks_second_factor(user.roles),
            second_factors.codes_left(conn, user.id),
        )


def change_password(
    workspace: Workspace, new: str, *, actor: Actor, current: str | None = None
) -> None:
    """Set the own password, and end all other sessions.

    Parameters
    ----------
    workspace : Workspace
        Where.
    new : str
        The new password.
    actor : Actor
        Whose.
    current : str, optional
        The password so far; not asked of somebody who signed in with a one-time password
        minutes ago and has to set a new one.

    Raises
    ------
    Forbidden
        If the current password is not right.
    InvalidInput
        If the new one is too weak, or was used before.
    """
    access.require(actor, Permission.account_manage)
    with workspace.store.read() as conn:
        user = users.get(conn, actor.user_id)
        earlier = passwords.hashes(conn, user.id)
    if not just_signed_in(workspace, actor=actor):
        _check_current(workspace, user, actor, current or "")
    hashed = new_hash(user, new, earlier)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        replace_password(conn, user, hashed, at=now)
        ended = sessions.revoke_all(
            conn,
            user.id,
            at=now,
            by=actor.audit_name,
            reason="password",
            keep=actor.session_id,
        )
        _append(conn, now, actor, "password.changed", {"ended_sessions": ended})


def begin_second_factor(workspace: Workspace, *, actor: Actor) -> NewFactor:
    """Make the secret for an authenticator app; it counts once a first code was given.

    Raises
    ------
    StepUpNeeded
        If the actor has to give the password or a code again.
    """
    access.require(actor, Permission.account_manage)
    access.require_recent(workspace, actor)
    secret = totp.new_secret()
    with workspace.store.begin() as conn:
        _refuse_existing(conn, actor)
        now = workspace.clock()
        second_factors.begin(conn, actor.user_id, proofs.seal_secret(workspace, secret), at=now)
        _append(conn, now, actor, "second_factor.begun", {})
    return NewFactor(secret, totp.provisioning_uri(secret, actor.username))


def confirm_second_factor(workspace: Workspace, code: str, *, actor: Actor) -> Sequence[str]:
    """Put the second factor into force with its first code; return the recovery codes.

    Raises
    ------
    Forbidden
        If the code is not the app's, or there is nothing to confirm.
    """
    access.require(actor, Permission.account_manage)
    now = workspace.clock()
    codes = totp.new_recovery_codes()
    with workspace.store.begin() as conn:
        factor = second_factors.find(conn, actor.user_id)
        if factor is not None and factor.confirmed_at is None:
            secret = proofs.unseal_secret(workspace, factor.secret)
            step = totp.matching_step(secret, code, at=now, last_step=factor.last_step)
            if step is not None and second_factors.use_step(conn, actor.user_id, step):
                second_factors.confirm(conn, actor.user_id, at=now)
                _put_codes(workspace, conn, actor, codes)
                if actor.session_id:
                    sessions.authenticate(conn, actor.session_id, at=now, second_factor=True)
                _append(conn, now, actor, "second_factor.added", {})
                return codes
    raise Forbidden(
        N_("The code does not count."),
        remedy=N_("Wait for the next one; the clocks of phone and server may differ by 30 s."),
    )


def remove_second_factor(workspace: Workspace, *, actor: Actor) -> None:
    """Take the own second factor away.

    Raises
    ------
    Forbidden
        If a role of the actor asks for one.
    StepUpNeeded
        If the actor has to give the password or a code again.
    """
    access.require(actor, Permission.account_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        user = users.get(conn, actor.user_id)
        if read_settings(conn).asks_second_factor(user.roles):
            raise Forbidden(
                N_("Your role needs a second factor."),
                remedy=N_("Ask an administrator to reset it if you have a new phone."),
            )
        if second_factors.remove(conn, user.id):
            _append(conn, workspace.clock(), actor, "second_factor.removed", {})


def make_recovery_codes(workspace: Workspace, *, actor: Actor) -> Sequence[str]:
    """Make new recovery codes, shown only now; the ones before count no more.

    Raises
    ------
    Forbidden
        If the actor has no second factor.
    StepUpNeeded
        If the actor has to give the password or a code again.
    """
    access.require(actor, Permission.account_manage)
    access.require_recent(workspace, actor)
    codes = totp.new_recovery_codes()
    with workspace.store.begin() as conn:
        if not proofs.has_second_factor(conn, actor.user_id):
            raise Forbidden(
                N_("There is no second factor yet."), remedy=N_("Add one on the page My account.")
            )
        _put_codes(workspace, conn, actor, codes)
        _append(conn, workspace.clock(), actor, "second_factor.codes_made", {})
    return codes


def own_language(workspace: Workspace, *, actor: Actor) -> str:
    """Return the language that the actor chose; empty, as the browser asks."""
    access.require(actor, Permission.account_manage)
    with workspace.store.read() as conn:
        return users.get(conn, actor.user_id).language


def choose_language(workspace: Workspace, language: str, *, actor: Actor) -> None:
    """Choose the language in which the app greets the actor; empty, as the browser asks.

    Raises
    ------
    InvalidInput
        If the app does not speak it.
    """
    access.require(actor, Permission.account_manage)
    if language and language not in LOCALES:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=language,
            known=", ".join(LOCALES),
        )
    with workspace.store.begin() as conn:
        users.set_language(conn, actor.user_id, language)
        _append(conn, workspace.clock(), actor, "user.language_changed", {"language": language})


def new_hash(user: User, password: str, earlier: Sequence[str]) -> str:
    """Return the hash of a new password that meets the policy and was not used before.

    Raises
    ------
    InvalidInput
        If it does not, or was.
    """
    names = (user.username, user.display_name, user.email.split("@")[0])
    hashed = hash_password(password, names=names)
    before = (user.password_hash, *earlier)
    if any(each is not None and verify_password(password, each) for each in before):
        raise InvalidInput(
            N_("This password was used before."), remedy=N_("Choose one that is new.")
        )
    return hashed


def replace_password(
    conn: Connection, user: User, hashed: str, *, at: datetime, must_change: bool = False
) -> None:
    """Put a new hash in the place of the one before, which is remembered."""
    if user.password_hash is not None:
        passwords.remember(conn, user.id, user.password_hash, at=at)
    users.set_password_hash(conn, user.id, hashed, at=at, must_change=must_change)


def just_signed_in(workspace: Workspace, *, actor: Actor) -> bool:
    """Whether the actor signed in minutes ago with a password that was for one time."""
    access.require(actor, Permission.account_manage)
    given = actor.authenticated_at
    recent = given is not None and workspace.clock() - given <= _JUST_NOW
    return actor.duty == "password" and recent


def _check_current(workspace: Workspace, user: User, actor: Actor, current: str) -> None:
    source = "account"
    with workspace.store.read() as conn:
        session = sessions.find(conn, actor.session_id or "")
    attempt = attempts.hear(workspace, user.username, user, session.source if session else source)
    if not verify_password(current, user.password_hash):
        attempts.refuse(workspace, attempt, "wrong")
        raise Forbidden(
            N_("The current password is not right."), remedy=N_("Check it and try again.")
        )
    with workspace.store.begin() as conn:
        attempts.forgive(conn, attempt, at=workspace.clock(), outcome="accepted", wholly=True)


def _refuse_existing(conn: Connection, actor: Actor) -> None:
    if proofs.has_second_factor(conn, actor.user_id):
        raise Forbidden(
            N_("You have a second factor already."), remedy=N_("Remove it before adding another.")
        )


def _put_codes(workspace: Workspace, conn: Connection, actor: Actor, codes: Sequence[str]) -> None:
    hashes = [proofs.code_hash(workspace, actor.user_id, code) for code in codes]
    second_factors.replace_codes(conn, actor.user_id, hashes)


def _append(
    conn: Connection, at: datetime, actor: Actor, kind: str, body: dict[str, object]
) -> None:
    audit.append(
        conn,
        at=at,
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"user": actor.user_id},
        body=body,
    )
