"""The pages of human review with something on them: axe, both themes, and where the keys are."""

from collections.abc import Callable

import pytest

from core.domain.identity import Role
from core.domain.review import CaseState, Verdict
from core.services.review import claims, proposing
from core.services.review.cases import Case, CaseFilter, list_cases
from core.services.review.proposing import Proposal
from core.services.rights import desk, intake
from tests.e2e.driver import Reader
from tests.e2e.review_desk import Queue
from tests.e2e.test_every_page import serious, strangers

READERS: dict[Role, tuple[str, ...]] = {
    Role.compliance: ("review", "case", "oversight", "requests", "request"),
    Role.compliance_lead: (
        *("review", "case", "review-team", "oversight", "oversight-quality"),
        *("requests", "request"),
    ),
    Role.auditor: ("review", "case", "oversight", "requests", "request"),
}
# Why whoever goes by keys cannot see where that is; empty if it can be seen.
UNSEEN = """() => {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  if (!found || found === document.body) return "";
  for (let part = found, up = 0; part && up < 4; part = part.parentElement, up++) {
    const style = getComputedStyle(part), box = part.getBoundingClientRect();
    const drawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1;
    if (drawn && style.opacity > 0.1 && box.width > 6 && box.height > 6) return "";
  }
  return found.outerHTML.slice(0, 300);
}"""
STEPS = 40


@pytest.fixture(scope="session")
def filled(queue: Queue) -> dict[str, int]:
    """Return a case that waits for its check and an open request, by page."""
    maker, lead = queue[Role.compliance], queue[Role.compliance_lead]
    waiting = queue.of(CaseState.proposed) or (_proposed(queue),)
    known = desk.list_requests(queue.workspace, actor=lead, only_open=True)
    asked = known[0] if known else intake.intake(
        queue.workspace, "review", "L08000", words="Please look again.", model="loans",
        prediction="L08000", actor=maker,
    )  # fmt: skip
    return {"case": waiting[0].id, "request": asked.id}


def _proposed(queue: Queue) -> Case:
    maker = queue[Role.compliance]
    (case,) = list_cases(queue.workspace, CaseFilter(states=["open"], size=1), actor=maker).cases
    mine = claims.claim(queue.workspace, case.id, actor=maker)
    other = "拒絕" if mine.decision == "批核" else "批核"
    proposal = Proposal(Verdict.overturn, other, "data_wrong", "Of another year.", ("A letter",))
    return proposing.propose(
        queue.workspace, case.id, proposal, actor=maker, revision=mine.revision
    )


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("role", READERS)
def test_pages_of_review_with_something_on_them(
    visit: Callable[..., Reader], filled: dict[str, int], role: Role, theme: str
) -> None:
    reader = visit(role, color_scheme=theme)
    for page in READERS[role]:
        addresses = {
            "case": f"case?case={filled['case']}",
            "request": f"requests?request={filled['request']}",
        }
        reader.go(addresses.get(page, f"{page}?model=loans"))
        assert serious(reader) == [], page
        told = hidden_steps(reader)
        assert told == [], (page, told)
    assert strangers(reader) == set()
    assert reader.errors == []


def hidden_steps(reader: Reader) -> list[str]:
    """Go through a page by the tabulator; return where it cannot be seen where one is."""
    found = []
    for _ in range(STEPS):
        reader.page.keyboard.press("Tab")
        found.append(_unseen(reader))
    return sorted({each for each in found if each})


def _unseen(reader: Reader) -> str:
    """Return what has the keys and does not show it, once it had the time to be drawn."""
    said = ""
    for _ in range(20):
        said = str(reader.page.evaluate(UNSEEN))
        if not said:
            break
        reader.page.wait_for_timeout(50)
    return said
