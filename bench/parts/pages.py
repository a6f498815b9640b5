"""How long a page of the menu takes in a browser, from the click to the page at rest."""

import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from app.ahead import LOOK_S, QUIET_S
from app.nav import ENTRIES, Entry
from bench.findings import Found, Table
from bench.load import scene
from bench.load.figures import percentile
from bench.measure import ChildFailed
from bench.parts.part import Bench, Part
from bench.parts.workspaces import demo_home, large_home
from core.auth.policy import POLICY
from tests.support.app_process import running_app
from tests.support.browsing import chromium

_ACCOUNT = "account"  # under the reader's own name, not in the menu
_LATEST_MS = 120_000
# Longer than the app itself waits before it reads on.
_LOOKED_S, _RESTS, _READ_AHEAD_S = LOOK_S + 2 * QUIET_S, 0.05, 600.0
_AT_REST = "[data-testid=stApp][data-test-script-state=notRunning]"
# From the click on a link of the menu to the drawing that the script's run ends with. Streamlit may
# begin a run a moment after what asked for it.
_CLICK = """async ([key, latest]) => {
  const found = (name) => document.querySelector(`.st-key-${name}_${key} a`);
  const app = document.querySelector("[data-testid=stApp]");
  const link = found("hl_to");
  if (!link) return -1;
  const began = performance.now();
  link.click();
  let ended = 0;
  while (performance.now() - began < latest) {
    await new Promise((done) => requestAnimationFrame(done));
    const rests = app.getAttribute("data-test-script-state") === "notRunning"
      && found("hl_here") && !document.querySelector("[data-testid=stSkeleton]");
    if (!rests) { ended = 0; continue; }
    ended = ended || performance.now();
    if (performance.now() - ended > 250) return ended - began;
  }
  return latest;
}"""


def measure_demo(bench: Bench) -> Found:
    """Open every page of the menu on the demo's workspace."""
    return _timed(demo_home(bench), bench.size(20, 1), bench)


def measure_large(bench: Bench) -> Found:
    """Open every page of the menu where the one model has ten million rows."""
    home = large_home(bench, bench.size(10_000_000, 20_000))
    return _timed(home, bench.size(7, 1), bench)


def _timed(home: Path, times: int, bench: Bench) -> Found:
    entries = [each for each in ENTRIES if not each.under and each.key != _ACCOUNT]
    entries = entries[:: bench.size(1, 8)]
    found: dict[str, list[float]] = {}
    with _windows(home) as pages:
        for _ in range(times + 1):
            for entry in entries:
                took = _click(pages[_reader(entry)], entry.key)
                found.setdefault(entry.key, []).append(took)
    titles = {each.key: each.title for each in entries}
    later = {key: sorted(took[1:]) for key, took in found.items()}
    everything = sorted(took for each in later.values() for took in each)
    rows = [
        (titles[key], *_row(took, found[key][0]))
        for key, took in sorted(later.items(), key=lambda each: -statistics.median(each[1]))
    ]
    rows.append(("**all pages**", *_row(everything, None)))
    head = ("page", "the first time", "p50", "p95", "longest")
    return Found(
        (Table(head, tuple(rows)),),
        {"p50_ms": percentile(everything, 0.5), "p95_ms": percentile(everything, 0.95)},
        (
            f"Each page was opened once and then {times} times, in turn with the others, by one "
            "person at a time; the answers of the first time are remembered.",
        ),
    )


def _row(took: Sequence[float], first: float | None) -> tuple[str, ...]:
    shown = "–" if first is None else f"{first:,.0f} ms"
    return shown, *(f"{percentile(took, each):,.0f} ms" for each in (0.5, 0.95, 1.0))


def _reader(entry: Entry) -> int:
    """Return who opens a page: the first of the onlookers that may."""
    return next(
        place for place, role in enumerate(scene.ONLOOKERS) if entry.permission in POLICY[role]
    )


def _wait_for_rest(processes: Sequence[int]) -> None:
    """Wait until the app has read ahead what pages show first: it then uses no processor."""
    latest = time.monotonic() + _READ_AHEAD_S
    used, before = scene.cpu_seconds(processes), 0.0
    while used - before > _RESTS * _LOOKED_S and time.monotonic() < latest:
        time.sleep(_LOOKED_S)
        used, before = scene.cpu_seconds(processes), used


@contextmanager
def _windows(home: Path) -> Iterator[list[Page]]:
    """Yield a window of each onlooker at the running app, at rest on the page it opens with."""
    with ExitStack() as stack:
        onlookers = scene.add_onlookers(home)
        app = stack.enter_context(running_app(home))
        browser = stack.enter_context(chromium())
        _wait_for_rest(scene.server_processes(app.process.pid))
        door = scene.Door(home, app.url)
        stack.callback(door.close)
        yield [_window(browser, app.url, door.cookies(person)) for person in onlookers]


def _window(browser: Browser, url: str, cookies: Mapping[str, str]) -> Page:
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.add_cookies(
        [{"name": name, "value": value, "url": url} for name, value in cookies.items()]
    )
    page = context.new_page()
    page.goto(f"{url}/?lang=en")
    page.wait_for_selector(_AT_REST, timeout=_LATEST_MS)
    page.wait_for_selector(".st-key-hl_navigation a", timeout=_LATEST_MS)
    return page


def _click(page: Page, key: str) -> float:
    """Click on a page of the menu; return the milliseconds until it stands still."""
    page.set_default_timeout(_LATEST_MS)
    here = page.locator(f".st-key-hl_here_{key}").count()
    if here:  # the only page of this reader that is opened in turn: leave it first
        page.locator("[class*=st-key-hl_to_] a").first.click()
        page.locator(f".st-key-hl_to_{key} a").wait_for()
        page.wait_for_selector(_AT_REST)
    took = float(page.evaluate(_CLICK, [key, _LATEST_MS]))
    if took < 0:
        raise ChildFailed(f"the menu has no link to {key}")
    return took


_ABOUT = (
    "A click on each page of the menu in Chromium, 1440 pixels wide, in English, by somebody who "
    "may open it, until the script has run and nothing waits to be drawn; one process of the app, "
    "after it has read ahead"
)
PAGES = Part("pages", "Pages in a browser: the demo", f"{_ABOUT}.", 8, measure_demo)
PAGES_LARGE = Part(
    "pages-10m",
    "Pages in a browser: ten million rows",
    f"{_ABOUT}, on a workspace whose model has a log of ten million decisions in 22 columns, with "
    "outcomes, money and groups of people.",
    15,
    measure_large,
)
