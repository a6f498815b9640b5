"""What a dossier says of assets, texts that customers were told, the rule, and files opened."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Role
from core.domain.review import CaseState
from core.store.alerts import checks
from core.store.audit import trail as audit
from core.store.review import cases
from tests.support.demo_slices import DEMO, SBA, sba_log
from tests.support.dossiers import a_dossier, files_of
from tests.support.explained import Explained, an_explained_workspace
from tests.support.monitoring import RESULT, RUN
from tests.support.reviewing import a_case


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    home: Path = tmp_path_factory.mktemp("origins") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    yield made
    made.workspace.store.close()


def facts_of(world: Explained, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files_of(a_dossier(world, **asked))["dossier.json"])
    return found


def test_each_feature_names_its_asset_and_the_asset_where_it_rests(world: Explained) -> None:
    files = files_of(a_dossier(world))
    lineage = json.loads(files["dossier.json"])["lineage"]
    (asset,) = lineage["assets"]
    assert (asset["id"], asset["held_in"], asset["classification"]) == ("sba-file", "HK", "public")
    assert asset["simulated"] is True
    assert {each["asset"] for each in lineage["features"]} == {"sba-file"}
    assert lineage["version"] == "1"
    (row,) = [
        each
        for each in files["inputs.csv"].decode("utf-8-sig").splitlines()
        if each.startswith("employees,")
    ]
    assert row.split(",")[-3:] == ["employees", "sba-file", ""]


def test_the_rule_that_stood_is_told_and_whether_it_fired(world: Explained) -> None:
    declined = facts_of(world)["policy"]
    assert (declined["rule"], declined["from"]) == ("score >= 0.035 -> decline", "2006-01-01")
    assert (declined["compares"], declined["relation"], declined["threshold"]) == (
        "score", ">=", 0.035,
    )  # fmt: skip
    assert declined["fired"] is True
    assert facts_of(world, place=len(world.log) - 1)["policy"]["fired"] is False


def test_the_text_in_force_is_told_with_who_stated_it_when(world: Explained) -> None:
    told = facts_of(world)["rights"]["disclosure"]
    assert (told["id"], told["from"], told["simulated"]) == ("d1", "2006-01-01", True)
    assert told["text"]["en"].startswith("A computer model helps us decide on loans.")
    assert told["text"]["zh-HK"].startswith("本機構使用電腦模型協助審批貸款。")
    assert told["channel"]["zh-CN"] == "贷款申请表"
    assert told["stated_in_revision"] == 1


def test_a_decision_before_the_first_text_says_so(tmp_path: Path) -> None:
    later = {"  - id: d1\n    from: 2006-01-01": "  - id: d1\n    from: 2026-01-01"}
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600), changes=later)
    facts = facts_of(made)
    made.workspace.store.close()
    assert facts["rights"]["disclosure"] is None
    assert "older than the first text" in facts["unknown"]["/rights/disclosure"]


def test_what_nobody_stated_is_unknown_place_by_place(tmp_path: Path) -> None:
    """Without assets and texts, each feature says so, and the rest is told as before."""
    text = (DEMO / SBA / "model.yaml").read_text(encoding="utf-8")
    start, end = text.index("\nassets:\n"), text.index("\nversions:\n")
    bare = {text[start:end]: "", "    asset: sba-file\n": ""}
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600), changes=bare)
    facts = facts_of(made)
    made.workspace.store.close()
    places = [f"/lineage/features/{place}/asset" for place in range(11)]
    assert set(places) <= set(facts["unknown"])
    assert [each["asset"] for each in facts["lineage"]["features"]] == [None] * 11
    assert "names no text" in facts["unknown"]["/rights/disclosure"]


def test_how_fresh_the_log_was_is_told_where_a_check_found_it(world: Explained) -> None:
    assert facts_of(world, place=2)["inputs"]["freshness"] == []
    at = world.row(world.worst())["approved_at"].to_pydatetime()
    day = timedelta(days=1)
    run = replace(RUN, id="fresh", model_id=SBA, as_of=at + day)
    figure = replace(
        RESULT, metric="quality", method="freshness", column="", value=7.5,
        chunk_start=at - day, chunk_end=at + day,
    )  # fmt: skip
    with world.workspace.store.begin() as conn:
        assert checks.put(conn, run, [figure])
    inputs = facts_of(world)["inputs"]
    assert [each["value"] for each in inputs["freshness"]] == [7.5]
    assert inputs["read_at"] is None


def test_files_of_its_cases_that_people_opened_are_told_and_of_blind_ones_not(
    world: Explained,
) -> None:
    assert facts_of(world)["review"]["files_opened"] == []
    at, made = world.workspace.clock(), {}
    with world.workspace.store.begin() as conn:
        for kind, occasion in (("routed", "routing"), ("control", "control")):
            new = replace(
                a_case(), model_id=SBA, prediction_id=world.worst(), kind=kind, occasion=occasion
            )
            (made[kind],) = cases.insert_all(conn, [new], state=CaseState.open, at=at)
        for kind, number in made.items():
            audit.append(
                conn, at=at, actor="p-reader", role="", kind="review.file_read",
                objects={"model": SBA, "prediction": world.worst(), "case": str(number)},
                body={"file": f"f-{kind}", "media_type": "application/pdf", "bytes": 12},
            )  # fmt: skip
    (opened,) = facts_of(world, role=Role.auditor)["review"]["files_opened"]
    assert (opened["by"], opened["file"], opened["bytes"]) == ("p-reader", "f-routed", 12)
    assert "sha256" not in opened
