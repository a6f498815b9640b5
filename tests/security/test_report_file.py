"""Evidently's report, opened from a disk, where no header of the app protects it.

Every attack stands among the values at once; all of them as columns, too, with `make check`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from core.domain.identity import Role
from core.reports.evidently_report import write_report
from core.services import reports
from core.services.jobs import tasks, worker
from core.services.questions import Question
from core.store.identity import users as stored
from tests.security.conftest import Site
from tests.security.hostile import EVIL, MODEL, PAYLOADS

pytestmark = pytest.mark.e2e
BREAKING_OUT = (
    "</script><img src=x onerror=window.__owned=1,alert(1)>",
    "</script><script>window.__owned=1;alert(2)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(3)>',
    "&lt;img src=x onerror=alert(4)&gt;",
    f"<a href='javascript:alert(5)'>x</a><img src=https://{EVIL}/y>",
)


class OpenedFile:
    """A file in a browser of its own, with what it did while it was drawn."""

    def __init__(self, page: Page, path: Path) -> None:
        self.dialogs: list[str] = []
        self.requests: list[str] = []
        self.errors: list[str] = []
        page.on("dialog", self._answer)
        page.on("request", lambda asked: self.requests.append(asked.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        self.page = page
        page.goto(path.as_uri())

    def _answer(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error":
            self.errors.append(text)

    def assert_unharmed(self) -> None:
        """Nothing ran or asked, and the browser's policy had nothing to refuse."""
        assert self.dialogs == []
        assert self.page.evaluate("window.__owned") is None
        assert [url for url in self.requests if not url.startswith(("file:", "data:"))] == []
        assert [error for error in self.errors if "Content Security Policy" in error] == []
        planted = self.page.evaluate(
            """() => [...document.querySelectorAll('[src],[href],[onerror],[onload],iframe')]
                .filter(e => [...e.attributes].some(a => /^on/.test(a.name) ||
                    /^\\s*javascript:/i.test(a.value) || /evil\\.invalid/.test(a.value)))
                .map(e => e.outerHTML.slice(0, 200))"""
        )
        assert planted == []


def drawn(browser: Browser, path: Path, text: str) -> OpenedFile:
    """Open a file, and wait until a text of its last part stands there."""
    page = browser.new_context().new_page()
    opened = OpenedFile(page, path)
    expect(page.get_by_text(text, exact=True).first).to_be_visible()
    for details in page.locator("tbody button").all()[:6]:  # the rows' charts
        details.click()
    page.wait_for_timeout(1_000)
    return opened


@pytest.mark.parametrize(
    "names",
    [BREAKING_OUT[:2], pytest.param(BREAKING_OUT, marks=pytest.mark.slow)],
    ids=["two", "all"],
)
def test_attacks_in_categories_and_column_names(
    browser: Browser, tmp_path: Path, names: tuple[str, ...]
) -> None:
    """What ends a script, opens a tag, hides in an entity or links away, as category and column.

    The file shows lookalikes: no dialog, no request, no element made of them; each of its charts
    is drawn.
    """
    draw = np.random.default_rng(5)
    attacks = (*BREAKING_OUT, *PAYLOADS)
    numeric, categorical = names[::2], (*names[1::2], "sector")
    frame = pd.DataFrame(
        {name: draw.normal(size=200) for name in numeric}
        | {name: draw.choice(["plain", *attacks], 200) for name in categorical}
    )
    path = tmp_path / "report.html"
    write_report(
        frame, frame.sample(150, random_state=1),
        numeric=numeric, categorical=categorical, target=path,
    )  # fmt: skip
    opened = drawn(browser, path, "sector")
    opened.assert_unharmed()
    assert opened.page.locator(".js-plotly-plot").count() > 0
    opened.page.context.close()


def test_a_model_whose_every_text_is_an_attack(browser: Browser, site: Site) -> None:
    """The report of the hostile workspace: attacks as its name, labels, columns and categories.

    Nothing runs, nothing is asked for.
    """
    workspace = site.hostile.workspace
    with workspace.store.read() as conn:
        found = stored.find_by_username(conn, site.hostile.log_ins[Role.admin][0])
    assert found is not None
    owner = found.actor("web")
    ticket = reports.order_report(workspace, Question(MODEL), actor=owner)
    job = reports.newest_report(workspace, MODEL, actor=owner)
    while job is None or job.state in {"queued", "running"}:  # the app's own worker may have it
        worker.run_one(workspace, tasks.HANDLERS, owner="test")
        job = reports.newest_report(workspace, MODEL, actor=owner)
    assert (job.id, job.state) == (ticket.id, "done"), job.error
    path = reports.report_file(workspace, job, actor=owner)
    assert path is not None
    opened = drawn(browser, path, "loan amount")
    opened.assert_unharmed()
    opened.page.context.close()


def test_what_escaping_missed_is_stopped_by_the_file_s_own_policy(
    browser: Browser, tmp_path: Path
) -> None:
    """A handler, a script and an image from elsewhere put into the opened file by hand.

    The policy in the file refuses all three.
    """
    frame = pd.DataFrame({"income": np.arange(50.0)})
    path = tmp_path / "report.html"
    write_report(frame, frame, numeric=["income"], categorical=[], target=path)
    opened = drawn(browser, path, "income")
    opened.page.evaluate(
        f"""() => {{
            const box = document.createElement('div');
            box.innerHTML = '<img src=x onerror="window.__owned=1"><img src=https://{EVIL}/y>';
            const script = document.createElement('script');
            script.textContent = 'window.__owned = 2';
            document.body.append(box, script);
        }}"""
    )
    opened.page.wait_for_timeout(500)
    assert opened.page.evaluate("window.__owned") is None
    assert len([e for e in opened.errors if "Content Security Policy" in e]) >= 3
    opened.page.context.close()
