"""Taking back, in a database that was put back, whatever may have been withdrawn since.

What happened after a backup is not in it. So nothing that lets somebody in or lets a decision take
effect is believed: people give it again, one by one, knowing what happened.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, update

from core.store import models, serving
from core.store.alerts import hooks, rule_responses
from core.store.serving import StateRecord
from core.store.tables import api_token, app_user, approval, release


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was taken back.

    Parameters
    ----------
    tokens, users, approvals, releases : int
        Tokens revoked, accounts disabled, proposals ended, and releases of single predictions
        forgotten.
    models : tuple of (str, str)
        Models suspended, with the state that they were in.
    hooks, rollbacks : int
        Hooks switched off, and rules that no longer roll a model back.
    """

    tokens: int
    users: int
    approvals: int
    releases: int
    models: tuple[tuple[str, str], ...]
    hooks: int = 0
    rollbacks: int = 0


def withdraw(conn: Connection, *, at: datetime, by: str, reason: str) -> Withdrawn:
    """Take everything back that somebody may have taken back since.

    Accounts bound to a log-in of the machine stay open, because the machine decides who that is:
    otherwise nobody could open the others again. Models that are suspended stay as they are, and
    so do predictions that are stopped, and rules that suspend a model. The version that should
    serve stays the one of the backup: it counts once two people resume the model.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    at, by, reason : datetime, str, str
        When and by whom, and what a suspended model gives as the reason.
    """
    tokens = conn.execute(
        update(api_token)
        .where(api_token.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=by)
    ).rowcount
    users = conn.execute(
        update(app_user)
        .where(app_user.c.os_login.is_(None), app_user.c.disabled.is_(False))
        .values(disabled=True)
    ).rowcount
    proposals = conn.execute(
        update(approval)
        .where(approval.c.state == "pending", approval.c.expires_at > at)
        .values(expires_at=at)
    ).rowcount
    releases = conn.execute(delete(release).where(release.c.state == "released")).rowcount
    off = hooks.switch_off(conn, at=at, error=reason)
    forgotten = rule_responses.forget_rollbacks(conn)
    suspended = _suspend(conn, at, by, reason)
    return Withdrawn(tokens, users, proposals, releases, suspended, off, forgotten)


def _suspend(conn: Connection, at: datetime, by: str, reason: str) -> tuple[tuple[str, str], ...]:
    states = serving.list_states(conn)
    suspended = []
    for record in models.list_models(conn):
        known = states.get(record.id)
        before = known.state if known else "production"
        if before == "production":
            serving.put_state(conn, StateRecord(record.id, "suspended", reason, at, by))
            suspended.append((record.id, before))
    return tuple(suspended)
