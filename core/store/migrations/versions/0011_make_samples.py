"""Make the samples of decisions that examiners drew."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "sample",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("condition", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Text(), nullable=False),
        sa.Column("last_day", sa.Text(), nullable=False),
        sa.Column("jurisdictions", _JSON, nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("root_size", sa.BigInteger(), nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("left_out", sa.Integer(), nullable=False),
        sa.Column("strata", _JSON, nullable=False),
        sa.Column("frame_sha256", sa.Text(), nullable=False),
        sa.Column("frame", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_sha256", sa.Text(), nullable=False),
        sa.Column("drawn_at", _INSTANT, nullable=False),
        sa.Column("drawn_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "method IN ('random', 'systematic', 'proportional', 'equal', 'all_then_random')",
            name=op.f("ck_sample_method"),
        ),
        sa.CheckConstraint("drawn BETWEEN 1 AND population", name=op.f("ck_sample_drawn")),
        sa.CheckConstraint("left_out >= 0", name=op.f("ck_sample_left_out")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_sample_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sample")),
    )
    op.create_index("ix_sample_model_id_drawn_at", "sample", ["model_id", "drawn_at"], unique=False)
    op.create_table(
        "sample_item",
        sa.Column("sample_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=True),
        sa.CheckConstraint("place >= 1", name=op.f("ck_sample_item_place")),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["sample.id"], name=op.f("fk_sample_item_sample_id")
        ),
        sa.PrimaryKeyConstraint("sample_id", "place", name=op.f("pk_sample_item")),
    )
    op.create_index(
        "ix_sample_item_model_id_prediction_id",
        "sample_item",
        ["model_id", "prediction_id"],
        unique=False,
    )


def downgrade() -> None:
    raise RuntimeError("Going back would lose samples: restore a backup.")
