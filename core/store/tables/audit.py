"""The audit trail: one head row that serialises appends, entries that nobody changes.

Triggers made by the first migration refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE of entries,
and any insert that is not the next number.
"""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from core.store.tables._base import metadata, not_negative
from core.store.types import Instant, Key

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", Key, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
    *not_negative("size"),
)

audit_entry = Table(
    "audit_entry",
    metadata,
    Column("sequence", Key, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("canonical", LargeBinary, nullable=False),
    CheckConstraint("sequence >= 1", name="from_one"),
)
Index("ix_audit_entry_kind", audit_entry.c.kind)
Index("ix_audit_entry_actor", audit_entry.c.actor)

audit_object = Table(
    "audit_object",
    metadata,
    Column("sequence", ForeignKey("audit_entry.sequence"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    PrimaryKeyConstraint("sequence", "kind"),
)
Index("ix_audit_object_kind_object_id", audit_object.c.kind, audit_object.c.object_id)
