"""Column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.exc import DontWrapMixin
from sqlalchemy.types import TypeDecorator


class NaiveInstantError(DontWrapMixin, ValueError):
    """A datetime without a zone was handed to the state store; nothing was written."""


class Instant(TypeDecorator[datetime]):
    """A moment: aware datetimes in, UTC datetimes out, to the microsecond.

    SQLite keeps ``YYYY-MM-DD HH:MM:SS.ffffff`` in UTC, which sorts as the moments do;
    PostgreSQL keeps ``TIMESTAMP WITH TIME ZONE``. A naive datetime is refused, because nobody
    can know which moment it means.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware datetime into UTC as the database keeps it."""
        if value is None:
            return None
        if value.tzinfo is None or value.utcoffset() is None:
            raise NaiveInstantError(f"{value!r} has no time zone; instants are stored in UTC.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return what the database kept as an aware UTC datetime."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


Json = JSON(none_as_null=True)
"""A JSON document; Python's ``None`` is SQL's NULL. Not ``jsonb``: that refuses ``\\u0000``."""

Key = BigInteger().with_variant(Integer(), "sqlite")
"""A 64-bit row number; on SQLite ``INTEGER``, which is the table's own row id."""


def clean_text(text: str) -> str:
    """Return text that both databases can keep: no NUL, no half of a surrogate pair.

    File names and error messages come from outside; what cannot be stored becomes U+FFFD.
    """
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode("utf-8")
