"""Setting hooks up: off until an administrator does; where they lead is sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.services import access
from core.services.hooks.calling import PURPOSE, attempt
from core.services.hooks.queueing import call_later
from core.services.hooks.signing import new_secret
from core.services.hooks.targets import Target, checked_command, checked_url
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import hooks, rule_responses
from core.store.alerts.hooks import Hook, HookCall
from core.store.audit import trail as audit

MOST_SECONDS = 60
_MOST_LETTERS = 60
_REMOVED = "removed"
_OURS = timedelta(minutes=2)  # so long the worker leaves a test to who asked for it


@dataclass(frozen=True, slots=True)
class HookState:
    """A hook without what it is sealed with, and how its calls go.

    Parameters
    ----------
    name, kind, shown : str
        What people call it, how it is called, and its host or program.
    models : tuple of str, optional
        Only alerts of these; ``None`` means all.
    timeout_s : int
        Seconds after which a call counts as failed.
    enabled : bool
        Whether it is called at all.
    done, waiting, given_up : int
        Calls.
    newest : HookCall, optional
        The newest call.
    """

    name: str
    kind: str
    shown: str
    models: tuple[str, ...] | None
    timeout_s: int
    enabled: bool
    done: int
    waiting: int
    given_up: int
    newest: HookCall | None


@dataclass(frozen=True, slots=True)
class NewHook:
    """A hook just set up, and the secret by which its receiver knows who calls: shown once."""

    name: str
    shown: str
    secret: str


def add_hook(
    workspace: Workspace,
    name: str,
    *,
    actor: Actor,
    url: str = "",
    argv: Sequence[str] = (),
    models_of: Sequence[str] | None = None,
    timeout_s: int = 10,
) -> NewHook:
    """Set a hook up for rules to call.

    Parameters
    ----------
    workspace : Workspace
        Where.
    name : str
        What people call it.
    actor : Actor
        Needs ``hook.manage``.
    url : str
        Address of a webhook: https, or http to this machine. It is kept sealed.
    argv : sequence of str
        Instead of an address: a program that the server's settings allow, and its arguments.
    models_of : sequence of str, optional
        Only alerts of these models may call it; all by default.
    timeout_s : int
        Seconds after which a call counts as failed, 1 to 60.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput, Forbidden
        If the name, the time, the address or the program will not do.
    Conflict
        If a hook of that name is there.
    """
    access.require(actor, Permission.hook_manage)
    access.require_recent(workspace, actor)
    called = name.strip()
    if not 1 <= len(called) <= _MOST_LETTERS or not called.isprintable():
        raise InvalidInput(
            N_("A hook needs a name of 1 to {most} characters."),
            remedy=N_("Give it a short name."),
            most=_MOST_LETTERS,
        )
    if not 1 <= timeout_s <= MOST_SECONDS:
        raise InvalidInput(
            N_("A hook has 1 to {most} seconds to answer."),
            remedy=N_("Let it begin what takes longer, and answer at once."),
            most=MOST_SECONDS,
        )
    if bool(url) is bool(argv):
        raise InvalidInput(
            N_("A hook is either an address or a program."), remedy=N_("Give one of the two.")
        )
    shown = (
        checked_url(url) if url else str(checked_command(argv, workspace.settings.hook_commands))
    )
    target = Target(new_secret(), url, tuple(argv))
    with workspace.store.begin() as conn:
        for each in models_of or ():
            models.get(conn, each)
        hook = Hook(
            id=workspace.new_id(),
            name=called,
            kind="webhook" if url else "command",
            shown=shown,
            sealed_target=workspace.keys.seal(PURPOSE, target.to_bytes()),
            models=None if models_of is None else tuple(models_of),
            timeout_s=timeout_s,
            enabled=True,
            changed_at=workspace.clock(),
            changed_by=actor.audit_name,
        )
        if not hooks.put_hook(conn, hook):
            raise Conflict(
                N_("There is a hook {hook} already."),
                remedy=N_("Remove it first, or choose another name."),
                hook=called,
            )
        _record(workspace, conn, "hook.added", hook, actor)
    return NewHook(called, shown, target.secret)


def remove_hook(workspace: Workspace, name: str, *, actor: Actor) -> tuple[str, ...]:
    """Call a hook no more and forget where it leads; return the rules that called it.

    What was called through it stays in the log.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    NotFound
        If there is none of that name.
    """
    access.require(actor, Permission.hook_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        hook = hooks.find_hook(conn, name)
        rules = rule_responses.forget_hook(conn, hook.id)
        hooks.remove_hook(conn, hook.id, at=workspace.clock(), error=_REMOVED)
        _record(workspace, conn, "hook.removed", hook, actor, rules=rules)
    return rules


def switch_hook(workspace: Workspace, name: str, *, on: bool, actor: Actor) -> None:
    """Let a hook be called, or not; what waits for one that is off is given up.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    NotFound
        If there is none of that name.
    """
    access.require(actor, Permission.hook_manage)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        hook = hooks.find_hook(conn, name)
        hooks.set_enabled(conn, hook.id, on, at=workspace.clock(), by=actor.audit_name)
        _record(workspace, conn, "hook.switched_on" if on else "hook.switched_off", hook, actor)


def try_hook(workspace: Workspace, name: str, *, actor: Actor) -> HookCall:
    """Call a hook once now, with an event that says it is a test; return what came of it.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    NotFound
        If there is none of that name.
    Conflict
        If it is switched off.
    """
    access.require(actor, Permission.hook_manage)
    access.require_recent(workspace, actor)
    now = workspace.clock()
    with workspace.store.begin() as conn:
        hook = hooks.find_hook(conn, name)
        if not hook.enabled:
            raise Conflict(
                N_("The hook {hook} is switched off."),
                remedy=N_("Switch it on first."),
                hook=hook.name,
            )
        said = {"event": "test", "at": now, "rule": None, "alert": None, "done": None}
        call = call_later(workspace, conn, hook, said, purpose="notify", after=_OURS)
        _record(workspace, conn, "hook.tested", hook, actor)
    attempt(workspace, call, once=True)
    with workspace.store.read() as conn:
        return hooks.get_call(conn, call.id)


def list_hooks(workspace: Workspace, *, actor: Actor) -> tuple[HookState, ...]:
    """Return the hooks, without what is sealed, and how their calls go."""
    access.require(actor, Permission.hook_manage)
    with workspace.store.read() as conn:
        return tuple(_state(conn, hook) for hook in hooks.hooks(conn))


def hook_names(workspace: Workspace, model_id: str, *, actor: Actor) -> tuple[str, ...]:
    """Return the hooks that rules of a model may call."""
    access.require(actor, Permission.alert_manage, model=model_id)
    with workspace.store.read() as conn:
        return tuple(hook.name for hook in hooks.hooks(conn) if hook.takes(model_id))


def _state(conn: Connection, hook: Hook) -> HookState:
    counts = hooks.counts_of(conn, hook.id)
    return HookState(
        name=hook.name,
        kind=hook.kind,
        shown=hook.shown,
        models=hook.models,
        timeout_s=hook.timeout_s,
        enabled=hook.enabled,
        done=counts.get("done", 0),
        waiting=counts.get("queued", 0),
        given_up=counts.get("given_up", 0),
        newest=next(iter(hooks.calls(conn, hook_id=hook.id, limit=1)), None),
    )


def _record(
    workspace: Workspace,
    conn: Connection,
    kind: str,
    hook: Hook,
    actor: Actor,
    *,
    rules: Sequence[str] = (),
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"hook": hook.id},
        body={
            "name": hook.name,
            "kind": hook.kind,
            "shown": hook.shown,
            "models": None if hook.models is None else list(hook.models),
            "timeout_s": hook.timeout_s,
            "rules": list(rules),
        },
    )
