"""New cases are given out where the contract asks for it: once, and never to who may not."""

import pytest
import yaml
from sqlalchemy import update

from core.services.review import assigning, auto_assigning
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import trail as audit
from core.store.review import steps
from core.store.tables import review_case
from tests.core.services.review.calendar_cases import put_case, set_case
from tests.core.services.review.team_cases import LEAD, Team, a_team
from tests.support.fakes import START, FakeClock
from tests.support.monitoring import MODEL


@pytest.fixture
def people(workspace: Workspace) -> Team:
    found = a_team(workspace)
    asks(found, "when_made")
    return found


def asks(people: Team, assign: str) -> None:
    with people.workspace.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        document["review"] = {**(document.get("review") or {}), "assign": assign}
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        models.register(conn, model_id=MODEL, spec_text=text, actor="ada", at=START)


def put(people: Team, *numbers: int, **values: object) -> None:
    with people.workspace.store.begin() as conn:
        for number in numbers:
            put_case(conn, number, START)
            if values:
                set_case(conn, number, **values)


def given(people: Team) -> dict[int, str | None]:
    with people.workspace.store.read() as conn:
        rows = conn.execute(review_case.select().order_by(review_case.c.id))
        return {row.id: row.assigned_to for row in rows}


def test_each_new_case_is_given_out_once_by_load(people: Team) -> None:
    people.note("lee", competent_until=START.date().replace(year=2025))  # no longer trained
    put(people, 1, 2, 3)
    assert auto_assigning.assign_made(people.workspace) == 3
    assert given(people) == {1: "u-amy", 2: "u-ben", 3: "u-amy"}  # never dora, who develops it
    assert auto_assigning.assign_made(people.workspace) == 0
    with people.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.assigned_by_rule")
        told = steps.of_case(conn, 1)
    assert entry.body["to"] == {"u-amy": 2, "u-ben": 1}
    assert (told[-1].action, told[-1].body["to"]) == ("assigned", "u-amy")


def test_without_the_contracts_word_nothing_is_given_out(people: Team) -> None:
    asks(people, "by_hand")
    put(people, 1)
    assert auto_assigning.assign_made(people.workspace) == 0
    assert given(people) == {1: None}


def test_never_to_who_is_away_barred_or_lacks_what_it_asks_for(
    people: Team, clock: FakeClock
) -> None:
    day = START.date()
    people.note("ben", away_from=day, away_until=day, deputy="amy")
    people.note("lee", skills=["tax"])
    people.note("amy", open_limit=2)
    put(people, 1, barred_maker_id="u-amy")
    put(people, 2, skill="tax", priority=90)
    put(people, 3, skill="ships", priority=99)
    put(people, 4, 5, 6)
    auto_assigning.assign_made(people.workspace)
    found = given(people)
    assert (found[1], found[2]) == ("u-lee", "u-lee")
    assert found[3] is None  # lee has not that skill; of amy something is noted without it
    assert "u-ben" not in found.values()
    assert "u-dora" not in found.values()
    assert list(found.values()).count("u-amy") == 2
    clock.advance(days=2)  # ben is back, and has none of these skills noted
    people.note("ben", skills=["ships"])
    assert auto_assigning.assign_made(people.workspace) == 1
    assert given(people)[3] == "u-ben"


def test_what_was_given_out_goes_to_the_deputy_of_who_goes_away(people: Team) -> None:
    people.note("lee", competent_until=START.date().replace(year=2025))
    put(people, 1)
    auto_assigning.assign_made(people.workspace)
    assert given(people) == {1: "u-amy"}
    people.note("amy", away_from=START.date(), away_until=START.date(), deputy="ben")
    assert assigning.hand_over(people.workspace) == 1
    assert auto_assigning.assign_made(people.workspace) == 0
    assert given(people) == {1: "u-ben"}


def test_what_a_person_gave_to_nobody_is_left_to_people(people: Team) -> None:
    put(people, 1, 2)
    assigning.assign(people.workspace, 1, people.ids["amy"], actor=LEAD)
    assigning.assign(people.workspace, 1, None, actor=LEAD)
    auto_assigning.assign_made(people.workspace)
    found = given(people)
    assert (found[1], found[2] is not None) == (None, True)


def test_what_nobody_may_take_keeps_nothing_else_waiting(
    people: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto_assigning, "MOST_OF_A_SORT", 1)
    for name in ("amy", "ben", "lee"):
        people.note(name, skills=["tax"])
    put(people, 1, 2, 3, skill="ships", priority=99)
    put(people, 4)
    assert auto_assigning.assign_made(people.workspace) == 1
    assert given(people)[4] is not None


def test_only_what_nobody_has_is_given_out(people: Team) -> None:
    put(people, 1, 2)
    with people.workspace.store.begin() as conn:
        conn.execute(update(review_case).where(review_case.c.id == 1).values(state="withdrawn"))
    assert auto_assigning.assign_made(people.workspace) == 1
    assert given(people)[1] is None
