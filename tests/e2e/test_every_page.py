"""Every page in the browser: how long it takes, on a telephone, and by axe in both themes."""

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from core.domain.identity import Role
from tests.e2e.driver import PAGES, Reader

HEADINGS = {
    "overview": "Overview",
    "operations": "Operations",
    "drift": "Drift",
    "data-quality": "Data quality",
    "ingest": "Ingest",
}
# Violations that are not ours to mend: rule → part of the element's HTML, and why.
ALLOWED: dict[str, tuple[str, str]] = {}


def test_how_long_pages_take(
    visit: Callable[..., Reader], record_property: Callable[[str, object], None]
) -> None:
    reader = visit(Role.admin)
    reader.go("ingest?model=loans", "Ingest")
    for path in PAGES:
        loaded = reader.go(f"{path}?model=loans", HEADINGS[path])
        reader.follow("ingest" if path != "ingest" else "overview")
        start = perf_counter()
        reader.key(f"hl_to_{path.replace('-', '_')}").get_by_role("link").click()
        expect(reader.heading()).to_have_text(HEADINGS[path])
        expect(reader.sentence()).to_be_visible()
        shown = perf_counter() - start
        reader.settle()
        record_property(
            "page time", f"{path}: {shown:.2f} s from the menu, {loaded:.2f} s with the app itself"
        )


@pytest.mark.parametrize("lang", ["en", "zh-HK"])
@pytest.mark.parametrize("path", PAGES)
def test_a_telephone_needs_no_sideways_scrolling(
    visit: Callable[..., Reader], path: str, lang: str
) -> None:
    reader = visit(Role.admin, viewport={"width": 390, "height": 844})
    reader.go(f"{path}?model=loans&lang={lang}")
    expect(reader.heading()).to_be_visible()
    widths = reader.page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
            .map(element => [element.scrollWidth, element.clientWidth])"""
    )
    assert all(content <= room for content, room in widths), widths


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["sign-in", *PAGES])
def test_axe_finds_nothing_serious(
    visit: Callable[..., Reader], new_reader: Callable[..., Reader], path: str, theme: str
) -> None:
    if path == "sign-in":
        reader = new_reader(color_scheme=theme)
        reader.go("")
    else:
        reader = visit(Role.admin, color_scheme=theme)
        reader.go(f"{path}?model=loans", HEADINGS[path])
        if path != "ingest" and path != "overview":
            expect(reader.page.locator(".js-plotly-plot").first).to_be_visible()
    found = Axe().run(reader.page).response["violations"]
    assert _serious(found) == []


def _serious(violations: list[dict[str, Any]]) -> list[str]:
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:300]} {node['failureSummary']}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
        if not _is_allowed(violation["id"], node["html"])
    ]


def _is_allowed(rule: str, html: str) -> bool:
    return rule in ALLOWED and ALLOWED[rule][0] in html
