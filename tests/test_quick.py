from pathlib import Path

from sqlalchemy import Compiled, select

from core.auth import passwords
from core.store import Store, open_store
from core.store.tables.approvals import approval
from tests.support.databases import PostgresqlDatabases, SqliteDatabases
from tests.support.quick import passwords_as_in_use

PASSWORD = "seven ferries to Lamma"


def compiled(store: Store) -> Compiled:
    """Return what the store made of a statement that asks for nothing."""
    with store.read() as conn:
        ran = conn.execute(select(approval.c.id).where(approval.c.id == "")).context
    assert ran is not None
    assert ran.compiled is not None
    return ran.compiled


def test_a_statement_is_compiled_once_for_each_kind_of_database(
    sqlite_databases: SqliteDatabases, postgresql_databases: PostgresqlDatabases, tmp_path: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
    addresses = [*map(sqlite_databases.fresh, folders), postgresql_databases.fresh()]
    stores = [open_store(address) for address in addresses]
    one, two, other = map(compiled, stores)
    assert one is two
    assert other is not one
    assert [each.dialect.name for each in (one, other)] == ["sqlite", "postgresql"]
    for store in stores:
        store.close()


def test_passwords_are_hashed_quickly_unless_that_is_the_matter() -> None:
    assert passwords.hash_password(PASSWORD).startswith("$2b$04$")
    with passwords_as_in_use():
        assert passwords.hash_password(PASSWORD).startswith("$2b$12$")
    assert passwords.hash_password(PASSWORD).startswith("$2b$04$")
