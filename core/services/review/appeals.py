"""Cases that a customer asks for: a first look by a person, or an appeal to a third person.

Whoever made or checked the verdict that the customer objects to can neither decide the new case
nor check it: the services refuse it, and so does the database.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import isnan
from typing import Literal

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.review import APPEAL, HIGH, Action, CaseState
from core.domain.windows import local_day
from core.errors import Conflict, NotFound
from core.i18n import N_
from core.services import access
from core.services.personal import reasons
from core.services.reproduce.policy import policy_of
from core.services.review import making, sla
from core.services.review.cases import Case, shown
from core.services.review.changing import (
    By,
    Said,
    by,
    changed_since,
    look_up,
    not_now,
    note,
    tell,
)
from core.services.review.retrying import repeat_when_busy
from core.services.review.rules import in_scope, review_of, rules_sha256
from core.services.review.words import prediction_row
from core.services.workspace import Workspace
from core.store.review import cases
from core.store.review.asked import requests_put_to
from core.store.review.records import CaseRecord, NewCase

REQUEST = "request"
ROUTED = "routed"
_LIVE = frozenset({ROUTED, REQUEST, APPEAL})
_APPEALS = frozenset({APPEAL})
_PRIORITY = 80
_MADE = "review.made"
Kind = Literal["request", "appeal"]


@repeat_when_busy
def appeal(
    workspace: Workspace, case_id: int, *, actor: Actor, request_id: int | None = None
) -> Case:
    """Make the case in which a third person looks at a final verdict again; once for each verdict.

    Parameters
    ----------
    workspace : Workspace
        Where.
    case_id : int
        The final case that the customer objects to.
    actor : Actor
        Needs ``rights.handle``.
    request_id : int, optional
        The customer's request; asked again for it, the same case is returned.

    Raises
    ------
    NotFound
        If there is no such case in the actor's scope.
    Conflict
        If it is not final, was appealed before, or was an appeal itself.
    """
    access.require(actor, Permission.rights_handle)
    with workspace.store.begin() as conn:
        parent = look_up(conn, case_id, actor)
        made = _of_request(conn, parent.model_id, parent.prediction_id, request_id)
        if made is None and request_id is not None:
            told = (parent.model_id, parent.prediction_id)
            made = _link(workspace, conn, *told, request_id, _APPEALS, actor)
        if made is None:
            made = _appeal(workspace, conn, parent, request_id, actor)
        return shown(workspace, conn, [made], actor)[0]


def open_for_request(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    *,
    request_id: int,
    kind: Kind,
    actor: Actor,
) -> Case:
    """Make the case that a customer's request asks for; asked again, return the same.

    A request about a prediction whose case waits already is put to that case, whatever made it and
    whoever asked for it: one decision gets one verdict. Once people decided, only an appeal that
    waits takes it in.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        What was decided.
    request_id : int
        Of the customer's request.
    kind : {"request", "appeal"}
        ``appeal`` if a person decided before: then a third person does. A verdict that became final
        meanwhile makes an appeal of a request.
    actor : Actor
        Needs ``rights.handle``.

    Raises
    ------
    NotFound
        If there is no such prediction in the actor's scope.
    Conflict
        If an appeal has no final verdict to be about, or the verdict was appealed before.
    """
    access.require(actor, Permission.rights_handle, model=model_id)
    contract, row = prediction_row(workspace, model_id, prediction_id)
    if row is None or not actor.sees_jurisdiction(str(row.get("jurisdiction") or "")):
        raise NotFound(
            N_("There is no prediction {prediction} in your scope."),
            remedy=N_("Look the id up in the log; ids are written as the log has them."),
            prediction=prediction_id,
        )
    return _open(workspace, contract, row, request_id, kind, actor)


@repeat_when_busy
def _open(
    workspace: Workspace,
    contract: ModelContract,
    row: Mapping[str, object],
    request_id: int,
    kind: Kind,
    actor: Actor,
) -> Case:
    prediction_id = str(row["prediction_id"])
    with workspace.store.begin() as conn:
        cases.lock_model(conn, contract.id)
        made = _of_request(conn, contract.id, prediction_id, request_id)
        parent = cases.newest_final(conn, contract.id, prediction_id, _LIVE)
        if made is None:
            kinds = _LIVE if parent is None else _APPEALS
            made = _link(workspace, conn, contract.id, prediction_id, request_id, kinds, actor)
        if made is None and parent is not None:
            made = _appeal(workspace, conn, in_scope(parent, actor), request_id, actor)
        if made is None and kind == APPEAL:
            raise Conflict(
                N_("Nobody has decided about {prediction} yet, so there is no appeal."),
                remedy=N_("Ask for a review by a person instead."),
                prediction=prediction_id,
            )
        if made is None:
            new = _new(workspace, conn, contract, row, request_id)
            made = _make(conn, new, actor, workspace.clock(), {})
        return shown(workspace, conn, [made], actor)[0]


def _appeal(
    workspace: Workspace,
    conn: Connection,
    parent: CaseRecord,
    request_id: int | None,
    actor: Actor,
) -> CaseRecord:
    if parent.state is not CaseState.final or parent.kind not in _LIVE:
        raise not_now(parent)
    if parent.kind == APPEAL:
        raise Conflict(
            N_("The verdict on an appeal is not appealed here."),
            remedy=N_("Tell the customer who else can be turned to."),
        )
    at = workspace.clock()
    review = review_of(conn, parent.model_id)
    new = replace(
        _copy_of(parent),
        score_shown="at_once",
        in_check_sample=False,
        assigned_to=None,
        occasion=_unused(conn, parent.model_id, parent.prediction_id, f"appeal:{parent.id}"),
        kind=APPEAL,
        rule="appeal",
        rules=("appeal",),
        rules_sha256=rules_sha256(review),
        due_at=sla.due_at(conn, review.sla_days, parent.tier, at),
        priority=max(parent.priority, _PRIORITY),
        parent_id=parent.id,
        request_id=request_id,
        barred_maker_id=parent.maker_id,
        barred_checker_id=parent.checker_id,
    )
    made = making.make_case(conn, new, at=at, by=actor.user_id)
    if made is None:
        raise Conflict(
            N_("The verdict on the case {case} was appealed already."),
            remedy=N_("Look at that appeal."),
            case=parent.id,
        )
    record = cases.get(conn, made)
    _tell(conn, record, by(actor), at, "review.appealed", {"parent": parent.id})
    return record


def _link(
    workspace: Workspace,
    conn: Connection,
    model_id: str,
    prediction_id: str,
    request_id: int,
    kinds: frozenset[str],
    actor: Actor,
) -> CaseRecord | None:
    """Put a request to the case of some kinds that waits for the prediction, if one does.

    The first request is the case's own; of further ones the step tells.
    """
    waiting = [
        each
        for each in cases.of_prediction(conn, model_id, prediction_id, lock=True)
        if each.kind in kinds and each.state not in {CaseState.final, CaseState.withdrawn}
    ]
    if not waiting:
        return None
    before, at = waiting[0], workspace.clock()
    values = {
        "request_id": before.request_id or request_id,
        "priority": max(before.priority, _PRIORITY),
    }
    after = cases.change(
        conn,
        before.id,
        state=before.state,
        revision=before.revision,
        to=before.state,
        values=values,
    )
    if after is None:
        raise changed_since(before)
    said = Said(body={"request": request_id}, told={"request": request_id})
    states = (str(before.state), str(after.state))
    note(conn, after, Action.link, by(actor), at=at, states=states, said=said)
    return after


def _new(
    workspace: Workspace,
    conn: Connection,
    contract: ModelContract,
    row: Mapping[str, object],
    request_id: int,
) -> NewCase:
    """Return the case of a prediction that nobody has looked at."""
    review = review_of(conn, contract.id)
    predicted_at, version = row["time"], str(row.get("version") or "")
    if not isinstance(predicted_at, datetime):
        raise TypeError(f"The time of a prediction is {predicted_at!r}.")
    amount = _number(row.get("amount"))
    limit = review.check.amount
    tier = HIGH if limit is not None and amount is not None and amount >= limit else "normal"
    policy = policy_of(contract, version, local_day(predicted_at, contract.timezone))
    return NewCase(
        model_id=contract.id,
        prediction_id=str(row["prediction_id"]),
        occasion=_unused(conn, contract.id, str(row["prediction_id"]), f"request:{request_id}"),
        kind=REQUEST,
        subject_id=reasons.subject_of_prediction(workspace, contract, row),
        jurisdiction=str(row.get("jurisdiction") or ""),
        version=version,
        predicted_at=predicted_at,
        decision=str(row.get("decision") or row.get("prediction") or ""),
        score=_number(row.get("score")),
        amount=amount,
        policy_version=None if policy is None else policy.version,
        rules_sha256=rules_sha256(review),
        rule=REQUEST,
        rules=(REQUEST,),
        tier=tier,
        priority=_PRIORITY,
        due_at=sla.due_at(conn, review.sla_days, tier, workspace.clock()),
        request_id=request_id,
    )


def _make(
    conn: Connection, new: NewCase, actor: Actor, at: datetime, told: Mapping[str, object]
) -> CaseRecord:
    made = making.make_case(conn, new, at=at, by=actor.user_id)
    if made is None:
        raise Conflict(
            N_("The case of this request is opened already."),
            remedy=N_("Look at the case on the page Human review."),
        )
    record = cases.get(conn, made)
    _tell(conn, record, by(actor), at, _MADE, told)
    return record


def _tell(
    conn: Connection, case: CaseRecord, who: By, at: datetime, kind: str, told: Mapping[str, object]
) -> None:
    request = {} if case.request_id is None else {"request": case.request_id}
    said = Said(told={"kind": case.kind, **request, **told})
    tell(conn, case, kind, who, at=at, states=("", str(case.state)), said=said)


def _of_request(
    conn: Connection, model_id: str, prediction_id: str, request_id: int | None
) -> CaseRecord | None:
    """Return the case that was made for a request before, or that it was put to, if it is left."""
    if request_id is None:
        return None
    found = cases.of_prediction(conn, model_id, prediction_id)
    left = [each for each in found if each.state is not CaseState.withdrawn]
    asked = requests_put_to(conn, left)
    return next((each for each in left if request_id in asked[each.id]), None)


def _unused(conn: Connection, model_id: str, prediction_id: str, occasion: str) -> str:
    """Return an occasion; numbered where cases of it were withdrawn, which make no way for it."""
    gone = [
        each
        for each in cases.of_prediction(conn, model_id, prediction_id)
        if each.state is CaseState.withdrawn and f"{each.occasion}:".startswith(f"{occasion}:")
    ]
    return f"{occasion}:{len(gone) + 1}" if gone else occasion


def _copy_of(case: CaseRecord) -> NewCase:
    names = frozenset(NewCase.__dataclass_fields__)
    return NewCase(**{name: getattr(case, name) for name in names})


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isnan(value):
        return None
    return float(value)
