"""Hooks: what a rule may call when an alert opens, and what came of each call."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.tables._base import metadata, not_negative, one_of
from core.store.types import Instant, Json, Key

HOOK_KINDS = ("webhook", "command")
HOOK_PURPOSES = ("notify", "retrain", "suspend", "rollback")
RULE_ACTIONS = ("suspend", "rollback")
HOOK_CALL_STATES = ("queued", "done", "given_up")

hook = Table(
    "hook",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("shown", Text, nullable=False),
    Column("sealed_target", LargeBinary, nullable=False),
    Column("models", Json),
    Column("timeout_s", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    one_of("kind", HOOK_KINDS),
    *not_negative("timeout_s"),
)

rule_response = Table(
    "rule_response",
    metadata,
    Column("rule_id", ForeignKey("alert_rule.id"), primary_key=True),
    Column("hook_id", ForeignKey("hook.id")),
    Column("purpose", Text, nullable=False),
    Column("action", Text),
    Column("to_version", Text),
    Column("set_at", Instant, nullable=False),
    Column("set_by", Text, nullable=False),
    one_of("purpose", HOOK_PURPOSES),
    one_of("action", RULE_ACTIONS),
)

# A hook that is taken away leaves its calls behind: they say what was done, so they name it.
hook_call = Table(
    "hook_call",
    metadata,
    Column("id", Text, primary_key=True),
    Column("hook_id", Text, nullable=False),
    Column("hook_name", Text, nullable=False),
    Column("model_id", ForeignKey("model.id")),
    Column("rule_id", Text),
    Column("alert_event_id", Key, ForeignKey("alert_event.id")),
    Column("purpose", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("status", Integer),
    Column("error", Text, nullable=False, server_default=text("''")),
    Column("output", Text, nullable=False, server_default=text("''")),
    one_of("purpose", HOOK_PURPOSES),
    one_of("state", HOOK_CALL_STATES),
    *not_negative("attempts"),
    UniqueConstraint("alert_event_id", "hook_id"),
    Index("ix_hook_call_state_next_at", "state", "next_at"),
    Index("ix_hook_call_created_at", "created_at"),
)
