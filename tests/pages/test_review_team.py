"""Team and clocks: what stands there, and what the lead's forms do."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from streamlit.testing.v1 import AppTest

from core.domain.identity import Actor, Role
from core.domain.working_days import local_day
from core.services.review import team
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.review import closures, reviewers
from core.store.tables import model
from tests.core.services.review.calendar_cases import put_case
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.support.builders import contract_text
from tests.support.harbour import add_people, build_empty_harbour
from tests.support.monitoring import MODEL, register_loans


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = build_empty_harbour(tmp_path / "home")
    register_loans(made.store)
    yield made
    made.store.close()


@pytest.fixture
def people(workspace: Workspace) -> dict[Role, Actor]:
    """One person a role; of three cases one is overdue, and the officer is away with a deputy."""
    found = add_people(workspace)
    officer, lead = found[Role.compliance], found[Role.compliance_lead]
    now = workspace.clock()
    today = local_day(now)
    with workspace.store.begin() as conn:
        put_case(conn, 1, now, assigned_to=officer.user_id)
        put_case(conn, 2, now, priority=90)
        put_case(conn, 3, now - timedelta(days=30), days=0, due_at=now - timedelta(days=2))
    team.set_profile(
        workspace,
        officer.user_id,
        actor=lead,
        languages=["zh-HK"],
        skills=["mortgages"],
        away_from=today,
        away_until=today + timedelta(days=3),
        deputy_id=lead.user_id,
    )
    return found


@pytest.fixture
def page(open_page: Open, workspace: Workspace, people: dict[Role, Actor]) -> AppTest:
    return open_page(workspace, people[Role.compliance_lead], "review-team", lang="en")


def test_too_few_who_may_check_a_model_in_the_loop_are_told(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    text = contract_text(id=MODEL, versions=[{"id": "1", "oversight_level": "in_the_loop"}])
    with workspace.store.begin() as conn:
        conn.execute(update(model).values(spec_text=text))
    test = open_page(workspace, people[Role.compliance_lead], "review-team", lang="en")
    told = html_of(test)
    assert "Fewer than 3 people may check cases of these models" in told
    assert "in the loop: Loans (" in told  # by its name, not its id


def press(test: AppTest, label: str) -> AppTest:
    return next(each for each in test.button if each.label == label).click().run()


def test_the_lead_sees_who_is_away_and_what_is_late(page: AppTest) -> None:
    assert not page.exception
    (said,) = sentences(page)
    assert "3 cases wait for a person. One is overdue." in said
    assert "One person is away." in said
    html = html_of(page)
    assert "Overdue cases by age" in html
    assert "No day of closure is entered." in html


def test_many_cases_are_assigned_after_a_preview(
    page: AppTest, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    test = press(page, "Show the preview")
    html = html_of(test)
    assert "Preview: 2 of 2 cases change" in html
    assert html.index("R-000002") < html.index("R-000003")  # the higher priority first
    test = press(test, "Make these changes")
    lead = people[Role.compliance_lead].user_id
    with workspace.store.read() as conn:
        found = reviewers.cases_of(conn, [1, 2, 3])
        (entry,) = audit.list_newest(conn, kind="review.bulk")
        told = audit.list_newest(conn, kind="review.assigned", objects={"case": "2"})
    assert {found[2].assigned_to, found[3].assigned_to} == {lead}  # the officer is away
    assert entry.body["cases"] == [2, 3]
    assert [each.body["assigned_to"] for each in told] == [lead]
    assert "Preview:" not in html_of(test)


def test_what_changed_since_the_preview_is_not_done(page: AppTest, workspace: Workspace) -> None:
    test = press(page, "Show the preview")
    with workspace.store.begin() as conn:
        reviewers.change_all(conn, [2], {"priority": 10})
    press(test, "Make these changes")
    with workspace.store.read() as conn:
        assert audit.list_newest(conn, kind="review.bulk") == ()
        assert reviewers.cases_of(conn, [3])[3].assigned_to is None


def test_a_closure_is_entered_and_taken_out(page: AppTest, workspace: Workspace) -> None:
    today = local_day(workspace.clock())
    page.date_input(key="review_closure_day").set_value(today)
    test = press(page, "Enter the closure")
    assert "Gale signal no. 8 or above" in html_of(test)
    with workspace.store.read() as conn:
        assert closures.days(conn) == {today}
    press(test, "Remove the day")
    with workspace.store.read() as conn:
        assert closures.days(conn) == frozenset()


def test_the_lead_notes_something_of_a_person(
    page: AppTest, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer = people[Role.compliance].user_id
    key = f"review_member_{officer}"
    page.number_input(key=f"{key}_limit").set_value(7)
    press(page, "Save")
    with workspace.store.read() as conn:
        kept = reviewers.get_all(conn)[officer]
    assert (kept.open_limit, kept.skills, kept.languages) == (7, ("mortgages",), ("zh-HK",))
    assert kept.deputy_id == people[Role.compliance_lead].user_id
