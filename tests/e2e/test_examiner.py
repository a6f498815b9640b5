"""An examiner draws five decisions, takes their pack, and checks it with nothing of ours."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.domain.identity import Role
from core.reports.dossier.verify import unpacked
from core.services.audit.checkpoints import verifier_of
from tests.e2e.conftest import Served
from tests.e2e.driver import Reader
from tests.e2e.test_every_page import serious


@pytest.mark.timeout(300)
def test_from_the_draw_to_the_check_on_another_machine(
    visit: Callable[..., Reader], served: Served, tmp_path: Path
) -> None:
    reader = visit(Role.auditor)
    reader.go("examiner?model=loans", "Examiner room")
    page = reader.page
    reader.do(lambda: _fill(reader, "How many", "5"))
    reader.do(lambda: _fill(reader, "Words of your own for the seed", "Grey heron at the pier"))
    reader.do(lambda: _fill(reader, "Why, for the record", "Examination 12"))
    reader.press(reader.key("examiner_count").get_by_role("button"))
    expect(page.get_by_text("with 95% confidence at most").first).to_be_visible()
    reader.press(reader.key("examiner_draw").get_by_role("button"))
    expect(reader.sentence()).to_contain_text("One sample")
    reader.go("examiner?model=loans", "Examiner room")
    assert serious(reader) == []

    reader.do(lambda: _fill(reader, "Who gets the pack", "An examiner's office"))
    page.locator("[class*=st-key-examiner_reason] input").fill("Examination 12")
    reader.do(lambda: page.keyboard.press("Tab"))
    reader.press(page.locator("[class*=st-key-examiner_pack] button"))
    fetch = page.locator("[class*=st-key-examiner_fetch] button")
    expect(fetch).to_be_visible(timeout=120_000)
    reader.press(fetch)
    link = page.get_by_role("link", name="Download the pack of 5 dossiers (ZIP)")
    expect(link).to_be_visible()
    with page.expect_download() as started:
        link.click()
    pack = Path(started.value.path()).read_bytes()

    key = verifier_of(served.harbour.workspace).text()
    for name in ("verify.py", "verify_dossier.py"):
        (tmp_path / name).write_bytes(unpacked(pack)[name])
    assert _checked(tmp_path, pack, key) == (0, "PASS")
    changed = bytearray(pack)
    changed[len(changed) // 2] ^= 1
    assert _checked(tmp_path, bytes(changed), key) == (1, "FAIL")

    reader.do(page.get_by_role("radio", name="What was given to whom").click)
    expect(page.get_by_text("An examiner's office").first).to_be_visible()
    reader.do(page.get_by_role("radio", name="My views").click)
    expect(page.get_by_role("cell", name="Examiner room").first).to_be_visible()
    assert reader.errors == []


def _fill(reader: Reader, label: str, text: str) -> None:
    field = reader.page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Tab")


def _checked(folder: Path, pack: bytes, key: str) -> tuple[int, str]:
    """Run the pack's own program on it, isolated; return the exit code and the last line."""
    (folder / "pack.zip").write_bytes(pack)
    words = [str(folder / "verify.py"), str(folder / "pack.zip"), "--key", key]
    done = subprocess.run(
        [sys.executable, "-I", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines()[-1]
