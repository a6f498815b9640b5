"""How long a reviewer in a browser waits from a verdict to the next case, in the page itself.

The time runs from the key that submits to the drawing that shows the next case's reference.
"""

import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from bench.load.scene import cpu_seconds, server_processes
from bench.review_scene import cookies_of, open_scene
from core.config import Settings
from tests.support.app_process import running_app
from tests.support.browsing import COOKIE, chromium

_REVIEWER = "connie"  # of the demo's people, one who works on cases and checks none
_VERDICT = ("u", "2")
_READS_MS = 400  # between two cases, beside what it takes until the draft is kept
_WARM = 5

_WATCH = """() => {
  window.hlTimes = [];
  let began = 0, before = "";
  const shown = () => document.querySelector("h1")?.textContent.match(/R-\\d+/)?.[0] ?? "";
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) { began = event.timeStamp; before = shown(); }
  }, true);
  new MutationObserver(() => {
    const now = shown();
    if (!began || !now || now === before) return;
    const since = began;
    began = 0;
    requestAnimationFrame(() => window.hlTimes.push([now, performance.now() - since]));
  }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@dataclass(frozen=True, slots=True)
class Turns:
    """What was measured.

    Parameters
    ----------
    first_ms : float
        From the key that claims the first case to its reference.
    shown_ms : tuple of float
        From each verdict to the next case's reference, in ms, in their order.
    cpu_ms : tuple of float
        CPU of the app's processes in each turn until it stood still, in ms.
    """

    first_ms: float
    shown_ms: tuple[float, ...]
    cpu_ms: tuple[float, ...]


def run(home: Path, state_url: str, count: int, turns: int, *, log: Path | None = None) -> Turns:
    """Let a reviewer decide by keys alone among so many cases that wait.

    Parameters
    ----------
    home : Path
        A demo workspace, made if there is none.
    state_url : str
        Its state database.
    count : int
        Cases that wait at least.
    turns : int
        Verdicts to time; a few before them warm up.
    log : Path, optional
        Where to keep what the app says.
    """
    workspace = open_scene(Settings(home, state_url), count)
    with ExitStack() as stack:
        stack.callback(workspace.store.close)
        given = {"HARBOURLIGHT_STATE_URL": state_url}
        app = stack.enter_context(running_app(home, environment=given, log=log))
        browser = stack.enter_context(chromium())
        context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
        session = cookies_of(workspace, _REVIEWER)
        context.add_cookies([{"name": COOKIE, "value": session, "url": app.url}])
        page = context.new_page()
        servers = server_processes(app.process.pid)
        _quiet(servers)
        first = _begin(page, app.url)
        page.evaluate(_WATCH)
        found = [_turn(page, number, servers) for number in range(_WARM + turns)][_WARM:]
    return Turns(first, tuple(each for each, _ in found), tuple(each for _, each in found))


def _begin(page: Page, url: str) -> float:
    """Open the queue, claim the first case by its key; return the ms until it is shown."""
    page.goto(f"{url}/review?lang=en")
    expect(page.locator(".hl-desk-keys")).to_be_visible(timeout=60_000)
    _rest(page)
    began = time.perf_counter()
    page.keyboard.press("n")
    expect(page.locator("h1")).to_contain_text("Case R-", timeout=60_000)
    took = 1000 * (time.perf_counter() - began)
    _rest(page)
    return took


def _turn(page: Page, number: int, servers: Sequence[int]) -> tuple[float, float]:
    """Decide a case by keys; return the ms until the next is shown, and the ms of CPU it took."""
    for key in _VERDICT:
        page.keyboard.press(key)
    expect(page.locator(".hl-desk-state")).to_contain_text("Saved", timeout=60_000)
    page.wait_for_timeout(_READS_MS)
    _rest(page)
    before = cpu_seconds(servers)
    page.keyboard.press("Control+Enter")
    page.wait_for_function("wanted => window.hlTimes.length === wanted", arg=number + 1)
    # The widget is there anew for the next verdict, and nothing of the page is drawn any more.
    expect(page.locator("#hl-desk-verdict-uphold")).not_to_be_checked(timeout=60_000)
    _rest(page)
    took = 1000 * (cpu_seconds(servers) - before)
    return float(page.evaluate("() => window.hlTimes.at(-1)[1]")), took


def _rest(page: Page) -> None:
    """Wait until the app has drawn what was asked for last."""
    page.wait_for_timeout(160)  # Streamlit's own: a run may start this much after what caused it
    app = page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def _quiet(servers: Sequence[int]) -> None:
    """Wait until the app has read ahead what it reads beside its start, a minute at most."""
    for _ in range(30):
        before = cpu_seconds(servers)
        time.sleep(2)
        if cpu_seconds(servers) - before < 0.1:
            return
