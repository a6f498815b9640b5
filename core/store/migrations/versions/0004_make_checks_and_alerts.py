"""Make what checks find, the alerts that follow from it, and what people write on charts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _make_checks()
    _make_alerts()
    _make_channels()
    _make_charts()


def downgrade() -> None:
    raise RuntimeError("Going back would lose alarms and who dealt with them: restore a backup.")


def _make_checks() -> None:
    op.create_table(
        "check_run",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("started_by", sa.Text(), nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=False),
        sa.Column("as_of", _INSTANT, nullable=False),
        sa.Column("lake_generation", sa.BigInteger(), nullable=False),
        sa.Column("spec_sha256", sa.Text(), nullable=False),
        sa.Column("bins_id", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("sources", _JSON, nullable=False),
        sa.Column("failures", _JSON, nullable=False),
        sa.CheckConstraint("state IN ('done', 'failed')", name=op.f("ck_check_run_state")),
        sa.CheckConstraint("attempt >= 0", name=op.f("ck_check_run_attempt")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_check_run_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_run")),
        sa.UniqueConstraint(
            "model_id",
            "lake_generation",
            "spec_sha256",
            "bins_id",
            "as_of",
            "attempt",
            name="uq_check_run_once",
        ),
    )
    op.create_index("ix_check_run_model_id_as_of", "check_run", ["model_id", "as_of"], unique=False)
    op.create_table(
        "metric_result",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("chunk_key", sa.Text(), nullable=False),
        sa.Column("chunk_start", _INSTANT, nullable=False),
        sa.Column("chunk_end", _INSTANT, nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("estimate", sa.Double(), nullable=True),
        sa.Column("estimate_low", sa.Double(), nullable=True),
        sa.Column("estimate_high", sa.Double(), nullable=True),
        sa.Column("labelled_share", sa.Double(), nullable=True),
        sa.Column("maturity", sa.Text(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.CheckConstraint("n >= 0", name=op.f("ck_metric_result_n")),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("fk_metric_result_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_result")),
    )
    op.create_index("ix_metric_result_run_id", "metric_result", ["run_id"], unique=False)
    op.create_table(
        "alarm",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("chunk_key", sa.Text(), nullable=False),
        sa.Column("chunk_start", _INSTANT, nullable=False),
        sa.Column("chunk_end", _INSTANT, nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("statistic", sa.Double(), nullable=True),
        sa.Column("p_value", sa.Double(), nullable=True),
        sa.Column("effect", sa.Double(), nullable=True),
        sa.Column("minimum_effect", sa.Double(), nullable=True),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("n_reference", sa.BigInteger(), nullable=True),
        sa.Column("n_current", sa.BigInteger(), nullable=True),
        sa.Column("bins_id", sa.Text(), nullable=True),
        sa.Column("evidence", _JSON, nullable=False),
        sa.Column("raised_at", _INSTANT, nullable=False),
        sa.Column("as_of", _INSTANT, nullable=False),
        sa.CheckConstraint("severity IN ('watch', 'act')", name=op.f("ck_alarm_severity")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_alarm_model_id")),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("fk_alarm_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarm")),
        sa.UniqueConstraint("run_id", "key", "method", "chunk_key", name="uq_alarm_once"),
    )
    op.create_index(
        "ix_alarm_model_id_key_as_of", "alarm", ["model_id", "key", "as_of"], unique=False
    )


def _make_alerts() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("slice", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=True),
        sa.Column("patience", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("severity IN ('watch', 'act')", name=op.f("ck_alert_rule_severity")),
        sa.CheckConstraint("patience >= 0", name=op.f("ck_alert_rule_patience")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_alert_rule_model_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_alert_rule_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
        sa.UniqueConstraint(
            "model_id", "kind", "method", "column", "slice", name="uq_alert_rule_matter"
        ),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("first_alarm_id", sa.Text(), nullable=False),
        sa.Column("newest_alarm_id", sa.Text(), nullable=False),
        sa.Column("alarms", sa.Integer(), nullable=False),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("owner_id", sa.Text(), nullable=True),
        sa.Column("snoozed_until", _INSTANT, nullable=True),
        sa.Column("news_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("severity IN ('watch', 'act')", name=op.f("ck_alert_severity")),
        sa.CheckConstraint(
            "state IN ('open', 'acknowledged', 'snoozed', 'closed')", name=op.f("ck_alert_state")
        ),
        sa.CheckConstraint("alarms >= 0", name=op.f("ck_alert_alarms")),
        sa.ForeignKeyConstraint(
            ["first_alarm_id"], ["alarm.id"], name=op.f("fk_alert_first_alarm_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_alert_model_id")),
        sa.ForeignKeyConstraint(
            ["newest_alarm_id"], ["alarm.id"], name=op.f("fk_alert_newest_alarm_id")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_alert_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index("ix_alert_model_id_opened_at", "alert", ["model_id", "opened_at"], unique=False)
    op.create_index("ix_alert_state_news_id", "alert", ["state", "news_id"], unique=False)
    op.create_index(
        "uq_alert_live",
        "alert",
        ["model_id", "key"],
        unique=True,
        sqlite_where=sa.text("state <> 'closed'"),
        postgresql_where=sa.text("state <> 'closed'"),
    )
    op.create_table(
        "alert_event",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("alarm_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarm.id"], name=op.f("fk_alert_event_alarm_id")),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_alert_event_alert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_event")),
    )
    op.create_index("ix_alert_event_alert_id", "alert_event", ["alert_id"], unique=False)
    op.create_table(
        "alert_seen",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_alert_seen_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_alert_seen")),
    )


def _make_channels() -> None:
    op.create_table(
        "alert_channel",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("models", _JSON, nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("severity IN ('watch', 'act')", name=op.f("ck_alert_channel_severity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_channel")),
        sa.UniqueConstraint("name", name=op.f("uq_alert_channel_name")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("alert_event_id", _KEY, nullable=False),
        sa.Column("channel_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", _INSTANT, nullable=False),
        sa.Column("sent_at", _INSTANT, nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint(
            "state IN ('queued', 'sent', 'given_up')", name=op.f("ck_delivery_state")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_delivery_attempts")),
        sa.ForeignKeyConstraint(
            ["alert_event_id"], ["alert_event.id"], name=op.f("fk_delivery_alert_event_id")
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["alert_channel.id"], name=op.f("fk_delivery_channel_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "alert_event_id", "channel_id", name=op.f("uq_delivery_alert_event_id_channel_id")
        ),
    )
    op.create_index("ix_delivery_state_next_at", "delivery", ["state", "next_at"], unique=False)


def _make_charts() -> None:
    op.create_table(
        "annotation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('version', 'incident', 'threshold', 'note')", name=op.f("ck_annotation_kind")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_annotation_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_annotation")),
    )
    op.create_index("ix_annotation_model_id_at", "annotation", ["model_id", "at"], unique=False)
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parameters", _JSON, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_view_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint(
            "user_id", "page", "name", name=op.f("uq_saved_view_user_id_page_name")
        ),
    )
