"""Second factors: the sealed secret of an authenticator app, and codes for when it is lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from core.store.tables import recovery_code, second_factor


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One user's authenticator app.

    Parameters
    ----------
    user_id : str
        Whose.
    secret : bytes
        The shared secret, sealed with the workspace's key.
    created_at : datetime
        When it was made.
    confirmed_at : datetime, optional
        When the first code was given; until then it is not asked for.
    last_step : int
        The newest time step whose code was used: neither it nor an older one counts again.
    """

    user_id: str
    secret: bytes
    created_at: datetime
    confirmed_at: datetime | None
    last_step: int


def find(conn: Connection, user_id: str) -> SecondFactor | None:
    """Return a user's second factor, confirmed or not."""
    row = conn.execute(
        select(second_factor).where(second_factor.c.user_id == user_id)
    ).one_or_none()
    return None if row is None else SecondFactor(**row._mapping)


def confirmed_users(conn: Connection) -> frozenset[str]:
    """Return the ids of those who have a second factor."""
    query = select(second_factor.c.user_id).where(second_factor.c.confirmed_at.is_not(None))
    return frozenset(conn.execute(query).scalars())


def begin(conn: Connection, user_id: str, secret: bytes, *, at: datetime) -> None:
    """Keep a new secret that waits for its first code, in place of any before."""
    conn.execute(delete(second_factor).where(second_factor.c.user_id == user_id))
    conn.execute(
        insert(second_factor).values(user_id=user_id, secret=secret, created_at=at, last_step=0)
    )


def use_step(conn: Connection, user_id: str, step: int) -> bool:
    """Use the code of a time step up; return ``False`` if it or a newer one was used before."""
    changed = conn.execute(
        update(second_factor)
        .where(second_factor.c.user_id == user_id, second_factor.c.last_step < step)
        .values(last_step=step)
    )
    return changed.rowcount == 1


def confirm(conn: Connection, user_id: str, *, at: datetime) -> None:
    """Ask for the second factor from now on."""
    conn.execute(
        update(second_factor).where(second_factor.c.user_id == user_id).values(confirmed_at=at)
    )


def remove(conn: Connection, user_id: str) -> bool:
    """Take a second factor and its recovery codes away; return whether there was one."""
    conn.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    gone = conn.execute(delete(second_factor).where(second_factor.c.user_id == user_id))
    return gone.rowcount == 1


def replace_codes(conn: Connection, user_id: str, hashes: Iterable[str]) -> None:
    """Keep the hashes of new recovery codes; the ones before count no more."""
    conn.execute(delete(recovery_code).where(recovery_code.c.user_id == user_id))
    conn.execute(
        insert(recovery_code), [{"user_id": user_id, "code_hash": code} for code in hashes]
    )


def use_code(conn: Connection, user_id: str, code_hash: str, *, at: datetime) -> bool:
    """Use a recovery code up; return whether it was one that still counted."""
    changed = conn.execute(
        update(recovery_code)
        .where(
            recovery_code.c.user_id == user_id,
            recovery_code.c.code_hash == code_hash,
            recovery_code.c.used_at.is_(None),
        )
        .values(used_at=at)
    )
    return changed.rowcount == 1


def codes_left(conn: Connection, user_id: str) -> int:
    """Return how many recovery codes a user has left."""
    query = (
        select(func.count())
        .select_from(recovery_code)
        .where(recovery_code.c.user_id == user_id, recovery_code.c.used_at.is_(None))
    )
    return int(conn.execute(query).scalar_one())
