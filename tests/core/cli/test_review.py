"""The queue of human review on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from sqlalchemy import update

from core.services.personal.names import MASK
from core.services.review import making
from core.store import models
from core.store.tables import model
from tests.support.disputing import dispute
from tests.support.program import Run, program_by
from tests.support.reviewing import a_case
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path_factory.mktemp("cli") / "home", rows=8)
    yield made
    made.workspace.store.close()


@pytest.fixture
def case(world: Serving) -> str:
    """Make a case of a prediction that the log has, the most urgent one."""
    workspace = world.workspace
    new = a_case(prediction_id=prediction(1), occasion=workspace.new_id(), priority=100)
    with workspace.store.begin() as conn:
        made = making.make_case(conn, new, at=workspace.clock())
    return f"R-{made:06d}"


@pytest.fixture
def run(world: Serving, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return program_by(world.workspace.settings.home, monkeypatch, capsys, "review")


def test_a_case_is_claimed_overturned_and_checked(run: Run, case: str) -> None:
    assert case in run("auditor", "list", "--find", case)[1]
    assert run("business", "list")[0] == 1
    code, out, _ = run("compliance", "next", "--json")
    assert (code, json.loads(out)["case"]["reference"]) == (0, case)
    words = ["overturn", case, "--decision", "approve", "--reason", "data_wrong"]
    code, _, err = run("compliance", *words, "--text", "Last year's income")
    assert (code, "takes evidence" in err) == (1, True)
    done = run("compliance", *words, "--text", "Last year's", "--evidence", "Tax return")
    assert (done[0], "overturn: approve" in done[1]) == (0, True)
    assert run("compliance", "claim", case, "--check")[0] == 1
    assert run("compliance_lead", "next", "--check")[0] == 0
    code, out, _ = run("compliance_lead", "agree", case)
    assert (code, "final" in out) == (0, True)
    found = json.loads(run("auditor", "show", case, "--json")[1])
    assert [each["action"] for each in found["steps"]] == [
        "made",
        "claimed",
        "proposed",
        "check_taken",
        "checked",
    ]
    assert found["steps"][2]["evidence"] == ["Tax return"]
    assert "Tax return" in run("auditor", "show", case)[1]
    code, out, _ = run("compliance", "appeal", case)
    assert (code, "open" in out) == (0, True)


def test_the_side_states(run: Run, case: str) -> None:
    assert run("compliance", "claim", case)[0] == 0
    code, out, _ = run("compliance", "give-back", case)
    assert (code, "open" in out) == (0, True)
    run("compliance", "claim", case)
    words = ["ask-customer", case, "--text", "Payslips", "--follow-up", "2099-01-05"]
    assert run("compliance", *words)[0] == 0
    assert run("compliance", "answered", case, "--text", "Came by post")[0] == 0
    run("compliance", "claim", case)
    assert run("compliance", "escalate", case, "--text", "Unsure")[0] == 0
    assert run("compliance", "claim", case)[0] == 1
    assert run("compliance", "withdraw", case, "--text", "Made twice")[0] == 1
    code, out, _ = run("compliance_lead", "withdraw", case, "--text", "Made twice")
    assert (code, "withdrawn" in out) == (0, True)


def test_an_upheld_decision_and_what_is_left(run: Run, case: str) -> None:
    assert run("compliance", "claim", case)[0] == 0
    assert case in run("compliance", "list", "--mine")[1]
    words = ["uphold", case, "--reason", "risk_confirmed"]
    code, out, _ = run("compliance", *words)
    assert (code, "final" in out) == (0, True)
    assert run("compliance", *words)[0] == 1  # it is decided
    assert "Nothing is left" in run("compliance", "next", "--language", "en", "--model", "no")[1]
    assert json.loads(run("compliance", "counts", "--json")[1])["done_today"] >= 1
    assert "escalated" in run("compliance", "counts")[1]


def test_what_names_no_case(run: Run) -> None:
    code, _, err = run("auditor", "show", "R-x")
    assert (code, "names no case" in err) == (1, True)
    assert run("auditor", "show", "R-999999")[0] == 1
    assert run("auditor", "show", "999999")[0] == 1


def test_verdicts_are_exported_as_labelled_data(run: Run, case: str, tmp_path: Path) -> None:
    assert run("compliance", "claim", case)[0] == 0
    assert run("compliance", "uphold", case, "--reason", "policy_applied")[0] == 0
    target = tmp_path / "verdicts.csv"
    code, said, _ = run("data_scientist", "export", MODEL, "--out", str(target), "--json")
    found = json.loads(said)
    assert (code, found["rows"], found["overturned"]) == (0, 1, 0)
    assert target.read_text(encoding="utf-8-sig").splitlines()[1].startswith(prediction(1))
    assert run("data_scientist", "export", MODEL, "--out", str(target))[1].startswith("Wrote 1")
    assert run("compliance", "export", MODEL, "--out", str(target))[0] != 0


@pytest.fixture
def personal(world: Serving) -> Iterator[None]:
    """Let the contract declare id, score and amount of a prediction personal."""
    with world.workspace.store.begin() as conn:
        before = models.get(conn, MODEL).spec_text
        document = yaml.safe_load(before)
        document["columns"] += [
            {"name": "loan_id", "type": "text", "personal": True},
            {"name": "score", "type": "numeric", "personal": True},
            {"name": "amount", "type": "numeric", "personal": True},
        ]
        conn.execute(update(model).values(spec_text=yaml.safe_dump(document, allow_unicode=True)))
    yield
    with world.workspace.store.begin() as conn:
        conn.execute(update(model).values(spec_text=before))


@pytest.mark.usefixtures("personal")
def test_what_is_personal_is_masked_for_everybody(run: Run, case: str) -> None:
    listed = [
        json.loads(run(who, "list", "--find", case, "--json")[1])["rows"][0]
        for who in ("auditor", "compliance", "compliance_lead")
    ]
    shown = json.loads(run("auditor", "show", case, "--json")[1])["case"]
    taken = json.loads(run("compliance", "next", "--json")[1])["case"]
    assert taken["reference"] == case
    for each in (*listed, shown, taken):
        assert (each["prediction_id"], each["score"], each["amount"]) == (MASK, None, None)
    tables = [run("auditor", "list", "--find", case), run("auditor", "show", case)]
    tables += [run("compliance", "give-back", case), run("compliance", "claim", case)]
    for code, out, err in tables:
        assert code == 0
        assert prediction(1) not in out + err


def test_what_is_not_personal_is_told(run: Run, case: str) -> None:
    told = json.loads(run("auditor", "show", case, "--json")[1])["case"]
    assert told["prediction_id"] == prediction(1)
    assert None not in (told["score"], told["amount"])


def test_a_disputed_prediction_is_marked(run: Run, case: str, world: Serving) -> None:
    assert "disputed" not in run("auditor", "show", case)[1]
    dispute(world.workspace, MODEL, prediction(1), by=world["compliance"].user_id)
    assert "disputed by the customer" in run("auditor", "show", case)[1]
    assert json.loads(run("auditor", "show", case, "--json")[1])["case"]["disputed"] is True
    (row,) = json.loads(run("auditor", "list", "--find", case, "--json")[1])["rows"]
    assert row["disputed"] is True
