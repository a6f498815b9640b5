"""Jobs for the worker, and settings of the whole workspace."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
)

from core.store.tables._base import metadata, not_negative, one_of, partial_index
from core.store.types import Instant, Json

JOB_STATES = ("queued", "running", "done", "failed")
_ACTIVE = "state IN ('queued', 'running')"

job = Table(
    "job",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model_id", ForeignKey("model.id")),
    Column("payload", Json, nullable=False),
    Column("state", Text, nullable=False),
    Column("progress", Double, nullable=False),
    Column("note", Text, nullable=False),
    Column("lease_owner", Text),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("max_attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("dedupe_key", Text),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("result", Json),
    Column("error", Text, nullable=False),
    one_of("state", JOB_STATES),
    *not_negative("attempts"),
    CheckConstraint("progress BETWEEN 0 AND 1", name="progress"),
    CheckConstraint("max_attempts >= 1", name="max_attempts"),
    CheckConstraint(
        "(state = 'running') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL)", name="lease"
    ),
    CheckConstraint("(state IN ('done', 'failed')) = (finished_at IS NOT NULL)", name="finished"),
)
partial_index(
    "uq_job_dedupe_key_active",
    job.c.dedupe_key,
    unique=True,
    where=_ACTIVE,
)
Index("ix_job_state_not_before", job.c.state, job.c.not_before)
Index("ix_job_model_id_created_at", job.c.model_id, job.c.created_at)

workspace_setting = Table(
    "workspace_setting",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Json, nullable=False),
)
