"""Make templates of letters about decisions, and the letters."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _make_letter_template()
    _make_explanation_letter()


def downgrade() -> None:
    raise RuntimeError("Going back would lose letters: restore a backup.")


def _make_letter_template() -> None:
    op.create_table(
        "letter_template",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", _JSON, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("approval_id", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", _INSTANT, nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_letter_template_number")),
        sa.CheckConstraint("approved_by <> proposed_by", name=op.f("ck_letter_template_four_eyes")),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_letter_template_approval_id")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_letter_template")),
    )


def _make_explanation_letter() -> None:
    op.create_table(
        "explanation_letter",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("explanation_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("withheld", sa.Boolean(), nullable=False),
        sa.Column("template", sa.Integer(), nullable=False),
        sa.Column("files", _JSON, nullable=False),
        sa.Column("checks", _JSON, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint("template >= 0", name=op.f("ck_explanation_letter_template")),
        sa.ForeignKeyConstraint(
            ["explanation_id"],
            ["explanation.id"],
            name=op.f("fk_explanation_letter_explanation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_explanation_letter_model_id")
        ),
        sa.PrimaryKeyConstraint("reference", name=op.f("pk_explanation_letter")),
        sa.UniqueConstraint("code", name=op.f("uq_explanation_letter_code")),
    )
    for column in ("subject_id", "explanation_id"):
        op.create_index(
            f"ix_explanation_letter_{column}", "explanation_letter", [column], unique=False
        )
    op.create_index(
        "ix_explanation_letter_model_id_prediction_id",
        "explanation_letter",
        ["model_id", "prediction_id"],
        unique=False,
    )
