"""What every table of the state store shares: the metadata and how constraints are named."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import CheckConstraint, Connection, Index, MetaData, event, text
from sqlalchemy.sql.elements import ColumnElement

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

STREAMS = ("predictions", "decisions", "outcomes", "resolved")


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """Return the constraint that a text column holds one of the given constants."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def not_negative(*columns: str) -> tuple[CheckConstraint, ...]:
    """Return the constraints that number columns are at least 0."""
    return tuple(CheckConstraint(f"{column} >= 0", name=column) for column in columns)


def partial_index(
    name: str, *columns: "ColumnElement[Any]", where: str, unique: bool = False
) -> Index:
    """Return an index of the rows that a condition holds for, on either database.

    PostgreSQL's keyword would load that dialect in every process, 35 ms that SQLite needs none
    of: :func:`_limit_on_postgresql` sets it where tables are made.
    """
    return Index(name, *columns, unique=unique, sqlite_where=text(where))


@event.listens_for(metadata, "before_create")
def _limit_on_postgresql(target: MetaData, connection: Connection, **_: object) -> None:
    """Limit partial indexes on PostgreSQL to the rows they are limited to on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    for table in target.tables.values():
        for index in table.indexes:
            where = index.dialect_options["sqlite"]["where"]
            index.dialect_options["postgresql"]["where"] = where
