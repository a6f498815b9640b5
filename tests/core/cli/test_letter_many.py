"""``harbourlight letter make-many``: a folder of letters, an index, and what was refused."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.config import load_settings
from core.services.explanation import bulk_folder
from core.services.explanation.bulk_letters import LetterFolder
from core.services.identity import users
from core.store.audit import trail as audit
from tests.support.demo_slices import SBA
from tests.support.letters import Lettered, a_lettered_workspace
from tests.support.program import Run


@pytest.fixture
def desk(run: Run, monkeypatch: pytest.MonkeyPatch) -> Lettered:
    """Let whoever runs the program be the officer of a workspace with a kept explanation."""
    made = a_lettered_workspace(load_settings().home)
    officer = replace(made.officer, origin="cli")
    monkeypatch.setattr(users, "actor_of_os_login", lambda *_: officer)
    return made


def two(desk: Lettered) -> str:
    """Return the condition that chooses the two loans of the highest scores."""
    return f"score >= {desk.world.row(desk.world.worst(1))['default_score']:.9f}"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_folder_has_letters_an_index_and_what_was_refused(
    desk: Lettered, run: Run, tmp_path: Path
) -> None:
    store = desk.world.workspace.store
    with store.begin() as conn:
        conn.exec_driver_sql("UPDATE explanation SET code_book = NULL")
    folder = tmp_path / "letters"
    words = ("letter", "make-many", SBA, "--where", two(desk), "--out", str(folder))
    status, told, _ = run(*words, "--format", "text", "--language", "zh-CN", "--json")
    assert status == 1
    assert json.loads(told) == {
        "decisions": 2, "kept": 1, "had": 1, "letters": 1, "refused": 1, "stopped": False,
    }  # fmt: skip
    (letter,) = rows(folder / "index.csv")
    assert letter["decision_id"] == desk.world.worst(0)
    assert letter["check_code"] in (folder / letter["file"]).read_text(encoding="utf-8")
    assert {each["decision_id"] for each in rows(folder / "refused.csv")} == {desk.prediction_id}
    assert {each.name for each in folder.iterdir()} == {"letters", "index.csv", "refused.csv"}
    with store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="explanation.bulk_made")
    assert entry.body["refused"] == 1

    status, _, errors = run(*words)
    assert status == 1
    assert "is not empty" in errors


def test_a_run_that_broke_off_is_continued_by_the_same_one(
    desk: Lettered, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "letters"
    words = ("letter", "make-many", SBA, "--where", two(desk), "--out", str(folder))

    def die(_: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(
            bulk_folder,
            "LetterFolder",
            lambda *given, **_: LetterFolder(*given, step=die),
        )
        run(*words)
    assert not (folder / "index.csv").exists()
    status, _, errors = run(*words[:-3], "score > 0.9", *words[-2:])
    assert (status, "is not empty" in errors) == (1, True)
    status, told, _ = run(*words)
    assert status == 0
    assert "2 letters released, 0 refused" in told
    assert len(rows(folder / "index.csv")) == 2
    assert len(list((folder / "letters").iterdir())) == 2


def test_a_wrong_order_leaves_no_folder(desk: Lettered, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "letters"
    words = ("letter", "make-many", SBA, "--out", str(folder))
    status, _, errors = run(*words, "--since", "2006-03-02", "--until", "2006-03-01")
    assert (status, "before the first" in errors) == (1, True)
    assert not folder.exists()
