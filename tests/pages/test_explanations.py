"""The page on explanations: the worklist, what was explained, the code book and a proposal."""

from collections.abc import Iterator

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.i18n.locales import LOCALES
from core.services.explanation.keeping import keep_explanation
from core.store import approvals
from tests.demo_slices import SBA
from tests.explained import Explained, an_explained_workspace, put_code_book
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences, states
from tests.reasons import code_book


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("explanations") / "home")
    yield made
    made.workspace.store.close()


def opened(open_page: Open, world: Explained, role: Role, language: str = "en") -> AppTest:
    return open_page(world.workspace, world.people[role], "explanations", model=SBA, lang=language)


def proposal(test: AppTest, text: str, button: str) -> AppTest:
    test.text_area(key=f"code_book_text_{SBA}").input(text)
    test.text_input(key=f"code_book_why_{SBA}").input("First reasons")
    return next(each for each in test.button if each.label == button).click().run()


def test_a_book_is_checked_then_proposed(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.compliance)
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
    test = opened(open_page, world, Role.compliance)
    assert "is not YAML" in html_of(proposal(test, "codes: [", "Check"))


def test_what_is_in_force_and_what_was_explained_is_shown(
    open_page: Open, world: Explained
) -> None:
    put_code_book(world)
    keep_explanation(world.workspace, SBA, world.worst(), actor=world.people[Role.compliance])

    found = html_of(opened(open_page, world, Role.auditor))
    assert "Code book 1 with 22 sentences, approved by compliance_lead" in found
    assert "loan_amount: {value}, usually {usual}" in found
    assert "from the model 1, from the log 0" in found
    assert "No decision differs from what was expected." in found  # no outcome is known yet


def test_who_only_looks_is_offered_no_proposal(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world, Role.auditor)
    assert not [each for each in test.button if each.label == "Propose"]


@pytest.mark.parametrize("language", LOCALES)
def test_the_page_speaks_the_readers_language(
    open_page: Open, world: Explained, language: str
) -> None:
    test = opened(open_page, world, Role.compliance, language)
    assert states(test) == []
    (said,) = sentences(test)
    assert ("decisions differ" in said) == (language == "en")
