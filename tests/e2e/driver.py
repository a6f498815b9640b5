"""What a person does in the browser, by names that do not change with language or style."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    TimeoutError,
    expect,
)

_DEBOUNCE_MS = 155  # Streamlit's own: a rerun may start this much after what caused it

# Twelve drawings in a row at the same place; ten seconds at most, after which it is as it is.
_REST = """async (part) => {
  const place = () => JSON.stringify(part.getBoundingClientRect());
  const drawn = () => new Promise((done) => requestAnimationFrame(done));
  const end = performance.now() + 10_000;
  for (let last = "", still = 0; still < 12 && performance.now() < end; ) {
    part.scrollIntoView({ block: "center", behavior: "instant" });
    await drawn();
    still = place() === last ? still + 1 : 0;
    last = place();
  }
}"""
_HIT = """(part) => {
  const at = part.getBoundingClientRect();
  return document.elementFromPoint(at.x + at.width / 2, at.y + at.height / 2);
}"""


@dataclass
class Reader:
    """One browser tab on the running app.

    ``requests`` holds every address that the browser asked for, ``errors`` what it complained of;
    ``is_new`` marks a window that is not used again.
    """

    context: BrowserContext
    page: Page
    url: str
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    is_new: bool = False
    _heard: list[tuple[Any, Callable[[Any], object]]] = field(default_factory=list)
    _cookies_asked: set[Request] = field(default_factory=set)

    def listen(self) -> "Reader":
        self.hear("request", self._note)
        self.hear("requestfinished", lambda request: self._cookies_asked.discard(request))
        self.hear("requestfailed", lambda request: self._cookies_asked.discard(request))
        self.hear("websocket", lambda socket: self.requests.append(socket.url))
        self.hear("pageerror", lambda error: self.errors.append(str(error)))
        self.hear("console", self._hear)
        return self

    def hear(self, event: Any, handler: Callable[[Any], object]) -> None:
        """Have one of the page's events told, until :meth:`leave`."""
        self.page.on(event, handler)  # type: ignore[arg-type]
        self._heard.append((event, handler))

    def leave(self) -> None:
        """Listen to nothing any more."""
        while self._heard:
            self.page.remove_listener(*self._heard.pop())

    def _note(self, request: Request) -> None:
        self.requests.append(request.url)
        if request.url.endswith("/auth/session"):
            self._cookies_asked.add(request)

    def _hear(self, message: ConsoleMessage) -> None:
        # Below a page's address Streamlit looks for itself first, in vain, and then at the root.
        looking = re.search(r"/[a-z-]+/_stcore/(health|host-config)$", message.location["url"])
        if message.type == "error" and not looking:
            self.errors.append(f"{message.text} {message.location['url']}")

    def key(self, name: str) -> Locator:
        return self.page.locator(f".st-key-{name}")

    def settle(self) -> None:
        """Wait until the app has drawn what was asked for last."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=30_000)
        self.page.wait_for_timeout(_DEBOUNCE_MS)
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)
        # A page drawn for who came in asks for the session's cookie by itself: a faster next
        # address would go without it.
        deadline = perf_counter() + 5
        while self._cookies_asked and perf_counter() < deadline:
            self.page.wait_for_timeout(20)

    def go(self, path: str, heading: str | None = None) -> float:
        """Open an address; return the seconds until the page stood, or its heading if named."""
        start = perf_counter()
        self.page.goto(f"{self.url}/{path}")
        if heading is not None:
            expect(self.page.locator("h1")).to_have_text(heading, timeout=30_000)
        self.settle()
        return perf_counter() - start

    def do(self, action: Callable[[], object]) -> None:
        """Do something and wait for the app's answer."""
        action()
        self.settle()

    def press(self, button: Locator) -> None:
        """Press a button once it rests: a press on one that moves away reaches nothing."""
        self.do(self.rest(button).click)

    def rest(self, part: Locator) -> Locator:
        """Bring a part into the middle of the view and wait until it stays there.

        What is above it may still grow, as charts and links arrive after the text.
        """
        part.evaluate(_REST)
        return part

    def choose(self, box: Locator, option: str | None = None) -> None:
        """Choose from a drop-down list: the option with these words, or the first.

        The list is opened again if it closed, as it does when the page moves under it.
        """
        found = self.page.get_by_role("option", name=option).first
        for _ in range(5):
            self.rest(box)
            if not found.is_visible():
                box.click()
            try:
                found.click(timeout=6_000)
                break
            except TimeoutError:
                continue
        else:
            raise AssertionError(f"The list offers no {option or 'option'}.")
        self.settle()

    def expect_target(self, part: Locator, button: Locator) -> None:
        """Expect that whoever presses the middle of a part presses this button."""
        self.rest(part)
        hit = part.evaluate_handle(_HIT)
        assert button.evaluate("(button, hit) => button.contains(hit)", hit), hit

    def sign_in(self, username: str, password: str) -> None:
        form = self.key("hl_signin")
        form.locator("input[type=text]").first.fill(username)
        form.locator("input[type=password]").fill(password)
        self.do(form.get_by_test_id("stFormSubmitButton").get_by_role("button").click)

    def sign_out(self) -> None:
        self.open_chip("hl_account_menu")
        self.do(self.key("hl_sign_out").get_by_role("button").click)

    def open_chip(self, name: str) -> None:
        self.do(self.key(name).get_by_role("button").first.click)

    def menu_links(self) -> Locator:
        return self.key("hl_navigation").get_by_role("link")

    def menu(self) -> list[str]:
        """Return the pages of the menu; while a page is drawn anew there is none for a moment."""
        links = self.menu_links()
        expect(links).not_to_have_count(0)
        return links.all_inner_texts()

    def follow(self, page: str) -> None:
        """Click a page's name in the menu."""
        self.do(self.key(f"hl_to_{page}").get_by_role("link").click)

    def choose_language(self, name: str) -> None:
        self.open_chip("hl_account_menu")
        self.do(self.page.get_by_role("radio", name=name, exact=True).click)
        self.page.keyboard.press("Escape")

    def code(self, within: Locator) -> str:
        """Return the text of a code block, which the browser fills after it has drawn it."""
        # Those in closed sections are there too, and have no text to read.
        block = within.get_by_test_id("stCode").filter(visible=True).first
        expect(block).to_contain_text(re.compile(r"\S"))
        return block.inner_text().strip()

    def heading(self) -> Locator:
        return self.page.locator("h1")

    def sentence(self) -> Locator:
        return self.page.locator(".hl-sentence").first

    def expect_query(self, wanted: dict[str, str]) -> None:
        """Wait until the address carries exactly these parameters."""
        deadline = perf_counter() + 5
        while self.query() != wanted and perf_counter() < deadline:
            self.page.wait_for_timeout(50)
        assert self.query() == wanted, self.page.url

    def query(self) -> dict[str, str]:
        found = parse_qs(urlsplit(self.page.url).query)
        return {name: values[0] for name, values in found.items()}

    def path(self) -> str:
        return urlsplit(self.page.url).path.strip("/")

    def expect_state(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator(".hl-state h2")).to_have_text(text)
