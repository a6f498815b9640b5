"""The audit trail: one head row that serialises appends, entries that nobody changes.

Triggers made by the migrations refuse UPDATE, DELETE and (PostgreSQL) TRUNCATE of entries, and any
insert that is not the next number. The tree over the entries (RFC 9162) is kept node by node: level
0 holds the leaf hashes, level n the hashes of complete subtrees of 2^n leaves.
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

from core.store.tables._base import metadata, not_negative, one_of
from core.store.types import Instant, Key

ANCHOR_KINDS = ("path", "timestamp", "webhook", "mail")
ANCHOR_STATES = ("done", "failed")

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
    # Whom it may be shown to; both as its objects say, null for an entry about none.
    Column("model_id", Text),
    Column("jurisdiction", Text),
    CheckConstraint("sequence >= 1", name="from_one"),
)
# Newest first, of a kind, an actor or both; and the same within a period. The scope comes last, so
# that entries outside a reader's are passed over within the index.
for _columns in (
    ("kind",),
    ("actor",),
    ("actor", "kind"),
    ("at",),
    ("kind", "at"),
    ("actor", "at"),
):
    Index(
        f"ix_audit_entry_{'_'.join(_columns)}",
        *(audit_entry.c[_name] for _name in (*_columns, "sequence", "model_id", "jurisdiction")),
    )

audit_object = Table(
    "audit_object",
    metadata,
    Column("sequence", ForeignKey("audit_entry.sequence"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    PrimaryKeyConstraint("sequence", "kind"),
)
Index(
    "ix_audit_object_kind_object_id",
    audit_object.c.kind,
    audit_object.c.object_id,
    audit_object.c.sequence,
)

audit_node = Table(
    "audit_node",
    metadata,
    Column("level", Integer, nullable=False),
    Column("position", Key, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    PrimaryKeyConstraint("level", "position"),
    *not_negative("level", "position"),
)

audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", Key, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    *not_negative("size"),
)

audit_anchor = Table(
    "audit_anchor",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("size", ForeignKey("audit_checkpoint.size"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("receipt", LargeBinary),
    Column("at", Instant, nullable=False),
    one_of("kind", ANCHOR_KINDS),
    one_of("state", ANCHOR_STATES),
)
Index("ix_audit_anchor_at", audit_anchor.c.at)
