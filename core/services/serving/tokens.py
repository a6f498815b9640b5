"""API tokens of serving systems: made and shown once, checked at each question, taken back."""

import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256

from core.domain.identity import Actor, Permission
from core.errors import Conflict, Forbidden, InvalidInput, StorageError
from core.i18n import N_
from core.services import access
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.identity import tokens as store
from core.store.identity.tokens import ApiToken

PREFIX = "hlt"
ACTIONS = ("model.state", "release.read", "opt_out.read")
USUAL_ACTIONS = ACTIONS[:2]
LONGEST_DAYS = 400
_SECRET_BYTES = 32
_TOUCH = timedelta(minutes=1)
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class MadeToken:
    """A token with its secret text, which nobody can read again."""

    token: ApiToken
    text: str


class TokenRefused(Forbidden):
    """A question whose token does not count, or not for this question.

    Parameters
    ----------
    why : str
        ``missing``, ``unknown``, ``revoked``, ``expired``, ``action`` or ``model``.
    token : ApiToken, optional
        The token, if it is one of ours.
    """

    def __init__(self, *, why: str, token: ApiToken | None = None) -> None:
        self.why = why
        self.token = token
        super().__init__(N_("The token does not allow this."))

    def __reduce__(self) -> tuple[object, ...]:
        return partial(TokenRefused, why=self.why, token=self.token), ()


def make_token(
    workspace: Workspace,
    name: str,
    *,
    actor: Actor,
    models_allowed: Iterable[str] | None = None,
    actions: Iterable[str] = USUAL_ACTIONS,
    days: int = 365,
) -> MadeToken:
    """Make a token; its text is returned now and never again.

    Parameters
    ----------
    workspace : Workspace
        Where.
    name : str
        What people call the system that will use it.
    actor : Actor
        Who makes it.
    models_allowed : iterable of str, optional
        Models it may ask about; ``None`` means all, also those registered later.
    actions : iterable of str
        Some of :data:`ACTIONS`; who opted out is told only to tokens that say so.
    days : int
        How long it counts, 1 to 400.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    InvalidInput
        If a value is out of its range.
    NotFound
        If there is no such model in the actor's scope.
    """
    access.require(actor, Permission.token_manage)
    access.require_recent(workspace, actor)
    allowed = _checked_models(actor, models_allowed)
    now = workspace.clock()
    token = ApiToken(
        id=secrets.token_hex(5),
        name=_checked_name(name),
        models=allowed,
        actions=_checked_actions(actions),
        created_at=now,
        created_by=actor.user_id,
        expires_at=now + timedelta(days=_checked_days(days)),
    )
    text = f"{PREFIX}_{token.id}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    with workspace.store.begin() as conn:
        for model_id in sorted(allowed or ()):
            models.get(conn, model_id)
        store.add(conn, token, token_hash=_digest(text))
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="token.made",
            objects={"token": token.id},
            body={
                "models": None if allowed is None else sorted(allowed),
                "actions": sorted(token.actions),
                "expires_at": token.expires_at,
            },
        )
    return MadeToken(token, text)


def list_tokens(workspace: Workspace, *, actor: Actor) -> tuple[ApiToken, ...]:
    """Return the tokens in the actor's scope, the newest first; never their secrets."""
    access.require(actor, Permission.token_manage)
    with workspace.store.read() as conn:
        found = store.list_tokens(conn)
    return tuple(token for token in found if _in_scope(actor, token))


def revoke_token(workspace: Workspace, token_id: str, *, actor: Actor) -> ApiToken:
    """Take a token back; it is refused from the next question on.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    NotFound
        If there is none of that id in the actor's scope.
    Conflict
        If it was taken back before.
    """
    access.require(actor, Permission.token_manage)
    access.require_recent(workspace, actor)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        token = store.get(conn, token_id)
        if not _in_scope(actor, token):
            raise Forbidden(
                "The token {token} reaches models outside your scope.",
                remedy="Ask an administrator of all models.",
                token=token_id,
            )
        if not store.revoke(conn, token_id, at=now, actor=actor.audit_name):
            raise Conflict(
                "The token {token} was revoked already.",
                remedy="Nothing is left to do.",
                token=token_id,
            )
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="token.revoked",
            objects={"token": token_id},
            body={},
        )
    return replace(token, revoked_at=now, revoked_by=actor.audit_name)


def check_token(workspace: Workspace, text: str | None, *, action: str, model_id: str) -> ApiToken:
    """Return the token that allows a question.

    Parameters
    ----------
    workspace : Workspace
        Where.
    text : str, optional
        What the caller showed.
    action, model_id : str
        What is asked, about which model.

    Raises
    ------
    TokenRefused
        If the token does not allow it; ``why`` says for what reason.
    StorageError
        If the state database cannot be read.
    """
    if not text:
        raise TokenRefused(why="missing")
    if len(text) > _LONGEST_TEXT:
        raise TokenRefused(why="unknown")
    with workspace.store.read() as conn:
        token = store.find_by_hash(conn, _digest(text))
    now = workspace.clock()
    if token is None:
        raise TokenRefused(why="unknown")
    if token.revoked_at is not None:
        raise TokenRefused(why="revoked", token=token)
    if token.expires_at <= now:
        raise TokenRefused(why="expired", token=token)
    if action not in token.actions:
        raise TokenRefused(why="action", token=token)
    if token.models is not None and model_id not in token.models:
        raise TokenRefused(why="model", token=token)
    _note_use(workspace, token, now)
    return token


def record_refusal(workspace: Workspace, refusal: TokenRefused, *, source: str) -> None:
    """Keep a refusal in the audit trail; the source is kept as a pseudonym.

    Parameters
    ----------
    workspace : Workspace
        Where.
    refusal : TokenRefused
        What was refused.
    source : str
        Address that asked.
    """
    token = refusal.token
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=f"token:{token.id}" if token else "unknown",
            role="",
            kind="token.refused",
            objects={"token": token.id} if token else {},
            body={"why": refusal.why, "source": workspace.keys.mac("source", source)[:16]},
        )


def _note_use(workspace: Workspace, token: ApiToken, now: datetime) -> None:
    """Write at most once a minute; an answer does not fail because this cannot be written."""
    if token.last_used_at is not None and now - token.last_used_at < _TOUCH:
        return
    with suppress(StorageError), workspace.store.begin() as conn:
        store.touch(conn, token.id, at=now)


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "replace")).hexdigest()


def _in_scope(actor: Actor, token: ApiToken) -> bool:
    if actor.models is None:
        return True
    return token.models is not None and token.models <= actor.models


def _checked_models(actor: Actor, wanted: Iterable[str] | None) -> frozenset[str] | None:
    if wanted is None:
        if actor.models is not None:
            raise InvalidInput(
                "A token for all models reaches beyond your scope.", remedy="Name its models."
            )
        return None
    named = frozenset(wanted)
    if not named:
        raise InvalidInput("A token needs at least one model.", remedy="Name its models.")
    for model_id in sorted(named):
        access.require(actor, Permission.token_manage, model=model_id)
    return named


def _checked_actions(wanted: Iterable[str]) -> frozenset[str]:
    named = frozenset(wanted)
    if not named or not named <= set(ACTIONS):
        raise InvalidInput(
            "A token allows some of {actions}.",
            remedy="Choose at least one of them.",
            actions=", ".join(ACTIONS),
        )
    return named


def _checked_days(days: int) -> int:
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(
            "A token counts for 1 to {longest} days.",
            remedy="Choose fewer days, and make a new token before it ends.",
            longest=LONGEST_DAYS,
        )
    return days


def _checked_name(name: str) -> str:
    text = " ".join(name.split())
    if not 1 <= len(text) <= 80:
        raise InvalidInput(
            "A token needs a name of 1 to 80 characters.",
            remedy="Name the system that will use it.",
        )
    return text
