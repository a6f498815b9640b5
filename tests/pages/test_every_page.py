"""Every page × role × language × state of the data: it opens, says something, or refuses.

With a year of data every page is opened as every role in every language. Who is refused is
refused whatever the data are, and a role has the same words and buttons in every state; so the
other states are opened as each role that may, the languages in turn, and in each language once by
``make test``.
"""

from collections.abc import Iterable, Iterator
from itertools import cycle, islice, product
from typing import Any

import pytest

from app import nav
from core.auth.policy import POLICY
from core.domain.identity import Actor, Role
from core.i18n import LOCALES, translator
from core.services.workspace import Workspace
from tests.pages.conftest import Open
from tests.pages.reading import headings, html_of, links, sentences, states
from tests.support.harbour import Harbour

PAGES = {entry.key: entry for entry in nav.ENTRIES}
# What a page shows for a model without a complete reference, and for one without a log.
YOUNG = {
    "outcomes": (False, ["No KPIs yet"]),
    "overview": (True, []),
    "model": (True, []),
    "model_card": (True, []),
    "operations": (True, []),
    "drift": (False, ["The reference of {model} is not complete: {days} of {needed} days."]),
    "data_quality": (True, ["Reference {days} of {needed} days"]),
    "performance": (
        False,
        ["The contract of {model} names no outcome, so nothing can be said of results."],
    ),
    "segments": (
        False,
        ["The contract of {model} names no outcome, so nothing can be said of results."],
    ),
    "fairness": (False, ["No protected columns"]),
    "value": (
        False,
        ["The contract of {model} names no outcome, so nothing can be said of results."],
    ),
    "ingest": (True, []),
    "decision": (True, []),
    "explanations": (True, []),
    "examiner": (True, ["No sample yet"]),
    "oversight": (True, []),
    "oversight_quality": (
        True,
        ["This model can have no controls", "The contract hides no scores"],
    ),
}
UNUSED = {
    "outcomes": (False, ["No predictions of {model} have been ingested yet."]),
    "overview": (True, []),
    "model": (False, ["No predictions of {model} have been ingested yet."]),
    "model_card": (True, []),
    "operations": (False, ["No predictions of {model} have been ingested yet."]),
    "drift": (False, ["No predictions of {model} have been ingested yet."]),
    "data_quality": (False, ["No predictions of {model} have been ingested yet."]),
    "performance": (False, ["No predictions of {model} have been ingested yet."]),
    "segments": (False, ["No predictions of {model} have been ingested yet."]),
    "fairness": (False, ["No predictions of {model} have been ingested yet."]),
    "value": (False, ["No predictions of {model} have been ingested yet."]),
    "ingest": (True, ["No batches yet"]),
    "decision": (True, ["No predictions of {model} have been ingested yet."]),
    "explanations": (True, []),
    "examiner": (True, ["No sample yet"]),
    "oversight": (True, []),
    "oversight_quality": (
        True,
        ["This model can have no controls", "The contract hides no scores"],
    ),
}
OF_MODELS = tuple(page for page, entry in PAGES.items() if entry.chips)
NO_MODEL = dict.fromkeys((*OF_MODELS, "portfolio"), "No model is registered yet")
# What waits for people: in these workspaces nothing does.
QUIET = {
    "review": ["Nothing waits"],
    "requests": ["No request waits"],
    "examiner": ["No sample yet"],
    "oversight_quality": ["The contract asks for no controls", "The contract hides no scores"],
}
NO_MODEL["review"] = "Nothing waits"
NO_MODEL["requests"] = "No request waits"
WORDS = {"model": "young", "days": 20, "needed": 60}


def may_open(page: str, role: Role) -> bool:
    return PAGES[page].permission in POLICY[role]


def in_turn(pages: Iterable[str]) -> Iterator[Any]:
    """Yield each page with each role that may open it and each language, at least once.

    Who comes first with a page comes later with the next; those after the languages wait for
    ``make check``.
    """
    for first, page in enumerate(pages):
        roles = [role for role in Role if may_open(page, role)]
        count = max(len(roles), len(LOCALES))
        turns = islice(cycle(roles), first, first + count)
        for number, (role, lang) in enumerate(zip(turns, cycle(LOCALES), strict=False)):
            yield a_case(page, role, lang, at_once=number < len(LOCALES))


def a_case(page: str, role: Role, lang: str, *, at_once: bool = True) -> Any:
    marks = () if at_once else pytest.mark.slow
    return pytest.param(page, role, lang, id=f"{page}-{role}-{lang}", marks=marks)


def cases(found: Iterable[Any]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("page", "role", "lang"), list(found))


def address(page: str) -> str:
    return page.replace("_", "-")


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


def every_role_in_turn() -> Iterator[Any]:
    """Yield each page with each role, in the languages by turns, and one role in all of them."""
    languages = cycle(LOCALES)
    for page, role in product(PAGES, Role):
        every = LOCALES if role is Role.compliance_lead else (next(languages),)
        yield from (a_case(page, role, lang) for lang in every)


@cases(every_role_in_turn())
def test_with_a_year_of_data(
    open_page: Open, harbour: Harbour, page: str, role: Role, lang: str
) -> None:
    test = open_page(harbour.workspace, harbour[role], address(page), model="loans", lang=lang)
    t = translator(lang)
    shown = [entry for entry in nav.ENTRIES if not entry.under]
    allowed = [t(entry.title) for entry in shown if may_open(entry.key, role)]
    menu = links(test)
    assert menu[: len(allowed) - 1] == allowed[:-1]
    assert allowed[-1] in menu  # one's own account, behind the bell
    if not may_open(page, role):
        assert is_refused(html_of(test), states(test), lang)
        return
    assert headings(test) == [t(PAGES[page].title)]
    assert sentences(test)[0]
    assert states(test) == [t(state) for state in QUIET.get(page, [])]


@cases(in_turn(OF_MODELS))
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
    t = translator(lang)
    speaks, shown = expected[page]
    assert states(test) == [t(state, **{**WORDS, "model": model}) for state in shown]
    assert bool(sentences(test)) == speaks


@cases(in_turn(PAGES))
def test_without_a_model(
    open_page: Open,
    empty_harbour: tuple[Workspace, dict[Role, Actor]],
    page: str,
    role: Role,
    lang: str,
) -> None:
    workspace, people = empty_harbour
    test = open_page(workspace, people[role], address(page), lang=lang)
    t = translator(lang)
    assert states(test) == [t(NO_MODEL[each]) for each in [page] if each in NO_MODEL]
