"""The manifest of an export is signed by nobody: what it says is compared, or is its own word."""

import importlib
import io
import json
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

from core.services.audit.export import write_export
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, a_workspace

VERIFY = Path(__file__).resolve().parents[2] / "docs" / "verify"


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("manifest")
    site: Workspace = a_workspace(folder / "home")
    done = Path(write_export(site, folder / "export", actor=ADMIN).path)
    site.store.close()
    return done


def verified(
    export: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], str]
) -> dict[str, Any]:
    """Return what the verifier tells of a copy whose manifest was changed."""
    copy = folder / "copy"
    if export.is_dir():
        shutil.copytree(export, copy)
    else:
        shutil.unpack_archive(export, copy, "zip")
    manifest = copy / "manifest.json"
    manifest.write_text(change(manifest.read_text("utf-8")), "utf-8")
    monkeypatch.setattr(sys, "path", [str(VERIFY), *sys.path])
    out = io.StringIO()
    with redirect_stdout(out):
        importlib.import_module("verify").main([str(copy), "--json"])
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def setting(name: str, value: object) -> Callable[[str], str]:
    return lambda text: json.dumps({**json.loads(text), name: value})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (setting("root", "00" * 32), "another log"),
        (setting("origin", "harbourlight/elsewhere"), "another log"),
        (setting("size", 99), "another size"),
        (lambda text: text.replace("{", '{"root":"0",', 1), "a name stands twice"),
        (lambda text: text.replace('"files":{', '"files":{"entries.jsonl":"0",'), "stands twice"),
    ],
)
def test_a_manifest_that_says_something_else_is_found(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    change: Callable[[str], str], said: str,
) -> None:  # fmt: skip
    told = verified(export, tmp_path, monkeypatch, change)
    assert not told["passed"]
    assert said in " ".join(told["problems"])


def test_what_nobody_signed_is_named(
    export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = verified(export, tmp_path, monkeypatch, setting("made_at", "1999-01-01"))
    assert told["passed"]
    assert any("the manifest is not signed" in each for each in told["cannot"])
