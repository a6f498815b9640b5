"""Make what trust stands on: sessions, the tree over the audit trail, approvals."""

import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

from core.store.migrations.append_only import TREE_POSTGRESQL, TREE_SQLITE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _add_people()
    _make_sessions()
    _make_tree()
    _make_approvals()
    _plant_tree()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in TREE_SQLITE if sqlite else TREE_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Going back would destroy the audit trail: restore a backup instead.")


def _add_people() -> None:
    op.add_column(
        "app_user", sa.Column("pseudonym", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "app_user",
        sa.Column("must_change_password", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.add_column("app_user", sa.Column("oidc_issuer", sa.Text(), nullable=True))
    op.add_column("app_user", sa.Column("oidc_subject", sa.Text(), nullable=True))
    op.create_index("uq_app_user_oidc", "app_user", ["oidc_issuer", "oidc_subject"], unique=True)
    _name_people()
    op.create_index("uq_app_user_pseudonym", "app_user", ["pseudonym"], unique=True)


def _make_sessions() -> None:
    op.create_table(
        "session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("cookie_hash", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("authenticated_at", _INSTANT, nullable=False),
        sa.Column("second_factor_at", _INSTANT, nullable=True),
        sa.Column("pending_until", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("method IN ('password', 'oidc')", name=op.f("ck_session_method")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_reason IS NULL)", name=op.f("ck_session_revoked")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("cookie_hash", name=op.f("uq_session_cookie_hash")),
    )
    op.create_index(
        "ix_session_user_id_created_at", "session", ["user_id", "created_at"], unique=False
    )
    op.create_table(
        "session_ticket",
        sa.Column("ticket_hash", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["session.id"], name=op.f("fk_session_ticket_session_id")
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_session_ticket")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'wrong', 'unknown', 'locked', 'disabled', 'second_factor')",
            name=op.f("ck_sign_in_attempt_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_sign_in_attempt_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index("ix_sign_in_attempt_at", "sign_in_attempt", ["at"], unique=False)
    op.create_index(
        "ix_sign_in_attempt_user_id_at", "sign_in_attempt", ["user_id", "at"], unique=False
    )
    op.create_table(
        "sign_in_lock",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_failure_at", _INSTANT, nullable=False),
        sa.Column("locked_until", _INSTANT, nullable=True),
        sa.CheckConstraint("kind IN ('user', 'source', 'told')", name=op.f("ck_sign_in_lock_kind")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_sign_in_lock_failures")),
        sa.PrimaryKeyConstraint("kind", "key", name=op.f("pk_sign_in_lock")),
    )
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("confirmed_at", _INSTANT, nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_second_factor_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_recovery_code_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"], unique=False)
    op.create_table(
        "password_history",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("set_at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["app_user.id"], name=op.f("fk_password_history_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    op.create_index("ix_password_history_user_id", "password_history", ["user_id"], unique=False)


def _make_tree() -> None:
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("position", _KEY, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("level >= 0", name=op.f("ck_audit_node_level")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_audit_node_position")),
        sa.PrimaryKeyConstraint("level", "position", name=op.f("pk_audit_node")),
    )
    op.create_table(
        "audit_checkpoint",
        sa.Column("size", _KEY, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_audit_checkpoint_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_audit_checkpoint")),
    )
    op.create_table(
        "audit_anchor",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("size", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.CheckConstraint(
            "kind IN ('path', 'timestamp', 'webhook', 'mail')", name=op.f("ck_audit_anchor_kind")
        ),
        sa.CheckConstraint("state IN ('done', 'failed')", name=op.f("ck_audit_anchor_state")),
        sa.ForeignKeyConstraint(
            ["size"], ["audit_checkpoint.size"], name=op.f("fk_audit_anchor_size")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_anchor")),
    )
    op.create_index("ix_audit_anchor_at", "audit_anchor", ["at"], unique=False)
    _make_finding_fast()


def _make_finding_fast() -> None:
    for name in ("ix_audit_entry_kind", "ix_audit_entry_actor"):
        op.drop_index(name, "audit_entry")
    op.drop_index("ix_audit_object_kind_object_id", "audit_object")
    indexed = (["kind"], ["actor"], ["actor", "kind"], ["at"], ["kind", "at"], ["actor", "at"])
    for columns in indexed:
        name = f"ix_audit_entry_{'_'.join(columns)}"
        op.create_index(name, "audit_entry", [*columns, "sequence"], unique=False)
    op.create_index(
        "ix_audit_object_kind_object_id",
        "audit_object",
        ["kind", "object_id", "sequence"],
        unique=False,
    )


def _make_approvals() -> None:
    op.create_table(
        "approval",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.Column("command", _JSON, nullable=False),
        sa.Column("before", _JSON, nullable=False),
        sa.Column("after", _JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", _INSTANT, nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("result", _JSON, nullable=True),
        sa.CheckConstraint(
            "(state = 'pending') = (decided_at IS NULL)", name=op.f("ck_approval_decided_at")
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'rejected')) = (decided_by IS NOT NULL)",
            name=op.f("ck_approval_decided_by"),
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'withdrawn', 'expired')",
            name=op.f("ck_approval_state"),
        ),
        sa.CheckConstraint("decided_by <> proposed_by", name=op.f("ck_approval_four_eyes")),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["app_user.id"], name=op.f("fk_approval_decided_by")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_approval_model_id")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["app_user.id"], name=op.f("fk_approval_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval")),
    )
    op.create_index(
        "ix_approval_object_kind_object_id", "approval", ["object_kind", "object_id"], unique=False
    )
    op.create_index(
        "ix_approval_state_expires_at", "approval", ["state", "expires_at"], unique=False
    )
    op.create_index(
        "uq_approval_pending",
        "approval",
        ["kind", "object_kind", "object_id"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )


def _name_people() -> None:
    """Give everybody a pseudonym, which the audit trail will name them by."""
    conn = op.get_bind()
    person = sa.table("app_user", sa.column("id"), sa.column("pseudonym"))
    for (user_id,) in conn.execute(sa.select(person.c.id)).all():
        change = sa.update(person).where(person.c.id == user_id)
        conn.execute(change.values(pseudonym=f"p-{secrets.token_hex(6)}"))


def _plant_tree() -> None:
    """Put the entries there are into the tree (RFC 9162, 2.1.1)."""
    conn = op.get_bind()
    entry = sa.table("audit_entry", sa.column("sequence"), sa.column("canonical"))
    node = sa.table("audit_node", sa.column("level"), sa.column("position"), sa.column("hash"))
    open_nodes: dict[int, bytes] = {}
    rows = conn.execute(sa.select(entry.c.canonical).order_by(entry.c.sequence))
    for leaf, (canonical,) in enumerate(rows.all()):
        level, position = 0, leaf
        digest = hashlib.sha256(b"\x00" + bytes(canonical)).digest()
        conn.execute(node.insert().values(level=level, position=position, hash=digest))
        while position % 2:
            digest = hashlib.sha256(b"\x01" + open_nodes.pop(level) + digest).digest()
            level, position = level + 1, position // 2
            conn.execute(node.insert().values(level=level, position=position, hash=digest))
        open_nodes[level] = digest
