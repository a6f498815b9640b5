"""The walk of the examiner: twenty decisions, a pack, a machine without us, one changed byte."""

import re
import subprocess
import venv
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.config import PROJECT_ROOT
from core.domain.identity import Role
from core.services.audit.checkpoints import verifier_of
from tests.e2e.driver import Reader
from tests.walks.conftest import Demo
from tests.walks.walk import Walk

Open = Callable[..., Reader]
WANTS = (
    "An examiner of the supervisor comes for two days a year and takes nothing on trust. They want "
    "twenty decisions that nobody could choose for them, and the papers of each; they check these "
    "at their own desk, on a machine that has nothing of Harbourlight. A colleague there has "
    "changed one byte of one paper: do they find it?"
)
PACK = "Download the pack of 20 dossiers (ZIP)"
PROGRAMS = {
    "verify.py": "core/reports/dossier_pack/verify.py",
    "verify_dossier.py": "core/reports/dossier/verify.py",
}
NEEDED = ("cryptography", "cffi", "_cffi_backend", "pycparser")
"""The package that the programs need, and what it is made of."""


class Desk:
    """The examiner's own machine: a Python with the package cryptography and nothing else."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder = folder
        venv.create(folder / "python", with_pip=False)
        self.python = folder / "python" / "bin" / "python"
        (packages,) = (folder / "python" / "lib").glob("python*/site-packages")
        for name in NEEDED:
            self._bring(name, packages)
        for name, source in PROGRAMS.items():
            (folder / name).write_bytes((PROJECT_ROOT / source).read_bytes())
        (folder / "public-key.txt").write_text(f"{key}\n", encoding="utf-8")

    def _bring(self, name: str, packages: Path) -> None:
        found = find_spec(name)
        if found is None or found.origin is None:
            return  # newer releases do without
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (packages / source.name).symlink_to(source)

    def run(self, *words: str) -> tuple[int, list[str]]:
        """Run the machine's Python; return its exit code and the lines that it printed."""
        done = subprocess.run(
            [self.python, "-I", *words],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout.splitlines()

    def checks(self, pack: Path) -> tuple[int, list[str]]:
        """Run the pack's check, as the guide writes it."""
        return self.run("verify.py", str(pack), "--key", "public-key.txt")


def with_a_changed_byte(pack: Path, dossier: str) -> Path:
    """Return a copy of a pack in which one byte of one dossier is another."""
    copy = pack.with_name("copy.zip")
    with zipfile.ZipFile(pack) as honest, zipfile.ZipFile(copy, "w") as changed:
        for entry in honest.infolist():
            content = bytearray(honest.read(entry))
            if entry.filename == dossier:
                content[len(content) // 2] ^= 1
            changed.writestr(entry, bytes(content))
    return copy


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_from_the_draw_to_the_paper_that_was_changed(
    new_reader: Open, new_walk: Callable[..., Walk], demo: Demo, tmp_path: Path
) -> None:
    walk = new_walk("examiner", "Walk of the examiner", WANTS)
    reader = new_reader()
    signs_in(walk, reader, demo)
    draws(walk, reader)
    pack = takes_the_pack(walk, reader, tmp_path / "pack.zip")
    assert reader.errors == []
    desk = Desk(tmp_path, verifier_of(demo.workspace).text())
    assert desk.run("-c", "import core")[0] == 1
    assert desk.run("-c", "import streamlit")[0] == 1
    checks_it_elsewhere(walk, desk, pack)
    finds_the_changed_one(walk, desk, pack)


def signs_in(walk: Walk, reader: Reader, demo: Demo) -> None:
    with walk.step(
        "Opens the address, signs in.",
        sees="The Overview. The menu has what an auditor may read; each page opened is on record.",
        by=reader,
    ):
        reader.go("")
        reader.sign_in(*demo.log_ins[Role.auditor])
        expect(reader.heading()).to_have_text("Overview")
    with walk.step(
        "Follows **Examiner room**.",
        sees="That no sample was drawn yet, and that looking changes nothing.",
        by=reader,
    ):
        reader.follow("examiner")
        expect(reader.heading()).to_have_text("Examiner room")


def draws(walk: Walk, reader: Reader) -> None:
    page = reader.page
    with walk.step(
        "Writes 20, words of their own and the reason, presses **Count what it is drawn from**.",
        sees="How many decisions there are, and what twenty without a fault would show.",
        by=reader,
        picture="Before the draw: the method, the examiner's own words, what the sample can show",
    ):
        fill(reader, "How many", "20")
        fill(reader, "Words of your own for the seed", "Grey heron at the pier")
        fill(reader, "Why, for the record", "Examination 12")
        reader.press(reader.key("examiner_count").get_by_role("button"))
        expect(page.get_by_text("with 95% confidence at most").first).to_be_visible()
    with walk.step(
        "Presses **Draw the sample**.",
        sees="Twenty decisions, with seed, signed root and the hash of what they were drawn from.",
        by=reader,
        picture="The sample, with everything that draws it again",
    ):
        reader.press(reader.key("examiner_draw").get_by_role("button"))
        expect(reader.sentence()).to_contain_text("One sample")
        reader.rest(page.get_by_text("Signed root").first)


def takes_the_pack(walk: Walk, reader: Reader, path: Path) -> Path:
    page = reader.page
    with walk.step(
        "Says who gets the pack and why, presses **Make the pack**, and waits.",
        sees="A bar that fills while each decision is explained and its dossier made.",
        by=reader,
    ):
        fill(reader, "Who gets the pack", "Office of the supervisor")
        page.locator("[class*=st-key-examiner_reason] input").fill("Examination 12")
        reader.do(lambda: page.keyboard.press("Tab"))
        reader.press(page.locator("[class*=st-key-examiner_pack] button"))
        fetch = page.locator("[class*=st-key-examiner_fetch] button")
        expect(fetch).to_be_visible(timeout=900_000)
    with walk.step(
        "Presses **Prepare the pack of 20 dossiers (ZIP)**, then the link.",
        sees="One file, and on the page the three lines that check it.",
        by=reader,
        picture="The pack, ready to take away",
    ):
        reader.press(fetch)
        link = page.get_by_role("link", name=PACK)
        expect(link).to_be_visible()
        with page.expect_download() as started:
            link.click()
    path.write_bytes(Path(started.value.path()).read_bytes())
    return path


def checks_it_elsewhere(walk: Walk, desk: Desk, pack: Path) -> None:
    with walk.step(
        "At their own desk: `python verify.py pack.zip --key public-key.txt`, with the programs "
        "from the source and the key by letter.",
        sees="A line for each file and each claim, all PASS; the draw is repeated, too.",
    ):
        code, lines = desk.checks(pack)
    assert (code, lines[-1]) == (0, "PASS")
    assert not [line for line in lines if line.startswith("FAIL")]
    assert sum("dossiers/" in line for line in lines) >= 20


def finds_the_changed_one(walk: Walk, desk: Desk, pack: Path) -> None:
    copy = with_a_changed_byte(pack, "dossiers/007.zip")
    with walk.step(
        "The same on the copy that went through the colleague's hands.",
        sees="FAIL, and the file: `dossiers/007.zip`. No other dossier is accused.",
    ):
        code, lines = desk.checks(copy)
    failed = [line for line in lines if line.startswith("FAIL") and "dossiers/" in line]
    assert (code, lines[-1]) == (1, "FAIL")
    assert failed
    assert {name for line in failed for name in re.findall(r"dossiers/\d+\.zip", line)} == {
        "dossiers/007.zip"
    }


def fill(reader: Reader, label: str, text: str) -> None:
    def type_it() -> None:
        field = reader.page.get_by_label(label, exact=True)
        field.fill(text)
        field.press("Tab")

    reader.do(type_it)
