"""The running app meets a full disk, says so in words, and works on when there is space again."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.domain.identity import Role
from core.services.identity import users
from tests.e2e.driver import Reader
from tests.support.app_process import AppProcess, running_app
from tests.support.browsing import sign_in
from tests.support.harbour import OWNER_LOGIN, build_harbour, tenant_log

SIZE = "96m"
FULL = re.compile(r"(disk .* is full|No space is left)")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"A small disk can be mounted by root only: {done.stderr}"
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_app_works_on_after_a_full_disk(
    browser: Browser, small_disk: Path, tmp_path: Path
) -> None:
    home = small_disk / "home"
    harbour = build_harbour(home)
    owner = users.actor_of_os_login(harbour.workspace, OWNER_LOGIN)
    people = {each.role: each for each in users.make_demo_users(harbour.workspace, actor=owner)}
    harbour.workspace.store.close()
    log = tmp_path / "log.csv"
    rows = tenant_log().tail(20)
    rows.assign(tenant=[f"N{number}" for number in range(20)]).to_csv(log, index=False)
    with running_app(home) as app:
        reader = _new_reader(browser, app)
        person = people[Role.data_scientist]
        sign_in(reader, (person.username, person.password))
        reader.go("drift?model=loans", "Drift")

        ballast = small_disk / "ballast"
        _fill(ballast)
        # What is only read is still shown, also what nobody has asked for before.
        for page, heading in (("overview", "Overview"), ("operations?model=loans", "Operations")):
            reader.go(page, heading)
            expect(reader.page.locator(".hl-wrong")).to_have_count(0)
        _upload(reader, log)
        expect(reader.page.get_by_test_id("stAlert").filter(has_text=FULL)).to_be_visible()
        other = _new_reader(browser, app)
        other.go("overview")
        somebody = people[Role.compliance]
        other.sign_in(somebody.username, somebody.password)
        expect(other.page.get_by_text(FULL).first).to_be_visible()

        ballast.unlink()
        with other.page.expect_response("**/auth/session"):
            other.sign_in(somebody.username, somebody.password)
        expect(other.page.locator("h1")).not_to_be_empty()
        _upload(reader, log)
        expect(reader.page.get_by_text("log.csv: 20 rows stored")).to_be_visible(timeout=90_000)
        reader.go("drift?model=loans", "Drift")
        assert app.process.poll() is None
        for each in (reader, other):
            each.context.close()


def _new_reader(browser: Browser, app: AppProcess) -> Reader:
    context = browser.new_context(locale="en-GB", viewport={"width": 1280, "height": 900})
    return Reader(context, context.new_page(), app.url)


def _upload(reader: Reader, log: Path) -> None:
    reader.go("ingest?model=tenants", "Ingest")
    form = reader.key("ingest_file")
    form.locator("input[type=file]").set_input_files(log)
    expect(form.get_by_text("log.csv")).to_be_visible()
    reader.do(reader.page.get_by_role("button", name="Ingest the file").click)


def _fill(path: Path) -> None:
    """Write until nothing more fits."""
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            try:
                while file.write(b"\0" * size):
                    os.fsync(file.fileno())
            except OSError:
                continue
