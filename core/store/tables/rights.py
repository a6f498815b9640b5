"""Customers' rights: requests and their steps, refusals, who was given data, disputes, opt-outs."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Double,
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

REQUEST_KINDS = ("review", "explanation", "access", "correction", "opt_out")
REQUEST_STATES = ("received", "identified", "answered", "refused", "withdrawn")
REQUEST_CHANNELS = ("letter", "email", "branch", "web", "phone")

# ``sealed`` is what the customer is called in the logs, under the workspace's key; ``words`` is
# what the customer asked for. Both go when the person is erased.
rights_request = Table(
    "rights_request",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("sealed", LargeBinary),
    Column("words", Text, nullable=False),
    Column("model_id", ForeignKey("model.id")),
    Column("prediction_id", Text),
    Column("received_at", Instant, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("identity_method", Text),
    Column("identified_by", ForeignKey("app_user.id")),
    Column("identified_at", Instant),
    Column("handler_id", ForeignKey("app_user.id")),
    Column("taken_by", ForeignKey("app_user.id"), nullable=False),
    Column("snapshot_path", Text),
    Column("snapshot_sha256", Text),
    Column("snapshot_at", Instant),
    Column("late_notice_at", Instant),
    Column("outcome", Text),
    Column("fee_hkd", Double),
    Column("closed_at", Instant),
    Column("closed_by", ForeignKey("app_user.id")),
    one_of("kind", REQUEST_KINDS),
    one_of("state", REQUEST_STATES),
    one_of("channel", REQUEST_CHANNELS),
    CheckConstraint(
        "(state IN ('answered', 'refused', 'withdrawn')) = (closed_at IS NOT NULL)", name="closed"
    ),
    CheckConstraint("(identified_at IS NULL) = (identified_by IS NULL)", name="identified"),
    *not_negative("revision", "fee_hkd"),
)
Index("ix_rights_request_state_due_on", rights_request.c.state, rights_request.c.due_on)
Index("ix_rights_request_subject_id", rights_request.c.subject_id)

rights_step = Table(
    "rights_step",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("rights_request.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("body", Json, nullable=False),
)
Index("ix_rights_step_request_id", rights_step.c.request_id)

# The log book of refusals: it names nobody, and is kept at least until ``keep_until``.
refusal = Table(
    "refusal",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("request_id", ForeignKey("rights_request.id"), nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("reasons", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("other_data_user", Text, nullable=False),
    Column("refused_at", Instant, nullable=False),
    Column("refused_by", ForeignKey("app_user.id"), nullable=False),
    Column("proposed_by", ForeignKey("app_user.id"), nullable=False),
    Column("notice_sent_on", Date),
    Column("keep_until", Date, nullable=False),
    CheckConstraint("refused_by <> proposed_by", name="four_eyes"),
)

# Who else was given a person's data: a correction goes to those of the last twelve months.
disclosure = Table(
    "disclosure",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("subject_id", Text, nullable=False),
    Column("model_id", ForeignKey("model.id")),
    Column("recipient", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("what", Json, nullable=False),
    Column("disclosed_on", Date, nullable=False),
    Column("noted_at", Instant, nullable=False),
    Column("noted_by", ForeignKey("app_user.id"), nullable=False),
)
Index("ix_disclosure_subject_id_disclosed_on", disclosure.c.subject_id, disclosure.c.disclosed_on)

disclosure_notice = Table(
    "disclosure_notice",
    metadata,
    Column("disclosure_id", ForeignKey("disclosure.id"), nullable=False),
    Column("request_id", ForeignKey("rights_request.id"), nullable=False),
    Column("sent_on", Date, nullable=False),
    Column("sent_by", ForeignKey("app_user.id"), nullable=False),
    PrimaryKeyConstraint("disclosure_id", "request_id"),
)

# What the person says of an opinion that was not changed: shown wherever that is shown.
dispute_note = Table(
    "dispute_note",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("subject_id", Text, nullable=False),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("request_id", ForeignKey("rights_request.id"), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", ForeignKey("app_user.id"), nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", ForeignKey("app_user.id")),
)
Index(
    "ix_dispute_note_model_id_prediction_id", dispute_note.c.model_id, dispute_note.c.prediction_id
)
Index("ix_dispute_note_subject_id", dispute_note.c.subject_id)

# ``model_id`` '' is every model.
opt_out = Table(
    "opt_out",
    metadata,
    Column("subject_id", Text, nullable=False),
    Column("model_id", Text, nullable=False),
    Column("since", Instant, nullable=False),
    Column("request_id", ForeignKey("rights_request.id"), nullable=False),
    Column("ended_at", Instant),
    PrimaryKeyConstraint("subject_id", "model_id", "since"),
)
