"""``harbourlight letter``: made, checked by its code, and the fixed words changed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from core.config import load_settings
from core.services.identity import users
from tests.support.demo_slices import SBA
from tests.support.letters import Lettered, a_lettered_workspace
from tests.support.program import Run


@pytest.fixture
def desk(run: Run, monkeypatch: pytest.MonkeyPatch) -> Lettered:
    """Let whoever runs the program be the officer of a workspace with a kept explanation."""
    made = a_lettered_workspace(load_settings().home)
    made.world.workspace.store.close()
    officer = replace(made.officer, origin="cli")
    monkeypatch.setattr(users, "actor_of_os_login", lambda *_: officer)
    return made


def done(outcome: tuple[int, str, str]) -> str:
    code, told, errors = outcome
    assert (code, errors) == (0, "")
    return told


def test_a_letter_from_its_making_to_its_check(desk: Lettered, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "letter.html"
    words = ("letter", "make", SBA, desk.prediction_id, "--out", str(file), "--format", "html")
    told = done(run(*words, "--language", "zh-HK"))
    assert file.stat().st_mode & 0o077 == 0
    code = told.split("check code ")[1][:11]
    assert code in file.read_text(encoding="utf-8")

    told = done(run("letter", "check", code, "--file", str(file)))
    assert "a letter with reasons in zh-HK" in told
    assert "What is kept is unchanged." in told
    assert "The file is the letter, as html." in told

    file.write_text(file.read_text(encoding="utf-8").replace("已拒絕", "已批准"), encoding="utf-8")
    status, told, _ = run("letter", "check", code, "--file", str(file))
    assert status == 1
    assert "NOT the letter" in told
    found = json.loads(done(run("letter", "check", code, "--json")))
    assert (found["is_intact"], found["language"], found["form"]) == (True, "zh-HK", None)
    assert run("letter", "check", "00000-00000")[0] == 1
    assert run("letter", "check", code, "--file", str(tmp_path / "gone"))[0] == 1


def test_reasons_are_kept_back_with_a_reason_only(desk: Lettered, run: Run, tmp_path: Path) -> None:
    words = ("letter", "make", SBA, desk.prediction_id, "--out", str(tmp_path / "l.txt"))
    assert run(*words, "--withhold")[0] == 2
    assert run(*words, "--reason", "Enquiry 2026/17 runs")[0] == 2
    told = done(run(*words, "--withhold", "--reason", "Enquiry 2026/17 runs", "--format", "text"))
    code = told.split("check code ")[1][:11]
    assert "a letter without reasons in en" in done(run("letter", "check", code))


def test_what_failed_is_told_with_what_to_do(desk: Lettered, run: Run, tmp_path: Path) -> None:
    store = desk.world.workspace.store
    with store.begin() as conn:
        conn.exec_driver_sql("UPDATE explanation SET code_book = NULL")
    file = tmp_path / "l.pdf"
    status, _, told = run("letter", "make", SBA, desk.prediction_id, "--out", str(file))
    assert status == 1
    assert "Failed: Every reason has its code and sentence (" in told
    assert "Propose a code book" in told
    assert not file.exists()


def test_the_fixed_words_are_shown_checked_and_proposed(
    desk: Lettered, run: Run, tmp_path: Path
) -> None:
    shown = done(run("letter", "template", "show"))
    assert shown.startswith("# version 0\n")
    document = yaml.safe_load(shown)
    assert json.loads(done(run("letter", "template", "show", "--json")))["template"] == document

    file, example = tmp_path / "words.yaml", tmp_path / "example.pdf"
    document["en"]["greeting"] = "Good day,"
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    check = ("letter", "template", "check", str(file))
    assert "Nothing is wrong." in done(run(*check, "--preview", str(example)))
    assert example.read_bytes().startswith(b"%PDF")
    propose = ("letter", "template", "propose", str(file), "--reason", "Our own words")
    assert "a second person decides" in done(run(*propose))

    del document["zh-CN"]["review"]
    file.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    status, told, _ = run(*check)
    assert (status, "zh-CN.review is lacking" in told) == (1, True)
