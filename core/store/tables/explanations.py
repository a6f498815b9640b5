"""Explanations: code books, what was found about decisions, and letters about them."""

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

# A proposed template is an approval's; the shipped one is version 0 and no row.
letter_template = Table(
    "letter_template",
    metadata,
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

# ``sealed`` is what the letter says under the workspace's key: it holds a person's values, and
# goes with the person.
explanation_letter = Table(
    "explanation_letter",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("explanation_id", ForeignKey("explanation.id"), nullable=False),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("subject_id", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("withheld", Boolean, nullable=False),
    Column("template", Integer, nullable=False),
    Column("files", Json, nullable=False),
    Column("checks", Json, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("made_by", Text, nullable=False),
    *not_negative("template"),
)
Index("ix_explanation_letter_subject_id", explanation_letter.c.subject_id)
Index(
    "ix_explanation_letter_model_id_prediction_id",
    explanation_letter.c.model_id,
    explanation_letter.c.prediction_id,
)
Index("ix_explanation_letter_explanation_id", explanation_letter.c.explanation_id)
