"""Files, comments and followers beneath a case, and what the queue says of them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Actor, Role
from core.domain.working_days import local_day
from core.services.review import cases, claims, comments, files, verdicts, watching
from core.services.workspace import Workspace
from core.store import settings
from tests.core.services.review.calendar_cases import put_case, set_case
from tests.pages.conftest import Open
from tests.pages.reading import html_of
from tests.support.harbour import add_people, build_empty_harbour
from tests.support.monitoring import register_loans


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = build_empty_harbour(tmp_path / "home")
    register_loans(made.store)
    with made.store.begin() as conn:
        put_case(conn, 1, made.clock())
    yield made
    made.store.close()


@pytest.fixture
def people(workspace: Workspace) -> dict[Role, Actor]:
    return add_people(workspace)


def press(test: AppTest, label: str) -> AppTest:
    return next(each for each in test.button if each.label == label).click().run()


def test_people_speak_to_each_other_about_a_case(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer, lead = people[Role.compliance], people[Role.compliance_lead]
    record = files.add_file(workspace, 1, "<b>slip</b>.txt", b"x\n", actor=officer)
    test = open_page(workspace, officer, "case", case="1", lang="en")
    assert not test.exception
    html = html_of(test)
    assert f'href="attachments/{record.id}"' in html
    assert "<b>slip" not in html
    test.text_area(key="case_comment_text_1").set_value(f"@{lead.username} <i>look</i>")
    test = press(test, "Add the comment")
    assert "&lt;i&gt;look&lt;/i&gt;" in html_of(test)
    press(test, "Follow this case")
    assert len(comments.to_answer(workspace, actor=lead)) == 1
    assert set(watching.watchers(workspace, 1, actor=lead)) == {officer.user_id, lead.user_id}


def test_a_maker_takes_a_proposal_back_and_nobody_else_may(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer, lead = people[Role.compliance], people[Role.compliance_lead]
    now = workspace.clock()
    with workspace.store.begin() as conn:
        set_case(conn, 1, state="proposed", maker_id=officer.user_id, verdict="uphold",
                 final_decision=None, proposed_decision="decline", proposed_at=now)  # fmt: skip
    test = open_page(workspace, lead, "case", case="1", lang="en")
    assert "Take my verdict back" not in {each.label for each in test.button}
    test = open_page(workspace, officer, "case", case="1", lang="en")
    test.text_input(key="case_take_back_1_text").set_value("Read it again")
    test = press(test, "Take my verdict back")
    assert not test.exception
    found = cases.read_case(workspace, 1, actor=officer)
    assert (found.state, found.assigned_to, found.maker_id) == ("open", officer.user_id, None)


def test_what_the_customer_answered_brings_the_case_back_to_who_asked(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer, lead = people[Role.compliance], people[Role.compliance_lead]
    test = open_page(workspace, lead, "case", case="1", lang="en")
    assert "Note the answer" not in {each.label for each in test.button}  # nobody is asked
    mine = claims.claim(workspace, 1, actor=officer)
    day = local_day(workspace.clock()) + timedelta(days=7)
    verdicts.ask_customer(
        workspace, 1, follow_up_on=day, text="Which year?", actor=officer, revision=mine.revision
    )
    reader = open_page(workspace, people[Role.auditor], "case", case="1", lang="en")
    assert "Note the answer" not in {each.label for each in reader.button}
    test = open_page(workspace, lead, "case", case="1", lang="en")
    test = press(test, "Note the answer")  # without words
    assert cases.read_case(workspace, 1, actor=lead).state == "awaiting_customer"
    test.text_input(key="case_answered_1_text").set_value("It is of last year.")
    test = press(test, "Note the answer")
    assert not test.exception
    found = cases.read_case(workspace, 1, actor=lead)
    assert (found.state, found.assigned_to, found.follow_up_on) == ("open", officer.user_id, None)
    last = cases.case_steps(workspace, 1, actor=lead)[-1]
    assert (last.action, last.text) == ("customer_answered", "It is of last year.")
    assert "Note the answer" not in {each.label for each in test.button}


def test_a_file_is_removed_after_a_second_press(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer = people[Role.compliance]
    files.add_file(workspace, 1, "one.txt", b"1\n", actor=officer)
    other = files.add_file(workspace, 1, "two.txt", b"2\n", actor=officer)
    test = open_page(workspace, officer, "case", case="1", lang="en")
    assert test.button(key="case_file_remove").disabled
    test.selectbox(key="case_file_chosen_1").set_value(other.id).run()
    test.checkbox(key=f"case_file_sure_{other.id}").check().run()
    test.button(key="case_file_remove").click().run()
    assert not test.exception
    left = files.list_files(workspace, 1, actor=officer)
    assert [each.name for each in left] == ["one.txt"]
    assert not test.checkbox[0].value  # the next one is asked for anew
    reader = open_page(workspace, people[Role.auditor], "case", case="1", lang="zh-HK")
    assert not reader.checkbox


def test_files_are_opened_after_a_recent_sign_in(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer = people[Role.compliance]
    files.add_file(workspace, 1, "slip.txt", b"x\n", actor=officer)
    with workspace.store.begin() as conn:  # no sign-in is recent any more
        settings.put(conn, "step_up_minutes", -1)
    test = open_page(workspace, officer, "case", case="1", lang="en")
    assert not test.exception
    assert "slip.txt" in html_of(test)
    assert "attachments/" not in html_of(test)
    test = press(test, "Confirm who you are to open files")
    assert test.text_input(key="hl_proof")


def test_an_auditor_reads_and_writes_nothing(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    files.add_file(workspace, 1, "slip.txt", b"x\n", actor=people[Role.compliance])
    test = open_page(workspace, people[Role.auditor], "case", case="1", lang="en")
    assert "slip.txt" in html_of(test)
    assert not test.text_area
    assert "Attach the file" not in [each.label for each in test.button]


def test_the_queue_tells_whom_a_comment_waits_for(
    open_page: Open, workspace: Workspace, people: dict[Role, Actor]
) -> None:
    officer, lead = people[Role.compliance], people[Role.compliance_lead]
    comments.comment(workspace, 1, f"@{lead.username} <i>look</i>", actor=officer)
    test = open_page(workspace, lead, "review", lang="en")
    assert any("Spoken to you" in each.label and "1" in each.label for each in test.expander)
    assert "&lt;i&gt;look&lt;/i&gt;" in html_of(test)
    quiet = open_page(workspace, officer, "review", lang="en")
    assert not any("Spoken to you" in each.label for each in quiet.expander)
