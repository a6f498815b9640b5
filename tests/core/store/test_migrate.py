"""The migrations make what the tables say, once, whoever comes first."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text

from core.errors import StorageError
from core.store import Store, open_store
from core.store.migrate import alembic_config, current_revision
from core.store.migrations import HEAD
from core.store.tables import metadata
from tests.support.databases import PostgresqlDatabases
from tests.support.processes import Racers

POSTGRESQL_CONSTRAINTS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    ORDER BY 1, 2, 3
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of an empty database on each of the two."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new' / 'state.db'}"
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.empty()
    yield url
    databases.drop(url)


def constraints(conn: Connection) -> list[tuple[str, ...]]:
    """Every constraint and index, in the database's own words; triggers apart."""
    if conn.dialect.name == "postgresql":
        rows = conn.execute(text(POSTGRESQL_CONSTRAINTS))
        return [tuple(row) for row in rows if row[0] != "alembic_version"]
    query = "SELECT name, sql FROM sqlite_master WHERE type <> 'trigger' AND sql IS NOT NULL"
    # Only the order of a table's parts may differ between create_all and the migration, which
    # writes the columns it adds to a table into one line.
    return sorted(
        (name, *sorted(part.strip(" ,\t") for part in re.split(r"\n|, (?=[a-z_]+ [A-Z])", sql)))
        for name, sql in conn.execute(text(query))
        if name != "alembic_version"
    )


def empty_engine(request: pytest.FixtureRequest, dialect: str) -> Engine:
    if dialect == "sqlite":
        return create_engine("sqlite://")
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    return create_engine(databases.empty())


def test_migrating_from_empty_gives_exactly_the_tables(
    store: Store, request: pytest.FixtureRequest
) -> None:
    with store.read() as conn:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, metadata) == []
        migrated = constraints(conn)
    engine = empty_engine(request, store.dialect)
    with engine.connect() as conn:
        metadata.create_all(conn)
        expected = constraints(conn)
    engine.dispose()
    assert migrated == expected
    assert len(expected) >= len(metadata.tables)


def test_head_is_the_newest_script_and_the_scripts_are_one_line() -> None:
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [HEAD]


def test_opening_twice_changes_nothing(store: Store, store_url: str) -> None:
    with store.begin() as conn:
        conn.execute(text("INSERT INTO workspace_setting (key, value) VALUES ('k', '1')"))
    again = open_store(store_url)
    with again.read() as conn:
        assert conn.execute(text("SELECT key FROM workspace_setting")).scalars().all() == ["k"]
        assert current_revision(conn) == HEAD
    again.close()


def test_four_processes_that_open_a_new_workspace_at_once_all_find_it_ready(
    empty_url: str, racers: Racers
) -> None:
    tables = len(metadata.tables) + 1  # and alembic_version
    assert racers.run("open_and_count_tables", [(empty_url,)] * 4) == [tables] * 4


def test_a_database_of_a_newer_version_is_refused_and_left_alone(
    store: Store, store_url: str
) -> None:
    with store.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"revision 9999.*newer"):
        open_store(store_url)
    with store.read() as conn:
        assert current_revision(conn) == "9999"


def test_there_is_no_way_back(store: Store) -> None:
    script = ScriptDirectory.from_config(alembic_config()).get_revision(HEAD)
    assert script is not None
    with pytest.raises(RuntimeError, match="restore a backup"):
        script.module.downgrade()
