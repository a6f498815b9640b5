"""Hearing one attempt to prove who somebody is, and counting it before its secret is looked at.

Both the name and the source are counted, under keys that do not tell whether the name exists. An
attempt counts as a failure first and is forgiven if it was right: many at once gain nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.auth.lockout import RULES, source_key
from core.errors import Locked
from core.i18n import N_
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import sessions, sign_ins
from core.store.identity.sign_ins import Counter
from core.store.identity.users import User, normal_username
from core.store.types import clean_text

KEPT = timedelta(days=180)
_NAME = "sign-in"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that is being heard.

    Parameters
    ----------
    user : User, optional
        Whose name was given; ``None`` if nobody has it.
    source : str
        Where it came from.
    before, counted : tuple of Counter
        The counters of source and name, before the attempt and with it.
    """

    user: User | None
    source: str
    before: tuple[Counter, ...]
    counted: tuple[Counter, ...]


def name_key(workspace: Workspace, username: str) -> str:
    """Return the key under which failures of a name are counted, whether it exists or not."""
    return workspace.keys.mac(_NAME, normal_username(username))


def hear(workspace: Workspace, username: str, user: User | None, source: str) -> Attempt:
    """Count an attempt, or refuse to hear it.

    What is tried during a lock enters the trail once a source and lock: whoever keeps trying
    cannot fill it.

    Raises
    ------
    Locked
        If the name or the source has failed too often lately.
    """
    now = workspace.clock()
    keys = {"source": source_key(clean_text(source)), "user": name_key(workspace, username)}
    with workspace.store.begin() as conn:
        before = tuple(sign_ins.lock_counter(conn, kind, key, at=now) for kind, key in keys.items())
        until = max((each.locked_until for each in before if each.locked_until), default=None)
        if until is not None and until > now:
            _log(conn, now, user, source, "locked")
            if sign_ins.tell_once(conn, keys["source"], until=until, at=now):
                _append(conn, now, user, "session.refused", {"reason": "locked"})
        else:
            until = None
            counted = tuple(_count(each, now) for each in before)
            for counter in counted:
                sign_ins.put_counter(conn, counter)
    if until is not None:
        raise Locked(
            N_("Too many attempts failed."),
            remedy=N_("Wait a little, or ask an administrator to lift the lock."),
            retry_at=until,
        )
    return Attempt(user, source, before, counted)


def refuse(workspace: Workspace, attempt: Attempt, outcome: str) -> None:
    """Keep a failed attempt, and that it locked something if it did."""
    now, user = workspace.clock(), attempt.user
    locked = [each.kind for each in attempt.counted if each.locked_until is not None]
    with workspace.store.begin() as conn:
        _log(conn, now, user, attempt.source, outcome)
        for kind in locked:
            body = {"what": kind, "failures": _failures(attempt, kind)}
            _append(conn, now, user, "session.locked", body)
        told = {"reason": outcome} if outcome == "second_factor" else {}
        _append(conn, now, user, "session.refused", told)


def forgive(
    conn: Connection, attempt: Attempt, *, at: datetime, outcome: str, wholly: bool
) -> None:
    """Take an attempt back that was right.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    attempt : Attempt
        From :func:`hear`.
    at : datetime
        Now.
    outcome : str
        What the log-in history shows.
    wholly : bool
        Whether the name's earlier failures are forgotten too; a source's never are, because
        one right password of a guesser says nothing about the others.
    """
    for was, counted in zip(attempt.before, attempt.counted, strict=True):
        now = sign_ins.lock_counter(conn, counted.kind, counted.key, at=at)
        if wholly and counted.kind == "user":
            back = replace(now, failures=0, locked_until=None)
        else:
            unchanged = now.locked_until == counted.locked_until
            back = replace(
                now,
                failures=max(now.failures - 1, 0),
                locked_until=was.locked_until if unchanged else now.locked_until,
            )
        sign_ins.put_counter(conn, back)
    _log(conn, at, attempt.user, attempt.source, outcome)


def forget_old(workspace: Workspace) -> None:
    """Delete what is older than half a year of attempts and sessions, with their addresses."""
    now = workspace.clock()
    longest = max(rule.forget_after for rule in RULES.values())
    with workspace.store.begin() as conn:
        sign_ins.forget_counters(conn, before=now - 2 * longest)
        sign_ins.forget_attempts(conn, before=now - KEPT)
        sessions.forget(conn, before=now - KEPT)


def _count(counter: Counter, now: datetime) -> Counter:
    rule = RULES[counter.kind]
    failures = rule.count(counter.failures, counter.last_failure_at, now) + 1
    wait = rule.wait(failures)
    return replace(
        counter, failures=failures, last_failure_at=now, locked_until=now + wait if wait else None
    )


def _failures(attempt: Attempt, kind: str) -> int:
    return next(each.failures for each in attempt.counted if each.kind == kind)


def _append(
    conn: Connection, at: datetime, user: User | None, kind: str, body: Mapping[str, object]
) -> None:
    audit.append(
        conn,
        at=at,
        actor=user.pseudonym if user else "unknown",
        role=",".join(sorted(user.roles)) if user else "",
        kind=kind,
        objects={"user": user.id} if user else {},
        body=body,
    )


def _log(conn: Connection, at: datetime, user: User | None, source: str, outcome: str) -> None:
    sign_ins.log_attempt(
        conn, at=at, user_id=user.id if user else None, source=source, outcome=outcome
    )
