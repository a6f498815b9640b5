"""What people do on the pages of human review: by keys, as the pages want it."""

from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import expect

from core.domain.identity import Actor, Role
from core.domain.review import CaseState
from core.services.review import cases
from core.services.review.cases import Case, CaseFilter
from core.services.workspace import Workspace
from tests.e2e.driver import Reader


@dataclass(frozen=True)
class Queue:
    """The cases of the served workspace, and who comes in by ``visit``."""

    workspace: Workspace
    people: Mapping[Role, Actor]

    def __getitem__(self, role: Role) -> Actor:
        return self.people[role]

    def of(self, state: CaseState) -> tuple[Case, ...]:
        wanted = CaseFilter(states=(str(state),), size=100)
        return cases.list_cases(self.workspace, wanted, actor=self[Role.auditor]).cases

    def read(self, case_id: int) -> Case:
        return cases.read_case(self.workspace, case_id, actor=self[Role.auditor])


def heading_of(case: Case) -> str:
    """Return the title of a case's page."""
    return f"Case {case.reference} · Small loans"


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
    reader.go("review", "Human review")
    expect(reader.page.locator(".hl-desk-keys")).to_be_visible()
    press(reader, "n")
    next_case(reader, "Human review")


def check_next(reader: Reader) -> None:
    """Open the queue and take the first case that waits for a check."""
    reader.go("review", "Human review")
    reader.do(reader.page.get_by_role("button", name="Check next").click)
    next_case(reader, "Human review")
    expect(reader.page.get_by_text("What the maker says")).to_be_visible()


def steps_shown(reader: Reader) -> list[str]:
    """Open the steps on a case's page; return what each says, the oldest first."""
    fold = reader.page.locator("details[data-hl-pane=steps]")
    fold.locator("summary").click()
    found = fold.locator("li")
    expect(found.first).to_be_visible()
    return [each.split(": ", 1)[1] for each in reversed(found.all_inner_texts())]
