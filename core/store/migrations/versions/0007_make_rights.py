"""Make customers' requests, refusals, disclosures, disputes and opt-outs."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_JSON = sa.JSON(none_as_null=True)
_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _make_disclosure()
    _make_rights_request()
    _make_disclosure_notice()
    _make_dispute_note()
    _make_opt_out()
    _make_refusal()
    _make_rights_step()


def downgrade() -> None:
    raise RuntimeError("Going back would lose customers' requests: restore a backup.")


def _make_disclosure() -> None:
    op.create_table(
        "disclosure",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("what", _JSON, nullable=False),
        sa.Column("disclosed_on", sa.Date(), nullable=False),
        sa.Column("noted_at", _INSTANT, nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_disclosure_model_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["app_user.id"], name=op.f("fk_disclosure_noted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    op.create_index(
        "ix_disclosure_subject_id_disclosed_on",
        "disclosure",
        ["subject_id", "disclosed_on"],
        unique=False,
    )


def _make_rights_request() -> None:
    op.create_table(
        "rights_request",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=True),
        sa.Column("prediction_id", sa.Text(), nullable=True),
        sa.Column("received_at", _INSTANT, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("identity_method", sa.Text(), nullable=True),
        sa.Column("identified_by", sa.Text(), nullable=True),
        sa.Column("identified_at", _INSTANT, nullable=True),
        sa.Column("handler_id", sa.Text(), nullable=True),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("snapshot_path", sa.Text(), nullable=True),
        sa.Column("snapshot_sha256", sa.Text(), nullable=True),
        sa.Column("snapshot_at", _INSTANT, nullable=True),
        sa.Column("late_notice_at", _INSTANT, nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("fee_hkd", sa.Double(), nullable=True),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('answered', 'refused', 'withdrawn')) = (closed_at IS NOT NULL)",
            name=op.f("ck_rights_request_closed"),
        ),
        sa.CheckConstraint(
            "channel IN ('letter', 'email', 'branch', 'web', 'phone')",
            name=op.f("ck_rights_request_channel"),
        ),
        sa.CheckConstraint(
            "kind IN ('review', 'explanation', 'access', 'correction', 'opt_out')",
            name=op.f("ck_rights_request_kind"),
        ),
        sa.CheckConstraint(
            "state IN ('received', 'identified', 'answered', 'refused', 'withdrawn')",
            name=op.f("ck_rights_request_state"),
        ),
        sa.CheckConstraint(
            "(identified_at IS NULL) = (identified_by IS NULL)",
            name=op.f("ck_rights_request_identified"),
        ),
        sa.CheckConstraint("fee_hkd >= 0", name=op.f("ck_rights_request_fee_hkd")),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_rights_request_revision")),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["app_user.id"], name=op.f("fk_rights_request_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["handler_id"], ["app_user.id"], name=op.f("fk_rights_request_handler_id")
        ),
        sa.ForeignKeyConstraint(
            ["identified_by"], ["app_user.id"], name=op.f("fk_rights_request_identified_by")
        ),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_rights_request_model_id")
        ),
        sa.ForeignKeyConstraint(
            ["taken_by"], ["app_user.id"], name=op.f("fk_rights_request_taken_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_request")),
    )
    op.create_index(
        "ix_rights_request_state_due_on", "rights_request", ["state", "due_on"], unique=False
    )
    op.create_index("ix_rights_request_subject_id", "rights_request", ["subject_id"], unique=False)


def _make_disclosure_notice() -> None:
    op.create_table(
        "disclosure_notice",
        sa.Column("disclosure_id", _KEY, nullable=False),
        sa.Column("request_id", _KEY, nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("sent_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["disclosure_id"], ["disclosure.id"], name=op.f("fk_disclosure_notice_disclosure_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name=op.f("fk_disclosure_notice_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["sent_by"], ["app_user.id"], name=op.f("fk_disclosure_notice_sent_by")
        ),
        sa.PrimaryKeyConstraint("disclosure_id", "request_id", name=op.f("pk_disclosure_notice")),
    )


def _make_dispute_note() -> None:
    op.create_table(
        "dispute_note",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("prediction_id", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("request_id", _KEY, nullable=False),
        sa.Column("made_at", _INSTANT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", _INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["app_user.id"], name=op.f("fk_dispute_note_made_by")),
        sa.ForeignKeyConstraint(["model_id"], ["model.id"], name=op.f("fk_dispute_note_model_id")),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name=op.f("fk_dispute_note_request_id")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawn_by"], ["app_user.id"], name=op.f("fk_dispute_note_withdrawn_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute_note")),
    )
    op.create_index(
        "ix_dispute_note_model_id_prediction_id",
        "dispute_note",
        ["model_id", "prediction_id"],
        unique=False,
    )
    op.create_index("ix_dispute_note_subject_id", "dispute_note", ["subject_id"], unique=False)


def _make_opt_out() -> None:
    op.create_table(
        "opt_out",
        sa.Column("subject_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("since", _INSTANT, nullable=False),
        sa.Column("request_id", _KEY, nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name=op.f("fk_opt_out_request_id")
        ),
        sa.PrimaryKeyConstraint("subject_id", "model_id", "since", name=op.f("pk_opt_out")),
    )


def _make_refusal() -> None:
    op.create_table(
        "refusal",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("request_id", _KEY, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("other_data_user", sa.Text(), nullable=False),
        sa.Column("refused_at", _INSTANT, nullable=False),
        sa.Column("refused_by", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("notice_sent_on", sa.Date(), nullable=True),
        sa.Column("keep_until", sa.Date(), nullable=False),
        sa.CheckConstraint("refused_by <> proposed_by", name=op.f("ck_refusal_four_eyes")),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["app_user.id"], name=op.f("fk_refusal_proposed_by")
        ),
        sa.ForeignKeyConstraint(
            ["refused_by"], ["app_user.id"], name=op.f("fk_refusal_refused_by")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name=op.f("fk_refusal_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusal")),
        sa.UniqueConstraint("request_id", name=op.f("uq_refusal_request_id")),
    )


def _make_rights_step() -> None:
    op.create_table(
        "rights_step",
        sa.Column("id", _KEY, autoincrement=True, nullable=False),
        sa.Column("request_id", _KEY, nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("actor_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("from_state", sa.Text(), nullable=False),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["rights_request.id"], name=op.f("fk_rights_step_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rights_step")),
    )
    op.create_index("ix_rights_step_request_id", "rights_step", ["request_id"], unique=False)
