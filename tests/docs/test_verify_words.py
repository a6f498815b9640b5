"""What the stand-alone verifier says to an examiner, and what a forger cannot make it say."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.services.audit import checkpoints as audit_checkpoints
from core.services.workspace import Workspace
from tests.docs.test_verify import SCRIPT, VERIFY, exports, site  # noqa: F401  # the fixtures


def test_an_examiner_reads_what_it_is_and_how_far_it_goes(
    exports: dict[str, Path],  # noqa: F811
    site: Workspace,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    key = audit_checkpoints.verifier_of(site)
    (tmp_path / "kept.log").write_text('{"size": 3, "no\n')
    assert VERIFY.main([str(exports["some"]), "--against", str(tmp_path / "kept.log")]) == 0
    text = capsys.readouterr().out
    assert f"- log: {key.name}\n" in text
    assert f"- key: {key.key_hash.hex()}, taken from the export itself\n" in text
    assert "entries: 6, a selection, from 2026-" in text
    assert "what the 1 damaged lines of --against said" in text
    assert VERIFY.main([str(exports["some"]), "--key", key.text()]) == 0
    assert f"- key: {key.key_hash.hex()}, given apart\n" in capsys.readouterr().out


def test_a_forger_s_words_do_not_steer_the_terminal(
    exports: dict[str, Path],  # noqa: F811
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "x"
    shutil.copytree(exports["some"], folder)
    for number in range(60):
        (folder / f"\x1b[2J{number}").write_text("")
    assert VERIFY.main([str(folder)]) == 1
    text = capsys.readouterr().out
    assert "\x1b" not in text
    assert "\ufffd[2J0 is not in the manifest" in text
    assert "and 10 more; --json lists all" in text


def test_without_cryptography_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "cryptography.py").write_text("raise ImportError")
    shutil.copy(SCRIPT, tmp_path / "verify.py")
    done = subprocess.run(
        [sys.executable, "verify.py", "x"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert 'needs the package "cryptography"' in done.stderr
