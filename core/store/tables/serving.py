"""What serving systems ask: their tokens, whether a model is in production, what is released."""

from sqlalchemy import Column, ForeignKey, Index, PrimaryKeyConstraint, Table, Text

from core.store.tables._base import metadata, one_of
from core.store.types import Instant, Json, Key

MODEL_STATES = ("production", "suspended", "retired")
RELEASE_STATES = ("held", "released", "stopped")

api_token = Table(
    "api_token",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("models", Json),
    Column("actions", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", ForeignKey("app_user.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("last_used_at", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
)

model_state = Table(
    "model_state",
    metadata,
    Column("model_id", ForeignKey("model.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("fallback_version", Text),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    one_of("state", MODEL_STATES),
)

# The newest row of a model names the version that should serve; without one, nobody said.
version_change = Table(
    "version_change",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("version", Text, nullable=False),
    Column("from_version", Text),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    Index("ix_version_change_model_id_id", "model_id", "id"),
)

release = Table(
    "release",
    metadata,
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Column("decided_by", Text, nullable=False),
    PrimaryKeyConstraint("model_id", "prediction_id"),
    one_of("state", RELEASE_STATES),
)
