"""Every page × role × state of the data × language: it opens, says something, or refuses."""

from itertools import product

import pytest

from app import nav
from core.auth.policy import POLICY
from core.domain.identity import Actor, Role
from core.i18n import LOCALES, translator
from core.services.workspace import Workspace
from tests.harbour import Harbour
from tests.pages.conftest import Open
from tests.pages.reading import headings, html_of, links, sentences, states

PAGES = {entry.key: entry for entry in nav.ENTRIES}
# What a page shows for a model without a complete reference, and for one without a log.
YOUNG = {
    "overview": (True, []),
    "operations": (True, []),
    "drift": (False, ["The reference of {model} is not complete: {days} of {needed} days."]),
    "data_quality": (True, ["Reference {days} of {needed} days"]),
    "ingest": (True, []),
    "audit_trail": (True, []),
    "people": (True, []),
    "account": (True, []),
    "approvals": (True, []),
    "serving": (True, []),
    "personal_data": (True, []),
}
UNUSED = {
    "overview": (True, []),
    "operations": (False, ["No predictions of {model} have been ingested yet."]),
    "drift": (False, ["No predictions of {model} have been ingested yet."]),
    "data_quality": (False, ["No predictions of {model} have been ingested yet."]),
    "ingest": (True, ["No batches yet"]),
    "audit_trail": (True, []),
    "people": (True, []),
    "account": (True, []),
    "approvals": (True, []),
    "serving": (True, []),
    "personal_data": (True, []),
}
NO_MODEL = {page: "No model is registered yet." for page, entry in PAGES.items() if entry.chips}
NO_MODEL["overview"] = "No model is registered yet"
WORDS = {"model": "young", "days": 20, "needed": 60}

everywhere = pytest.mark.parametrize(
    ("page", "role", "lang"),
    [pytest.param(*case, id="-".join(case)) for case in product(PAGES, Role, LOCALES)],
)


def address(page: str) -> str:
    return page.replace("_", "-")


def may_open(page: str, role: Role) -> bool:
    return PAGES[page].permission in POLICY[role]


def is_refused(html: str, found: list[str], lang: str) -> bool:
    t = translator(lang)
    return found == [t("You cannot open this page")] and "hl-sentence" not in html


def test_the_documents_say_the_same() -> None:
    text = (nav.PAGES_FOLDER.parent / "docs" / "roles.md").read_text(encoding="utf-8")
    table = text.split("<!-- generated:pages -->")[1].split("<!-- end -->")[0].strip()
    head, _, *lines = (
        [cell.strip() for cell in line.split("|")[1:-1]] for line in table.split("\n")
    )
    assert {
        (line[0], role): mark == "✓"
        for line in lines
        for role, mark in zip(head[2:], line[2:], strict=True)
    } == {(PAGES[page].title, role): may_open(page, role) for page in PAGES for role in Role}


@everywhere
def test_with_a_year_of_data(
    open_page: Open, harbour: Harbour, page: str, role: Role, lang: str
) -> None:
    test = open_page(harbour.workspace, harbour[role], address(page), model="loans", lang=lang)
    t = translator(lang)
    allowed = [t(entry.title) for entry in nav.ENTRIES if may_open(entry.key, role)]
    assert links(test)[: len(allowed)] == allowed
    if not may_open(page, role):
        assert is_refused(html_of(test), states(test), lang)
        return
    assert headings(test) == [t(PAGES[page].title)]
    assert sentences(test)[0]
    assert states(test) == []


@everywhere
@pytest.mark.parametrize(("model", "expected"), [("young", YOUNG), ("unused", UNUSED)])
def test_before_the_reference_and_before_the_log(
    open_page: Open,
    harbour: Harbour,
    page: str,
    role: Role,
    lang: str,
    model: str,
    expected: dict[str, tuple[bool, list[str]]],
) -> None:
    test = open_page(harbour.workspace, harbour[role], address(page), model=model, lang=lang)
    if not may_open(page, role):
        assert is_refused(html_of(test), states(test), lang)
        return
    t = translator(lang)
    speaks, shown = expected[page]
    assert states(test) == [t(state, **{**WORDS, "model": model}) for state in shown]
    assert bool(sentences(test)) == speaks


@everywhere
def test_without_a_model(
    open_page: Open,
    empty_harbour: tuple[Workspace, dict[Role, Actor]],
    page: str,
    role: Role,
    lang: str,
) -> None:
    workspace, people = empty_harbour
    test = open_page(workspace, people[role], address(page), lang=lang)
    if not may_open(page, role):
        assert is_refused(html_of(test), states(test), lang)
        return
    t = translator(lang)
    assert states(test) == [t(NO_MODEL[each]) for each in [page] if each in NO_MODEL]
