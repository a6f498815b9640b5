"""Migrating on opening, safely when several processes open a new workspace at once.

The whole upgrade is one transaction that begins by taking the writer's lock (SQLite: ``BEGIN
IMMEDIATE``; PostgreSQL: an advisory lock). Whoever comes second waits, then finds the work done.
"""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from core.errors import StorageError
from core.store.migrations import HEAD

if TYPE_CHECKING:
    from alembic.config import Config

_ADVISORY_LOCK = 0x4861_7262_6F75_7221  # "Harbour!" as a 64-bit number


def current_revision(conn: Connection) -> str | None:
    """Return the revision a database is at; ``None`` for an empty one."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    revision = conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if revision is None else str(revision)


def is_current(conn: Connection) -> bool:
    """Whether a database has the schema that this version expects."""
    return current_revision(conn) == HEAD


def upgrade(conn: Connection) -> None:
    """Bring the database to :data:`HEAD` in the write transaction of ``conn``.

    Raises
    ------
    StorageError
        If a newer Harbourlight made the database.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
    revision = current_revision(conn)
    if revision != HEAD:
        from alembic import command  # noqa: PLC0415  # a quarter of a second; only a new schema needs it

        _refuse_unknown(revision)
        command.upgrade(alembic_config(conn), HEAD)


def alembic_config(conn: Connection | None = None) -> "Config":
    """Return Alembic's configuration for the migrations inside this package."""
    from alembic.config import Config  # noqa: PLC0415  # a quarter of a second; only a new schema needs it

    config = Config()
    config.set_main_option("script_location", "core.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    return config


def _refuse_unknown(revision: str | None) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415  # a quarter of a second; only a new schema needs it

    scripts = ScriptDirectory.from_config(alembic_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if revision is not None and revision not in known:
        raise StorageError(
            "The state database is at revision {revision}, which this version does not know.",
            remedy="Install the version of Harbourlight that wrote it, or a newer one.",
            revision=revision,
        )
