"""The page on explanations: the worklist, what was explained, the code book and a proposal."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.i18n.locales import LOCALES
from core.services.explanation import bulk
from core.services.explanation.bulk_order import BulkOrder
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letters import LetterRefused, make_letter
from core.services.jobs.worker import run_one
from core.store import approvals
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences, states
from tests.support.demo_slices import SBA
from tests.support.explained import Explained, an_explained_workspace, put_code_book
from tests.support.reasons import code_book


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("explanations") / "home")
    yield made
    made.workspace.store.close()


def opened(
    open_page: Open, world: Explained, role: Role, language: str = "en", *, part: str = ""
) -> AppTest:
    test = open_page(world.workspace, world.people[role], "explanations", model=SBA, lang=language)
    if part:
        test.segmented_control(key="explanations_part").set_value(part).run()
    return test


def proposal(test: AppTest, text: str, button: str) -> AppTest:
    test.text_area(key=f"code_book_text_{SBA}").input(text)
    test.text_input(key=f"code_book_why_{SBA}").input("First reasons")
    return next(each for each in test.button if each.label == button).click().run()


def test_a_book_is_checked_then_proposed(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.compliance, part="code_book")
    assert "No code book is in force" in html_of(test)

    wrong = yaml.safe_dump({"codes": [{"code": "A1"}]})
    found = html_of(proposal(test, wrong, "Check"))
    assert "Code 1 lacks field, direction, sentence.en, sentence.zh-HK, sentence.zh-CN." in found
    right = yaml.safe_dump(code_book("state"), allow_unicode=True)
    found = html_of(proposal(test, right, "Check"))
    assert "Nothing is wrong with this code book." in found
    assert "It has no sentence for: loan_amount (raises the score)" in found

    proposal(test, right, "Propose")
    with world.workspace.store.begin() as conn:
        (asked,) = approvals.list_approvals(conn, now=world.workspace.clock(), state="pending")
        approvals.end(conn, asked.id, state="withdrawn", at=world.workspace.clock())
    assert (asked.kind, asked.reason) == ("code_book.change", "First reasons")


def test_text_that_is_no_yaml_is_said(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.compliance, part="code_book")
    assert "is not YAML" in html_of(proposal(test, "codes: [", "Check"))


def test_what_is_in_force_and_what_was_explained_is_shown(
    open_page: Open, world: Explained
) -> None:
    put_code_book(world)
    keep_explanation(world.workspace, SBA, world.worst(), actor=world.people[Role.compliance])

    book = html_of(opened(open_page, world, Role.auditor, part="code_book"))
    assert "Code book 1 with 22 sentences, approved by compliance_lead" in book
    assert "loan_amount: {value}, usually {usual}" in book
    found = html_of(opened(open_page, world, Role.auditor))
    assert "from the model 1, from the log 0" in found
    assert "No outcome of two classes is known yet." in found


def test_who_only_looks_is_offered_no_proposal(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.auditor, part="code_book")
    assert not [each for each in test.button if each.label == "Propose"]


@pytest.mark.parametrize("language", LOCALES)
def test_the_page_speaks_the_readers_language(
    open_page: Open, world: Explained, language: str
) -> None:
    test = opened(open_page, world, Role.compliance, language)
    assert states(test) == []
    (said,) = sentences(test)
    assert ("decisions differ" in said) == (language == "en")


def press(test: AppTest, key: str) -> AppTest:
    return test.button(key=key).click().run()


def test_other_words_of_letters_are_written_looked_at_and_proposed(
    open_page: Open, world: Explained
) -> None:
    test = opened(open_page, world, Role.compliance, part="templates")
    found = html_of(test)
    assert "The shipped words are in force" in found
    assert "Nothing is changed yet." in found
    assert '<article class="hl-paper" lang="en">' in found
    assert "Dear Sir or Madam," in found

    test.text_area(key="letter_words_en_opening").input("A model was used.").run()
    found = html_of(test)
    assert "English, That a model was used does not name {model}." in found
    assert "An example letter stands here once" in found

    test.text_area(key="letter_words_en_opening").input("We used a <b>model</b>: {model}.").run()
    found = html_of(test)
    assert "Changed: English, That a model was used." in found
    assert "We used a &lt;b&gt;model&lt;/b&gt;: Example model." in found

    test.toggle(key="letter_withheld").set_value(True).run()
    assert "does not give the reasons" in html_of(test)
    assert "Nothing is wrong: one page and readable" in html_of(press(test, "letter_check"))
    press(test, "letter_example")
    assert "Download the example letter (PDF)" in html_of(test)

    test.text_input(key="letter_why").input("Plainer words").run()
    press(test, "letter_propose")
    lead = open_page(world.workspace, world.people[Role.compliance_lead], "approvals", lang="en")
    (change,) = (each for each in html_of(lead).split("<table") if "Before" in each)
    assert change.count("<tr>") == 2  # the head, and the one part that changes
    assert "English, That a model was used" in change
    assert "Letters about decisions" in lead.dataframe[0].value.to_string()
    assert "We used a &lt;b&gt;model&lt;/b&gt;: {model}." in change

    found = html_of(opened(open_page, world, Role.compliance, part="templates"))
    assert "Other words are proposed already" in found
    with world.workspace.store.begin() as conn:
        (asked,) = approvals.list_approvals(conn, now=world.workspace.clock(), state="pending")
        approvals.end(conn, asked.id, state="withdrawn", at=world.workspace.clock())
    assert (asked.kind, asked.reason) == ("letter_template.change", "Plainer words")


def test_a_draft_outlives_another_part_and_language_and_can_be_given_up(
    open_page: Open, world: Explained
) -> None:
    test = opened(open_page, world, Role.compliance, part="templates")
    test.text_input(key="letter_words_en_closing").input("Yours").run()
    test.segmented_control(key="letter_language_en").set_value("zh-HK").run()
    assert '<article class="hl-paper" lang="zh-HK">' in html_of(test)
    test.segmented_control(key="explanations_part").set_value("worklist").run()
    test.segmented_control(key="explanations_part").set_value("templates").run()
    assert "Changed: English, Closing." in html_of(test)
    assert "Nothing is changed yet." in html_of(press(test, "letter_again"))


def test_a_reader_sees_the_words_and_why_there_is_no_editor(
    open_page: Open, world: Explained
) -> None:
    test = opened(open_page, world, Role.auditor, part="templates")
    found = html_of(test)
    assert "it takes the permission template.propose" in found
    assert "以下決定曾使用電腦模型：{model}" in found
    assert not [each for each in test.button if each.key == "letter_propose"]


def test_what_failed_and_how_stable_reasons_are_is_shown(open_page: Open, world: Explained) -> None:
    found = html_of(opened(open_page, world, Role.auditor, part="checks"))
    assert "No letter or dossier of this model was refused." in found
    officer = world.people[Role.compliance]
    keep_explanation(world.workspace, SBA, world.worst(5), actor=officer)
    with world.workspace.store.begin() as conn:
        conn.exec_driver_sql("UPDATE explanation SET code_book = 99, stability = 0.35")
    recently = replace(officer, authenticated_at=world.workspace.clock())
    with pytest.raises(LetterRefused):
        make_letter(world.workspace, SBA, world.worst(5), language="en", actor=recently)

    found = html_of(opened(open_page, world, Role.auditor, part="checks"))
    assert "1 letter or dossier was refused and has not been given out since." in found
    assert "Every reason has its code and sentence" in found
    assert "Propose a code book with these reasons" in found
    assert "raises the score" in found
    assert "loan_amount raises" not in found
    assert f"prediction={world.worst(5)}" in found

    found = html_of(opened(open_page, world, Role.auditor, part="stability"))
    assert "have reasons that fewer than 80% of the redraws give again" in found
    assert "The contract says k = 20 now." in found
    assert f"prediction={world.worst(5)}" in found


def test_many_are_counted_ordered_stopped_and_fetched(open_page: Open, world: Explained) -> None:
    officer = world.people[Role.compliance]
    test = opened(open_page, world, Role.compliance, part="bulk")
    test.text_input(key="bulk_where").input("nothing = 1").run()
    assert "nothing" in html_of(press(test, "bulk_count"))
    score = world.row(world.worst(1))["default_score"]
    test.text_input(key="bulk_where").input(f"score >= {score:.9f}").run()
    found = html_of(press(test, "bulk_count"))
    assert "2 decisions are chosen." in found
    test.toggle(key="bulk_letters").set_value(True).run()
    test.selectbox(key="bulk_form").set_value("text").run()
    press(test, "bulk_start")
    job = bulk.newest_bulk(world.workspace, SBA, actor=officer)
    assert job is not None
    assert job.state == "queued"

    waiting = opened(open_page, world, Role.compliance, part="bulk")
    assert not [each for each in waiting.button if each.key == "bulk_start"]
    assert "It stops after the step at hand" in html_of(press(waiting, "bulk_stop"))
    assert run_one(world.workspace, {bulk.BULK_JOB: bulk.bulk_job}, owner="test")
    found = html_of(opened(open_page, world, Role.compliance, part="bulk"))
    assert "Your last orders, the newest first" in found
    assert "<td>stopped</td>" in found
    assert f"score &gt;= {score:.9f}" in found

    recently = replace(officer, authenticated_at=world.workspace.clock())
    order = BulkOrder(SBA, where=f"score >= {score:.9f}", letters=True, form="text")
    bulk.order_bulk(world.workspace, order, actor=recently)
    assert run_one(world.workspace, {bulk.BULK_JOB: bulk.bulk_job}, owner="test")
    test = opened(open_page, world, Role.compliance, part="bulk")
    assert "<td>made</td>" in html_of(test)
    press(test, "bulk_prepare")
    assert "Download letters, index and what was refused (ZIP)" in html_of(test)


def test_who_only_looks_produces_nothing(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.auditor, part="bulk")
    assert "takes the permission explanation.make" in html_of(test)
    assert not [each for each in test.button if each.key == "bulk_start"]
