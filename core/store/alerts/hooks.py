"""Hooks that rules may call, and every call with what came of it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, delete, func, or_, select, update

from core.errors import NotFound
from core.i18n import N_
from core.store.rows import due_rows, insert_if_absent, take_row
from core.store.tables import hook, hook_call
from core.store.types import clean_text

HookKind = Literal["webhook", "command"]


@dataclass(frozen=True, slots=True)
class Hook:
    """Something that rules may call.

    Parameters
    ----------
    id, name : str
        Its key, and what people call it.
    kind : {"webhook", "command"}
        How it is called.
    shown : str
        Kind and host, or the executable: all that is shown of it.
    sealed_target : bytes
        Address or arguments, and the secret that signs, under the workspace's key.
    models : tuple of str, optional
        Only alerts of these call it; ``None`` means all.
    timeout_s : int
        Seconds after which a call counts as failed.
    enabled : bool
        Whether it is called at all.
    changed_at, changed_by : datetime, str
        When and by whom it was set.
    """

    id: str
    name: str
    kind: HookKind
    shown: str
    sealed_target: bytes
    models: tuple[str, ...] | None
    timeout_s: int
    enabled: bool
    changed_at: datetime
    changed_by: str

    def takes(self, model_id: str) -> bool:
        """Whether an alert of a model may call it."""
        return self.enabled and (self.models is None or model_id in self.models)


@dataclass(frozen=True, slots=True)
class HookCall:
    """One call of a hook.

    Parameters
    ----------
    id : str
        Told to the receiver: each attempt carries the same.
    hook_id, hook_name : str
        What is called.
    model_id, rule_id, alert_event_id : optional
        Why; none of them for a test.
    purpose, body : str
        What for, and the JSON that is sent.
    state : {"queued", "done", "given_up"}
        Where it stands.
    attempts : int
        How often it was begun.
    created_at, next_at, finished_at : datetime
        When it was ordered, is tried next, and ended.
    status : int, optional
        HTTP status or exit code of the newest attempt.
    error, output : str
        Why the newest attempt failed, and the beginning of what came back.
    """

    id: str
    hook_id: str
    hook_name: str
    model_id: str | None
    rule_id: str | None
    alert_event_id: int | None
    purpose: str
    body: str
    state: str
    attempts: int
    created_at: datetime
    next_at: datetime
    finished_at: datetime | None = None
    status: int | None = None
    error: str = ""
    output: str = ""


def put_hook(conn: Connection, record: Hook) -> bool:
    """Add a hook; return whether its name was free."""
    values = asdict(record) | {"models": None if record.models is None else list(record.models)}
    return insert_if_absent(conn, hook, values)


def hooks(conn: Connection) -> tuple[Hook, ...]:
    """Return the hooks by name."""
    return tuple(_hook(row) for row in conn.execute(select(hook).order_by(hook.c.name)))


def find_hook(conn: Connection, name: str) -> Hook:
    """Return a hook by its name or id.

    Raises
    ------
    NotFound
        If there is none.
    """
    for each in hooks(conn):
        if name in {each.name, each.id}:
            return each
    raise NotFound(
        N_("There is no hook {hook}."), remedy=N_("Run 'harbourlight hooks list'."), hook=name
    )


def remove_hook(conn: Connection, hook_id: str, *, at: datetime, error: str) -> int:
    """Take a hook away and give up what waits for it; return how many calls that were.

    What was called through it stays in the log.
    """
    ended = conn.execute(
        update(hook_call)
        .where(hook_call.c.hook_id == hook_id, hook_call.c.state == "queued")
        .values(state="given_up", finished_at=at, error=error)
    )
    conn.execute(delete(hook).where(hook.c.id == hook_id))
    return int(ended.rowcount)


def queue(conn: Connection, call: HookCall) -> bool:
    """Order a call; return whether it is new: an event calls a hook once."""
    return insert_if_absent(conn, hook_call, asdict(call))


def get_call(conn: Connection, call_id: str) -> HookCall:
    """Return a call.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(hook_call).where(hook_call.c.id == call_id)).one_or_none()
    if row is None:
        raise NotFound(
            N_("There is no call {call}."), remedy=N_("Run 'harbourlight hooks log'."), call=call_id
        )
    return HookCall(**row._mapping)


def due(conn: Connection, *, at: datetime, limit: int = 20) -> tuple[HookCall, ...]:
    """Return what is to be called now, the longest waiting first."""
    rows = due_rows(conn, hook_call, at=at, limit=limit)
    return tuple(HookCall(**row._mapping) for row in rows)


def take(conn: Connection, found: HookCall, *, next_at: datetime) -> bool:
    """Take a call for an attempt; return whether nobody else took it meanwhile.

    Should the attempt end without a word, the next one begins at ``next_at``.
    """
    return take_row(conn, hook_call, found, next_at=next_at)


def settle(
    conn: Connection,
    found: HookCall,
    *,
    state: str,
    status: int | None,
    error: str,
    output: str,
    finished_at: datetime | None,
) -> bool:
    """Note what came of the attempt that follows ``found``; return whether it is still ours.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    found : HookCall
        The call as it was read.
    state : str
        What it is now.
    status : int, optional
        What the address or the program answered.
    error : str
        Why it failed; empty if it did not.
    output : str
        Beginning of what came back.
    finished_at : datetime, optional
        When it ended; ``None`` if it is tried again.
    """
    changed = conn.execute(
        update(hook_call)
        .where(
            hook_call.c.id == found.id,
            hook_call.c.state == "queued",
            hook_call.c.attempts == found.attempts + 1,
        )
        .values(
            state=state,
            status=status,
            error=clean_text(error),
            output=clean_text(output),
            finished_at=finished_at,
        )
    )
    return changed.rowcount == 1


def calls(
    conn: Connection,
    *,
    models: frozenset[str] | None = None,
    model_id: str | None = None,
    hook_id: str | None = None,
    limit: int = 50,
) -> tuple[HookCall, ...]:
    """Return calls, the newest first; with ``models`` those of them, and tests of nobody's."""
    query = select(hook_call)
    if models is not None:
        query = query.where(hook_call.c.model_id.in_(sorted(models)))
    if model_id is not None:
        query = query.where(hook_call.c.model_id == model_id)
    if hook_id is not None:
        query = query.where(or_(hook_call.c.hook_id == hook_id, hook_call.c.hook_name == hook_id))
    newest = query.order_by(hook_call.c.created_at.desc(), hook_call.c.id.desc()).limit(limit)
    return tuple(HookCall(**row._mapping) for row in conn.execute(newest))


def counts_of(conn: Connection, hook_id: str) -> dict[str, int]:
    """Return the number of calls of a hook in each state."""
    query = (
        select(hook_call.c.state, func.count())
        .where(hook_call.c.hook_id == hook_id)
        .group_by(hook_call.c.state)
    )
    return {row.state: int(row[1]) for row in conn.execute(query)}


def switch_off(conn: Connection, *, at: datetime, error: str) -> int:
    """Switch every hook off and give up what waits; return how many were on."""
    conn.execute(
        update(hook_call)
        .where(hook_call.c.state == "queued")
        .values(state="given_up", finished_at=at, error=error)
    )
    changed = conn.execute(update(hook).where(hook.c.enabled.is_(True)).values(enabled=False))
    return int(changed.rowcount)


def set_enabled(conn: Connection, hook_id: str, enabled: bool, *, at: datetime, by: str) -> None:
    """Switch a hook on or off."""
    conn.execute(
        update(hook)
        .where(hook.c.id == hook_id)
        .values(enabled=enabled, changed_at=at, changed_by=by)
    )


def _hook(row: Row[Any]) -> Hook:
    return Hook(
        **{
            **row._mapping,
            "sealed_target": bytes(row.sealed_target),
            "models": None if row.models is None else tuple(row.models),
        }
    )
