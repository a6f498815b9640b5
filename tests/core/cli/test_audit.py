"""``harbourlight audit``: exit codes, one JSON document, and what a person reads."""

import json
from pathlib import Path

import pytest

from core.bootstrap import create_workspace
from core.config import load_settings
from core.services.workspace import Workspace
from tests.core.services.audit.test_verify import FORGED, fill, tamper
from tests.support.program import Run


@pytest.fixture
def site(run: Run) -> Workspace:
    assert run("init")[0] == 0
    opened = create_workspace(load_settings())
    fill(opened, 6)
    return opened


def test_checkpoint_then_verify_then_tamper(site: Workspace, run: Run, tmp_path: Path) -> None:
    kept, key = tmp_path / "kept.txt", tmp_path / "key.txt"
    code, out, _ = run("audit", "checkpoint", "--to", str(kept))
    assert (code, out) == (0, kept.read_text())
    key.write_text(run("audit", "key")[1])
    words = ("audit", "verify", "--against", str(kept), "--key", str(key))
    code, out, err = run(*words)
    assert (code, err.strip()) == (0, "")
    assert out.startswith("PASS\n")
    assert "What this cannot tell:" in out
    document = json.loads(run(*words, "--json")[1])
    assert (document["passed"], document["against"], document["covered"]) == (True, 1, 7)
    tamper(site, f"UPDATE audit_entry SET canonical = {FORGED} WHERE sequence = 6")
    code, out, _ = run(*words)
    assert code == 1
    assert out.startswith("FAIL\nFirst bad entry: 6\n")
    assert run("audit", "verify", "--against", str(tmp_path / "nowhere"))[0] == 1
    assert run("audit", "verify", "--key", "x")[0] == 1


def test_export_show_and_anchor(site: Workspace, run: Run, tmp_path: Path) -> None:
    target = tmp_path / "export.zip"
    code, out, _ = run("audit", "export", str(target))
    assert (code, target.is_file()) == (0, True)
    assert "8 entries (all of 8)" in out
    some = run("audit", "export", str(tmp_path / "some"), "--person", "p-1", "--json")
    assert json.loads(some[1]) == {
        "path": str(tmp_path / "some"),
        "entries": 3,
        "whole": False,
        "size": 9,
    }
    code, out, _ = run("audit", "show", "--object", "prediction=L3", "--json")
    rows = json.loads(out)["rows"]
    assert [row["objects"]["prediction"] for row in rows] == ["L3"]
    assert "test.done" in run("audit", "show", "--kind", "test.done")[1]
    assert run("audit", "show", "--object", "nothing")[0] == 1
    code, out, _ = run("audit", "anchor", str(tmp_path), "--every", "15")
    assert code == 0
    assert str(tmp_path / "checkpoints.log") in out
    assert json.loads(run("audit", "anchor", "--json")[1])["last_size"] == 9
    assert site.settings.home.is_dir()


def test_keys_change_and_are_listed(site: Workspace, run: Run, tmp_path: Path) -> None:
    old = run("audit", "key")[1]
    code, out, err = run("audit", "rotate-key", "--reason", "yearly", "--yes")
    assert (code, err) == (0, "")
    new = run("audit", "key")[1]
    assert f"Old key: {old}" in out
    assert f"New key: {new}" in out
    lines = run("audit", "key", "--all")[1].splitlines()
    assert lines == [
        f"{old.strip()}  checkpoints of 0 to 8 entries",
        f"{new.strip()}  checkpoints of 8 to now entries",
    ]
    rows = json.loads(run("audit", "key", "--json")[1])["rows"]
    assert [row["last"] for row in rows] == [8, None]
    for key in (old, new):
        (tmp_path / "key.txt").write_text(key)
        assert run("audit", "verify", "--key", str(tmp_path / "key.txt"))[0] == 0


def test_other_places_of_anchors_are_chosen_and_shown(site: Workspace, run: Run) -> None:
    words = ("--mail", "smtps://u:secret@mail.example", "--mail-from", "a@b", "--mail-to", "c@d")
    code, out, err = run("audit", "anchor", *words)
    assert (code, err) == (0, "")
    assert "Also mailed through mail.example" in out
    assert "secret" not in out
    assert run("audit", "anchor", "--authority", "http://tsa.example/")[0] == 1  # no root
    assert "mailed" not in run("audit", "anchor", "--mail", "")[1]
