"""What scheduled checks found: their figures, the alarms among them, and what was done about them.

Figures and alarms are never changed: they say what was known when they were made. An alert is the
thread that people follow: it opens with an alarm, goes on while alarms repeat, and is closed.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.tables._base import metadata, not_negative, one_of, partial_index
from core.store.types import Instant, Json, Key

CHECK_STATES = ("done", "failed")
SEVERITIES = ("watch", "act")
ALERT_STATES = ("open", "acknowledged", "snoozed", "closed")
DELIVERY_STATES = ("queued", "sent", "given_up")
ANNOTATION_KINDS = ("version", "incident", "threshold", "note")

check_run = Table(
    "check_run",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("started_by", Text, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("lake_generation", BigInteger, nullable=False),
    Column("spec_sha256", Text, nullable=False),
    Column("bins_id", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("sources", Json, nullable=False),
    Column("failures", Json, nullable=False),
    one_of("state", CHECK_STATES),
    *not_negative("attempt"),
    # Whoever comes second with the same question finds it answered.
    UniqueConstraint(
        "model_id",
        "lake_generation",
        "spec_sha256",
        "bins_id",
        "as_of",
        "attempt",
        name="uq_check_run_once",
    ),
    Index("ix_check_run_model_id_as_of", "model_id", "as_of"),
)

metric_result = Table(
    "metric_result",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("run_id", ForeignKey("check_run.id"), nullable=False),
    Column("metric", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("slice", Text, nullable=False),
    Column("chunk_key", Text, nullable=False),
    Column("chunk_start", Instant, nullable=False),
    Column("chunk_end", Instant, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("value", Double),
    Column("low", Double),
    Column("high", Double),
    Column("estimate", Double),
    Column("estimate_low", Double),
    Column("estimate_high", Double),
    Column("labelled_share", Double),
    Column("maturity", Text),
    Column("threshold", Double),
    Column("status", Text, nullable=False),
    Column("level", Text, nullable=False),
    *not_negative("n"),
    Index("ix_metric_result_run_id", "run_id"),
)

alarm = Table(
    "alarm",
    metadata,
    Column("id", Text, primary_key=True),
    Column("run_id", ForeignKey("check_run.id"), nullable=False),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("slice", Text, nullable=False),
    Column("chunk_key", Text, nullable=False),
    Column("chunk_start", Instant, nullable=False),
    Column("chunk_end", Instant, nullable=False),
    Column("severity", Text, nullable=False),
    Column("statistic", Double),
    Column("p_value", Double),
    Column("effect", Double),
    Column("minimum_effect", Double),
    Column("threshold", Double),
    Column("n_reference", BigInteger),
    Column("n_current", BigInteger),
    Column("bins_id", Text),
    Column("evidence", Json, nullable=False),
    Column("raised_at", Instant, nullable=False),
    Column("as_of", Instant, nullable=False),
    one_of("severity", SEVERITIES),
    UniqueConstraint("run_id", "key", "method", "chunk_key", name="uq_alarm_once"),
    Index("ix_alarm_model_id_key_as_of", "model_id", "key", "as_of"),
)

alert_rule = Table(
    "alert_rule",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("column", Text, nullable=False),
    Column("slice", Text, nullable=False),
    Column("severity", Text),
    Column("patience", Integer, nullable=False),
    Column("owner_id", ForeignKey("app_user.id")),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    one_of("severity", SEVERITIES),
    *not_negative("patience"),
    UniqueConstraint("model_id", "kind", "method", "column", "slice", name="uq_alert_rule_matter"),
)

alert = Table(
    "alert",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("first_alarm_id", ForeignKey("alarm.id"), nullable=False),
    Column("newest_alarm_id", ForeignKey("alarm.id"), nullable=False),
    Column("alarms", Integer, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("owner_id", ForeignKey("app_user.id")),
    Column("snoozed_until", Instant),
    Column("news_id", BigInteger, nullable=False, server_default=text("0")),
    one_of("severity", SEVERITIES),
    one_of("state", ALERT_STATES),
    *not_negative("alarms"),
    Index("ix_alert_model_id_opened_at", "model_id", "opened_at"),
    Index("ix_alert_state_news_id", "state", "news_id"),
)

# One live alert for one matter: whoever comes second goes on with the first one's.
partial_index(
    "uq_alert_live",
    alert.c.model_id,
    alert.c.key,
    unique=True,
    where="state <> 'closed'",
)

alert_event = Table(
    "alert_event",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("alert_id", ForeignKey("alert.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("alarm_id", ForeignKey("alarm.id")),
    Index("ix_alert_event_alert_id", "alert_id"),
)

alert_seen = Table(
    "alert_seen",
    metadata,
    Column("user_id", ForeignKey("app_user.id"), primary_key=True),
    Column("event_id", BigInteger, nullable=False),
)

alert_channel = Table(
    "alert_channel",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("shown", Text, nullable=False),
    Column("sealed_address", LargeBinary, nullable=False),
    Column("models", Json),
    Column("severity", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    one_of("severity", SEVERITIES),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("alert_event_id", ForeignKey("alert_event.id"), nullable=False),
    Column("channel_id", ForeignKey("alert_channel.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("error", Text, nullable=False, server_default=text("''")),
    one_of("state", DELIVERY_STATES),
    *not_negative("attempts"),
    UniqueConstraint("alert_event_id", "channel_id"),
    Index("ix_delivery_state_next_at", "state", "next_at"),
)

annotation = Table(
    "annotation",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("label", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("removed_at", Instant),
    one_of("kind", ANNOTATION_KINDS),
    Index("ix_annotation_model_id_at", "model_id", "at"),
)

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("page", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("parameters", Json, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("user_id", "page", "name"),
)
