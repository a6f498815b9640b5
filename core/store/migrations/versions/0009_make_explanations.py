"""Make code books of reasons, and explanations of single decisions."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _make_code_book()
    _make_explanation()


def downgrade() -> None:
    raise RuntimeError("Going back would lose explanations: restore a backup.")


def _make_code_book() -> None:
    op.create_table(
        "code_book",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", _INSTANT, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_code_book_number")),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_code_book_four_eyes")),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_code_book_approval_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_code_book_model_id")),
        sa.PrimaryKeyConstraint("model_id", "number", name=op.f("pk_code_book")),
    )


def _make_explanation() -> None:
    op.create_table(
        "explanation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("predicted_at", _INSTANT, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.Column("stability", sa.Double(), nullable=True),
        sa.Column("codes", _JSON, nullable=False),
        sa.Column("code_book", sa.Integer(), nullable=True),
        sa.Column("background_id", sa.Text(), nullable=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "source IN ('model', 'logged', 'none')", name=op.f("ck_explanation_source")
        ),
        sa.CheckConstraint("(source = 'none') = (why <> '')", name=op.f("ck_explanation_why")),
        sa.CheckConstraint(
            "stability IS NULL OR stability BETWEEN 0 AND 1", name=op.f("ck_explanation_stability")
        ),
        sa.CheckConstraint("number >= 0", name=op.f("ck_explanation_number")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_explanation_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_explanation")),
        sa.UniqueConstraint(
            "model_id",
            "prediction_id",
            "number",
            name=op.f("uq_explanation_model_id_prediction_id_number"),
        ),
    )
    op.create_index(
        "ix_explanation_model_id_made_at", "explanation", ["model_id", "made_at"], unique=False
    )
    op.create_index("ix_explanation_subject_id", "explanation", ["subject_id"], unique=False)
