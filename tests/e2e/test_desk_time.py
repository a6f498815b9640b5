"""The desk of human review by itself: the time given to a case, and the key of its files."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from core.config import PROJECT_ROOT

DESK = PROJECT_ROOT / "app/static/review/desk.js"
CASE: Mapping[str, Any] = {
    "id": 1, "number": 0, "stage": "maker", "revision": 3, "answer": 0, "draft": {},
    "verdicts": [{"code": "uphold", "label": "Uphold", "key": "A"}],
    "reasons": {"uphold": [{"code": "risk_confirmed", "label": "Risk", "key": "1"}]},
    "decisions": ["approve"], "parts": {"uphold": ["text"]}, "needs_text": [],
    "needs_evidence": False, "longest": 100, "first_day": "2026-03-03", "follow_up": "2026-03-10",
    "lease_left": None, "lease_stamp": 0, "saved_number": 0, "saved_at": "", "error": "",
}  # fmt: skip
HERE = "http://desk.test/"  # a page of an origin has a storage; nothing is asked of any network
OPEN = """async (data) => {
  window.sent = [];
  window.away = false;
  Object.defineProperty(document, "hidden", { get: () => window.away });
  const made = await import("/desk.js");
  made.default({
    parentElement: document.body, data, setStateValue() {},
    setTriggerValue: (name, value) => window.sent.push(value),
  });
}"""
TURN = """(away) => {
  window.away = away;
  document.dispatchEvent(new Event("visibilitychange"));
}"""

FILES = """() => {
  window.pressed = 0;
  document.body.insertAdjacentHTML("beforeend", `<div class="st-key-hl_case_together"><details>
    <summary>Files</summary><div data-testid="stFileUploader"><button>Choose</button></div>
    </details></div>`);
  document.querySelector("[data-testid=stFileUploader] button").onclick = () => window.pressed++;
}"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    made = browser.new_page()
    made.clock.install()
    made.route(HERE, lambda route: route.fulfill(body="<title>desk</title>"))
    made.route(f"{HERE}desk.js", lambda route: route.fulfill(path=DESK))
    made.goto(HERE)
    made.evaluate(OPEN, {"case": CASE, "keys": [], "next": False, "words": {}})
    yield made
    made.close()


def handed_in(page: Page) -> int:
    """Give a verdict by keys; return the seconds that go with it."""
    page.keyboard.press("a")
    page.keyboard.press("1")
    page.keyboard.press("Control+Enter")
    acts = page.evaluate("window.sent")
    (found,) = [each["seconds"] for each in acts if each["kind"] == "submit"]
    return int(found)


def test_a_night_in_another_tab_is_no_time_on_the_case(page: Page) -> None:
    page.clock.run_for(40_000)
    page.evaluate(TURN, True)
    page.clock.run_for(8 * 3_600_000)
    page.evaluate(TURN, False)
    page.evaluate(TURN, False)  # said twice it is counted once
    page.clock.run_for(20_000)
    assert 60 <= handed_in(page) <= 62


def test_what_was_measured_is_never_what_was_not(page: Page) -> None:
    assert handed_in(page) == 1  # 0 is told of verdicts that no page measured


def test_f_chooses_a_file_but_not_while_something_is_written(page: Page) -> None:
    page.evaluate(FILES)
    page.keyboard.press("f")
    page.clock.run_for(3_000)
    assert page.locator("details[open]").count() == 1
    assert page.evaluate("window.pressed") == 1
    page.keyboard.press("a")
    page.locator("#hl-desk-text").press("f")
    page.clock.run_for(3_000)
    assert page.evaluate("window.pressed") == 1
    assert page.locator("#hl-desk-text").input_value() == "f"
