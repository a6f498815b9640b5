"""Personal data: keys and payloads that can be destroyed, erasures, holds, retention, exports."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from core.store.types import Instant, Json, Key

ERASURE_STATES = ("proposed", "running", "done", "closed")

# A subject is known here by HMAC(workspace key, reference) alone, never by the reference itself.
subject_key = Table(
    "subject_key",
    metadata,
    Column("subject_id", Text, primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
)

audit_payload = Table(
    "audit_payload",
    metadata,
    Column("sequence", Key, primary_key=True, autoincrement=False),
    Column("subject_id", ForeignKey("subject_key.subject_id"), nullable=False),
    Column("payload", LargeBinary, nullable=False),
)
Index("ix_audit_payload_subject_id", audit_payload.c.subject_id)

# ``model_id`` '' is every model: nobody of that name comes back, whatever file is sent again.
tombstone = Table(
    "tombstone",
    metadata,
    Column("subject_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("erased_at", Instant, nullable=False),
    Column("erasure_id", Text, nullable=False),
    PrimaryKeyConstraint("subject_id", "model_id"),
)

# Outcomes and decisions name no subject, only a prediction: HMAC(workspace key, model and id).
erased_prediction = Table(
    "erased_prediction",
    metadata,
    Column("mac", Text, primary_key=True),
    Column("model_id", Text, nullable=False),
    Column("erasure_id", Text, nullable=False),
)
Index("ix_erased_prediction_model_id", erased_prediction.c.model_id)

# ``sealed`` is the reference under the workspace's key, kept only until the erasure ends.
erasure = Table(
    "erasure",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject_id", Text, nullable=False),
    Column("model_id", Text),
    Column("basis", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("approved_by", Text),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("sealed", LargeBinary),
    Column("report", Json),
    one_of("state", ERASURE_STATES),
    CheckConstraint("(state IN ('done', 'closed')) = (finished_at IS NOT NULL)", name="finished"),
    CheckConstraint("finished_at IS NULL OR sealed IS NULL", name="unsealed"),
)
Index("ix_erasure_subject_id", erasure.c.subject_id)

legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", Text, primary_key=True),
    Column("subject_id", Text),
    Column("model_id", ForeignKey("model.id")),
    Column("record_class", Text),
    Column("reason", Text, nullable=False),
    Column("placed_at", Instant, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("lifted_at", Instant),
    Column("lifted_by", Text),
    Column("lift_reason", Text),
)
Index("ix_legal_hold_subject_id", legal_hold.c.subject_id)

retention_rule = Table(
    "retention_rule",
    metadata,
    Column("record_class", Text, primary_key=True),
    Column("minimum_days", Integer),
    Column("maximum_days", Integer),
    Column("basis", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    *not_negative("minimum_days", "maximum_days"),
)

export_file = Table(
    "export_file",
    metadata,
    Column("id_hash", Text, primary_key=True),
    Column("owner_id", ForeignKey("app_user.id"), nullable=False),
    Column("permission", Text, nullable=False),
    Column("model_id", ForeignKey("model.id")),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("personal", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("removed_at", Instant),
    *not_negative("bytes"),
)
Index("ix_export_file_expires_at", export_file.c.expires_at)
