"""Who may work on which case, who gets it by rule, and where it goes while somebody is away."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, HarbourlightError, InvalidInput, NotFound
from core.services.review import assigning, claims, team, team_view
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import assignments, users
from core.store.review import cases, reviewers, steps
from core.store.review.records import CaseRecord
from core.store.tables import model
from tests.core.services.review.calendar_cases import put_case, set_case
from tests.core.services.review.team_cases import LEAD, Team, a_team
from tests.support.builders import contract_text
from tests.support.fakes import START, FakeClock
from tests.support.monitoring import MODEL

TODAY = START.date()
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)


@pytest.fixture
def people(workspace: Workspace) -> Team:
    return a_team(workspace)


def made(people: Team, number: int = 1, **changes: Any) -> int:
    with people.workspace.store.begin() as conn:
        return put_case(conn, number, START, **changes)


def case_of(people: Team, case_id: int) -> CaseRecord:
    with people.workspace.store.read() as conn:
        return cases.get(conn, case_id)


def why(people: Team, name: str, case_id: int) -> str | None:
    with people.workspace.store.read() as conn:
        return team.may_work(conn, people.ids[name], cases.get(conn, case_id), TODAY)


@pytest.mark.parametrize(
    ("name", "case", "profile", "reason"),
    [
        ("amy", {}, None, None),
        ("otto", {}, None, "permission"),
        ("dora", {}, None, "developer"),
        ("amy", {"kind": "appeal"}, None, "lead_only"),
        ("amy", {"state": "escalated", "escalated_at": START}, None, "lead_only"),
        ("lee", {"kind": "appeal"}, None, None),
        ("amy", {}, {"competent_until": YESTERDAY}, "training"),
        ("amy", {}, {"competent_until": TODAY}, None),
        ("amy", {"language": "zh-HK"}, {"languages": ["en"]}, "language"),
        ("amy", {"language": "zh-HK"}, {"languages": ["en", "zh-HK"]}, None),
        ("amy", {"language": "zh-HK"}, {}, None),
        ("amy", {"skill": "mortgages"}, {"skills": ["cards"]}, "skill"),
        ("amy", {"skill": "mortgages"}, {}, "skill"),
        ("amy", {"skill": "mortgages"}, {"skills": ["mortgages"]}, None),
        ("amy", {"skill": "mortgages"}, None, None),
    ],
)
def test_reasons_not_to_work_on_a_case_hold_when_it_is_claimed_too(
    people: Team,
    name: str,
    case: dict[str, Any],
    profile: dict[str, Any] | None,
    reason: str | None,
) -> None:
    case_id = made(people, **case)
    if profile is not None:
        people.note(name, **profile)
    assert why(people, name, case_id) == reason
    try:
        claimed = claims.claim_next(people.workspace, actor=people.actor(name)) is not None
    except HarbourlightError:
        claimed = False
    assert claimed is (reason is None)


def test_scope_and_earlier_verdicts_stand_against_it(people: Team) -> None:
    first = made(people)
    barred = made(people, 2, barred_maker_id=people.ids["amy"])
    assert why(people, "amy", barred) == "barred"
    with people.workspace.store.begin() as conn:
        users.set_scope(conn, people.ids["ben"], models=None, jurisdictions=["CN"])
    assert why(people, "ben", first) == "scope"
    with people.workspace.store.begin() as conn:
        users.set_disabled(conn, people.ids["amy"], True)
    assert why(people, "amy", first) == "disabled"


def test_the_limit_counts_what_is_assigned_and_held(people: Team) -> None:
    held = made(people, 1, state="claimed", holder_id=people.ids["amy"], lease_until=START)
    made(people, 2, assigned_to=people.ids["amy"])
    third = made(people, 3)
    people.note("amy", open_limit=2)
    assert why(people, "amy", third) == "limit"
    assert why(people, "amy", held) is None  # it is there already
    people.note("amy", open_limit=3)
    assert why(people, "amy", third) is None


def test_the_team_is_who_may_work_with_what_lies_with_each(people: Team) -> None:
    made(people, 1, assigned_to=people.ids["ben"], due_at=START - timedelta(hours=1))
    made(people, 2, assigned_to=people.ids["ben"], due_at=START + timedelta(hours=1))
    made(people, 3, assigned_to=people.ids["ben"], state="withdrawn")
    people.note("amy", away_from=TODAY, away_until=TODAY, competent_until=YESTERDAY)
    found = team.list_team(people.workspace, actor=LEAD)
    assert [each.name for each in found] == ["amy", "ben", "dora", "lee"]
    amy, ben = found[:2]
    assert (amy.is_away, amy.is_trained, amy.load.total) == (True, False, 0)
    assert (ben.load.assigned, ben.load.overdue, ben.load.due_before) == (2, 1, 1)
    with pytest.raises(Forbidden):
        team.list_team(people.workspace, actor=people.actor("amy"))


def test_a_profile_is_on_the_trail(people: Team) -> None:
    people.note("amy", languages=["zh-HK", "en"], skills=[" cards "], deputy="ben")
    with people.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="reviewer.changed")
        kept = reviewers.get_all(conn)[people.ids["amy"]]
    assert entry.objects == {"user": people.ids["amy"]}
    assert entry.body["languages"] == ["en", "zh-HK"]
    assert (kept.skills, kept.deputy_id, kept.changed_by) == (
        ("cards",),
        people.ids["ben"],
        "p-lead",
    )


@pytest.mark.parametrize(
    "values",
    [
        {"languages": ["fr"]},
        {"skills": [""]},
        {"skills": ["x" * 41]},
        {"open_limit": 0},
        {"away_from": TODAY},
        {"away_from": TODAY, "away_until": YESTERDAY},
        {"deputy": "amy"},
    ],
)
def test_a_profile_that_will_not_do(people: Team, values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        people.note("amy", **values)


def test_a_profile_of_nobody(people: Team) -> None:
    with pytest.raises(NotFound):
        team.set_profile(people.workspace, "u-none", actor=LEAD)
    with pytest.raises(NotFound):
        team.set_profile(people.workspace, people.ids["amy"], actor=LEAD, deputy_id="u-none")


def test_a_case_is_assigned_by_hand(people: Team) -> None:
    case_id = made(people)
    given = assigning.assign(people.workspace, case_id, people.ids["amy"], actor=LEAD, revision=0)
    assert (given.assigned_name, given.revision) == ("amy", 1)
    assert claims.claim_next(people.workspace, actor=people.actor("ben")) is None
    with pytest.raises(Conflict):
        assigning.assign(people.workspace, case_id, None, actor=LEAD, revision=0)
    assigning.assign(people.workspace, case_id, None, actor=LEAD, revision=1)
    assert claims.claim_next(people.workspace, actor=people.actor("ben")) is not None
    with pytest.raises(Conflict):  # somebody has it
        assigning.assign(people.workspace, case_id, people.ids["amy"], actor=LEAD)
    with people.workspace.store.read() as conn:
        assert len(audit.list_newest(conn, kind="review.assigned")) == 2
        actions = [each.action for each in steps.of_case(conn, case_id)]
    assert actions == ["assigned", "assigned", "claimed"]


def test_who_develops_the_model_assigns_none_of_its_cases(people: Team) -> None:
    case_id = made(people)
    with people.workspace.store.begin() as conn:
        assignments.assign(
            conn, user_id=people.ids["lee"], model_id=MODEL, kind="developer", actor="p", at=START
        )
    for user_id in (people.ids["amy"], None):
        with pytest.raises(Forbidden):
            assigning.assign(people.workspace, case_id, user_id, actor=people.actor("lee"))


def test_nobody_gets_what_is_not_for_them(people: Team) -> None:
    case_id = made(people)
    for name in ("dora", "otto"):
        with pytest.raises(Conflict):
            assigning.assign(people.workspace, case_id, people.ids[name], actor=LEAD)
    with pytest.raises(NotFound):
        assigning.assign(people.workspace, case_id, "u-none", actor=LEAD)
    narrow = Actor("u-x", "x", frozenset({Role.compliance_lead}), jurisdictions=frozenset({"CN"}))
    with pytest.raises(NotFound):
        assigning.assign(people.workspace, case_id, people.ids["amy"], actor=narrow)
    assert case_of(people, case_id).assigned_to is None


def test_by_rule_whoever_may_and_has_least(people: Team) -> None:
    # Ben begins with one case; amy knows no mortgages; dora and otto may not; lee may.
    made(people, 1, assigned_to=people.ids["ben"])
    wanted = [made(people, number) for number in (2, 3, 4)]
    wanted.append(made(people, 5, skill="mortgages"))
    people.note("amy", skills=["cards"])
    people.note("ben", skills=["mortgages"])
    people.note("lee", away_from=TODAY, away_until=TOMORROW)
    with people.workspace.store.read() as conn:
        found = reviewers.cases_of(conn, wanted)
        chosen = assigning.by_rule(team.members(people.workspace, conn), found.values())
    names = {user_id: name for name, user_id in people.ids.items()}
    # 0:1 → amy; 1:1 → the smaller id, amy's; 2:1 → ben; the mortgage → ben.
    assert [names[to or ""] for _, to in chosen] == ["amy", "amy", "ben", "ben"]


def test_while_somebody_is_away_the_deputy_gets_it(people: Team, clock: FakeClock) -> None:
    mine = made(people, 1, assigned_to=people.ids["amy"])
    asked = made(people, 2, assigned_to=people.ids["amy"], state="awaiting_customer")
    people.note("amy", away_from=TOMORROW, away_until=TOMORROW, deputy="ben")
    assert assigning.hand_over(people.workspace) == 0
    clock.advance(days=1)
    assert assigning.hand_over(people.workspace) == 1
    assert case_of(people, mine).assigned_to == people.ids["ben"]
    assert case_of(people, asked).assigned_to == people.ids["amy"]
    assert assigning.hand_over(people.workspace) == 0
    with people.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.handed_over")
    assert entry.body == {"deputy": people.ids["ben"], "cases": [mine], "to_everybody": []}
    given = assigning.assign(people.workspace, mine, people.ids["amy"], actor=LEAD)
    assert given.assigned_name == "ben"


def test_without_a_deputy_who_may_it_is_for_everybody(people: Team) -> None:
    mine = made(people, 1, assigned_to=people.ids["amy"])
    skilled = made(people, 2, assigned_to=people.ids["amy"], skill="cards")
    people.note("ben", skills=["mortgages"])
    people.note("amy", away_from=TODAY, away_until=TODAY, deputy="ben")
    assert assigning.hand_over(people.workspace) == 2
    assert case_of(people, mine).assigned_to == people.ids["ben"]
    assert case_of(people, skilled).assigned_to is None
    with people.workspace.store.begin() as conn:
        set_case(conn, mine, assigned_to=people.ids["amy"])
    # Two deputies of each other, both away: nobody of them.
    people.note("ben", away_from=TODAY, away_until=TODAY, deputy="amy")
    assert assigning.hand_over(people.workspace) == 1
    assert case_of(people, mine).assigned_to is None


def test_an_absence_has_two_ends(people: Team) -> None:
    people.note("amy", away_from=date(2026, 2, 1), away_until=date(2026, 2, 3))
    with people.workspace.store.read() as conn:
        amy = reviewers.get_all(conn)[people.ids["amy"]]
    days = {day: amy.is_away(date(2026, 2, day)) for day in (1, 3, 4)}
    assert days == {1: True, 3: True, 4: False}
    assert not amy.is_away(date(2026, 1, 31))


def test_nobody_notes_an_own_training_that_counts_for_longer(people: Team) -> None:
    people.note("lee", competent_until=YESTERDAY)
    own, lee = people.ids["lee"], people.actor("lee")
    for longer in (TODAY, None):
        with pytest.raises(Forbidden):
            team.set_profile(people.workspace, own, actor=lee, competent_until=longer)

    noted = team.set_profile(
        people.workspace, own, actor=lee, skills=["cards"], competent_until=YESTERDAY
    )

    assert (noted.competent_until, noted.skills) == (YESTERDAY, ("cards",))


def test_a_lead_of_some_models_notes_nothing_of_who_works_on_more(people: Team) -> None:
    narrow = replace(LEAD, models=frozenset({"other"}))
    with pytest.raises(Forbidden):
        team.set_profile(people.workspace, people.ids["amy"], actor=narrow)
    with people.workspace.store.begin() as conn:
        users.set_scope(conn, people.ids["amy"], models=["other"], jurisdictions=None)

    assert team.set_profile(people.workspace, people.ids["amy"], actor=narrow).user_id == "u-amy"


def test_the_lead_is_warned_where_too_few_may_settle_a_disagreement(people: Team) -> None:
    def few() -> list[tuple[str, int]]:
        view = team_view.team_view(people.workspace, actor=people.actor("lee"))
        return [(each.model_id, each.people) for each in view.few_checkers]

    assert few() == []  # nothing is in the loop
    text = contract_text(id=MODEL, versions=[{"id": "1", "oversight_level": "in_the_loop"}])
    with people.workspace.store.begin() as conn:
        conn.execute(update(model).values(spec_text=text))
    assert few() == [(MODEL, 1)]
    with people.workspace.store.begin() as conn:  # and dora, who develops the model
        for name in ("amy", "ben", "dora"):
            users.set_roles(conn, people.ids[name], [Role.compliance_lead])
    assert few() == []
    people.note("amy", competent_until=YESTERDAY)
    assert few() == [(MODEL, 2)]
