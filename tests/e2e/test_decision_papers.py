"""From the list of what differs to a letter and a dossier, each checked outside of the app."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest
from playwright.sync_api import Browser, Locator, expect
from pypdf import PdfReader
from sqlalchemy import update

from core.config import load_settings
from core.domain.identity import Role
from core.services import ingest
from core.services.audit.checkpoints import verifier_of
from core.services.identity import users
from core.services.identity.users import DemoUser
from core.store.tables import session
from tests.core.cli.conftest import run
from tests.e2e.driver import Reader
from tests.e2e.test_every_page import serious
from tests.support.app_process import running_app
from tests.support.browsing import WIDE, sign_in
from tests.support.demo_slices import DEMO, SBA, sba_log
from tests.support.dossiers import check_apart
from tests.support.explained import Explained, an_explained_workspace, put_code_book
from tests.support.harbour import OWNER_LOGIN
from tests.support.program import Run

__all__ = ["run"]


class Office(NamedTuple):
    """The workspace behind the app, its people, and how one of them comes to it."""

    world: Explained
    people: dict[Role, DemoUser]
    enter: Callable[[Role], Reader]


@pytest.fixture
def office(browser: Browser, run: Run) -> Iterator[Office]:
    """An app with declined loans that were repaid in the end."""
    home = load_settings().home
    world = an_explained_workspace(home, log=sba_log(every=600))
    put_code_book(world)
    known = pd.read_parquet(DEMO / SBA / "outcomes.parquet")
    path = home.parent / "outcomes.parquet"
    known[known["loan_id"].isin(world.log["loan_id"])].to_parquet(path)
    admin = world.people[Role.admin]
    ingest.ingest_files(world.workspace, SBA, [path], stream="outcomes", actor=admin)
    owner = users.actor_of_os_login(world.workspace, OWNER_LOGIN)
    people = {each.role: each for each in users.make_demo_users(world.workspace, actor=owner)}
    contexts = []

    def enter(role: Role) -> Reader:
        context = browser.new_context(locale="en-GB", viewport=WIDE)
        contexts.append(context)
        reader = Reader(context, context.new_page(), app.url)
        return sign_in(reader, (people[role].username, people[role].password))

    with running_app(home) as app:
        yield Office(world, people, enter)
        for context in contexts:
            context.close()
    world.workspace.store.close()


def let_time_pass(world: Explained) -> None:
    """Make everybody's last proof older than it may be."""
    with world.workspace.store.begin() as conn:
        old = datetime.now(UTC) - timedelta(hours=1)
        conn.execute(update(session).values(authenticated_at=old))


def taken(reader: Reader, name: str) -> bytes:
    """Return the file that a link gives."""
    with reader.page.expect_download() as started:
        reader.page.get_by_role("link", name=name).click()
    return Path(started.value.path()).read_bytes()


def opened(reader: Reader, key: str) -> Locator:
    """Open a part that is folded, and return it."""
    part = reader.key(key)
    reader.press(part.locator("summary"))
    return part


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_decision_that_differs_is_explained_told_and_handed_to_an_examiner(
    office: Office, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    reader = office.enter(Role.compliance)
    reader.go(f"explanations?model={SBA}", "Explanations")
    declined = reader.page.locator(".hl-table tbody tr").filter(has_text="decline").first
    reader.do(declined.get_by_role("link").first.click)
    expect(reader.heading()).to_have_text("Decision", timeout=60_000)
    expect(reader.sentence()).to_contain_text("“decline” was decided")
    prediction = reader.query()["prediction"]

    reader.do(reader.page.get_by_role("tab", name="Kept explanations").click)
    reader.press(reader.page.get_by_role("button", name="Keep this explanation"))
    expect(reader.page.get_by_text("Kept, the newest first")).to_be_visible()

    code, letter = _a_letter_in_chinese(office, reader)
    file = tmp_path / "letter.pdf"
    file.write_bytes(letter)
    officer = office.world.people[Role.compliance]
    monkeypatch.setattr(users, "actor_of_os_login", lambda *_: officer)
    status, told, _ = run("letter", "check", code, "--file", str(file))
    assert status == 0
    assert f"a letter with reasons in zh-HK about {prediction}" in told
    assert "The file is the letter, as pdf." in told
    assert reader.errors == []

    _a_dossier_that_holds(office, prediction, tmp_path)


def _a_letter_in_chinese(office: Office, reader: Reader) -> tuple[str, bytes]:
    """Release a letter, proving who one is on the way; return its code and its file."""
    form = opened(reader, "decision_letter")
    reader.do(form.get_by_role("radio", name="繁體中文").click)
    let_time_pass(office.world)
    reader.press(form.get_by_role("button", name="Release the letter"))
    dialog = reader.page.get_by_role("dialog")
    expect(dialog.get_by_text("Is it you?")).to_be_visible()
    dialog.locator("input[type=password]").fill(office.people[Role.compliance].password)
    reader.do(dialog.get_by_role("button", name="Continue").click)

    expect(reader.page.get_by_role("heading", name="The letter is released")).to_be_visible()
    shown = reader.page.locator(".hl-panel-pairs").filter(has_text="Check code").inner_text()
    reference = re.search(r"LT-\w{5}-\w{5}", shown)
    code = re.search(r"Check code\s+(\w{5}-\w{5})", shown)
    assert reference is not None
    assert code is not None
    assert serious(reader) == []
    content = taken(reader, "Download the letter")
    (page,) = PdfReader(BytesIO(content)).pages
    text = page.extract_text()
    assert reference[0] in text
    assert code[1] in text
    assert "核對碼" in text.replace(" ", "")
    return code[1], content


def _a_dossier_that_holds(office: Office, prediction: str, folder: Path) -> None:
    """Let the lead make the dossier; it is checked apart, and one changed byte is found."""
    reader = office.enter(Role.compliance_lead)
    reader.go(f"decision?model={SBA}&prediction={prediction}", "Decision")
    form = opened(reader, "decision_dossier")
    form.get_by_label("Who gets it, such as an examiner's office").fill("An examiner's office")
    form.get_by_label("Why, for the audit trail; name nobody").fill("Examination 12")
    reader.do(lambda: reader.page.keyboard.press("Tab"))
    reader.press(form.get_by_role("button", name="Make the dossier"))
    expect(reader.page.get_by_text("The dossier is made, and on record")).to_be_visible()
    assert serious(reader) == []
    dossier = taken(reader, "Download the dossier")
    reader.do(reader.page.get_by_role("tab", name="Timeline").click)
    expect(reader.page.get_by_text("A dossier was given to An examiner's office")).to_be_visible()
    assert reader.errors == []

    key = verifier_of(office.world.workspace).text()
    code, said = check_apart(folder / "apart", dossier, "--key", key)
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said
    changed = bytearray(dossier)
    place = dossier.index(b'"decline"')
    changed[place + 1] ^= 1
    file = folder / "apart" / "changed.zip"
    file.write_bytes(changed)
    done = subprocess.run(
        [sys.executable, "-I", str(folder / "apart" / "verify.py"), str(file), "--key", key],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "FAIL"), done.stderr
