"""A manager's minute: where they land, what they read first, and down to single decisions."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from core.domain.identity import Role
from tests.e2e.driver import Reader


def test_a_manager_lands_on_what_was_earned_and_reads_down_to_decisions(
    visit: Callable[..., Reader],
) -> None:
    reader = visit(Role.business, viewport={"width": 390, "height": 844})
    reader.go("?model=loans", "Business outcomes")
    # What changed, in words, before anything else.
    expect(reader.sentence()).to_contain_text("targets")
    expect(reader.sentence()).to_contain_text("Default rate")
    card = reader.page.locator(".hl-kpi-card", has_text="Default rate")
    expect(card).to_contain_text("Target: at most")
    # The whole card is the target of its button, which lies over it.
    figure = reader.page.locator(".hl-kpi-card", has_text="Approval rate").locator(".hl-kpi-value")
    button = reader.key("hl_choose_kpi_approval_rate").get_by_role("button")
    reader.expect_target(figure, button)
    reader.do(button.click)
    expect(reader.page.locator(".hl-section h2").first).to_have_text("Approval rate")
    expect(reader.sentence()).to_contain_text("Approval rate")
    expect(reader.key("outcomes_change").locator(".xtitle").first).to_contain_text("Approval rate")
    drawer = reader.key("outcomes_decisions")
    reader.do(reader.rest(drawer.locator("summary")).click)
    expect(drawer.get_by_text(re.compile("decisions that count"))).to_be_visible()
    expect(drawer.locator("table")).to_contain_text(re.compile(r"L\d{5}"))
    assert reader.errors == []
