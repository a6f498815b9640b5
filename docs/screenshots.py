"""Take the README's pictures from a running demo: ``python -m docs.screenshots [URL [NAME …]]``."""

import sys
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from core.bootstrap import open_workspace
from core.config import load_settings
from core.domain.identity import Role
from core.domain.review import CaseState
from core.services.identity import users
from core.services.review.cases import CaseFilter, list_cases
from core.services.workspace import Workspace
from core.store.identity import users as store_users
from tests.browser import find_browser

IMAGES = Path(__file__).parent / "images"
PICTURES = {
    "outcomes": "outcomes?model=sba-loan-default&kpi=default_rate&period=2007-Q4&beside=last-year",
    "value": "value?model=sba-loan-default",
    "portfolio": "portfolio?model=sba-loan-default",
    "overview": "overview?model=sba-loan-default",
    "drift": "drift?model=sba-loan-default",
    "operations": "operations?model=sba-loan-default",
    "data-quality": "data-quality?model=sba-loan-default",
    "model": "model?model=sba-loan-default",
    "model-card": "model-card?model=sba-loan-default",
    "performance": "performance?model=sba-loan-default",
    "segments": "segments?model=sba-loan-default",
    "fairness": "fairness?model=loanapp-fair-lending",
    "alerts": "alerts?model=sba-loan-default",
}
REVIEW_PICTURES = {
    "queue": "review?model=sba-loan-default",
    "decision": "decision?model=sba-loan-default&prediction=1600175005",
    "explanations": "explanations?model=sba-loan-default",
    "oversight-quality": "oversight-quality?model=sba-loan-default",
    "requests": "requests?model=sba-loan-default",
}
VARIANTS = (("light", "en"), ("dark", "zh-HK"))
# The same size and content for a second; fifteen seconds at most, after which it is as it is.
AT_REST = """async () => {
  const look = () => `${document.body.innerHTML.length} ${document.body.innerText.length} ` +
    document.querySelector("[data-testid=stMain]")?.scrollHeight;
  for (let last = "", still = 0, turn = 0; still < 8 && turn < 120; turn++) {
    const now = look();
    still = now === last ? still + 1 : 0;
    last = now;
    await new Promise((done) => setTimeout(done, 125));
  }
}"""


def main(url: str = "http://127.0.0.1:8501", *names: str) -> None:
    """Photograph each page in each variant, as the demo's data scientist and as its lead.

    Names choose pictures; without any, all are taken.

    The lead claims one case for the picture of a case, if nobody has it.
    """
    workspace = open_workspace(load_settings())
    people = {each.role: each.username for each in users.demo_users(workspace)}
    case = f"case?model=sba-loan-default&case={a_case(workspace, people[Role.compliance_lead])}"
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser()), args=["--no-sandbox"]
        )
        for theme, language in VARIANTS:
            suffix = theme if language == "en" else f"{theme}-{language}"
            for role, pictures in (
                (Role.data_scientist, PICTURES),
                (Role.compliance_lead, {**REVIEW_PICTURES, "case": case}),
            ):
                page = _signed_in(browser, url, people[role], theme, language)
                for name, address in pictures.items():
                    if names and name not in names:
                        continue
                    page.goto(f"{url}/{address}&lang={language}")
                    settle(page)
                    claim = page.locator(".st-key-case_claim button")
                    if claim.count():
                        claim.click()
                        settle(page)
                    if name == "case":
                        page.keyboard.press("o")
                        settle(page)
                    page.screenshot(path=IMAGES / f"{name}-{suffix}.png")
                page.context.close()
        browser.close()


def a_case(workspace: Workspace, username: str) -> int:
    """Return a case near the cut-off: one that the reader has already, or else one that waits."""
    with workspace.store.read() as conn:
        user = store_users.find_by_username(conn, username)
    if user is None:
        raise SystemExit("This is no demo workspace: run 'harbourlight demo' first.")
    reader = user.actor("cli")
    for wanted in (
        CaseFilter(states=(CaseState.claimed,), mine=True),
        CaseFilter(states=(CaseState.open,), size=200),
    ):
        for each in list_cases(workspace, wanted, actor=reader).cases:
            if each.decision == "decline" and not each.score_hidden:
                return each.id
    raise SystemExit("No declined case waits in the demo's queue.")


def _signed_in(browser: Browser, url: str, username: str, theme: str, language: str) -> Page:
    context = browser.new_context(
        viewport={"width": 1360, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale=language,
        timezone_id="Asia/Hong_Kong",
    )
    page = context.new_page()
    page.goto(f"{url}/?lang={language}")
    page.locator(f".st-key-hl_demo_{username} button").first.click()
    settle(page)
    return page


def settle(page: Page) -> None:
    """Wait until the app has drawn what was asked for, and nothing on the page changes any more."""
    app = "[data-testid=stApp]"
    page.wait_for_selector(f"{app}[data-test-connection-state=CONNECTED]")
    page.wait_for_timeout(300)
    page.wait_for_selector(f"{app}[data-test-script-state=notRunning]", timeout=180_000)
    page.locator("[data-testid=stSkeleton]").first.wait_for(state="detached")
    page.evaluate(AT_REST)


if __name__ == "__main__":
    main(*sys.argv[1:])
