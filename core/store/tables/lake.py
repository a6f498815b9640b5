"""What lies in the lake and how it came there: batches, their sources, the manifest, folders."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.tables._base import STREAMS, metadata, not_negative, one_of
from core.store.types import Instant, Json, Key

BATCH_STATES = ("writing", "published", "skipped", "failed", "expired")
MANIFEST_KINDS = ("data", "profile", "quarantine", "reference")

batch = Table(
    "batch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("heartbeat_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("rows_read", BigInteger, nullable=False, server_default=text("0")),
    Column("rows_stored", BigInteger, nullable=False, server_default=text("0")),
    Column("rows_skipped", BigInteger, nullable=False, server_default=text("0")),
    Column("rows_quarantined", BigInteger, nullable=False, server_default=text("0")),
    Column("undeclared", Json, nullable=False),
    Column("message", Text, nullable=False),
    Column("first_time", Instant),
    Column("last_time", Instant),
    one_of("stream", STREAMS),
    one_of("state", BATCH_STATES),
    *not_negative("rows_read", "rows_stored", "rows_skipped", "rows_quarantined"),
    CheckConstraint("(state = 'writing') = (finished_at IS NULL)", name="finished"),
)
Index("ix_batch_model_id_started_at", batch.c.model_id, batch.c.started_at)
Index("ix_batch_state_heartbeat_at", batch.c.state, batch.c.heartbeat_at)

batch_source = Table(
    "batch_source",
    metadata,
    Column("batch_id", ForeignKey("batch.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("batch_id", "ordinal"),
    *not_negative("ordinal", "bytes", "rows"),
)
Index("ix_batch_source_sha256", batch_source.c.sha256)

manifest = Table(
    "manifest",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("stream", Text),
    Column("profile_kind", Text),
    Column("bins_id", Text),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("month", Text),
    Column("first_time", Instant),
    Column("last_time", Instant),
    Column("batch_id", ForeignKey("batch.id")),
    Column("added_generation", BigInteger, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_generation", BigInteger),
    Column("removed_at", Instant),
    Column("purged_at", Instant),
    UniqueConstraint("path"),
    ForeignKeyConstraint(["model_id", "bins_id"], ["reference.model_id", "reference.bins_id"]),
    one_of("kind", MANIFEST_KINDS),
    one_of("stream", STREAMS),
    *not_negative("bytes", "rows"),
    CheckConstraint("kind <> 'data' OR stream IS NOT NULL", name="data_has_stream"),
    CheckConstraint("(kind = 'profile') = (profile_kind IS NOT NULL)", name="profile_has_kind"),
    CheckConstraint("removed_generation > added_generation", name="removed_later"),
    CheckConstraint("(removed_generation IS NULL) = (removed_at IS NULL)", name="removed_at"),
    CheckConstraint("purged_at IS NULL OR removed_at IS NOT NULL", name="purged_after_removed"),
)
Index("ix_manifest_model_id_added_generation", manifest.c.model_id, manifest.c.added_generation)
Index("ix_manifest_batch_id", manifest.c.batch_id)

watch = Table(
    "watch",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("stream", Text, nullable=False),
    Column("folder", Text, nullable=False),
    Column("pattern", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("last_seen_at", Instant),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    one_of("stream", STREAMS),
    UniqueConstraint("model_id", "stream", "folder", "pattern"),
)
