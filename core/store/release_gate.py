"""What a release waits for: whether a prediction was routed, and what people decided about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import Connection, case, func, select

from core.store import routing
from core.store.tables import audit_entry, audit_object, review_case, review_step

DECIDING = ("routed", "request", "appeal")
"""Kinds of cases whose verdict counts; controls and second views never reach a release."""
_ROUTED, _WITHDRAWN = "routed", "withdrawn"
_SUSPENDED, _RESUMED = "model.suspended", "model.resumed"
_DISPOSED = "retention.disposed"
_BY_HAND = {"prediction.released": "released", "prediction.stopped": "stopped"}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How a prediction's cases stand.

    Parameters
    ----------
    routed : bool
        Whether its batch was held against the rules.
    waiting : bool
        Whether a case of it is not decided.
    withdrawn : bool
        Whether a rule chose it and its case was taken out of the queue, so that nobody decided.
    final_at, final_decision : datetime, str, optional
        When and what people decided last; ``None`` before the first verdict is final.
    """

    routed: bool = False
    waiting: bool = False
    withdrawn: bool = False
    final_at: datetime | None = None
    final_decision: str | None = None


def reviewed(conn: Connection, model_id: str, prediction_id: str, batch_id: str) -> Reviewed:
    """Return how the cases of a prediction stand.

    That it was routed is read before its cases: what is routed afterwards counts as not routed,
    so that no case can be missed in between.
    """
    routed = bool(batch_id) and routing.is_routed(conn, model_id, batch_id)
    column = review_case.c
    rows = conn.execute(
        select(column.kind, column.state, column.final_at, column.final_decision)
        .where(
            column.model_id == model_id,
            column.prediction_id == prediction_id,
            column.kind.in_(DECIDING),
        )
        .order_by(column.final_at, column.id)
    ).all()
    left = [row for row in rows if row.state != _WITHDRAWN]
    final = [row for row in left if row.final_at is not None]
    if not final:
        chosen = any(row.kind == _ROUTED for row in rows)
        return Reviewed(routed, waiting=bool(left), withdrawn=chosen and not left)
    newest = max(final, key=lambda row: row.final_at)
    return Reviewed(
        routed,
        len(final) < len(left),
        final_at=newest.final_at,
        final_decision=newest.final_decision,
    )


def verdicts(conn: Connection, model_id: str) -> tuple[tuple[str, datetime, str], ...]:
    """Return each final verdict on a model's predictions in their order: of which, when, what."""
    column = review_case.c
    query = (
        select(column.prediction_id, column.final_at, column.final_decision)
        .where(
            column.model_id == model_id,
            column.kind.in_(DECIDING),
            column.final_at.is_not(None),
        )
        .order_by(column.final_at, column.id)
    )
    return tuple((str(row[0]), row[1], row[2] or "") for row in conn.execute(query))


@dataclass(frozen=True, slots=True)
class DecidingCase:
    """A case whose verdict counts for a prediction: which, and how it stands.

    ``final_at`` and ``decision`` are ``None`` before its verdict is final.
    """

    case_id: int
    prediction_id: str
    state: str
    created_at: datetime
    final_at: datetime | None
    decision: str | None


def deciding_cases(
    conn: Connection, model_id: str, prediction_ids: Sequence[str]
) -> tuple[DecidingCase, ...]:
    """Return the cases of some predictions whose verdicts count, in the order they were made."""
    column = review_case.c
    query = (
        select(
            column.id,
            column.prediction_id,
            column.state,
            column.created_at,
            column.final_at,
            column.final_decision,
        )
        .where(
            column.model_id == model_id,
            column.prediction_id.in_(list(prediction_ids)),
            column.kind.in_(DECIDING),
        )
        .order_by(column.created_at, column.id)
    )
    return tuple(DecidingCase(*row) for row in conn.execute(query))


@dataclass(frozen=True, slots=True)
class WaitingTime:
    """How long a case whose verdict counts waited, and what made it.

    Parameters
    ----------
    prediction_id : str
        Of which prediction.
    by_rule : bool
        Whether rules of review chose it; else a person asked for it.
    predicted_at, created_at : datetime
        When the prediction, and when the case was made.
    end : datetime, optional
        When it was decided; of what a person asked for also when it was withdrawn. ``None`` while
        it waits, and where a case of a rule was withdrawn: nobody decided, and the prediction
        waits for a person to release it.
    rules_sha256 : str
        Hash of the contract whose rules chose it.
    rules : tuple of str
        Ids of the rules that chose it.
    """

    prediction_id: str
    by_rule: bool
    predicted_at: datetime
    created_at: datetime
    end: datetime | None
    rules_sha256: str = ""
    rules: tuple[str, ...] = ()


def waits(conn: Connection, model_id: str) -> tuple[WaitingTime, ...]:
    """Return how long each case of a model waited whose verdict counts."""
    column, step = review_case.c, review_step.c
    withdrawn = (
        select(step.case_id, func.max(step.at).label("at"))
        .where(step.to_state == _WITHDRAWN)
        .group_by(step.case_id)
        .subquery()
    )
    query = (
        select(
            column.prediction_id,
            column.kind,
            column.predicted_at,
            column.created_at,
            func.coalesce(column.final_at, case((column.kind != _ROUTED, withdrawn.c.at))),
            column.rules_sha256,
            column.rule,
            column.rules,
        )
        .outerjoin(withdrawn, withdrawn.c.case_id == column.id)
        .where(column.model_id == model_id, column.kind.in_(DECIDING))
    )
    return tuple(
        WaitingTime(name, kind == _ROUTED, predicted, made, end, sha, tuple(rules) or (rule,))
        for name, kind, predicted, made, end, sha, rule, rules in conn.execute(query)
    )


def by_hand(conn: Connection, model_id: str) -> tuple[tuple[str, datetime, str], ...]:
    """Return what people released or stopped of a model by hand, in their order.

    It is read from the trail: the table of releases has only what was decided last.
    """
    entry, thing = audit_entry.c, audit_object.c
    query = (
        select(thing.object_id, entry.at, entry.kind)
        .join_from(audit_entry, audit_object, entry.sequence == thing.sequence)
        .where(
            entry.kind.in_(_BY_HAND),
            entry.model_id == model_id,
            thing.kind == "prediction",
        )
        .order_by(entry.sequence)
    )
    return tuple((str(row[0]), row[1], _BY_HAND[row[2]]) for row in conn.execute(query))


def suspensions(
    conn: Connection, model_id: str
) -> tuple[tuple[datetime, datetime | None, str], ...]:
    """Return from when to when a model was suspended, and the version that took over, in order.

    It is read from the trail: the table of states has only the last one. Another reason or
    fall-back for a model that is suspended already begins another time.
    """
    entry = audit_entry.c
    query = (
        select(entry.at, entry.kind, entry.canonical)
        .where(entry.kind.in_([_SUSPENDED, _RESUMED]), entry.model_id == model_id)
        .order_by(entry.sequence)
    )
    found = [
        (at, str(_body(canonical).get("fallback_version") or "") if kind == _SUSPENDED else None)
        for at, kind, canonical in conn.execute(query)
    ]
    ends = [at for at, _ in found[1:]]
    return tuple(
        (at, end, takes_over)
        for (at, takes_over), end in zip_longest(found, ends)
        if takes_over is not None
    )


def disposed_at(conn: Connection, model_id: str) -> datetime | None:
    """Return when predictions of a model were last disposed of; ``None``: never."""
    entry = audit_entry.c
    query = (
        select(entry.at, entry.canonical)
        .where(entry.kind == _DISPOSED)
        .order_by(entry.sequence.desc())
    )
    for at, canonical in conn.execute(query):
        told = _body(canonical).get("models", {}).get(model_id, {})
        if told.get("rows", {}).get("predictions"):
            return at  # type: ignore[no-any-return]
    return None


def _body(canonical: bytes) -> dict[str, Any]:
    return dict(json.loads(canonical)["body"])
