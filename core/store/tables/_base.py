"""What every table of the state store shares: the metadata and how constraints are named."""

from collections.abc import Iterable

from sqlalchemy import CheckConstraint, MetaData

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
