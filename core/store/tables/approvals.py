"""Steps that take two people: proposed by one, decided by another."""

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text

from core.store.tables._base import metadata, one_of, partial_index
from core.store.types import Instant, Json

APPROVAL_STATES = ("pending", "approved", "rejected", "withdrawn", "expired")

approval = Table(
    "approval",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("model_id", ForeignKey("model.id")),
    Column("object_kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("command", Json, nullable=False),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", ForeignKey("app_user.id"), nullable=False),
    Column("proposed_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", ForeignKey("app_user.id")),
    Column("decided_at", Instant),
    Column("decision_reason", Text),
    Column("result", Json),
    one_of("state", APPROVAL_STATES),
    # Four eyes: no database holds an approval that its proposer decided.
    CheckConstraint("decided_by <> proposed_by", name="four_eyes"),
    CheckConstraint(
        "(state IN ('approved', 'rejected')) = (decided_by IS NOT NULL)", name="decided_by"
    ),
    CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name="decided_at"),
)
Index("ix_approval_state_expires_at", approval.c.state, approval.c.expires_at)
Index("ix_approval_object_kind_object_id", approval.c.object_kind, approval.c.object_id)
# The same step waits for one decision at a time.
partial_index(
    "uq_approval_pending",
    approval.c.kind,
    approval.c.object_kind,
    approval.c.object_id,
    unique=True,
    where="state = 'pending'",
)
