"""Make hooks, what rules do by themselves, and which version of a model should serve."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)
_PURPOSES = "purpose IN ('notify', 'retrain', 'suspend', 'rollback')"


def upgrade() -> None:
    _make_version_changes()
    _make_hooks()
    _make_calls()


def downgrade() -> None:
    raise RuntimeError("Going back would lose what was rolled back and called: restore a backup.")


def _make_version_changes() -> None:
    op.create_table(
        "version_change",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("from_version", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_version_change_model_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_change")),
    )
    op.create_index(
        "ix_version_change_model_id_id", "version_change", ["model_id", "id"], unique=False
    )


def _make_hooks() -> None:
    op.create_table(
        "hook",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("sealed_target", sa.LargeBinary(), nullable=False),
        sa.Column("models", _JSON, nullable=True),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("kind IN ('webhook', 'command')", name=op.f("ck_hook_kind")),
        sa.CheckConstraint("timeout_s >= 0", name=op.f("ck_hook_timeout_s")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook")),
        sa.UniqueConstraint("name", name=op.f("uq_hook_name")),
    )
    op.create_table(
        "rule_response",
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("hook_id", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=True),
        sa.Column("to_version", sa.Text(), nullable=True),
        sa.Column("set_at", _INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(_PURPOSES, name=op.f("ck_rule_response_purpose")),
        sa.CheckConstraint(
            "action IN ('suspend', 'rollback')", name=op.f("ck_rule_response_action")
        ),
        sa.ForeignKeyConstraint(["hook_id"], ["hook.id"], name=op.f("fk_rule_response_hook_id")),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["alert_rule.id"], name=op.f("fk_rule_response_rule_id")
        ),
        sa.PrimaryKeyConstraint("rule_id", name=op.f("pk_rule_response")),
    )


def _make_calls() -> None:
    op.create_table(
        "hook_call",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("hook_id", sa.Text(), nullable=False),
        sa.Column("hook_name", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("rule_id", sa.Text(), nullable=True),
        sa.Column("alert_event_id", _KEY, nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("output", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(_PURPOSES, name=op.f("ck_hook_call_purpose")),
        sa.CheckConstraint(
            "state IN ('queued', 'done', 'given_up')", name=op.f("ck_hook_call_state")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_hook_call_attempts")),
        sa.ForeignKeyConstraint(
            ["alert_event_id"], ["alert_event.id"], name=op.f("fk_hook_call_alert_event_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_hook_call_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook_call")),
        sa.UniqueConstraint(
            "alert_event_id", "hook_id", name=op.f("uq_hook_call_alert_event_id_hook_id")
        ),
    )
    op.create_index("ix_hook_call_state_next_at", "hook_call", ["state", "next_at"], unique=False)
    op.create_index("ix_hook_call_created_at", "hook_call", ["created_at"], unique=False)
