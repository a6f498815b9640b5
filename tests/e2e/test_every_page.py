"""Every page in the browser, as each role that may open it sees it: axe, telephone, policy."""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from app.nav import ENTRIES
from core.auth.policy import POLICY
from core.domain.identity import Role
from core.i18n import LOCALES, translator
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.outbound.watch import reaches_nobody
from tests.support.browsing import WIDE

PAGES = {entry.key.replace("_", "-"): entry for entry in ENTRIES}
TITLES = {page: entry.title for page, entry in PAGES.items()}
OF_MODELS = tuple(page for page, entry in PAGES.items() if entry.chips)
WITH_CHARTS = {
    "outcomes", "operations", "drift", "data-quality", "performance", "segments", "fairness",
}  # fmt: skip
# Violations that are not ours to mend: rule → part of the element's HTML, and why.
ALLOWED: dict[str, tuple[str, str]] = {}
# Every place of the page's heading while it could be read.
WHERE_IT_WAS_SEEN = """
window.seen = [];
const look = () => {
  const heading = document.querySelector("h1");
  if (heading?.checkVisibility({ visibilityProperty: true })) {
    const top = heading.getBoundingClientRect().top;
    if (window.seen.at(-1) !== top) window.seen.push(top);
  }
  requestAnimationFrame(look);
};
look();
"""


@dataclass(frozen=True)
class Round:
    """Somebody who opens pages, in a language and a theme."""

    role: Role
    lang: str
    theme: str
    only: tuple[str, ...] = ()

    def pages(self) -> tuple[str, ...]:
        """Return the addresses that the role may open."""
        allowed = POLICY[self.role]
        return self.only or tuple(
            page for page, entry in PAGES.items() if entry.permission in allowed
        )


LEADS = tuple(
    page
    for page, entry in PAGES.items()
    if entry.permission in POLICY[Role.compliance_lead] - POLICY[Role.admin]
)
ROUNDS = (
    Round(Role.admin, "en", "light"),
    Round(Role.compliance_lead, "zh-HK", "dark"),
    Round(Role.auditor, "zh-CN", "light"),
    Round(Role.data_scientist, "zh-HK", "light"),
    Round(Role.compliance, "en", "dark"),
    Round(Role.business, "zh-CN", "dark"),
    Round(Role.admin, "zh-CN", "dark", only=("ingest",)),
    # What is not for who runs the machine, and what is for a lead alone.
    Round(Role.compliance_lead, "en", "light", only=LEADS),
    Round(Role.compliance_lead, "zh-CN", "light", only=LEADS),
)
CASES = [(each, page) for each in ROUNDS for page in each.pages()]
FIRST = (Role.admin, Role.compliance_lead)  # in English and light, in Chinese and dark
# Whoever opens the app anew takes as long as three pages.
QUICK = [each for each in ROUNDS if each.role in FIRST and each.lang != "zh-CN"]


def case_at_once(page: str) -> Round:
    """Return whose eyes ``make test`` sees a page with: those of few, who take turns.

    They go from page to page by the menu. ``make check`` opens each by its address, in every role's
    eyes, all languages and both themes. That texts are there in each language, and colours apart in
    each theme, is proven without a browser.
    """
    found = [each for each in QUICK if page in each.pages()]
    return found[list(PAGES).index(page) % len(found)]


AT_ONCE = {
    turn: [page for page in PAGES if case_at_once(page) == turn]
    for turn in ROUNDS
    if any(case_at_once(page) == turn for page in PAGES)
}


def test_the_rounds_leave_nothing_out() -> None:
    opened = {(page, each.role) for each in ROUNDS for page in each.pages()}
    for page, entry in PAGES.items():
        assert {role for role in Role if entry.permission in POLICY[role]} == {
            role for found, role in opened if found == page
        }
        assert {each.lang for each, found in CASES if found == page} == set(LOCALES)
        first = [each for each, found in CASES if found == page and each.role in FIRST]
        assert {each.theme for each in first} == {"light", "dark"}
        assert len({each.lang for each in first}) > 1
    for case in (ROUNDS[0], ROUNDS[1]):
        assert len(AT_ONCE[case]) > len(PAGES) / 3
    assert sorted(page for pages in AT_ONCE.values() for page in pages) == sorted(PAGES)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("turn", AT_ONCE, ids=lambda turn: f"{turn.role}-{turn.lang}")
def test_pages_of_the_menu_as_their_readers_see_them(
    visit: Callable[..., Reader], served: Served, turn: Round
) -> None:
    """Each page once, in somebody's eyes; neither it nor the app behind it asks a stranger."""
    reader = visit(turn.role, color_scheme=turn.theme)
    reader.go(f"overview?model=loans&lang={turn.lang}", translator(turn.lang)(TITLES["overview"]))
    for page in AT_ONCE[turn]:
        title = translator(turn.lang)(TITLES[page])
        reader.page.set_viewport_size(WIDE)
        reader.settle()
        if title in reader.menu():
            reader.follow(PAGES[page].key)
            expect(reader.heading()).to_have_text(title)
            reader.settle()
        else:
            reader.go(f"{page}?model=loans&lang={turn.lang}", title)
        is_sound(reader, page)
    reaches_nobody(served.watch)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turn", "page"),
    [
        pytest.param(*case, id=f"{case[1]}-{case[0].role}-{case[0].lang}-{case[0].theme}")
        for case in CASES
    ],
)
def test_a_page_as_its_readers_see_it(visit: Callable[..., Reader], turn: Round, page: str) -> None:
    reader = visit(turn.role, color_scheme=turn.theme)
    reader.go(f"{page}?model=loans&lang={turn.lang}", translator(turn.lang)(TITLES[page]))
    is_sound(reader, page)


def is_sound(reader: Reader, page: str) -> None:
    """Nothing serious by axe, nobody else asked, no complaint; a telephone scrolls down only."""
    if page in WITH_CHARTS:
        expect(reader.page.locator(".js-plotly-plot").first).to_be_visible()
    assert serious(reader) == [], page
    reader.page.set_viewport_size({"width": 390, "height": 844})
    reader.settle()
    widths = reader.page.evaluate(
        """() => [document.documentElement, document.querySelector('[data-testid=stMain]')]
            .map(element => [element.scrollWidth, element.clientWidth])"""
    )
    assert all(content <= room for content, room in widths), (page, widths)
    assert strangers(reader) == set(), page
    assert reader.errors == [], page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sign_in_as_its_readers_see_it(new_reader: Callable[..., Reader], theme: str) -> None:
    reader = new_reader(color_scheme=theme)
    reader.go("")
    expect(reader.key("hl_signin")).to_be_visible()
    assert serious(reader) == []
    assert strangers(reader) == set()
    assert reader.errors == []


@pytest.mark.parametrize("page", ["overview", "drift"])
def test_a_page_that_is_opened_on_a_telephone(visit: Callable[..., Reader], page: str) -> None:
    """The menu is shut then, and charts are drawn small from the start."""
    reader = visit(Role.admin, viewport={"width": 390, "height": 844})
    reader.go(f"{page}?model=loans", TITLES[page])
    room = reader.page.get_by_test_id("stMain").evaluate("e => e.scrollWidth <= e.clientWidth")
    assert room
    assert serious(reader) == []


def test_what_is_read_stays_where_it_is(visit: Callable[..., Reader]) -> None:
    """The links of the menu, held back, come after the page; it is not seen to move."""
    reader = visit(Role.admin, locale="en-GB")  # a window that has none of the app's scripts
    reader.page.add_init_script(WHERE_IT_WAS_SEEN)
    held: list[Route] = []
    reader.page.route("**/PageLink.*.js", lambda route: held.append(route))
    reader.page.goto(f"{reader.url}/account")
    # The page waits seconds only; here it would wait for a slow machine as well.
    reader.page.add_style_tag(content="* { animation-duration: 60s !important }")
    expect(reader.heading()).to_be_attached()
    assert held
    expect(reader.heading()).to_be_hidden()
    reader.page.evaluate("window.seen = []")  # where it stood before the style came is no reading
    held[0].continue_()
    expect(reader.heading()).to_be_visible()
    reader.settle()
    assert reader.menu_links().count() > 12  # on two lines
    assert len(reader.page.evaluate("window.seen")) == 1


@pytest.mark.parametrize(
    ("role", "paths"),
    [
        (Role.admin, ("drift",)),
        *(
            pytest.param(role, paths, id=f"all-{role}", marks=pytest.mark.slow)
            for role, paths in (
                (Role.admin, [each for each in OF_MODELS if each not in LEADS]),
                (Role.compliance_lead, [each for each in OF_MODELS if each in LEADS]),
            )
        ),
    ],
)
def test_how_long_pages_take(
    visit: Callable[..., Reader],
    record_property: Callable[[str, object], None],
    role: Role,
    paths: tuple[str, ...],
) -> None:
    reader = visit(role)
    reader.go("account?model=loans", "My account")
    for path in paths:
        start = perf_counter()
        reader.key(f"hl_to_{path.replace('-', '_')}").get_by_role("link").click()
        expect(reader.heading()).to_have_text(TITLES[path])
        expect(reader.sentence()).to_be_visible()
        shown = perf_counter() - start
        reader.settle()
        loaded = reader.go(f"{path}?model=loans", TITLES[path])
        record_property(
            "page time", f"{path}: {shown:.2f} s from the menu, {loaded:.2f} s with the app itself"
        )


def serious(reader: Reader) -> list[str]:
    """Return what axe finds serious or critical on the page."""
    violations: list[dict[str, Any]] = Axe().run(reader.page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:300]} {node['failureSummary']}"
        for violation in violations
        if violation["impact"] in {"serious", "critical"}
        for node in violation["nodes"]
        if not _is_allowed(violation["id"], node["html"])
    ]


def strangers(reader: Reader) -> set[str]:
    """Return the hosts beside this server that the browser was made to ask."""
    asked = {urlsplit(address).netloc for address in reader.requests if "://" in address}
    return asked - {urlsplit(reader.url).netloc}


def _is_allowed(rule: str, html: str) -> bool:
    return rule in ALLOWED and ALLOWED[rule][0] in html
