"""Make what serving systems ask, and what personal data needs to be erased."""

import sqlalchemy as sa
from alembic import op

from core.store.migrations.append_only import SQLITE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _make_serving()
    _make_personal()
    _make_scope()


def downgrade() -> None:
    raise RuntimeError("Going back would bring erased people back: restore a backup instead.")


def _make_serving() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("models", _JSON, nullable=True),
        sa.Column("actions", _JSON, nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("last_used_at", _INSTANT, nullable=True),
        sa.Column("revoked_at", _INSTANT, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["created_by"], ["app_user.id"], name=op.f("fk_api_token_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_table(
        "model_state",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fallback_version", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('production', 'suspended', 'retired')", name=op.f("ck_model_state_state")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_model_state_model_id")),
        sa.PrimaryKeyConstraint("model_id", name=op.f("pk_model_state")),
    )
    op.create_table(
        "release",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", _INSTANT, nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('held', 'released', 'stopped')", name=op.f("ck_release_state")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_release_model_id")),
        sa.PrimaryKeyConstraint("model_id", "prediction_id", name=op.f("pk_release")),
    )


def _make_personal() -> None:
    op.create_table(
        "subject_key",
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("subject_id", name=op.f("pk_subject_key")),
    )
    op.create_table(
        "audit_payload",
        sa.Column("sequence", _KEY, autoincrement=False, nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject_key.subject_id"], name=op.f("fk_audit_payload_subject_id")
        ),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_payload")),
    )
    op.create_index("ix_audit_payload_subject_id", "audit_payload", ["subject_id"], unique=False)
    op.create_table(
        "tombstone",
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("erased_at", _INSTANT, nullable=False),
        sa.Column("erasure_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject_id", "model_id", name=op.f("pk_tombstone")),
    )
    op.create_table(
        "erased_prediction",
        sa.Column("mac", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("erasure_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("mac", name=op.f("pk_erased_prediction")),
    )
    op.create_index(
        "ix_erased_prediction_model_id", "erased_prediction", ["model_id"], unique=False
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", _INSTANT, nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("report", _JSON, nullable=True),
        sa.CheckConstraint(
            "(state IN ('done', 'closed')) = (finished_at IS NOT NULL)",
            name=op.f("ck_erasure_finished"),
        ),
        sa.CheckConstraint(
            "finished_at IS NULL OR sealed IS NULL", name=op.f("ck_erasure_unsealed")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'running', 'done', 'closed')", name=op.f("ck_erasure_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_index("ix_erasure_subject_id", "erasure", ["subject_id"], unique=False)
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=True),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("record_class", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", _INSTANT, nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("lifted_at", _INSTANT, nullable=True),
        sa.Column("lifted_by", sa.Text(), nullable=True),
        sa.Column("lift_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_legal_hold_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_hold")),
    )
    op.create_index("ix_legal_hold_subject_id", "legal_hold", ["subject_id"], unique=False)
    op.create_table(
        "retention_rule",
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("minimum_days", sa.Integer(), nullable=True),
        sa.Column("maximum_days", sa.Integer(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("maximum_days >= 0", name=op.f("ck_retention_rule_maximum_days")),
        sa.CheckConstraint("minimum_days >= 0", name=op.f("ck_retention_rule_minimum_days")),
        sa.PrimaryKeyConstraint("record_class", name=op.f("pk_retention_rule")),
    )
    op.create_table(
        "export_file",
        sa.Column("id_hash", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("permission", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("personal", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("expires_at", _INSTANT, nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_export_file_bytes")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_export_file_model_id")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["app_user.id"], name=op.f("fk_export_file_owner_id")
        ),
        sa.PrimaryKeyConstraint("id_hash", name=op.f("pk_export_file")),
        sa.UniqueConstraint("path", name=op.f("uq_export_file_path")),
    )
    op.create_index("ix_export_file_expires_at", "export_file", ["expires_at"], unique=False)


_FOUND_BY = (("kind",), ("actor",), ("actor", "kind"), ("at",), ("kind", "at"), ("actor", "at"))
_UNCHANGED = "audit_entry_no_update"
# What an entry was about before entries named a jurisdiction: of which one, nobody noted.
_SCOPE = """
    UPDATE audit_entry SET
    model_id = (SELECT object_id FROM audit_object AS o
                WHERE o.sequence = audit_entry.sequence AND o.kind = 'model'),
    jurisdiction = (SELECT min('*') FROM audit_object AS o
                    WHERE o.sequence = audit_entry.sequence
                    AND o.kind IN ('batch', 'disposal', 'erasure', 'prediction', 'reference',
                                   'subject'))
"""


def _make_scope() -> None:
    """Keep beside every entry which model and jurisdiction it is about; no entry changes."""
    op.add_column("audit_entry", sa.Column("model_id", sa.Text(), nullable=True))
    op.add_column("audit_entry", sa.Column("jurisdiction", sa.Text(), nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {_UNCHANGED}")
        op.execute(_SCOPE)
        op.execute(next(each for each in SQLITE if f" {_UNCHANGED} " in each))
    else:
        op.execute("ALTER TABLE audit_entry DISABLE TRIGGER audit_entry_no_change")
        op.execute(_SCOPE)
        op.execute("ALTER TABLE audit_entry ENABLE TRIGGER audit_entry_no_change")
    scope = ["sequence", "model_id", "jurisdiction"]
    for columns in _FOUND_BY:
        name = f"ix_audit_entry_{'_'.join(columns)}"
        op.drop_index(name, "audit_entry")
        op.create_index(name, "audit_entry", [*columns, *scope], unique=False)
