"""The samples that the guides show: the dossier verifies, and nothing in them is not for others."""

import tempfile
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from core.reports.dossier.verify import unpacked
from tests.core.i18n.messages import ROOT
from tests.support.dossiers import check_apart

SAMPLES = ROOT / "docs" / "samples"
_FOLDERS = (str(ROOT), tempfile.gettempdir(), str(Path.home()))
_NOT_FOR_OTHERS = (b"PRIVATE KEY", *(f"{each}/".encode() for each in _FOLDERS))


def found_in(content: bytes) -> list[bytes]:
    """Return what content holds that is nobody else's: private keys, folders of a machine."""
    return [each for each in _NOT_FOR_OTHERS if each in content]


def test_the_dossier_passes_by_its_own_verifier_on_a_machine_without_harbourlight(
    tmp_path: Path,
) -> None:
    key = (SAMPLES / "dossier-public-key.txt").read_text(encoding="utf-8").strip()
    content = (SAMPLES / "dossier.zip").read_bytes()
    code, said = check_apart(tmp_path, content, "--key", key)
    assert (code, said.splitlines()[-1]) == (0, "PASS"), said
    assert "PASS  the key is the one that you gave" in said


def test_the_dossier_is_small_and_tells_nothing_of_who_made_it() -> None:
    content = (SAMPLES / "dossier.zip").read_bytes()
    assert len(content) < 300_000
    files = unpacked(content)
    assert {name: found_in(each) for name, each in files.items() if found_in(each)} == {}
    assert b'"values":false' in files["dossier.json"]


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Yours faithfully"), ("zh-HK", "順頌時祺"), ("zh-CN", "此致")],
)
def test_each_letter_is_one_page_in_its_language(language: str, told: str) -> None:
    content = (SAMPLES / f"letter-{language}.pdf").read_bytes()
    (page,) = PdfReader(BytesIO(content)).pages
    text = page.extract_text()
    assert told in text
    assert "invented" in text
    assert found_in(content) == []
