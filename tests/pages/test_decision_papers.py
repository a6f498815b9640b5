"""From the page of a decision: a letter to the person, and a dossier for whoever examines it."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from streamlit.testing.v1 import AppTest

from core.domain.explanation.check_code import grouped
from core.domain.identity import Role
from core.services import exports
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letter_words import CHECKS, REMEDIES
from core.store.explanations import letters as explanation_letters
from core.store.explanations.letters import LetterRecord
from tests.pages.conftest import Open
from tests.pages.reading import html_of, said
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace, put_code_book

SLOW_STEP_UP = 20


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    home = tmp_path_factory.mktemp("papers") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    put_code_book(made)
    yield made
    made.workspace.store.close()


@pytest.fixture
def visit(open_page: Open, world: Explained) -> Any:
    def open_as(role: Role, prediction: str, lang: str = "en") -> AppTest:
        people, place = world.people, world.workspace
        return open_page(
            place, people[role], "decision", model=SBA, lang=lang, prediction=prediction
        )

    return open_as


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def letters(world: Explained, prediction: str) -> tuple[LetterRecord, ...]:
    with world.workspace.store.read() as conn:
        return explanation_letters.of_prediction(conn, SBA, prediction)


def link_in(test: AppTest) -> str:
    """Return the id of the file that the page offers."""
    return html_of(test).split('href="exports/')[1].split('"')[0]


def keys(test: AppTest) -> set[str]:
    return {str(each.key) for each in test.button}


def test_a_letter_is_released_offered_and_listed(visit: Any, world: Explained) -> None:
    prediction = world.worst()
    test = visit(Role.compliance, prediction)
    assert "One is kept in the same step." in html_of(test)
    assert "No letter about this decision was released." in html_of(test)
    test.segmented_control(key="decision_letter_language_en").set_value("zh-HK").run()
    press(test, "decision_letter_release")

    (letter,) = letters(world, prediction)
    html = html_of(test)
    assert (letter.language, letter.withheld) == ("zh-HK", False)
    assert letter.reference in html
    assert html.count(grouped(letter.code)) == 2  # of the new one, and in the list
    for check in letter.checks:
        assert CHECKS[str(check["name"])].replace("'", "&#x27;") in html
    officer = world.people[Role.compliance]
    record, content = exports.fetch(world.workspace, link_in(test), actor=officer)
    assert record.media_type == "application/pdf"
    assert letter.reference in PdfReader(BytesIO(content)).pages[0].extract_text()
    (kept,) = world.kept(prediction)
    assert letter.explanation_id == kept.id

    reader = html_of(visit(Role.auditor, prediction))
    assert letter.reference in reader
    assert '<th scope="col">About</th>' in reader
    assert grouped(letter.code) not in reader
    assert "Download the letter" not in reader


def test_a_letter_without_reasons_needs_to_say_why(visit: Any, world: Explained) -> None:
    prediction = world.worst(1)
    test = visit(Role.compliance, prediction)
    test.checkbox(key="decision_letter_withhold").check().run()
    press(test, "decision_letter_release")
    assert letters(world, prediction) == ()
    assert "reason is shorter" in said(test)

    test.text_input(key="decision_letter_why").input("Enquiry 2026/17 is under way")
    test.segmented_control(key="decision_letter_form").set_value("text").run()
    press(test, "decision_letter_release")
    (letter,) = letters(world, prediction)
    assert letter.withheld
    assert "no reasons: the way to a review" in html_of(test)
    assert "Enquiry" not in html_of(test)


def test_a_refused_letter_says_what_to_do(open_page: Open, tmp_path_factory: Any) -> None:
    home = tmp_path_factory.mktemp("refused") / "home"
    bare = an_explained_workspace(home, log=sba_log(every=600))  # without a code book
    officer = bare.people[Role.compliance]
    prediction = bare.worst()
    test = open_page(
        bare.workspace, officer, "decision", model=SBA, lang="en", prediction=prediction
    )
    press(test, "decision_letter_release")
    html = html_of(test)
    assert "The letter is not released" in html
    assert f"Failed: {CHECKS['coded']}" in html
    assert REMEDIES["coded"] in html
    assert "did not pass" in html
    assert letters(bare, prediction) == ()
    bare.workspace.store.close()


def test_a_password_that_was_given_long_ago_is_asked_for_again(
    visit: Any, world: Explained
) -> None:
    prediction = world.worst(2)
    test = visit(Role.compliance, prediction)
    clock: Any = world.workspace.clock
    clock.advance(minutes=SLOW_STEP_UP)
    press(test, "decision_letter_release")
    assert "This step asks who you are once more." in html_of(test)
    assert letters(world, prediction) == ()


def test_a_dossier_is_made_offered_and_explained(visit: Any, world: Explained) -> None:
    prediction = world.worst(3)
    test = visit(Role.compliance_lead, prediction)
    test.text_input(key="decision_dossier_to").input("An examiner's office")
    test.text_input(key="decision_dossier_why").input("Examination 12")
    press(test, "decision_dossier_make")

    assert "The dossier is made, and on record" in html_of(test)
    lead = world.people[Role.compliance_lead]
    record, _ = exports.fetch(world.workspace, link_in(test), actor=lead)
    assert record.sha256 in html_of(test)
    shown = {each.value for each in test.code}
    assert "python verify.py dossier.zip --key public-key.txt" in shown
    assert not record.personal


def test_what_happened_stands_in_the_timeline(visit: Any, world: Explained) -> None:
    prediction, officer = world.worst(5), world.people[Role.compliance]
    keep_explanation(world.workspace, SBA, prediction, actor=officer)
    html = html_of(visit(Role.compliance, prediction))
    assert "Version 1 decided “decline”" in html
    assert '<th scope="col">About</th>' not in html
    assert "Explanation 1 was kept: the registered model, asked again" in html
    assert "their steps are not told here" not in html
    scientist = html_of(visit(Role.data_scientist, prediction))
    assert "their steps are not told here" in scientist
    assert "Customers&#x27; requests are told to who handles them" in scientist


def test_who_may_only_read_is_told_so(visit: Any, world: Explained) -> None:
    prediction = world.worst(4)
    scientist = visit(Role.data_scientist, prediction)
    assert "Your roles do not include releasing letters." in html_of(scientist)
    assert "Your roles do not include making dossiers." in html_of(scientist)
    assert not {"decision_letter_release", "decision_dossier_make"} & keys(scientist)
    auditor = visit(Role.auditor, prediction)
    assert "Somebody of compliance keeps one; then the dossier can be made." in html_of(auditor)
    assert "decision_dossier_make" not in keys(auditor)
