"""Make the state store."""

import sqlalchemy as sa
from alembic import op

from core.store.migrations.append_only import POSTGRESQL, SQLITE

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_JSON = sa.JSON(none_as_null=True)


def upgrade() -> None:
    _make_people()
    _make_audit()
    _make_registry()
    _make_assignments()
    _make_batches()
    _make_manifest()
    _make_watches()
    _make_jobs()
    _make_settings()
    statements = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    op.execute("INSERT INTO audit_head (id, size) VALUES (1, 0)")
    for statement in statements:
        op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("Going back would destroy the audit trail: restore a backup instead.")


def _make_people() -> None:
    op.create_table(
        "app_user",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("display_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("password_changed_at", _INSTANT, nullable=True),
        sa.Column("os_login", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("os_login", name=op.f("uq_app_user_os_login")),
        sa.UniqueConstraint("username", name=op.f("uq_app_user_username")),
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_role_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_user_role")),
    )
    op.create_table(
        "user_scope",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "dimension IN ('model', 'jurisdiction')", name=op.f("ck_user_scope_dimension")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_user_scope_user_id")),
        sa.PrimaryKeyConstraint("user_id", "dimension", "value", name=op.f("pk_user_scope")),
    )


def _make_audit() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", _KEY, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.CheckConstraint("size >= 0", name=op.f("ck_audit_head_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("sequence", _KEY, autoincrement=False, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("canonical", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("sequence >= 1", name=op.f("ck_audit_entry_from_one")),
        sa.PrimaryKeyConstraint("sequence", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor"], unique=False)
    op.create_index("ix_audit_entry_kind", "audit_entry", ["kind"], unique=False)
    op.create_table(
        "audit_object",
        sa.Column("sequence", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sequence"], ["audit_entry.sequence"], name=op.f("fk_audit_object_sequence")
        ),
        sa.PrimaryKeyConstraint("sequence", "kind", name=op.f("pk_audit_object")),
    )
    op.create_index(
        "ix_audit_object_kind_object_id", "audit_object", ["kind", "object_id"], unique=False
    )


def _make_registry() -> None:
    op.create_table(
        "model",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("spec_text", sa.Text(), nullable=False),
        sa.Column("spec_sha256", sa.Text(), nullable=False),
        sa.Column("spec_revision", sa.Integer(), nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.Column("lake_generation", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("newest_event", _INSTANT, nullable=True),
        sa.CheckConstraint("lake_generation >= 0", name=op.f("ck_model_lake_generation")),
        sa.CheckConstraint("spec_revision >= 0", name=op.f("ck_model_spec_revision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
    )
    op.create_table(
        "model_spec",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("spec_text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("registered_at", _INSTANT, nullable=False),
        sa.Column("registered_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_model_spec_model_id")),
        sa.PrimaryKeyConstraint("model_id", "revision", name=op.f("pk_model_spec")),
    )
    op.create_table(
        "artefact",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "role IN ('artefact', 'training', 'holdout')", name=op.f("ck_artefact_role")
        ),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_artefact_bytes")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_artefact_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artefact")),
        sa.UniqueConstraint(
            "model_id",
            "version",
            "role",
            "sha256",
            name=op.f("uq_artefact_model_id_version_role_sha256"),
        ),
    )
    op.create_table(
        "reference",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("bins_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("bins_json", sa.Text(), nullable=False),
        sa.Column("window_from", _INSTANT, nullable=False),
        sa.Column("window_to", _INSTANT, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("live_from", _INSTANT, nullable=True),
        sa.Column("retired_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('building', 'live', 'retired')", name=op.f("ck_reference_state")
        ),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_reference_rows")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_reference_model_id")),
        sa.PrimaryKeyConstraint("model_id", "bins_id", name=op.f("pk_reference")),
    )
    op.create_index(
        "uq_reference_live",
        "reference",
        ["model_id"],
        unique=True,
        sqlite_where=sa.text("state = 'live'"),
        postgresql_where=sa.text("state = 'live'"),
    )


def _make_assignments() -> None:
    op.create_table(
        "assignment",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("assigned_at", _INSTANT, nullable=False),
        sa.Column("assigned_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('owner', 'developer', 'validator', 'reviewer')",
            name=op.f("ck_assignment_kind"),
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_assignment_model_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_assignment_user_id")),
        sa.PrimaryKeyConstraint("user_id", "model_id", "kind", name=op.f("pk_assignment")),
    )
    op.create_index("ix_assignment_model_id", "assignment", ["model_id"], unique=False)


def _make_batches() -> None:
    op.create_table(
        "batch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=False),
        sa.Column("heartbeat_at", _INSTANT, nullable=False),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("rows_read", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_stored", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_skipped", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_quarantined", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("undeclared", _JSON, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("first_time", _INSTANT, nullable=True),
        sa.Column("last_time", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "(state = 'writing') = (finished_at IS NULL)", name=op.f("ck_batch_finished")
        ),
        sa.CheckConstraint(
            "state IN ('writing', 'published', 'skipped', 'failed', 'expired')",
            name=op.f("ck_batch_state"),
        ),
        sa.CheckConstraint(
            "stream IN ('predictions', 'decisions', 'outcomes', 'resolved')",
            name=op.f("ck_batch_stream"),
        ),
        sa.CheckConstraint("rows_quarantined >= 0", name=op.f("ck_batch_rows_quarantined")),
        sa.CheckConstraint("rows_read >= 0", name=op.f("ck_batch_rows_read")),
        sa.CheckConstraint("rows_skipped >= 0", name=op.f("ck_batch_rows_skipped")),
        sa.CheckConstraint("rows_stored >= 0", name=op.f("ck_batch_rows_stored")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_batch_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
    )
    op.create_index(
        "ix_batch_model_id_started_at", "batch", ["model_id", "started_at"], unique=False
    )
    op.create_index("ix_batch_state_heartbeat_at", "batch", ["state", "heartbeat_at"], unique=False)
    op.create_table(
        "batch_source",
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_batch_source_bytes")),
        sa.CheckConstraint("ordinal >= 0", name=op.f("ck_batch_source_ordinal")),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_batch_source_rows")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_batch_source_batch_id")),
        sa.PrimaryKeyConstraint("batch_id", "ordinal", name=op.f("pk_batch_source")),
    )
    op.create_index("ix_batch_source_sha256", "batch_source", ["sha256"], unique=False)


def _make_manifest() -> None:
    op.create_table(
        "manifest",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=True),
        sa.Column("profile_kind", sa.Text(), nullable=True),
        sa.Column("bins_id", sa.Text(), nullable=True),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Text(), nullable=True),
        sa.Column("first_time", _INSTANT, nullable=True),
        sa.Column("last_time", _INSTANT, nullable=True),
        sa.Column("batch_id", sa.Text(), nullable=True),
        sa.Column("added_generation", sa.BigInteger(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("removed_generation", sa.BigInteger(), nullable=True),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.Column("purged_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "(kind = 'profile') = (profile_kind IS NOT NULL)",
            name=op.f("ck_manifest_profile_has_kind"),
        ),
        sa.CheckConstraint(
            "kind <> 'data' OR stream IS NOT NULL", name=op.f("ck_manifest_data_has_stream")
        ),
        sa.CheckConstraint(
            "kind IN ('data', 'profile', 'quarantine', 'reference')", name=op.f("ck_manifest_kind")
        ),
        sa.CheckConstraint(
            "stream IN ('predictions', 'decisions', 'outcomes', 'resolved')",
            name=op.f("ck_manifest_stream"),
        ),
        sa.CheckConstraint(
            "(removed_generation IS NULL) = (removed_at IS NULL)",
            name=op.f("ck_manifest_removed_at"),
        ),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_manifest_bytes")),
        sa.CheckConstraint(
            "purged_at IS NULL OR removed_at IS NOT NULL",
            name=op.f("ck_manifest_purged_after_removed"),
        ),
        sa.CheckConstraint(
            "removed_generation > added_generation", name=op.f("ck_manifest_removed_later")
        ),
        sa.CheckConstraint("rows >= 0", name=op.f("ck_manifest_rows")),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_manifest_batch_id")),
        sa.ForeignKeyConstraint(
            ["model_id", "bins_id"],
            ["reference.model_id", "reference.bins_id"],
            name=op.f("fk_manifest_model_id_bins_id"),
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_manifest_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_manifest")),
        sa.UniqueConstraint("path", name=op.f("uq_manifest_path")),
    )
    op.create_index("ix_manifest_batch_id", "manifest", ["batch_id"], unique=False)
    op.create_index(
        "ix_manifest_model_id_added_generation",
        "manifest",
        ["model_id", "added_generation"],
        unique=False,
    )


def _make_watches() -> None:
    op.create_table(
        "watch",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("pattern", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("last_seen_at", _INSTANT, nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stream IN ('predictions', 'decisions', 'outcomes', 'resolved')",
            name=op.f("ck_watch_stream"),
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_watch_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watch")),
        sa.UniqueConstraint(
            "model_id",
            "stream",
            "folder",
            "pattern",
            name=op.f("uq_watch_model_id_stream_folder_pattern"),
        ),
    )


def _make_jobs() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("payload", _JSON, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("progress", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("max_attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", _INSTANT, nullable=False),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("started_at", _INSTANT, nullable=True),
        sa.Column("finished_at", _INSTANT, nullable=True),
        sa.Column("result", _JSON, nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'running') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL)",
            name=op.f("ck_job_lease"),
        ),
        sa.CheckConstraint(
            "(state IN ('done', 'failed')) = (finished_at IS NOT NULL)",
            name=op.f("ck_job_finished"),
        ),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_job_state")
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_job_attempts")),
        sa.CheckConstraint("max_attempts >= 1", name=op.f("ck_job_max_attempts")),
        sa.CheckConstraint("progress BETWEEN 0 AND 1", name=op.f("ck_job_progress")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_job_model_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_model_id_created_at", "job", ["model_id", "created_at"], unique=False)
    op.create_index("ix_job_state_not_before", "job", ["state", "not_before"], unique=False)
    op.create_index(
        "uq_job_dedupe_key_active",
        "job",
        ["dedupe_key"],
        unique=True,
        sqlite_where=sa.text("state IN ('queued', 'running')"),
        postgresql_where=sa.text("state IN ('queued', 'running')"),
    )


def _make_settings() -> None:
    op.create_table(
        "workspace_setting",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", _JSON, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_workspace_setting")),
    )
