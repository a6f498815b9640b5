"""``harbourlight requests`` from the letter that comes in to the log book."""

import json
from pathlib import Path

import pytest

from core.cli.context import os_login
from core.config import load_settings
from core.domain.identity import Role
from core.services.approvals import four_eyes as approvals
from core.services.workspace import Workspace
from core.store.identity import users
from tests.support.desk import MINE, MODEL, WORDS
from tests.support.erasing import PERSON, a_peopled_workspace, people
from tests.support.program import Run


@pytest.fixture
def site(run: Run, tmp_path: Path) -> Workspace:
    """A workspace whose one user leads the desk."""
    opened = a_peopled_workspace(load_settings().home, tmp_path / "in")
    with opened.store.begin() as conn:
        user = users.create(
            conn,
            user_id="u-me",
            username="me",
            display_name="Me",
            at=opened.clock(),
            roles=[Role.admin],
            os_login=os_login(),
        )
    assert run("requests", "list")[0] == 1  # an administrator is told nothing of customers
    with opened.store.begin() as conn:
        users.set_roles(conn, user.id, {Role.compliance_lead})
    return opened


def done(outcome: tuple[int, str, str]) -> str:
    code, out, err = outcome
    assert (code, err) == (0, "")
    return out


def test_an_access_request_from_intake_to_answer(
    site: Workspace,
    run: Run,
    tmp_path: Path,
) -> None:
    out = done(run("requests", "intake", "access", PERSON, "--words", WORDS))
    assert "RQ-000001 is due on" in out
    assert "loans: predictions" in out
    assert run("requests", "copy", "1", "--out", str(tmp_path / "no.pdf"))[0] == 1
    done(run("requests", "identify", "1", "--method", "document"))
    out = done(
        run("requests", "copy", "1", "--out", str(tmp_path / "copy.pdf"),
            "--meaning", "industry=food=Food 食品")
    )  # fmt: skip
    assert "industry=transport" in out
    assert "industry=food" not in out
    assert (tmp_path / "copy.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "copy.pdf").stat().st_mode & 0o077 == 0
    done(run("requests", "letter", "1", "access_cover", "--out", str(tmp_path / "cover.pdf")))
    shown = json.loads(done(run("requests", "show", "1")))
    assert shown["possible_answers"] == ["copy_supplied"]
    assert PERSON not in json.dumps(shown, ensure_ascii=False)
    done(run("requests", "answer", "1", "copy_supplied"))
    assert "RQ-000001" not in done(run("requests", "list"))
    rows = json.loads(done(run("requests", "list", "--all", "--json")))["rows"]
    assert [(each["state"], each["clock"]["level"]) for each in rows] == [("answered", "closed")]


def test_a_correction_with_its_recipients_and_note(
    site: Workspace,
    run: Run,
) -> None:
    words = ("--model", MODEL, "--prediction", MINE, "--language", "zh-HK")
    done(run("requests", "intake", "correction", PERSON, "--words", WORDS, *words))
    done(run("requests", "identify", "1", "--method", "signature", "--note", "Compared"))
    done(run("requests", "disclose", PERSON, "Bureau", "--purpose", "Check", "--on", "2026-06-01"))
    out = done(run("requests", "correct", "1", "--column", "amount", "--source", "Ledger"))
    assert "Bureau" in out
    done(run("requests", "told", "1", "1"))
    done(run("requests", "note", "1", "I paid in March."))
    done(run("requests", "late", "1", "--reasons", "The archive is moved."))
    assert "yes" in done(run("requests", "recipients", "1"))
    done(run("requests", "answer", "1", "corrected"))


def test_a_refusal_takes_another_and_stands_in_the_log_book(
    site: Workspace,
    run: Run,
    tmp_path: Path,
) -> None:
    done(run("requests", "intake", "review", PERSON, "--words", WORDS))
    done(run("requests", "name", "1", MODEL, MINE))
    code, out, _ = run("requests", "refuse", "1", "--ground", "repeated", "--reasons", "In May.")
    assert code == 3
    approval = out.split("approval ")[1].split(".")[0]
    assert run("approvals", "approve", approval)[0] == 1
    approvals.approve(site, approval, actor=people(site)["lydia"])
    assert "In May." in done(run("requests", "refusals"))
    book = tmp_path / "book.csv"
    done(run("requests", "refusals", "--out", str(book), "--language", "zh-HK"))
    assert "重複已答覆的要求" in book.read_text(encoding="utf-8-sig")
    assert (
        json.loads(done(run("requests", "refusals", "--json")))["rows"][0]["ground"] == "repeated"
    )


def test_opting_out_withdrawing_and_the_head_of_letters(
    site: Workspace,
    run: Run,
) -> None:
    done(run("requests", "intake", "opt_out", PERSON, "--words", WORDS, "--model", MODEL))
    done(run("requests", "identify", "1", "--method", "questions"))
    done(run("requests", "opt-out", "1"))
    done(run("requests", "opt-out", "1", "--end"))
    done(run("requests", "withdraw", "1", "--reason", "By telephone"))
    assert "2 lines" in done(run("requests", "sender", "--line", "Bank", "--line", "1 Pier Road"))
    done(run("requests", "intake", "review", PERSON, "--words", WORDS, "--model", MODEL))
    assert "Request 2 is yours" in done(run("requests", "take", "2"))
    assert run("requests", "take", "1")[0] == 1  # withdrawn
    assert run("requests", "open-case", "2")[0] == 1
    assert run("requests", "freeze", "2")[0] == 0
    assert run("requests", "copy", "2", "--out", "x", "--meaning", "no")[0] == 1
