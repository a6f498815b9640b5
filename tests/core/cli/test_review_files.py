"""What lies with a case, and taking it away, from the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.services.review import files, making
from core.store.audit import trail as audit
from tests.support.program import Run, program_by
from tests.support.reviewing import a_case
from tests.support.serving import Serving, a_serving_workspace, prediction


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=4)
    with made.workspace.store.begin() as conn:
        making.make_case(conn, a_case(prediction_id=prediction(1)), at=made.clock.now)
    yield made
    made.workspace.store.close()


@pytest.fixture
def run(world: Serving, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return program_by(world.workspace.settings.home, monkeypatch, capsys, "review")


def test_files_are_listed_and_one_is_removed(world: Serving, run: Run) -> None:
    officer = world["compliance"]
    record = files.add_file(world.workspace, 1, "slip.txt", b"x\n", actor=officer)
    for login, removable in (("compliance", True), ("auditor", False)):
        code, out, _ = run(login, "files", "R-000001", "--json")
        (row,) = json.loads(out)["rows"]
        assert (code, row["file"], row["name"], row["removable"]) == (
            0, record.id, "slip.txt", removable,
        )  # fmt: skip
    assert "slip.txt" in run("compliance", "files", "R-000001")[1]
    assert run("auditor", "remove-file", record.id, "--yes")[0] == 1
    assert run("compliance", "files", "nonsense")[0] == 1
    code, out, _ = run("compliance", "remove-file", record.id, "--yes")
    assert (code, "on record" in out) == (0, True)
    assert run("compliance", "remove-file", record.id, "--yes")[0] == 1
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="review.file_removed")
    assert entry.body["file"] == record.id
