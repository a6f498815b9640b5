"""Hashes of passwords of before, which may not be used again."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from core.store.tables import password_history

KEPT = 10


def remember(conn: Connection, user_id: str, password_hash: str, *, at: datetime) -> None:
    """Add a hash that is being replaced; the oldest beyond :data:`KEPT` are deleted."""
    conn.execute(
        insert(password_history).values(user_id=user_id, password_hash=password_hash, set_at=at)
    )
    kept = (
        select(password_history.c.id)
        .where(password_history.c.user_id == user_id)
        .order_by(password_history.c.id.desc())
        .limit(KEPT)
    )
    conn.execute(
        delete(password_history).where(
            password_history.c.user_id == user_id, password_history.c.id.not_in(kept)
        )
    )


def hashes(conn: Connection, user_id: str) -> tuple[str, ...]:
    """Return the hashes of before, the newest first."""
    query = (
        select(password_history.c.password_hash)
        .where(password_history.c.user_id == user_id)
        .order_by(password_history.c.id.desc())
    )
    return tuple(conn.execute(query).scalars())
