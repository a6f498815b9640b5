"""Many cases at once: what a preview says is what is done, or nothing is."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput
from core.services.review import bulk, claims, verdicts
from core.services.review.bulk import Act
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import assignments
from core.store.review import reviewers, steps
from core.store.tables import rights_request
from tests.core.services.review.calendar_cases import put_case, put_request, set_case
from tests.core.services.review.team_cases import LEAD, Team, a_team
from tests.support.fakes import START
from tests.support.monitoring import MODEL

IDS = (1, 2, 3, 4, 99)


@pytest.fixture
def people(workspace: Workspace) -> Team:
    """Case 1 is open, 2 in ben's hands, 3 withdrawn, 4 open and for somebody who knows cards."""
    found = a_team(workspace)
    with workspace.store.begin() as conn:
        put_case(conn, 1, START)
        put_case(conn, 2, START, state="claimed", holder_id=found.ids["ben"],
                 lease_until=START + timedelta(minutes=5))  # fmt: skip
        put_case(conn, 3, START, state="withdrawn")
        put_case(conn, 4, START, skill="cards")
    found.note("amy", skills=["mortgages"])
    return found


def refused(people: Team, act: Act) -> list[str | None]:
    found = bulk.preview(people.workspace, act, IDS, actor=LEAD)
    return [each.refused for each in found.items]


def columns(people: Team, name: str) -> list[Any]:
    with people.workspace.store.read() as conn:
        return [getattr(case, name) for case in reviewers.cases_of(conn, IDS).values()]


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (Act("assign", user_id="amy"), [None, "in_hand", "state", "skill", "gone"]),
        (Act("assign", user_id="dora"), ["developer", "in_hand", "state", "developer", "gone"]),
        (Act("assign", user_id="otto"), ["permission", "in_hand", "state", "permission", "gone"]),
        (Act("assign_nobody"), ["same", "in_hand", "state", "same", "gone"]),
        (Act("assign_by_rule"), [None, "in_hand", "state", None, "gone"]),
        (Act("priority", priority=90), [None, "in_hand", "state", None, "gone"]),
        (Act("priority", priority=50), ["same", "in_hand", "state", "same", "gone"]),
        (Act("give_back"), ["not_in_hand", None, "not_in_hand", "not_in_hand", "gone"]),
        (Act("withdraw", reason="test_data"), [None, "in_hand", "state", None, "gone"]),
    ],
)
def test_a_preview_says_what_is_refused_and_why(
    people: Team, act: Act, expected: list[str | None]
) -> None:
    if act.user_id:
        act = replace(act, user_id=people.ids[act.user_id])
    before = columns(people, "revision")
    assert refused(people, act) == expected
    assert columns(people, "revision") == before


@pytest.mark.parametrize(
    "act",
    [
        Act("withdraw", reason="routed_by_mistake"),
        Act("priority", priority=0),
        Act("give_back"),
        Act("assign", user_id="u-amy"),
        Act("assign_nobody"),
        Act("assign_by_rule"),
    ],
)
def test_who_develops_the_model_leads_none_of_its_cases(people: Team, act: Act) -> None:
    with people.workspace.store.begin() as conn:
        assignments.assign(
            conn, user_id=people.ids["lee"], model_id=MODEL, kind="developer", actor="p", at=START
        )
    lee = people.actor("lee")
    planned = bulk.preview(people.workspace, act, IDS, actor=lee)
    assert [each.refused for each in planned.items] == [*["developer"] * 4, "gone"]
    assert bulk.carry_out(people.workspace, planned, actor=lee) == 0


def test_what_a_customer_waits_for_is_not_withdrawn(people: Team) -> None:
    act, lee = Act("withdraw", reason="routed_by_mistake"), people.actor("lee")
    with people.workspace.store.begin() as conn:
        request = put_request(conn, START, START.date() + timedelta(days=40), people.ids["amy"])
        set_case(conn, 1, request_id=request)
    assert refused(people, act) == ["request", "in_hand", "state", None, "gone"]
    assert refused(people, Act("priority", priority=90))[0] is None
    with pytest.raises(Conflict, match="open request"):
        verdicts.withdraw(people.workspace, 1, text="Twice", revision=0, actor=lee)
    with people.workspace.store.begin() as conn:
        conn.execute(update(rights_request).values(state="withdrawn", closed_at=START,
                                                   outcome="withdrawn"))  # fmt: skip
    assert refused(people, act)[0] is None
    gone = verdicts.withdraw(people.workspace, 1, text="Twice", revision=0, actor=lee)
    assert gone.state == "withdrawn"


def carry_out(people: Team, act: Act) -> int:
    planned = bulk.preview(people.workspace, act, IDS, actor=LEAD)
    return bulk.carry_out(people.workspace, planned, actor=LEAD)


def test_exactly_the_preview_is_done_and_told(people: Team) -> None:
    assert carry_out(people, Act("priority", priority=90)) == 2
    assert columns(people, "priority") == [90, 50, 50, 90]
    assert carry_out(people, Act("give_back")) == 1
    assert columns(people, "state") == ["open", "open", "withdrawn", "open"]
    amy = people.ids["amy"]
    assert carry_out(people, Act("assign", user_id=amy)) == 2
    assert columns(people, "assigned_to") == [amy, amy, None, None]
    assert carry_out(people, Act("assign_nobody")) == 2
    assert carry_out(people, Act("withdraw", reason="duplicate")) == 3
    assert columns(people, "state") == ["withdrawn"] * 4
    with people.workspace.store.read() as conn:
        entries = audit.list_newest(conn, kind="review.bulk")
        told = [(each.action, each.from_state, each.to_state) for each in steps.of_case(conn, 2)]
    assert [each.body["act"] for each in reversed(entries)] == [
        "priority",
        "give_back",
        "assign",
        "assign_nobody",
        "withdraw",
    ]
    assert entries[0].body["cases"] == [1, 2, 4]
    assert entries[0].body["refused"] == [3]
    assert told == [
        ("given_back", "claimed", "open"),
        ("assigned", "open", "open"),
        ("assigned", "open", "open"),
        ("withdrawn", "open", "withdrawn"),
    ]


def test_the_trail_tells_of_each_case_and_of_none_elsewhere(people: Team) -> None:
    with people.workspace.store.begin() as conn:
        set_case(conn, 4, jurisdiction="SG")
        set_case(conn, 1, jurisdiction="HK")
    amy = people.ids["amy"]
    assert carry_out(people, Act("assign", user_id=amy)) == 1
    assert carry_out(people, Act("withdraw", reason="duplicate")) == 2  # 4 of another place
    with people.workspace.store.read() as conn:
        of_one = audit.list_newest(conn, objects={"case": "1"})
        of_four = audit.list_newest(conn, objects={"case": "4"})
        hong_kong = audit.list_newest(conn, kind="review.bulk", jurisdictions=frozenset({"HK"}))
    assert [(each.kind, each.body["bulk"]) for each in of_one] == [
        ("review.withdrawn", "withdraw"),
        ("review.assigned", "assign"),
    ]
    assert (of_one[0].body["reason"], of_one[1].body["assigned_to"]) == ("duplicate", amy)
    assert [each.body["revision"] for each in of_one] == [2, 1]
    assert (of_one[0].body["from"], of_one[0].body["to"]) == ("open", "withdrawn")
    assert of_four[0].objects["jurisdiction"] == "SG"
    assert [each.body["cases"] for each in hong_kong] == [[1], [1]]


def test_what_changed_meanwhile_stops_all_of_it(people: Team) -> None:
    planned = bulk.preview(people.workspace, Act("priority", priority=90), IDS, actor=LEAD)
    claims.claim(people.workspace, 1, actor=people.actor("lee"))
    with pytest.raises(Conflict):
        bulk.carry_out(people.workspace, planned, actor=LEAD)
    assert columns(people, "priority") == [50] * 4
    # Nor does a preview that somebody has written anew pass.
    forged = replace(planned, items=planned.items[:1])
    with pytest.raises(Conflict):
        bulk.carry_out(people.workspace, forged, actor=LEAD)


def test_the_limit_of_a_person_holds_within_the_act(people: Team) -> None:
    people.note("lee", open_limit=1, skills=["cards"])
    act = Act("assign", user_id=people.ids["lee"])
    assert refused(people, act)[:4] == [None, "in_hand", "state", "limit"]


def test_nothing_to_do_is_not_told(people: Team) -> None:
    with people.workspace.store.begin() as conn:
        for case_id in (1, 2, 4):
            set_case(conn, case_id, state="withdrawn", holder_id=None, lease_until=None)
    assert carry_out(people, Act("priority", priority=90)) == 0
    with people.workspace.store.read() as conn:
        assert audit.list_newest(conn, kind="review.bulk") == ()


@pytest.mark.parametrize(
    ("act", "ids"),
    [
        (Act("assign"), IDS),
        (Act("priority"), IDS),
        (Act("priority", priority=101), IDS),
        (Act("withdraw", reason="because"), IDS),
        (Act("unheard"), IDS),  # type: ignore[arg-type]
        (Act("give_back"), ()),
        (Act("give_back"), range(501)),
    ],
)
def test_an_act_that_lacks_something(people: Team, act: Act, ids: Any) -> None:
    with pytest.raises(InvalidInput):
        bulk.preview(people.workspace, act, ids, actor=LEAD)


def test_outside_of_the_scope_there_is_nothing(people: Team) -> None:
    narrow = Actor("u-x", "x", frozenset({Role.compliance_lead}), models=frozenset({"other"}))
    found = bulk.preview(people.workspace, Act("give_back"), IDS, actor=narrow)
    assert {each.refused for each in found.items} == {"gone"}
    with pytest.raises(Forbidden):
        bulk.preview(people.workspace, Act("give_back"), IDS, actor=people.actor("amy"))
