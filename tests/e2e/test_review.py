"""Human review in the browser: ten cases by keys alone, two checks, a tab that is killed."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect

from core.domain.identity import Actor, Role
from core.domain.review import CaseState
from core.services.review import cases, claims, drafts
from core.services.review.cases import Case, CaseFilter
from core.services.workspace import Workspace
from core.store import users
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.e2e.test_every_page import serious, strangers
from tests.review_pages import put_cases

COUNT = 12


@dataclass(frozen=True)
class Queue:
    workspace: Workspace
    people: Mapping[Role, Actor]

    def __getitem__(self, role: Role) -> Actor:
        """Return who comes in by :func:`visit`."""
        return self.people[role]

    def of(self, state: CaseState) -> tuple[Case, ...]:
        wanted = CaseFilter(states=(str(state),), size=100)
        return cases.list_cases(self.workspace, wanted, actor=self[Role.auditor]).cases


@pytest.fixture(scope="module")
def queue(served: Served) -> Queue:
    assert put_cases(served.harbour.workspace, served.harbour, COUNT) == COUNT
    workspace = served.harbour.workspace
    with workspace.store.read() as conn:
        known = {each.username: each.actor("cli") for each in users.list_users(conn)}
    return Queue(workspace, {role: known[name] for role, (name, _) in served.log_ins.items()})


def press(reader: Reader, *keys: str) -> None:
    for key in keys:
        reader.page.keyboard.press(key)


def title(reader: Reader) -> str:
    return reader.heading().inner_text()


def next_case(reader: Reader, before: str) -> None:
    """Wait until another case stands in the place of the one that was submitted."""
    expect(reader.heading()).not_to_have_text(before, timeout=30_000)
    expect(reader.heading()).to_contain_text("Case R-", timeout=30_000)
    expect(reader.page.locator(".hl-desk-verdict")).to_be_visible()
    reader.settle()


def begin(reader: Reader) -> None:
    """Open the queue and take the first case by its key."""
    reader.go("", "Human review")
    expect(reader.page.locator(".hl-desk-keys")).to_be_visible()
    press(reader, "n")
    next_case(reader, "Human review")


@pytest.mark.slow
def test_ten_cases_by_keys_alone_and_two_checks(visit: Callable[..., Reader], queue: Queue) -> None:
    reader = visit(Role.compliance)
    begin(reader)
    press(reader, "?")
    expect(reader.page.get_by_role("dialog", name="Keys")).to_be_visible()
    press(reader, "Escape")
    expect(reader.page.get_by_role("dialog", name="Keys")).to_be_hidden()
    for place in range(10):
        before = title(reader)
        if place in {2, 5}:
            press(reader, "o", "2", "Tab")
            reader.page.keyboard.type("Our one evening audit found income left out.")
            press(reader, "Control+Enter")  # no evidence yet
            expect(reader.page.locator(".hl-desk-alert")).to_contain_text("evidence")
            reader.page.keyboard.type("Payslips of March")
            expect(reader.page.locator("#hl-desk-evidence")).to_have_value("Payslips of March")
        else:
            press(reader, "u", "2")
        press(reader, "Control+Enter")
        next_case(reader, before)
    decided, proposed = queue.of(CaseState.final), queue.of(CaseState.proposed)
    assert len(decided) == 8
    assert {each.reason_code for each in decided} == {"policy_applied"}
    assert len(proposed) == 2
    assert {each.reason_code for each in proposed} == {"new_evidence"}
    assert len(queue.of(CaseState.claimed)) == 1
    assert strangers(reader) == set()
    assert reader.errors == []
    _lead_checks_two(visit, queue, [each.id for each in proposed])


def _lead_checks_two(visit: Callable[..., Reader], queue: Queue, proposed: list[int]) -> None:
    lead = visit(Role.compliance_lead)
    lead.go("review", "Human review")
    lead.do(lambda: lead.page.get_by_role("button", name="Check next").click())
    next_case(lead, "Human review")
    expect(lead.page.get_by_text("What the maker says")).to_be_visible()
    before = title(lead)
    press(lead, "u", "Control+Enter")
    next_case(lead, before)
    press(lead, "o", "Control+Enter")  # sending back takes words
    expect(lead.page.locator(".hl-desk-alert")).not_to_be_empty()
    lead.page.keyboard.type("Which payslip, of whom?")
    press(lead, "Control+Enter")
    expect(lead.page.get_by_text("Nothing is left that you may take now.")).to_be_visible()
    lead.settle()
    found = [cases.read_case(queue.workspace, each, actor=queue[Role.auditor]) for each in proposed]
    assert sorted(str(each.state) for each in found) == ["final", "open"]
    agreed = next(each for each in found if each.state is CaseState.final)
    assert agreed.checker_id == queue[Role.compliance_lead].user_id
    auditor = visit(Role.auditor)
    auditor.go(f"case?case={agreed.id}", f"Case {agreed.reference} · Small loans")
    auditor.page.get_by_text("steps", exact=False).first.click()
    expect(auditor.page.get_by_text("checked and agreed")).to_be_visible()


def test_a_killed_tab_loses_no_more_than_the_last_second(
    visit: Callable[..., Reader], queue: Queue
) -> None:
    maker = queue[Role.compliance]
    held = [each for each in queue.of(CaseState.claimed) if each.holder_id == maker.user_id]
    case = held[0] if held else claims.claim_next(queue.workspace, actor=maker)
    assert case is not None
    heading = f"Case {case.reference} · Small loans"
    again = visit(Role.compliance)
    tab = again.context.new_page()
    first = Reader(again.context, tab, again.url)
    first.go(f"case?case={case.id}", heading)
    expect(tab.locator(".hl-desk-verdict")).to_be_visible()
    press(first, "u", "3")
    tab.locator("#hl-desk-text").focus()
    tab.keyboard.type("Every one of the values was checked. ", delay=20)
    expect(tab.locator(".hl-desk-state")).to_contain_text("Saved")
    tab.keyboard.type("And now the tab goes in the mid", delay=60)
    tab.close(run_before_unload=False)
    kept = drafts.read_draft(queue.workspace, case.id, actor=maker)
    assert kept is not None
    # What was said to be saved is, and what was written meanwhile but for its last second.
    assert str(kept.body["text"]).startswith("Every one of the values was checked. And")
    again.go(f"case?case={case.id}", heading)
    field = again.page.locator("#hl-desk-text")
    expect(field).to_have_value(re.compile("^Every one of the values was checked. And"))
    expect(again.page.locator("#hl-desk-verdict-uphold")).to_be_checked()
    expect(again.page.get_by_role("radio", name="Data confirmed")).to_be_checked()
    other = visit(Role.compliance_lead)
    other.go(f"case?case={case.id}", heading)
    expect(other.page.locator("#hl-desk-text")).to_have_count(0)


@pytest.mark.parametrize(
    ("theme", "width"),
    [
        ("light", 390),
        pytest.param("light", 1440, marks=pytest.mark.slow),
        pytest.param("dark", 390, marks=pytest.mark.slow),
        pytest.param("dark", 1440, marks=pytest.mark.slow),
    ],
)
def test_queue_and_case_for_every_eye(
    visit: Callable[..., Reader], queue: Queue, theme: str, width: int
) -> None:
    maker = queue[Role.compliance]
    held = [each for each in queue.of(CaseState.claimed) if each.holder_id == maker.user_id]
    case = held[0] if held else claims.claim_next(queue.workspace, actor=maker)
    assert case is not None
    reader = visit(Role.compliance, color_scheme=theme, viewport={"width": width, "height": 900})
    for path in ("review?lang=zh-HK", f"case?case={case.id}&lang=zh-HK"):
        reader.go(path)
        expect(reader.page.locator(".hl-desk-keys")).to_be_visible()
        if "case=" in path:
            press(reader, "o", "1")
            expect(reader.page.locator("#hl-desk-evidence")).to_be_visible()
        assert serious(reader) == []
        room = reader.page.get_by_test_id("stMain").evaluate("e => e.scrollWidth <= e.clientWidth")
        assert room
    press(reader, "?")
    expect(reader.page.locator("dialog[open]")).to_be_visible()
    assert serious(reader) == []
    assert reader.errors == []
