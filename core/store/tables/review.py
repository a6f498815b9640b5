"""Human review: cases, every step of them, drafts, texts, files, controls, and the people.

A case is kept once for a prediction and an occasion, whatever makes it. Each change of it is one
conditional update of its ``revision``; ``review_step`` tells all of them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from core.store.tables._base import metadata, not_negative, one_of, partial_index
from core.store.types import Instant, Json, Key

CASE_STATES = (
    "open",
    "claimed",
    "proposed",
    "checking",
    "final",
    "awaiting_customer",
    "escalated",
    "suspended_model",
    "withdrawn",
)
CASE_KINDS = ("routed", "request", "appeal", "control", "second")
CASE_TIERS = ("normal", "high")
VERDICTS = ("uphold", "overturn")
SCORE_SHOWN = ("at_once", "after_own_view", "never")
REVIEW_TEXT_KINDS = ("own_view", "verdict", "check", "comment", "evidence")
CLOSURE_KINDS = ("gale", "black_rain", "other")

# ``barred_*`` are the maker and checker of the case that an appeal or a second review is about.
# ``proposed_decision`` becomes ``final_decision`` when the case is final.
review_case = Table(
    "review_case",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("prediction_id", Text, nullable=False),
    Column("occasion", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_id", ForeignKey("review_case.id")),
    Column("request_id", ForeignKey("rights_request.id")),
    Column("subject_id", Text, nullable=False),
    Column("jurisdiction", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("predicted_at", Instant, nullable=False),
    Column("decision", Text, nullable=False),
    Column("score", Double),
    Column("amount", Double),
    Column("policy_version", Text),
    Column("rules_sha256", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("rules", Json, nullable=False),
    Column("tier", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("language", Text),
    Column("skill", Text),
    Column("score_shown", Text, nullable=False),
    Column("in_check_sample", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("holder_id", ForeignKey("app_user.id")),
    Column("lease_until", Instant),
    Column("assigned_to", ForeignKey("app_user.id")),
    Column("maker_id", ForeignKey("app_user.id")),
    Column("checker_id", ForeignKey("app_user.id")),
    Column("barred_maker_id", ForeignKey("app_user.id")),
    Column("barred_checker_id", ForeignKey("app_user.id")),
    Column("verdict", Text),
    Column("proposed_decision", Text),
    Column("final_decision", Text),
    Column("reason_code", Text),
    Column("check_reason", Text),
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("follow_up_on", Date),
    Column("escalated_at", Instant),
    Column("proposed_at", Instant),
    Column("final_at", Instant),
    Column("fed_batch", Text),
    UniqueConstraint("model_id", "prediction_id", "occasion"),
    one_of("kind", CASE_KINDS),
    one_of("tier", CASE_TIERS),
    one_of("state", CASE_STATES),
    one_of("verdict", VERDICTS),
    one_of("score_shown", SCORE_SHOWN),
    CheckConstraint("priority BETWEEN 0 AND 100", name="priority"),
    CheckConstraint(
        "(state IN ('claimed', 'checking')) = (holder_id IS NOT NULL)", name="holder_id"
    ),
    CheckConstraint("(holder_id IS NULL) = (lease_until IS NULL)", name="lease_until"),
    CheckConstraint("checker_id <> maker_id", name="maker_is_not_checker"),
    CheckConstraint("state <> 'checking' OR holder_id <> maker_id", name="maker_does_not_check"),
    CheckConstraint("maker_id <> barred_maker_id", name="third_person_maker"),
    CheckConstraint("maker_id <> barred_checker_id", name="third_person_checker"),
    CheckConstraint(
        "holder_id <> barred_maker_id AND holder_id <> barred_checker_id",
        name="third_person_holder",
    ),
    CheckConstraint(
        "state NOT IN ('proposed', 'checking', 'final')"
        " OR (maker_id IS NOT NULL AND verdict IS NOT NULL AND proposed_at IS NOT NULL)",
        name="proposed",
    ),
    CheckConstraint(
        "(state = 'final') = (final_at IS NOT NULL)"
        " AND (state = 'final') = (final_decision IS NOT NULL)",
        name="final",
    ),
    *not_negative("revision"),
)
Index(
    "ix_review_case_queue",
    review_case.c.state,
    review_case.c.priority.desc(),
    review_case.c.due_at,
    review_case.c.id,
)
# The whole queue in its order, whatever state a case waits in.
WAITS = "state NOT IN ('final', 'withdrawn')"
partial_index(
    "ix_review_case_waiting",
    review_case.c.priority.desc(),
    review_case.c.due_at,
    review_case.c.id,
    where=WAITS,
)
# The few cases that look like others and are not.
IS_BLIND = "kind IN ('control', 'second')"
partial_index(
    "ix_review_case_blind",
    review_case.c.model_id,
    review_case.c.prediction_id,
    where=IS_BLIND,
)
Index("ix_review_case_model_id_state", review_case.c.model_id, review_case.c.state)
Index("ix_review_case_model_id_final_at", review_case.c.model_id, review_case.c.final_at)
Index("ix_review_case_subject_id", review_case.c.subject_id)
Index("ix_review_case_holder_id", review_case.c.holder_id)
Index("ix_review_case_assigned_to", review_case.c.assigned_to)
Index("ix_review_case_maker_id_proposed_at", review_case.c.maker_id, review_case.c.proposed_at)
Index("ix_review_case_lease_until", review_case.c.lease_until)

review_step = Table(
    "review_step",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("case_id", ForeignKey("review_case.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("from_state", Text, nullable=False),
    Column("to_state", Text, nullable=False),
    Column("verdict", Text),
    Column("reason_code", Text),
    Column("body", Json, nullable=False),
)
Index("ix_review_step_case_id", review_step.c.case_id)
Index("ix_review_step_actor_id_at", review_step.c.actor_id, review_step.c.at)

# What a reviewer has begun to write: one for each case and person, kept when a lease runs out.
review_draft = Table(
    "review_draft",
    metadata,
    Column("case_id", ForeignKey("review_case.id"), nullable=False),
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("body", Json, nullable=False),
    Column("number", Integer, nullable=False),
    Column("saved_at", Instant, nullable=False),
    PrimaryKeyConstraint("case_id", "user_id"),
    *not_negative("number"),
)

# Words about a person lie here alone, so that they can go when the person is erased.
review_text = Table(
    "review_text",
    metadata,
    Column("id", Key, primary_key=True, autoincrement=True),
    Column("case_id", ForeignKey("review_case.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("author_id", ForeignKey("app_user.id"), nullable=False),
    Column("written_at", Instant, nullable=False),
    Column("text", Text, nullable=False),
    Column("mentions", Json, nullable=False),
    one_of("kind", REVIEW_TEXT_KINDS),
)
Index("ix_review_text_case_id", review_text.c.case_id)

review_file = Table(
    "review_file",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("review_case.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("path", Text, nullable=False, unique=True),
    Column("added_by", ForeignKey("app_user.id"), nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("removed_at", Instant),
    *not_negative("bytes"),
)
Index("ix_review_file_case_id", review_file.c.case_id)

review_watch = Table(
    "review_watch",
    metadata,
    Column("case_id", ForeignKey("review_case.id"), nullable=False),
    Column("user_id", ForeignKey("app_user.id"), nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("case_id", "user_id"),
)

# Nobody who works on the queue reads this table: a control looks like any other case until it is
# decided. ``expected`` is the verdict that the known outcome calls for.
review_control = Table(
    "review_control",
    metadata,
    Column("case_id", ForeignKey("review_case.id"), primary_key=True),
    Column("source_case_id", ForeignKey("review_case.id")),
    Column("expected", Text, nullable=False),
    Column("basis", Json, nullable=False),
    Column("caught", Boolean),
    Column("unmasked_at", Instant),
    one_of("expected", VERDICTS),
    CheckConstraint("(caught IS NULL) = (unmasked_at IS NULL)", name="unmasked"),
)

# A chunk of a batch whose cases are made, in the transaction that made them.
review_routed = Table(
    "review_routed",
    metadata,
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("batch_id", Text, nullable=False),
    Column("chunk", Integer, nullable=False),
    Column("predictions", Integer, nullable=False),
    Column("cases", Integer, nullable=False),
    Column("rules_sha256", Text, nullable=False),
    Column("is_last", Boolean, nullable=False),
    Column("routed_at", Instant, nullable=False),
    PrimaryKeyConstraint("model_id", "batch_id", "chunk"),
    *not_negative("chunk", "predictions", "cases"),
)

# ``deputy_id`` gets what is assigned to somebody who is away.
reviewer = Table(
    "reviewer",
    metadata,
    Column("user_id", ForeignKey("app_user.id"), primary_key=True),
    Column("languages", Json, nullable=False),
    Column("skills", Json, nullable=False),
    Column("open_limit", Integer),
    Column("competent_until", Date),
    Column("away_from", Date),
    Column("away_until", Date),
    Column("deputy_id", ForeignKey("app_user.id")),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", Text, nullable=False),
    CheckConstraint("deputy_id <> user_id", name="deputy_id"),
    CheckConstraint("away_until >= away_from", name="away"),
    *not_negative("open_limit"),
)

# A time in which offices were shut beside the public holidays: gale, black rainstorm.
office_closure = Table(
    "office_closure",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("added_at", Instant, nullable=False),
    Column("added_by", Text, nullable=False),
    one_of("kind", CLOSURE_KINDS),
)
