"""API tokens: what a serving system shows, kept as a hash only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from core.errors import NotFound
from core.store.tables import api_token


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token, without its secret.

    Parameters
    ----------
    id, name : str
        Key, which is also the visible part of the token, and what people call it.
    models : frozenset of str, optional
        Models it may ask about; ``None`` means all.
    actions : frozenset of str
        What it may ask, such as ``model.state``.
    created_at, created_by : datetime, str
        When, and by which user.
    expires_at : datetime
        From this instant on it is refused.
    last_used_at : datetime, optional
        When it was last accepted, to the minute.
    revoked_at, revoked_by : datetime, str, optional
        When and by whom it was taken back.
    """

    id: str
    name: str
    models: frozenset[str] | None
    actions: frozenset[str]
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_by: str | None = None


def add(conn: Connection, token: ApiToken, *, token_hash: str) -> None:
    """Keep a token under the SHA-256 of its text."""
    conn.execute(
        insert(api_token).values(
            id=token.id,
            name=token.name,
            token_hash=token_hash,
            models=None if token.models is None else sorted(token.models),
            actions=sorted(token.actions),
            created_at=token.created_at,
            created_by=token.created_by,
            expires_at=token.expires_at,
        )
    )


def find_by_hash(conn: Connection, token_hash: str) -> ApiToken | None:
    """Return the token of a hash, whether or not it still counts."""
    query = select(api_token).where(api_token.c.token_hash == token_hash)
    row = conn.execute(query).one_or_none()
    return None if row is None else _token(row)


def get(conn: Connection, token_id: str) -> ApiToken:
    """Return one token.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(api_token).where(api_token.c.id == token_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no token {token}.", remedy="Run 'harbourlight token list'.", token=token_id
        )
    return _token(row)


def list_tokens(conn: Connection) -> tuple[ApiToken, ...]:
    """Return every token, the newest first."""
    columns = api_token.c
    rows = conn.execute(select(api_token).order_by(columns.created_at.desc(), columns.id))
    return tuple(_token(row) for row in rows)


def revoke(conn: Connection, token_id: str, *, at: datetime, actor: str) -> bool:
    """Take a token back; return whether it still stood."""
    changed = conn.execute(
        update(api_token)
        .where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
        .values(revoked_at=at, revoked_by=actor)
    )
    return changed.rowcount == 1


def touch(conn: Connection, token_id: str, *, at: datetime) -> None:
    """Note that a token was used."""
    conn.execute(update(api_token).where(api_token.c.id == token_id).values(last_used_at=at))


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    values = dict(row._mapping)
    del values["token_hash"]
    models = values.pop("models")
    actions = values.pop("actions")
    return ApiToken(
        **values,
        models=None if models is None else frozenset(models),
        actions=frozenset(actions),
    )
