"""Registered models, every revision of their contracts, artefacts and reference profiles."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.tables._base import metadata, not_negative, one_of, partial_index
from core.store.types import Instant, Key

ARTEFACT_ROLES = ("artefact", "training", "holdout")
REFERENCE_STATES = ("building", "live", "retired")

model = Table(
    "model",
    metadata,
    Column("id", Text, primary_key=True),
    Column("spec_text", Text, nullable=False),
    Column("spec_sha256", Text, nullable=False),
    Column("spec_revision", Integer, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("registered_by", Text, nullable=False),
    Column("lake_generation", BigInteger, nullable=False, server_default=text("0")),
    Column("newest_event", Instant),
    *not_negative("lake_generation", "spec_revision"),
)

model_spec = Table(
    "model_spec",
    metadata,
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("spec_text", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("registered_at", Instant, nullable=False),
    Column("registered_by", Text, nullable=False),
    PrimaryKeyConstraint("model_id", "revision"),
)

artefact = Table(
    "artefact",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("version", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text, nullable=False),
    one_of("role", ARTEFACT_ROLES),
    *not_negative("bytes"),
    UniqueConstraint("model_id", "version", "role", "sha256"),
)

reference = Table(
    "reference",
    metadata,
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("bins_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("bins_json", Text, nullable=False),
    Column("window_from", Instant, nullable=False),
    Column("window_to", Instant, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("live_from", Instant),
    Column("retired_at", Instant),
    PrimaryKeyConstraint("model_id", "bins_id"),
    one_of("state", REFERENCE_STATES),
    *not_negative("rows"),
)

partial_index(
    "uq_reference_live",
    reference.c.model_id,
    unique=True,
    where="state = 'live'",
)
