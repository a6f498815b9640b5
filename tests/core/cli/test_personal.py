"""``erase``, ``erasure``, ``hold``, ``retention``, ``backup`` and ``restore`` from end to end."""

import json
from pathlib import Path

import pytest

from core.bootstrap import create_workspace
from core.config import load_settings
from core.services.approvals import four_eyes as approvals
from core.services.workspace import Workspace
from tests.core.services.erasure.test_asking import hits
from tests.support.erasing import PERSON, fill, people
from tests.support.program import Run


@pytest.fixture
def site(run: Run, tmp_path: Path) -> Workspace:
    assert run("init")[0] == 0
    opened = create_workspace(load_settings())
    fill(opened, tmp_path / "in")
    return opened


def test_a_person_is_erased_by_two(
    site: Workspace,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, out, _ = run("erase", PERSON, "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["touches"][0]["rows"]["predictions"] == 4
    assert "Found" in run("erase", PERSON, "--dry-run")[1]
    code, _, err = run("hold", "place", "--subject", PERSON, "--reason", "case 1")
    assert (code, err) == (0, "")
    assert run("erase", PERSON, "--basis", "request 1")[0] == 1
    hold = json.loads(run("hold", "list", "--json")[1])["rows"][0]["id"]
    assert run("hold", "lift", hold, "--reason", "closed")[0] == 0
    assert hold in run("hold", "list", "--all")[1]
    saved = tmp_path / "safe"
    assert run("backup", str(saved))[0] == 0
    document = json.loads(run("erase", PERSON, "--basis", "request 1", "--json")[1])
    assert "request 1" in run("erasure", "list")[1]
    approvals.approve(site, document["approval"], actor=people(site)["lydia"])
    assert "1 erasures" in run("erasure", "run")[1]
    assert hits(site.settings.home) == []
    shown = json.loads(run("erasure", "show", document["erasure"])[1])
    assert shown["state"] == "done"
    assert [row["state"] for row in json.loads(run("erasure", "list", "--json")[1])["rows"]] == [
        "done"
    ]
    stones, keys = site.settings.home / "tombstones.json", f"{saved}.keys.json"
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(tmp_path / "restored"))
    assert run("restore", str(saved), "--keys", keys)[0] == 1
    words = ("restore", str(saved), "--keys", keys, "--tombstones", str(stones))
    code, out, err = run(*words, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["erased_again"] == 1
    assert hits(tmp_path / "restored") == []
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(tmp_path / "said"))
    code, out, _ = run(*words)
    assert code == 0
    said = " ".join(out.split())
    assert "0 API tokens are revoked" in said
    assert "1 models are suspended: two people resume each" in said


def test_retention_shows_what_contradicts(site: Workspace, run: Run) -> None:
    words = ("retention", "set", "personal_data", "--basis", "our policy 3")
    code, out, _ = run(*words, "--minimum", "400", "--maximum", "30")
    assert (code, out.count("Contradiction")) == (0, 1)
    assert run(*words, "--minimum", "soon")[0] == 1
    assert run("retention", "set", "nothing", "--basis", "x")[0] == 1
    rows = json.loads(run("retention", "due", "--json")[1])["rows"]
    assert [(row["stream"], row["held"]) for row in rows] == [("predictions", False)]
    assert "predictions" in run("retention", "due")[1]
    rows = json.loads(run("retention", "list", "--json")[1])["rows"]
    lines = {row["rule"]["record_class"]: row for row in rows}
    assert lines["personal_data"]["contradictions"] == ["maximum_below_minimum"]
    assert lines["refusal_log"]["rule"]["minimum_days"] == 4 * 365
    assert "four years" in " ".join(run("retention", "list")[1].split())


def test_what_is_due_is_disposed_of_by_two(site: Workspace, run: Run) -> None:
    words = ("retention", "dispose", "--class", "personal_data")
    assert run(*words, "--dry-run")[0] == 1  # no maximum yet
    rule = ("retention", "set", "personal_data", "--basis", "our policy 3", "--maximum", "200")
    assert run(*rule)[0] == 0
    code, out, _ = run(*words, "--dry-run", "--json")
    (due,) = json.loads(out)["due"]
    assert (code, due["model_id"], list(due["rows"])) == (0, "loans", ["predictions"])
    assert "held rows" in " ".join(run(*words, "--dry-run")[1].split())
    assert run(*words)[0] == 1  # no reason
    document = json.loads(run(*words, "--reason", "yearly", "--json")[1])
    assert document["before"] == {"loans: predictions": due["rows"]["predictions"]}
    approvals.approve(site, document["approval"], actor=people(site)["lydia"])
    assert "1 disposals" in run("retention", "run")[1]
    assert str(due["rows"]["predictions"]) in run("retention", "disposals")[1]
    (row,) = json.loads(run("retention", "disposals", "--json")[1])["rows"]
    assert (row["state"], row["result"]["models"]["loans"]["rows"]) == ("done", due["rows"])
    assert run(*words, "--reason", "again")[0] == 1
