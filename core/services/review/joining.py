"""A rule chooses what a customer asked to be looked at, or looked at again: one case for both."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from core.domain.review import APPEAL, HIGH, Action
from core.services.review.changing import By, Said, changed_since, note
from core.store.review import cases, steps
from core.store.review.asked import waiting_requests
from core.store.review.records import CaseRecord, NewCase


def join_requests(
    conn: Connection, chosen: Sequence[NewCase], who: By, *, at: datetime
) -> frozenset[str]:
    """Let cases that wait for a customer's request be those of a rule; return their predictions.

    Such a case is what a routed one is to which the request was put: with the rule and the occasion
    of routing, so that no second one is made of the prediction, now or later. It keeps what is
    stricter of both: tier, priority, due time, and whether it was drawn to be checked. An appeal
    stays one, with those who may not decide it, and takes over nothing but what is stricter.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    chosen : sequence of NewCase
        What routing would make, of one model.
    who : By
        Who routes.
    at : datetime
        When.
    """
    if not chosen:
        return frozenset()
    model_id = chosen[0].model_id
    cases.lock_model(conn, model_id)
    waiting = waiting_requests(conn, model_id, [each.prediction_id for each in chosen])
    routed = cases.with_occasion(conn, model_id, waiting, chosen[0].occasion)
    joined = [
        (waiting[each.prediction_id], each)
        for each in chosen
        if each.prediction_id in waiting.keys() - routed
    ]
    for before, new in joined:
        if steps.newest(conn, before.id, Action.choose) is None:  # an appeal may have been before
            _join(conn, before, new, who, at)
    return frozenset(new.prediction_id for _, new in joined)


def _join(conn: Connection, before: CaseRecord, new: NewCase, who: By, at: datetime) -> None:
    values = _stricter(before, new)
    if before.kind != APPEAL:
        values |= _of_rule(conn, before, new)
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
    states = (str(before.state), str(after.state))
    note(conn, after, Action.choose, who, at=at, states=states, said=Said())


def _stricter(before: CaseRecord, new: NewCase) -> dict[str, object]:
    return {
        "tier": HIGH if HIGH in {before.tier, new.tier} else before.tier,
        "priority": max(before.priority, new.priority),
        "due_at": min(before.due_at, new.due_at),
        "language": before.language or new.language,
        "skill": before.skill or new.skill,
        "in_check_sample": before.in_check_sample or new.in_check_sample,
    }


def _of_rule(conn: Connection, before: CaseRecord, new: NewCase) -> dict[str, object]:
    seen = steps.newest(conn, before.id, Action.claim) is not None
    return {
        "kind": new.kind,
        "occasion": new.occasion,
        "rule": new.rule,
        "rules": list(new.rules),
        "rules_sha256": new.rules_sha256,
        # What somebody has seen already is not hidden any more.
        "score_shown": before.score_shown if seen else new.score_shown,
    }
