"""Make dated exchange rates, and what-if cut-offs that are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    op.create_table(
        "exchange_rate",
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hkd", sa.Double(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("imported_at", _INSTANT, nullable=False),
        sa.Column("imported_by", sa.Text(), nullable=False),
        sa.CheckConstraint("hkd > 0", name=op.f("ck_exchange_rate_hkd")),
        sa.CheckConstraint("currency <> 'HKD'", name=op.f("ck_exchange_rate_currency")),
        sa.PrimaryKeyConstraint("currency", "day", name=op.f("pk_exchange_rate")),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("proposed_at", _INSTANT, nullable=True),
        sa.Column("approval_id", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(proposed_at IS NULL) = (approval_id IS NULL)",
            name=op.f("ck_scenario_proposed_at"),
        ),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_scenario_approval_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_scenario_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
    )
    op.create_index(
        "ix_scenario_model_id_made_at", "scenario", ["model_id", "made_at"], unique=False
    )


def downgrade() -> None:
    raise RuntimeError("Going back would lose rates and scenarios: restore a backup.")
