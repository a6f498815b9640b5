"""Users, their roles and scopes, and who stands in which line of defence for which model."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    false,
    text,
)

from core.store.tables._base import metadata, one_of
from core.store.types import Instant

SCOPE_DIMENSIONS = ("model", "jurisdiction")
ASSIGNMENT_KINDS = ("owner", "developer", "validator", "reviewer")

app_user = Table(
    "app_user",
    metadata,
    Column("id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("display_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("password_hash", Text),
    Column("password_changed_at", Instant),
    Column("os_login", Text, unique=True),
    Column("language", Text, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("pseudonym", Text, nullable=False, server_default=text("''")),
    Column("must_change_password", Boolean, nullable=False, server_default=false()),
    Column("oidc_issuer", Text),
    Column("oidc_subject", Text),
)
Index("uq_app_user_pseudonym", app_user.c.pseudonym, unique=True)
Index("uq_app_user_oidc", app_user.c.oidc_issuer, app_user.c.oidc_subject, unique=True)

user_role = Table(
    "user_role",
    metadata,
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "role"),
)

user_scope = Table(
    "user_scope",
    metadata,
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("dimension", Text, nullable=False),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "dimension", "value"),
    one_of("dimension", SCOPE_DIMENSIONS),
)

assignment = Table(
    "assignment",
    metadata,
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("assigned_at", Instant, nullable=False),
    Column("assigned_by", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "model_id", "kind"),
    one_of("kind", ASSIGNMENT_KINDS),
)
Index("ix_assignment_model_id", assignment.c.model_id)
