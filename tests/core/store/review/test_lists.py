"""What is counted of the queue is what a plain count of what may be seen comes to."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select

from core.domain.review import FINISHED, CaseState
from core.store import Store
from core.store.review import lists
from core.store.review.hidden import shown_among_all
from core.store.review.lists import Narrowed, Scope
from core.store.tables import review_case
from tests.support.fakes import START
from tests.support.reviewing import MODEL, OTHER, a_case, put_people

DAY = timedelta(days=1)
ADA = "u-ada"
BLIND = {"control", "second"}
WAITING = [each for each in CaseState if each not in FINISHED]
PEOPLE = ["u-ada", "u-bo", "u-chun"]


@pytest.fixture
def kept(store: Store) -> Store:
    put_people(store, START)
    return store


@st.composite
def some_cases(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Return what may differ between cases; several of them are about one prediction."""
    people = st.sampled_from([None, *PEOPLE])
    found = []
    for _ in range(draw(st.integers(1, 9))):
        state = draw(st.sampled_from(list(CaseState)))
        maker, checker, *barred = draw(st.permutations(PEOPLE + [None] * 3))[:4]
        held = {CaseState.claimed, CaseState.checking}
        found.append(
            {
                "model_id": draw(st.sampled_from([MODEL, MODEL, OTHER])),
                "prediction_id": draw(st.sampled_from(["L1", "L2"])),
                "kind": draw(st.sampled_from(["routed", "appeal", "control", "second"])),
                "state": str(state),
                "due_at": START + draw(st.integers(-2, 2)) * DAY / 2,
                "jurisdiction": draw(st.sampled_from(["HK", "CN"])),
                "maker_id": maker or ("u-lei" if state in _DECIDED else None),
                "checker_id": checker,
                "barred_maker_id": barred[0],
                "barred_checker_id": barred[1],
                "holder_id": "u-lok" if state in held else None,
                "assigned_to": draw(people),
            }
        )
    return found


_DECIDED = {CaseState.proposed, CaseState.checking, CaseState.final}


def put(store: Store, wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Let these be the cases of a store; return them with their ids."""
    rows = []
    for number, each in enumerate(wanted):
        decided = each["state"] in _DECIDED
        final = each["state"] == CaseState.final
        rows.append(
            {
                **a_case(number, occasion=str(number)).values(),
                **each,
                "revision": 0,
                "created_at": START,
                "lease_until": START if each["holder_id"] else None,
                "verdict": "uphold" if decided else None,
                "proposed_at": START if decided else None,
                "final_at": START if final else None,
                "final_decision": "decline" if final else None,
            }
        )
    with store.begin() as conn:
        conn.execute(delete(review_case))
        conn.execute(insert(review_case), rows)
        query = select(review_case.c.id, review_case.c.occasion)
        ids = {row.occasion: int(row.id) for row in conn.execute(query)}
    return [{**each, "id": ids[str(number)]} for number, each in enumerate(wanted)]


def clock_runs(case: dict[str, Any]) -> bool:
    """Say by plain words whose clock runs: it stands still while the customer is asked."""
    return case["state"] in WAITING and case["state"] != "awaiting_customer"


def may_see(case: dict[str, Any], every: list[dict[str, Any]], *, unmasked: bool) -> bool:
    """Say by plain words of which cases Ada may know."""
    finished = case["state"] in FINISHED
    if not finished:
        barred = {case["barred_maker_id"], case["barred_checker_id"]}
        return not (case["kind"] in BLIND and ADA in barred)
    if unmasked or ADA in {case["maker_id"], case["checker_id"]}:
        return True
    return not any(
        other["kind"] in BLIND
        and other["state"] not in FINISHED
        and (other["model_id"], other["prediction_id"]) == (case["model_id"], case["prediction_id"])
        for other in every
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wanted=some_cases(), unmasked=st.booleans(), data=st.data())
def test_counts_are_those_of_a_plain_count(
    kept: Store, wanted: list[dict[str, Any]], unmasked: bool, data: st.DataObject
) -> None:
    every = put(kept, wanted)
    models = data.draw(st.sampled_from([None, frozenset({MODEL})]))
    places = data.draw(st.sampled_from([None, frozenset({"HK"})]))
    scope = Scope(models, places, unmasked, ADA)
    seen = [
        each
        for each in every
        if may_see(each, every, unmasked=unmasked)
        and (models is None or each["model_id"] in models)
        and (places is None or each["jurisdiction"] in places)
    ]
    states = data.draw(st.sampled_from([None, WAITING, list(FINISHED), [CaseState.open]]))
    overdue = data.draw(st.booleans())
    now, until = START, START + DAY
    with kept.read() as conn:
        page, total = lists.list_cases(
            conn,
            scope,
            Narrowed(
                states=None if states is None else [str(each) for each in states],
                overdue_at=now if overdue else None,
            ),
            order="queue",
            limit=20,
            offset=0,
        )
        waiting = lists.count_waiting(conn, scope, Narrowed(), now=now, until=until)
        one_by_one = {
            int(each)
            for states_told in (None, [each["state"] for each in every])
            for each in conn.execute(
                select(review_case.c.id).where(
                    shown_among_all(ADA, unmasked=unmasked, states=states_told)
                )
            ).scalars()
        }
    listed = {
        each["id"]
        for each in seen
        if (states is None or each["state"] in states)
        and (not overdue or (clock_runs(each) and each["due_at"] < now))
    }
    assert ({each.id for each in page}, total) == (listed, len(listed))
    left = [each for each in seen if each["state"] in WAITING]
    assert waiting.by_state == Counter(each["state"] for each in left)
    run = [each for each in left if clock_runs(each)]
    assert waiting.overdue == sum(each["due_at"] < now for each in run)
    assert waiting.due == sum(now <= each["due_at"] < until for each in run)
    first: dict[str, datetime] = {}
    for each in left:
        first[each["state"]] = min(each["due_at"], first.get(each["state"], each["due_at"]))
    assert waiting.first_due == first
    assert one_by_one == {each["id"] for each in every if may_see(each, every, unmasked=unmasked)}
