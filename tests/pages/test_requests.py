"""Customers' requests: the desk, one request, its steps, and what each reader may do there."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components.text import plain
from app.screens.requests.one import letter_to_make
from core.i18n import translator
from core.services.approvals import four_eyes as approvals
from core.services.rights import desk as reading
from core.services.rights import disputes, letters, opt_outs, refusals, snapshots
from core.services.rights.letter_texts import TITLES
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences, texts
from tests.support.desk import MINE, MODEL, OTHERS, WORDS, Desk, a_desk
from tests.support.erasing import PERSON, SECRET

PAGE = "requests"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = a_desk(tmp_path / "home", tmp_path / "in")
    yield made
    made.workspace.store.close()


def buttons(test: AppTest) -> set[str]:
    return {each.label for each in test.button}


def press(test: AppTest, label: str) -> None:
    next(each for each in test.button if each.label == label).click().run()


def test_an_empty_desk_says_so(open_page: Open, desk: Desk) -> None:
    test = open_page(desk.workspace, desk["connie"], PAGE)
    (first,) = sentences(test)
    assert "No request waits." in first
    said = html_of(test)
    assert "harbourlight requests intake" in said
    assert "Nobody has opted out" in said


def test_a_request_is_taken_in_and_frozen(open_page: Open, desk: Desk) -> None:
    test = open_page(desk.workspace, desk["connie"], PAGE)
    test.selectbox(key="request_kind").select("access")
    test.text_input(key="request_reference").input(PERSON)
    test.text_area(key="request_words").input(WORDS)
    press(test, "Take in the request")
    (made,) = reading.list_requests(desk.workspace, actor=desk["connie"])
    assert (made.kind, made.clock.days_left >= 30) == ("access", True)
    assert made.snapshot_sha256 is not None


def test_a_disclosure_is_noted_and_shown_by_pseudonym(open_page: Open, desk: Desk) -> None:
    made = desk.ask_identified("access")
    test = open_page(desk.workspace, desk["connie"], PAGE)
    assert "No disclosure is noted." in html_of(test)
    test.text_input(key="disclosure_reference").input(PERSON)
    test.text_input(key="disclosure_recipient").input("Credit bureau")
    test.text_input(key="disclosure_purpose").input("Check of identity")
    test.text_input(key="disclosure_columns").input("amount, address")
    press(test, "Note the disclosure")
    shown = html_of(open_page(desk.workspace, desk["audrey"], PAGE))
    assert PERSON not in shown
    assert {each for each in ("Credit bureau", "address, amount", made.subject_id[:12])
            if each not in shown} == set()  # fmt: skip
    one = html_of(open_page(desk.workspace, desk["audrey"], PAGE, request=str(made.id)))
    assert "Who was given the data in the twelve months up to receipt" in one


def test_the_desk_shows_clocks_and_masks_everything_else(open_page: Open, desk: Desk) -> None:
    late = desk.ask("access", received_at=desk.clock.now - timedelta(days=45))
    made = desk.ask_about_prediction("correction")
    snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    disputes.attach_note(desk.workspace, made.id, "I paid in March.", actor=desk["connie"])
    test = open_page(desk.workspace, desk["audrey"], PAGE)
    (said,) = sentences(test)
    assert said.startswith("Act")
    assert "2 requests wait. One is overdue." in said
    assert f'href="requests?request={late.id}&amp;lang=en"' in html_of(test)
    for each in (late, made):
        one = open_page(desk.workspace, desk["audrey"], PAGE, request=str(each.id))
        shown = html_of(one)
        for hidden in (PERSON, SECRET, WORDS, "7654321"):
            assert hidden not in shown
            assert not any(plain(hidden) in each for each in texts(one))
        assert made.subject_id[:16] in shown
    assert "I paid in March." in shown
    assert "not confirmed" in html_of(
        open_page(desk.workspace, desk["audrey"], PAGE, request=str(late.id))
    )


def test_who_reads_has_nothing_to_press(open_page: Open, desk: Desk) -> None:
    made = desk.ask_identified("access")
    reader = open_page(desk.workspace, desk["audrey"], PAGE, request=str(made.id))
    handler = open_page(desk.workspace, desk["connie"], PAGE, request=str(made.id))
    wanted = {
        "Freeze the data as at receipt",
        "Make the letter",
        "Propose the refusal",
        "Close the request",
    }
    assert wanted <= buttons(handler)
    assert not wanted & buttons(reader)
    assert "Show the customer's words" not in buttons(reader)
    list_page = open_page(desk.workspace, desk["audrey"], PAGE)
    assert "Take in the request" not in buttons(list_page)


def test_steps_are_taken_on_the_page(open_page: Open, desk: Desk) -> None:
    made = desk.ask("access")
    test = open_page(desk.workspace, desk["connie"], PAGE, request=str(made.id))
    assert not {each for each in buttons(test) if each.startswith("Answer")}
    press(test, "Freeze the data as at receipt")
    press(test, "Confirm the identity")
    found = reading.read_request(desk.workspace, made.id, actor=desk["connie"])
    assert (found.state, found.identity_method) == ("identified", "document")
    assert found.snapshot_sha256 is not None
    press(test, "Make the letter")
    assert "Download the letter (PDF)" in html_of(test)
    press(test, "Show the customer's words")
    assert any(plain(WORDS) in each for each in texts(test))
    test.run()
    assert not any(plain(WORDS) in each for each in texts(test))


def test_an_answer_stops_the_clock_and_leads_to_its_letter(open_page: Open, desk: Desk) -> None:
    made = desk.ask_identified("opt_out", received_at=desk.clock.now - timedelta(days=9))
    letters.make_letter(desk.workspace, made.id, "acknowledgement", actor=desk["connie"])
    opt_outs.enter(desk.workspace, made.id, actor=desk["connie"])
    test = open_page(desk.workspace, desk["connie"], PAGE, request=str(made.id))
    first, *others = (each.label for each in test.button if each.key and "request_do" in each.key)
    assert first == "Show the customer's words"
    assert others[0] == plain("Answer: Opt-out entered")
    assert "The clock stopped" not in sentences(test)[0]
    press(test, others[0])
    found = reading.read_request(desk.workspace, made.id, actor=desk["connie"])
    (said,) = sentences(test)
    assert f", {found.clock.days_left} days before the limit." in said
    assert [each.value for each in test.selectbox if each.label == "Letter"] == ["opt_out"]
    assert [each.label for each in test.expander if each.proto.expanded] == ["Make a letter"]
    assert said.endswith("The letter is not made yet.")
    press(test, "Make the letter")
    assert "Download the letter (PDF)" in html_of(test)
    assert sentences(test)[0].endswith("The letter is made, and not noted as sent.")
    press(test, plain(f"Sent today: {translator('en')(TITLES['opt_out'])}"))
    assert sentences(test)[0].endswith(
        f"The letter was sent on {translator('en').date(desk.clock.now, 'Asia/Hong_Kong')}."
    )
    assert "Letter sent" in html_of(test)
    assert "● " not in html_of(test)  # a shape of a state is drawn, in its colour


def test_the_letter_offered_first_is_what_was_done_last_and_not_told_yet() -> None:
    possible = ("acknowledgement", "review_answer", "dispute_note")
    assert letter_to_make(possible, set()) == "review_answer"
    assert letter_to_make(possible, {"review_answer"}) == "dispute_note"
    assert letter_to_make(possible, {"review_answer", "dispute_note"}) == "acknowledgement"
    assert letter_to_make(possible, set(possible)) == "acknowledgement"
    assert letter_to_make(("acknowledgement", "identity_needed"), set()) == "acknowledgement"


def test_the_copy_is_made_by_who_may_take_data_away(open_page: Open, desk: Desk) -> None:
    made = desk.ask_identified("access")
    snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    connie = open_page(desk.workspace, desk["connie"], PAGE, request=str(made.id))
    assert "Make the copy" not in buttons(connie)
    lydia = open_page(desk.workspace, desk["lydia"], PAGE, request=str(made.id))
    press(lydia, "Make the copy")
    assert "Download the copy (PDF)" in html_of(lydia)


def test_a_refusal_is_decided_elsewhere_and_stands_in_the_log_book(
    open_page: Open, desk: Desk
) -> None:
    made = desk.ask("access")
    asked = refusals.propose_refusal(
        desk.workspace, made.id, ground="repeated", reasons_text="Answered in May.",
        actor=desk["connie"],
    )  # fmt: skip
    test = open_page(desk.workspace, desk["connie"], PAGE, request=str(made.id))
    assert "A refusal is proposed." in html_of(test)
    approvals.approve(desk.workspace, asked.id, actor=desk["lydia"])
    test = open_page(desk.workspace, desk["audrey"], PAGE)
    said = html_of(test)
    assert "Answered in May." in said
    assert "Connie, then Lydia" in said
    test.button(key="refusals_prepare").click().run()
    assert "Download the log book (CSV)" in html_of(test)


def test_a_reader_limited_to_some_places_is_told_of_none(open_page: Open, desk: Desk) -> None:
    made = desk.ask("access")
    test = open_page(desk.workspace, desk["hong_kong"], PAGE, request=str(made.id))
    assert sentences(test) == [
        "A request concerns all rows of a person, and you see those of some places."
    ]
    assert made.subject_id[:12] not in html_of(test)


def test_a_business_manager_is_refused(open_page: Open, desk: Desk) -> None:
    test = open_page(desk.workspace, desk["bo"], PAGE)
    assert "You cannot open this page" in html_of(test)


@pytest.mark.parametrize(
    ("lang", "said"), [("zh-HK", "有 1 項要求待辦。"), ("zh-CN", "有 1 项请求待办。")]
)
def test_it_speaks_chinese(open_page: Open, desk: Desk, lang: str, said: str) -> None:
    made = desk.ask_about_prediction("review")
    (sentence,) = sentences(open_page(desk.workspace, desk["lydia"], PAGE, lang=lang))
    assert said in sentence
    one = open_page(desk.workspace, desk["lydia"], PAGE, lang=lang, request=str(made.id))
    assert not one.exception


def test_a_note_is_shown_with_the_values_that_are_revealed(open_page: Open, desk: Desk) -> None:
    made = desk.ask_about_prediction("correction")
    disputes.attach_note(desk.workspace, made.id, "I paid in March.", actor=desk["connie"])
    for prediction, is_disputed in ((MINE, True), (OTHERS, False)):
        test = open_page(desk.workspace, desk["connie"], "data-quality", model=MODEL)
        test.text_input(key="reveal_id_loans").set_value(prediction)
        test.multiselect(key="reveal_columns_loans").set_value(["address"])
        test.text_input(key="reveal_reason_loans").set_value("Complaint C-17 of the branch")
        test.button(key="reveal_press_loans").click()
        said = html_of(test.run())
        assert f"Personal values of prediction {prediction}" in said
        assert ("I paid in March." in said) == is_disputed
    assert disputes.count_shown(desk.workspace, actor=desk["audrey"]) == 1
