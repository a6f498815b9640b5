"""What the product does slowly for good reasons, done quickly where that is not the matter.

A process of the product migrates one database, and turns each statement into SQL once; tests open
thousands of databases. A password takes a quarter of a second so that nobody guesses many.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import bcrypt
import pytest
from sqlalchemy import Engine, create_engine

from core.auth import passwords
from core.store import engine
from tests.support.databases import QuickMigration, SqliteDatabases

_IN_USE = {name: getattr(passwords, name) for name in ("COST", "_NOBODY")}


class SharedStatements(dict[Any, Any]):
    """SQL of statements by what they say and the kind of database, whichever database it is.

    SQLAlchemy asks by the dialect, the statement and how it is run; each engine has a dialect of
    its own, though those of one kind write the same SQL.
    """

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(_of_any(key), compiled)

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Return what was compiled for any database of this kind."""
        return super().get(_of_any(key), default)


def _of_any(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *statement = key
    return (type(dialect), *statement)


@contextmanager
def quick_databases(databases: SqliteDatabases) -> Iterator[None]:
    """Copy the schema of new workspaces, and compile each statement once for all of them."""
    statements = SharedStatements()

    def sharing(*args: Any, **options: Any) -> Engine:
        return create_engine(*args, **options, execution_options={"compiled_cache": statements})

    copying = QuickMigration(databases.template).upgrade
    with _set(engine, {"upgrade": copying, "create_engine": sharing}):
        yield


@contextmanager
def quick_passwords() -> Iterator[None]:
    """Hash passwords in a millisecond, those that stand for unknown names too."""
    quick = {"COST": 4, "_NOBODY": bcrypt.hashpw(b"nobody", bcrypt.gensalt(4))}
    with _set(passwords, quick):
        yield


@contextmanager
def passwords_as_in_use() -> Iterator[None]:
    """Hash passwords as the product does, where how long that takes is the matter."""
    with _set(passwords, _IN_USE):
        yield


@contextmanager
def _set(module: ModuleType, values: Mapping[str, object]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in values.items():
            patch.setattr(module, name, value)
        yield
