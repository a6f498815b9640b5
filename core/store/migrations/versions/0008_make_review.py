"""Make the cases of human review, their steps, drafts, texts, files and people."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_office_closure()
    _make_review_routed()
    _make_reviewer()
    _make_review_case()
    _make_review_control()
    _make_review_draft()
    _make_review_file()
    _make_review_step()
    _make_review_text()
    _make_review_watch()


def downgrade() -> None:
    raise RuntimeError("Going back would lose the cases of human review: restore a backup.")


def _make_office_closure() -> None:
    op.create_table(
        "office_closure",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('gale', 'black_rain', 'other')", name=op.f("ck_office_closure_kind")
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_office_closure")),
    )


def _make_review_routed() -> None:
    op.create_table(
        "review_routed",
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("chunk", sa.Integer(), nullable=False),
        sa.Column("predictions", sa.Integer(), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("rules_sha256", sa.Text(), nullable=False),
        sa.Column("is_last", sa.Boolean(), nullable=False),
        sa.Column("routed_at", _INSTANT, nullable=False),
        sa.CheckConstraint("cases >= 0", name=op.f("ck_review_routed_cases")),
        sa.CheckConstraint("chunk >= 0", name=op.f("ck_review_routed_chunk")),
        sa.CheckConstraint("predictions >= 0", name=op.f("ck_review_routed_predictions")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_review_routed_model_id")),
        sa.PrimaryKeyConstraint("model_id", "batch_id", "chunk", name=op.f("pk_review_routed")),
    )


def _make_reviewer() -> None:
    op.create_table(
        "reviewer",
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("languages", _JSON, nullable=False),
        sa.Column("skills", _JSON, nullable=False),
        sa.Column("open_limit", sa.Integer(), nullable=True),
        sa.Column("competent_until", sa.Date(), nullable=True),
        sa.Column("away_from", sa.Date(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("deputy_id", sa.Text(), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.CheckConstraint("away_until >= away_from", name=op.f("ck_reviewer_away")),
        sa.CheckConstraint("deputy_id <> user_id", name=op.f("ck_reviewer_deputy_id")),
        sa.CheckConstraint("open_limit >= 0", name=op.f("ck_reviewer_open_limit")),
        sa.ForeignKeyConstraint(["deputy_id"], ["app_user.id"], name=op.f("fk_reviewer_deputy_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_reviewer_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_reviewer")),
    )


def _make_review_case() -> None:
    op.create_table(
        "review_case",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("occasion", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", _KEY, nullable=True),
        sa.Column("request_id", _KEY, nullable=True),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("jurisdiction", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("predicted_at", _INSTANT, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("score", sa.Double(), nullable=True),
        sa.Column("amount", sa.Double(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=True),
        sa.Column("rules_sha256", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("rules", _JSON, nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.Column("score_shown", sa.Text(), nullable=False),
        sa.Column("in_check_sample", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("holder_id", sa.Text(), nullable=True),
        sa.Column("lease_until", _INSTANT, nullable=True),
        sa.Column("assigned_to", sa.Text(), nullable=True),
        sa.Column("maker_id", sa.Text(), nullable=True),
        sa.Column("checker_id", sa.Text(), nullable=True),
        sa.Column("barred_maker_id", sa.Text(), nullable=True),
        sa.Column("barred_checker_id", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("proposed_decision", sa.Text(), nullable=True),
        sa.Column("final_decision", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("check_reason", sa.Text(), nullable=True),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("due_at", _INSTANT, nullable=False),
        sa.Column("follow_up_on", sa.Date(), nullable=True),
        sa.Column("escalated_at", _INSTANT, nullable=True),
        sa.Column("proposed_at", _INSTANT, nullable=True),
        sa.Column("final_at", _INSTANT, nullable=True),
        sa.Column("fed_batch", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'final') = (final_at IS NOT NULL)"
            " AND (state = 'final') = (final_decision IS NOT NULL)",
            name=op.f("ck_review_case_final"),
        ),
        sa.CheckConstraint(
            "(state IN ('claimed', 'checking')) = (holder_id IS NOT NULL)",
            name=op.f("ck_review_case_holder_id"),
        ),
        sa.CheckConstraint(
            "holder_id <> barred_maker_id AND holder_id <> barred_checker_id",
            name=op.f("ck_review_case_third_person_holder"),
        ),
        sa.CheckConstraint(
            "kind IN ('routed', 'request', 'appeal', 'control', 'second')",
            name=op.f("ck_review_case_kind"),
        ),
        sa.CheckConstraint(
            "score_shown IN ('at_once', 'after_own_view', 'never')",
            name=op.f("ck_review_case_score_shown"),
        ),
        sa.CheckConstraint(
            "state <> 'checking' OR holder_id <> maker_id",
            name=op.f("ck_review_case_maker_does_not_check"),
        ),
        sa.CheckConstraint(
            "state IN ('open', 'claimed', 'proposed', 'checking', "
            "'final', 'awaiting_customer', 'escalated', 'suspended_model', 'withdrawn')",
            name=op.f("ck_review_case_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'checking', 'final')"
            " OR (maker_id IS NOT NULL AND verdict IS NOT NULL AND proposed_at IS NOT NULL)",
            name=op.f("ck_review_case_proposed"),
        ),
        sa.CheckConstraint("tier IN ('normal', 'high')", name=op.f("ck_review_case_tier")),
        sa.CheckConstraint(
            "verdict IN ('uphold', 'overturn')", name=op.f("ck_review_case_verdict")
        ),
        sa.CheckConstraint(
            "(holder_id IS NULL) = (lease_until IS NULL)", name=op.f("ck_review_case_lease_until")
        ),
        sa.CheckConstraint(
            "checker_id <> maker_id", name=op.f("ck_review_case_maker_is_not_checker")
        ),
        sa.CheckConstraint(
            "maker_id <> barred_checker_id", name=op.f("ck_review_case_third_person_checker")
        ),
        sa.CheckConstraint(
            "maker_id <> barred_maker_id", name=op.f("ck_review_case_third_person_maker")
        ),
        sa.CheckConstraint("priority BETWEEN 0 AND 100", name=op.f("ck_review_case_priority")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_review_case_revision")),
        sa.ForeignKeyConstraint(
            ["assigned_to"], ["app_user.id"], name=op.f("fk_review_case_assigned_to")
        ),
        sa.ForeignKeyConstraint(
            ["barred_checker_id"], ["app_user.id"], name=op.f("fk_review_case_barred_checker_id")
        ),
        sa.ForeignKeyConstraint(
            ["barred_maker_id"], ["app_user.id"], name=op.f("fk_review_case_barred_maker_id")
        ),
        sa.ForeignKeyConstraint(
            ["checker_id"], ["app_user.id"], name=op.f("fk_review_case_checker_id")
        ),
        sa.ForeignKeyConstraint(
            ["holder_id"], ["app_user.id"], name=op.f("fk_review_case_holder_id")
        ),
        sa.ForeignKeyConstraint(
            ["maker_id"], ["app_user.id"], name=op.f("fk_review_case_maker_id")
        ),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_review_case_model_id")),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["review_case.id"], name=op.f("fk_review_case_parent_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name=op.f("fk_review_case_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_case")),
        sa.UniqueConstraint(
            "model_id",
            "prediction_id",
            "occasion",
            name=op.f("uq_review_case_model_id_prediction_id_occasion"),
        ),
    )
    op.create_index("ix_review_case_assigned_to", "review_case", ["assigned_to"], unique=False)
    op.create_index("ix_review_case_holder_id", "review_case", ["holder_id"], unique=False)
    op.create_index("ix_review_case_lease_until", "review_case", ["lease_until"], unique=False)
    op.create_index(
        "ix_review_case_maker_id_proposed_at",
        "review_case",
        ["maker_id", "proposed_at"],
        unique=False,
    )
    op.create_index(
        "ix_review_case_model_id_final_at", "review_case", ["model_id", "final_at"], unique=False
    )
    op.create_index(
        "ix_review_case_model_id_state", "review_case", ["model_id", "state"], unique=False
    )
    op.create_index(
        "ix_review_case_queue",
        "review_case",
        ["state", sa.literal_column("priority DESC"), "due_at", "id"],
        unique=False,
    )
    op.create_index("ix_review_case_subject_id", "review_case", ["subject_id"], unique=False)


def _make_review_control() -> None:
    op.create_table(
        "review_control",
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("source_case_id", _KEY, nullable=True),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("basis", _JSON, nullable=False),
        sa.Column("caught", sa.Boolean(), nullable=True),
        sa.Column("unmasked_at", _INSTANT, nullable=True),
        sa.CheckConstraint(
            "expected IN ('uphold', 'overturn')", name=op.f("ck_review_control_expected")
        ),
        sa.CheckConstraint(
            "(caught IS NULL) = (unmasked_at IS NULL)", name=op.f("ck_review_control_unmasked")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_control_case_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_case_id"], ["review_case.id"], name=op.f("fk_review_control_source_case_id")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_review_control")),
    )


def _make_review_draft() -> None:
    op.create_table(
        "review_draft",
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("saved_at", _INSTANT, nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_review_draft_number")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_draft_case_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_review_draft_user_id")),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_review_draft")),
    )


def _make_review_file() -> None:
    op.create_table(
        "review_file",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("added_at", _INSTANT, nullable=False),
        sa.Column("removed_at", _INSTANT, nullable=True),
        sa.CheckConstraint("bytes >= 0", name=op.f("ck_review_file_bytes")),
        sa.ForeignKeyConstraint(
            ["added_by"], ["app_user.id"], name=op.f("fk_review_file_added_by")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_file_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_file")),
        sa.UniqueConstraint("path", name=op.f("uq_review_file_path")),
    )
    op.create_index("ix_review_file_case_id", "review_file", ["case_id"], unique=False)


def _make_review_step() -> None:
    op.create_table(
        "review_step",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("reason_code", sa.Text(), nullable=True),
        sa.Column("body", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_step_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_step")),
    )
    op.create_index("ix_review_step_actor_id_at", "review_step", ["actor_id", "at"], unique=False)
    op.create_index("ix_review_step_case_id", "review_step", ["case_id"], unique=False)


def _make_review_text() -> None:
    op.create_table(
        "review_text",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("written_at", _INSTANT, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", _JSON, nullable=False),
        sa.CheckConstraint(
            "kind IN ('own_view', 'verdict', 'check', 'comment', 'evidence')",
            name=op.f("ck_review_text_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["app_user.id"], name=op.f("fk_review_text_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_text_case_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_text")),
    )
    op.create_index("ix_review_text_case_id", "review_text", ["case_id"], unique=False)


def _make_review_watch() -> None:
    op.create_table(
        "review_watch",
        sa.Column("case_id", _KEY, nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["review_case.id"], name=op.f("fk_review_watch_case_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_review_watch_user_id")),
        sa.PrimaryKeyConstraint("case_id", "user_id", name=op.f("pk_review_watch")),
    )
