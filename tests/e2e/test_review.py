"""Human review in the browser: a tab that is killed, and what every eye sees."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from core.domain.identity import Role
from core.domain.review import CaseState
from core.services.review import claims, drafts
from tests.e2e.driver import Reader
from tests.e2e.review_desk import Queue, heading_of, press
from tests.e2e.test_every_page import serious


def test_a_killed_tab_loses_no_more_than_the_last_second(
    visit: Callable[..., Reader], queue: Queue
) -> None:
    maker = queue[Role.compliance]
    held = [each for each in queue.of(CaseState.claimed) if each.holder_id == maker.user_id]
    case = held[0] if held else claims.claim_next(queue.workspace, actor=maker)
    assert case is not None
    heading = heading_of(case)
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
