"""What a model's contract says about working on its cases, and who may not."""

import json
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import Connection

from core.auth.policy import allows
from core.contract.review import Review
from core.domain.identity import Actor, Permission
from core.domain.review import APPEAL, HIGH, CheckRules
from core.domain.working_days import local_day
from core.errors import Conflict, Forbidden, NotFound
from core.i18n import N_
from core.services.questions import parsed_contract
from core.services.review.blind import is_of_own_verdict, require_readable
from core.services.workspace import Workspace
from core.store import models
from core.store.identity import assignments
from core.store.review import cases, claims
from core.store.review.cases import no_case
from core.store.review.claims import ReviewerLimits
from core.store.review.records import CaseRecord

_DEFAULTS = Review()


def review_of(conn: Connection, model_id: str) -> Review:
    """Return the review part of a model's contract; what it does not say has its default."""
    return parsed_contract(models.get(conn, model_id).spec_text).review or _DEFAULTS


def rules_sha256(review: Review) -> str:
    """Return what names these review rules in cases and in the audit trail."""
    text = json.dumps(review.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def check_rules(review: Review) -> CheckRules:
    """Return what of a model's cases is checked."""
    check = review.check
    return CheckRules(HIGH in check.tiers, check.amount, check.overturn)


def lease_of(review: Review) -> timedelta:
    """Return how long a case stays with whoever claimed it."""
    return timedelta(minutes=review.lease_minutes)


def in_scope(record: CaseRecord, reader: Actor) -> CaseRecord:
    """Return a case that lies in the reader's scope.

    Raises
    ------
    NotFound
        If it does not, or if it is a blind one about an own verdict; it is not told from none.
    """
    seen = reader.sees_model(record.model_id) and reader.sees_jurisdiction(record.jurisdiction)
    if seen and not is_of_own_verdict(record, reader):
        return record
    raise no_case(record.id)


def readable(conn: Connection, record: CaseRecord, reader: Actor) -> CaseRecord:
    """Return a case that the reader may know of.

    Raises
    ------
    NotFound
        If it lies outside the reader's scope, or is kept from who works on blind cases.
    """
    require_readable(conn, in_scope(record, reader), reader)
    return record


def is_readable(conn: Connection, case_id: int, reader: Actor) -> bool:
    """Whether the reader may know of a case."""
    try:
        readable(conn, cases.get(conn, case_id), reader)
    except NotFound:
        return False
    return True


def developed_by(conn: Connection, user_id: str) -> frozenset[str]:
    """Return the models that a person develops, whose cases are for others."""
    found = assignments.list_assignments(conn, user_id=user_id)
    return frozenset(each.model_id for each in found if each.kind == "developer")


def require_trained(workspace: Workspace, conn: Connection, reader: Actor) -> ReviewerLimits | None:
    """Let a reviewer pass whose training has not run out; return what is noted of this one.

    Raises
    ------
    Forbidden
        If the day up to which the person is trained has passed.
    """
    limits = claims.limits_of(conn, reader.user_id)
    if limits is None:
        return None
    today = local_day(workspace.clock())
    if limits.competent_until is not None and limits.competent_until < today:
        raise Forbidden(
            N_("Your training for reviews ran out on {day}."),
            remedy=N_("Ask the lead of the team to note the new one."),
            day=limits.competent_until,
        )
    return limits


def require_competent(workspace: Workspace, conn: Connection, reader: Actor) -> None:
    """Let a reviewer pass whose training has not run out, and who has room for another case.

    Raises
    ------
    Forbidden
        If the day up to which the person is trained has passed.
    Conflict
        If the person holds as many cases as the team's lead allows.
    """
    limits = require_trained(workspace, conn, reader)
    if limits is None:
        return
    if limits.open_limit is not None and claims.held_by(conn, reader.user_id) >= limits.open_limit:
        raise Conflict(
            N_("You hold as many cases as you may at a time: {count}."),
            remedy=N_("Finish one or give one back."),
            count=limits.open_limit,
        )


def require_no_developer(conn: Connection, record: CaseRecord, reader: Actor) -> None:
    """Let the reader pass who does not develop the model that decided.

    Raises
    ------
    Forbidden
        If the reader does.
    """
    if record.model_id in developed_by(conn, reader.user_id):
        raise Forbidden(
            N_("A developer of the model {model} does not review its decisions."),
            remedy=N_("Ask somebody who does not develop the model."),
            model=record.model_id,
        )


def require_may_decide(conn: Connection, record: CaseRecord, reader: Actor) -> None:
    """Let the reader pass who may decide this case, or check it.

    Raises
    ------
    Forbidden
        If the reader develops the model, decided the case that this one is about, or the case is
        for somebody who may check.
    """
    require_no_developer(conn, record, reader)
    if reader.user_id in {record.barred_maker_id, record.barred_checker_id}:
        raise Forbidden(
            N_("This case is for somebody who has not decided about it before."),
            remedy=N_("Take another case."),
        )
    needs_lead = record.kind == APPEAL or record.is_escalated
    if needs_lead and not allows(reader, Permission.review_check):
        raise Forbidden(
            N_("Appeals and escalated cases are for those who may check."),
            remedy=N_("Take another case."),
        )
