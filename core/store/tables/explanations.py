"""Explanations: code books of reasons, and what was found about single decisions."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from core.store.tables._base import metadata, not_negative, one_of
from core.store.types import Instant, Json

EXPLANATION_SOURCES = ("model", "logged", "none")

# A proposed book is an approval's; here are the approved ones, the highest number in force.
code_book = Table(
    "code_book",
    metadata,
    Column("model_id", ForeignKey("model.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Json, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("approval_id", ForeignKey("approval.id"), nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("approved_by", Text, nullable=False),
    Column("approved_at", Instant, nullable=False),
    CheckConstraint("number >= 1", name="number"),
    CheckConstraint("approved_by <> proposed_by", name="four_eyes"),
)

# ``sealed`` is the record under the workspace's key: it holds a person's values. A row goes with
# the person; the hash in the trail, made with a random part of the record, stays.
explanation = Table(
    "explanation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("predicted_at", Instant, nullable=False),
    Column("decision", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("agrees", Boolean),
    Column("stability", Double),
    Column("codes", Json, nullable=False),
    Column("code_book", Integer),
    Column("background_id", Text),
    Column("sha256", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    UniqueConstraint("model_id", "prediction_id", "number"),
    one_of("source", EXPLANATION_SOURCES),
    CheckConstraint("(source = 'none') = (why <> '')", name="why"),
    CheckConstraint("stability IS NULL OR stability BETWEEN 0 AND 1", name="stability"),
    *not_negative("number"),
)
Index("ix_explanation_model_id_made_at", explanation.c.model_id, explanation.c.made_at)
Index("ix_explanation_subject_id", explanation.c.subject_id)
