"""Signing in: sessions, tickets, attempts, lock-outs, second factors and passwords of before."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
)

from core.store.tables._base import metadata, not_negative, one_of
from core.store.types import Instant, Key

SESSION_METHODS = ("password", "oidc")
SIGN_IN_OUTCOMES = ("accepted", "wrong", "unknown", "locked", "disabled", "second_factor")
LOCK_KINDS = ("user", "source", "told")

session = Table(
    "session",
    metadata,
    Column("id", Text, primary_key=True),
    Column("cookie_hash", Text, unique=True),
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("method", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("agent", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("last_seen_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("authenticated_at", Instant, nullable=False),
    Column("second_factor_at", Instant),
    # Set while the second factor is still asked for: until then the session opens nothing.
    Column("pending_until", Instant),
    Column("revoked_at", Instant),
    Column("revoked_by", Text),
    Column("revoked_reason", Text),
    one_of("method", SESSION_METHODS),
    CheckConstraint("(revoked_at IS NULL) = (revoked_reason IS NULL)", name="revoked"),
)
Index("ix_session_user_id_created_at", session.c.user_id, session.c.created_at)

session_ticket = Table(
    "session_ticket",
    metadata,
    Column("ticket_hash", Text, primary_key=True),
    Column("session_id", ForeignKey("session.id"), nullable=False),
    Column("expires_at", Instant, nullable=False),
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("user_id", ForeignKey("app_user.id")),
    Column("source", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    one_of("outcome", SIGN_IN_OUTCOMES),
)
Index("ix_sign_in_attempt_user_id_at", sign_in_attempt.c.user_id, sign_in_attempt.c.at)
Index("ix_sign_in_attempt_at", sign_in_attempt.c.at)

sign_in_lock = Table(
    "sign_in_lock",
    metadata,
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("last_failure_at", Instant, nullable=False),
    Column("locked_until", Instant),
    PrimaryKeyConstraint("kind", "key"),
    one_of("kind", LOCK_KINDS),
    *not_negative("failures"),
)

second_factor = Table(
    "second_factor",
    metadata,
    Column("user_id", ForeignKey("app_user.id"), primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("last_step", BigInteger, nullable=False),
)

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("code_hash", Text, nullable=False, unique=True),
    Column("used_at", Instant),
)
Index("ix_recovery_code_user_id", recovery_code.c.user_id)

password_history = Table(
    "password_history",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("set_at", Instant, nullable=False),
)
Index("ix_password_history_user_id", password_history.c.user_id)
