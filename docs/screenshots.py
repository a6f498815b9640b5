"""Take the README's pictures from a running demo: ``python -m docs.screenshots [URL]``."""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.bootstrap import open_workspace
from core.config import load_settings
from core.services import users
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
    "performance": "performance?model=sba-loan-default",
    "segments": "segments?model=sba-loan-default",
    "fairness": "fairness?model=loanapp-fair-lending",
    "alerts": "alerts?model=sba-loan-default",
}
VARIANTS = (("light", "en"), ("dark", "zh-HK"))


def main(url: str = "http://127.0.0.1:8501") -> None:
    """Sign in as the demo's data scientist and photograph each page in each variant."""
    person = users.demo_users(open_workspace(load_settings()))[0]
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(find_browser()), args=["--no-sandbox"]
        )
        for theme, language in VARIANTS:
            context = browser.new_context(
                viewport={"width": 1360, "height": 900},
                color_scheme="dark" if theme == "dark" else "light",
                locale=language,
                timezone_id="Asia/Hong_Kong",
            )
            page = context.new_page()
            page.goto(f"{url}/?lang={language}")
            page.locator(f".st-key-hl_demo_{person.username} button").first.click()
            _settle(page)
            for name, address in PICTURES.items():
                page.goto(f"{url}/{address}&lang={language}")
                _settle(page)
                suffix = theme if language == "en" else f"{theme}-{language}"
                page.screenshot(path=IMAGES / f"{name}-{suffix}.png")
            context.close()
        browser.close()


def _settle(page: Page) -> None:
    app = "[data-testid=stApp]"
    page.wait_for_selector(f"{app}[data-test-connection-state=CONNECTED]")
    page.wait_for_timeout(600)
    page.wait_for_selector(f"{app}[data-test-script-state=notRunning]", timeout=60_000)
    page.wait_for_timeout(1200)


if __name__ == "__main__":
    main(*sys.argv[1:2])
