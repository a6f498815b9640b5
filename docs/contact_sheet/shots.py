"""Taking the pictures: one window for a reader, a theme and a language, page after page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from core.domain.identity import Role
from docs.contact_sheet.views import WIDTHS, Variant, View
from docs.contact_sheet.words import half_width_marks, strange_words
from docs.screenshots import settle
from tests.browser import find_browser

FAULTS = (Path(__file__).parent / "faults.js").read_text(encoding="utf-8")
HEIGHT = 900
TALLEST = {
    "wide": 2600,
    "middle": 2600,
    "narrow": 4200,
}  # what is below is looked at on the page itself
QUALITY = 72
Finding = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture: of what, in which variant, and what was found wrong with it."""

    view: str
    variant: Variant
    findings: list[Finding] = field(default_factory=list)

    @property
    def file(self) -> str:
        """Name of the picture in its folder."""
        return f"{self.view}-{self.variant.name}.jpg"


@dataclass(frozen=True, slots=True)
class Sitting:
    """What one window is opened for."""

    url: str
    reader: Role | None
    cookies: Any
    theme: str
    language: str
    views: Sequence[View]
    widths: Sequence[str]


def take(sitting: Sitting, folder: Path) -> list[Shot]:
    """Take the pictures of one window, and note beside each what was found."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser()), args=["--no-sandbox", "--disable-gpu"]
        )
        page = _window(browser, sitting)
        told: list[str] = []
        page.on("console", lambda message: _hear(message, told))
        page.on("pageerror", lambda error: told.append(str(error)))
        shots = [shot for view in sitting.views for shot in _of_view(page, sitting, view, told)]
        for shot, picture in shots:
            (folder / shot.file).write_bytes(picture)
            note = json.dumps(asdict(shot), ensure_ascii=False, indent=1)
            (folder / shot.file).with_suffix(".json").write_text(note, encoding="utf-8")
        browser.close()
    return [shot for shot, _ in shots]


def noted(folder: Path) -> list[Shot]:
    """Return every picture of a folder with what was found when it was taken."""
    notes = (json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json")))
    return [
        Shot(note["view"], Variant(**note["variant"]), [tuple(each) for each in note["findings"]])
        for note in notes
    ]


def _window(browser: Browser, sitting: Sitting) -> Page:
    context = browser.new_context(
        viewport={"width": WIDTHS["wide"], "height": HEIGHT},
        color_scheme="dark" if sitting.theme == "dark" else "light",
        locale=sitting.language,
        timezone_id="Asia/Hong_Kong",
    )
    context.set_default_timeout(60_000)
    if sitting.cookies:
        context.add_cookies(sitting.cookies)
    return context.new_page()


def _of_view(page: Page, sitting: Sitting, view: View, told: list[str]) -> list[tuple[Shot, bytes]]:
    told.clear()
    page.set_viewport_size({"width": WIDTHS[sitting.widths[0]], "height": HEIGHT})
    joint = "&" if "?" in view.address else "?"
    page.goto(f"{sitting.url}/{view.address}{joint}lang={sitting.language}")
    settle(page)
    taken = []
    for width in sitting.widths:
        variant = Variant(sitting.theme, sitting.language, width)
        page.set_viewport_size({"width": WIDTHS[width], "height": HEIGHT})
        settle(page)
        found = _findings(page, sitting.language) + [("console", each[:90]) for each in told]
        told.clear()
        taken.append((Shot(view.name, variant, found), _picture(page, width)))
    return taken


def _findings(page: Page, language: str) -> list[Finding]:
    seen = page.evaluate(FAULTS)
    found: list[Finding] = [(kind, detail) for kind, detail in seen["found"]]
    strange = strange_words(seen["words"], language)
    if strange:
        found.append(("language", " ".join(strange)))
    found += [("half-width", each) for each in half_width_marks(seen["words"])]
    return list(dict.fromkeys(found))


def _picture(page: Page, width: str) -> bytes:
    """Return the whole page: the window is made as tall as it for a moment."""
    tall = page.evaluate("document.querySelector('[data-testid=stMain]')?.scrollHeight ?? 0")
    height = min(max(HEIGHT, tall), TALLEST[width])
    page.set_viewport_size({"width": WIDTHS[width], "height": height})
    page.wait_for_timeout(250)
    return page.screenshot(type="jpeg", quality=QUALITY)


def _hear(message: ConsoleMessage, told: list[str]) -> None:
    # Below a page's address Streamlit looks for itself first, in vain, and then at the root.
    if message.type == "error" and "/_stcore/" not in message.location["url"]:
        told.append(message.text)
