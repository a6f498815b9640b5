"""Index the whole queue of reviews in its order, and the few blind cases."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_WAITS = sa.text("state NOT IN ('final', 'withdrawn')")
_IS_BLIND = sa.text("kind IN ('control', 'second')")


def upgrade() -> None:
    op.create_index(
        "ix_review_case_waiting",
        "review_case",
        [sa.literal_column("priority DESC"), "due_at", "id"],
        unique=False,
        sqlite_where=_WAITS,
        postgresql_where=_WAITS,
    )
    op.create_index(
        "ix_review_case_blind",
        "review_case",
        ["model_id", "prediction_id"],
        unique=False,
        sqlite_where=_IS_BLIND,
        postgresql_where=_IS_BLIND,
    )


def downgrade() -> None:
    raise RuntimeError("An older version does not know this schema: restore a backup.")
