"""A rule chooses what waits for a customer's request: one case for both, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from core.domain.review import Action, CaseState
from core.services.review.changing import By
from core.services.review.joining import join_requests
from core.services.review.making import make_case, make_cases
from core.store import Store, routing
from core.store.audit import trail as audit
from core.store.review import cases, steps
from core.store.review.records import CaseRecord
from core.store.review.steps import NewStep
from core.store.tables import review_case, rights_request
from tests.support.fakes import START
from tests.support.reviewing import MODEL, a_case, put_people

WORKER = By("harbourlight", "worker", "admin")
DAY = timedelta(days=1)
ROUTED = replace(
    a_case(1), tier="high", rule="large", rules=("large", "some"), priority=90, language="zh-HK",
    skill="income", due_at=START + DAY, in_check_sample=True, score_shown="never",
)  # fmt: skip


@pytest.fixture
def kept(store: Store) -> Store:
    put_people(store, START)
    request = {
        "id": 1, "kind": "review", "channel": "letter", "language": "en", "subject_id": "s",
        "words": "", "received_at": START, "due_on": START.date(), "state": "received",
        "revision": 0, "taken_by": "u-ada",
    }  # fmt: skip
    with store.begin() as conn:
        conn.execute(insert(rights_request).values(**request))
    return store


def asked(store: Store, number: int = 1, **changes: Any) -> int:
    new = replace(
        a_case(number), kind="request", occasion="request:1", rule="request", rules=("request",),
        priority=80, request_id=1, due_at=START + 5 * DAY, **changes,
    )  # fmt: skip
    with store.begin() as conn:
        made = make_case(conn, new, at=START)
    assert made is not None
    return made


def route(store: Store, *chosen: Any) -> tuple[frozenset[str], int]:
    with store.begin() as conn:
        joined = join_requests(conn, chosen, WORKER, at=START)
        new = [each for each in chosen if each.prediction_id not in joined]
        return joined, make_cases(conn, new, at=START)


def case_of(store: Store, case_id: int) -> CaseRecord:
    with store.read() as conn:
        return cases.get(conn, case_id)


def test_the_case_of_the_request_is_that_of_the_rule_and_no_second_one_is_made(
    kept: Store,
) -> None:
    case_id = asked(kept)
    assert route(kept, ROUTED, replace(a_case(2), occasion="routing")) == (
        frozenset({ROUTED.prediction_id}),
        1,
    )
    case = case_of(kept, case_id)
    assert (case.kind, case.occasion, case.request_id, case.state) == (
        "routed", "routing", 1, CaseState.open,
    )  # fmt: skip
    assert (case.rule, case.rules, case.rules_sha256) == (
        "large", ("large", "some"), ROUTED.rules_sha256,
    )  # fmt: skip
    # What is stricter of both.
    assert (case.tier, case.priority, case.due_at) == ("high", 90, START + DAY)
    assert (case.in_check_sample, case.language, case.skill) == (True, "zh-HK", "income")
    assert case.score_shown == "never"
    with kept.read() as conn:
        assert [each.action for each in steps.of_case(conn, case_id)] == ["made", "routed"]
        (told,) = audit.list_newest(conn, kind="review.routed", objects={"case": str(case_id)})
        assert routing.cases_by_rule(conn, MODEL)["large"] == 1
    assert told.actor == "worker"
    assert "rule" not in told.body  # the score may be hidden, and the rule with it


def test_what_is_stricter_in_the_request_stays(kept: Store) -> None:
    case_id = asked(kept, tier="high", language="en", in_check_sample=True)
    weak = replace(ROUTED, tier="normal", priority=10, due_at=START + 9 * DAY,
                   in_check_sample=False)  # fmt: skip
    route(kept, weak)
    case = case_of(kept, case_id)
    assert (case.tier, case.priority, case.due_at) == ("high", 80, START + 5 * DAY)
    assert (case.in_check_sample, case.language) == (True, "en")


def test_routed_again_nothing_is_made_also_once_it_is_decided(kept: Store) -> None:
    case_id = asked(kept)
    route(kept, ROUTED)
    assert route(kept, ROUTED) == (frozenset(), 0)
    with kept.begin() as conn:
        values = {"state": "final", "maker_id": "u-ada", "verdict": "uphold",
                  "proposed_at": START, "final_at": START, "final_decision": "decline"}  # fmt: skip
        conn.execute(update(review_case).where(review_case.c.id == case_id).values(**values))
    assert route(kept, ROUTED) == (frozenset(), 0)
    with kept.read() as conn:
        assert len(cases.of_prediction(conn, MODEL, ROUTED.prediction_id)) == 1
        assert len(audit.list_newest(conn, kind="review.routed")) == 1


def test_a_score_that_somebody_has_seen_is_not_hidden_any_more(kept: Store) -> None:
    case_id = asked(kept)
    with kept.begin() as conn:
        steps.add(conn, [NewStep(case_id, START, "u-ada", Action.claim, "open", "claimed")])
        values = {"state": "claimed", "holder_id": "u-ada", "lease_until": START + DAY}
        conn.execute(update(review_case).where(review_case.c.id == case_id).values(**values))
    route(kept, ROUTED)
    case = case_of(kept, case_id)
    assert (case.score_shown, case.state, case.holder_id) == ("at_once", "claimed", "u-ada")
    assert (case.revision, case.tier) == (1, "high")  # whoever has it reads it anew


def test_what_does_not_wait_is_left_alone(kept: Store) -> None:
    case_id = asked(kept)
    with kept.begin() as conn:
        gone = update(review_case).where(review_case.c.id == case_id).values(state="withdrawn")
        conn.execute(gone)
    assert route(kept, ROUTED) == (frozenset(), 1)
    assert case_of(kept, case_id).kind == "request"


def appealed(store: Store, case_id: int) -> int:
    """Decide a request's case, and let an appeal about it wait."""
    decided = {"state": "final", "maker_id": "u-ada", "checker_id": "u-lei", "verdict": "uphold",
               "proposed_at": START, "final_at": START, "final_decision": "decline"}  # fmt: skip
    new = replace(
        a_case(1), kind="appeal", occasion=f"appeal:{case_id}", rule="appeal", rules=("appeal",),
        priority=80, request_id=1, due_at=START + 5 * DAY, parent_id=case_id,
        barred_maker_id="u-ada", barred_checker_id="u-lei",
    )  # fmt: skip
    with store.begin() as conn:
        conn.execute(update(review_case).where(review_case.c.id == case_id).values(**decided))
        made = make_case(conn, new, at=START)
    assert made is not None
    return made


def test_an_appeal_that_waits_takes_in_what_a_rule_chooses_and_stays_an_appeal(
    kept: Store,
) -> None:
    case_id = appealed(kept, asked(kept))
    assert route(kept, ROUTED, replace(a_case(2), occasion="routing")) == (
        frozenset({ROUTED.prediction_id}),
        1,
    )
    case = case_of(kept, case_id)
    assert (case.kind, case.rule, case.occasion) == ("appeal", "appeal", f"appeal:{case.parent_id}")
    assert (case.barred_maker_id, case.barred_checker_id) == ("u-ada", "u-lei")
    assert (case.tier, case.priority, case.due_at) == ("high", 90, START + DAY)
    assert (case.in_check_sample, case.language) == (True, "zh-HK")
    assert case.score_shown == "at_once"  # nothing is hidden of what was decided once
    assert route(kept, ROUTED) == (frozenset({ROUTED.prediction_id}), 0)
    with kept.read() as conn:
        assert [each.action for each in steps.of_case(conn, case_id)] == ["made", "routed"]


def test_where_a_rule_had_chosen_it_before_the_request_keeps_its_own_case(kept: Store) -> None:
    with kept.begin() as conn:
        old = make_case(conn, ROUTED, at=START)
        conn.execute(update(review_case).where(review_case.c.id == old).values(state="withdrawn"))
    case_id = asked(kept)
    assert route(kept, ROUTED) == (frozenset(), 0)
    assert case_of(kept, case_id).occasion == "request:1"
