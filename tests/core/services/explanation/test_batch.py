"""Many decisions explained at once: as each by itself, in files that hold no personal value."""

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from core.domain.explanation.record import ExplanationRecord
from core.domain.identity import Role
from core.domain.review import CaseState
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.metrics.attribution import Method, attribute_each
from core.services.explanation import by_model
from core.services.explanation.batch import explain_many
from core.services.explanation.choosing import MOST, choose_decisions
from core.services.explanation.finding import book_in_force, explained_each, find_explanation
from core.services.explanation.telling import shown
from core.services.personal.names import MASK
from core.services.reproduce.models import REASONS, Reason
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.review import cases
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace, put_code_book
from tests.support.reviewing import a_case


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("many") / "home", log=sba_log(every=300))
    put_code_book(made)
    yield made
    made.workspace.store.close()


def batch(world: Explained, out: Path, where: str = "true", **more: Any) -> dict[str, Any]:
    actor = more.pop("actor", world.people[Role.compliance])
    return explain_many(world.workspace, SBA, where, out, actor=actor, **more)


def records(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "explanations.jsonl").read_bytes().splitlines()
    return [json.loads(line) for line in lines]


def timeless(record: ExplanationRecord) -> ExplanationRecord:
    return replace(record, salt="", made_at=record.subject.predicted_at)


@pytest.mark.parametrize("each_way", [5, pytest.param(25, marks=pytest.mark.slow)])
def test_decisions_are_explained_together_as_each_by_itself(
    world: Explained, each_way: int
) -> None:
    officer = world.people[Role.compliance]
    # As many declined ones as approved ones: those have other results to be found.
    declined = choose_decisions(
        world.workspace, SBA, "decision = 'decline'", limit=1_000, actor=officer
    )
    approved = choose_decisions(
        world.workspace, SBA, "decision = 'approve'", limit=1_000, actor=officer
    )
    both = [next(each.chunks(world.workspace, each_way)) for each in (declined, approved)]
    decisions = [each for half in both for each in half]
    assert len(decisions) == 2 * each_way

    book = book_in_force(world.workspace, SBA)
    found = explained_each(world.workspace, decisions, book, by=officer.audit_name)
    for each in found:
        alone = find_explanation(world.workspace, SBA, each.subject.prediction_id, actor=officer)
        assert timeless(each) == timeless(alone)
    assert {each.source for each in found} == {"model"}
    assert any(each.others and each.others.found for each in found)


def test_one_row_that_is_read_wrongly_changes_no_other(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If all rows are told in another way because of one, each is asked for by itself."""
    officer = world.people[Role.compliance]
    chosen = choose_decisions(world.workspace, SBA, "true", limit=1_000, actor=officer)
    decisions = next(chosen.chunks(world.workspace, 4))
    wanted = explained_each(world.workspace, decisions, None, by="x")
    asked: list[int] = []

    def spoiled(pipeline: Any, frame: Any, *args: Any, **more: Any) -> Any:
        asked.append(len(frame))
        found = attribute_each(pipeline, frame, *args, **more)
        wrong = [replace(each, method=Method.sampled, values=each.values * 2) for each in found]
        return found if len(frame) == 1 else wrong

    monkeypatch.setattr(by_model, "attribute_each", spoiled)
    found = explained_each(world.workspace, decisions, None, by="x")
    assert asked == [4, 1, 1, 1, 1]
    assert [timeless(each) for each in found] == [timeless(each) for each in wanted]


def test_the_folder_holds_a_record_a_decision_and_what_they_come_to(
    world: Explained, tmp_path: Path
) -> None:
    out, told = tmp_path / "out", []
    manifest = batch(
        world,
        out,
        "decision = 'decline' and loan_amount > 20_000",
        progress=lambda done, total: told.append((done, total)),
    )
    log = world.log
    wanted = log[(log["decision"] == "decline") & (log["loan_amount"] > 20_000)]
    assert 0 < len(wanted) < len(log)
    found = records(out)
    assert [each["subject"]["prediction_id"] for each in found] == list(wanted["loan_id"])
    assert sorted(each.name for each in out.iterdir()) == [
        "explanations.jsonl",
        "manifest.json",
        "summary.csv",
    ]
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8")) == manifest
    for name, digest in manifest["files"].items():
        assert sha256((out / name).read_bytes()).hexdigest() == digest
    assert (manifest["count"], manifest["kept"], manifest["left_out"]) == (len(wanted), 0, 0)
    assert manifest["sources"] == {"model": len(wanted), "logged": 0, "none": 0}
    assert manifest["code_book"] == 1
    assert manifest["backgrounds"] == {"1": found[0]["background"]["id"]}
    assert manifest["artefacts"] == {"1": found[0]["artefact"]["sha256"]}
    assert manifest["contract_sha256"] == found[0]["artefact"]["contract_sha256"]
    assert told == [(len(wanted), len(wanted))]
    with (out / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row, record in zip(rows, found, strict=True):
        assert row["id"] == record["subject"]["prediction_id"]
        assert (row["decision"], row["source"], row["why"]) == ("decline", "model", "")
        assert row["codes"].split() == [each["code"] for each in record["reasons"]]
        assert float(row["stability"]) == record["steadiness"]["same_reasons"]


def test_records_are_as_they_are_shown_without_their_random_part(
    world: Explained, tmp_path: Path
) -> None:
    prediction = world.worst()
    batch(world, tmp_path / "out", f"prediction_id = '{prediction}'")
    officer = world.people[Role.compliance]
    alone = find_explanation(world.workspace, SBA, prediction, actor=officer)
    chosen = choose_decisions(world.workspace, SBA, "false", limit=1, actor=officer)
    wanted = replace(shown(chosen.contract, alone), salt="")
    (found,) = records(tmp_path / "out")
    assert found["salt"] == ""
    assert {**found, "made_at": ""} == {
        **json.loads(canonical_bytes(wanted.document())),
        "made_at": "",
    }


def test_the_trail_says_who_took_how_many_away(world: Explained, tmp_path: Path) -> None:
    prediction = world.worst()
    manifest = batch(world, tmp_path / "out", f"prediction_id = '{prediction}'")
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="explanation.batch_made", limit=1)
    assert entry.objects == {"model": SBA}
    assert (entry.body["count"], entry.body["files"]) == (1, manifest["files"])
    assert prediction not in entry.canonical.decode()


def test_no_decision_is_chosen(world: Explained, tmp_path: Path) -> None:
    manifest = batch(world, tmp_path / "out", "loan_amount < 0", keep=True)
    assert manifest["count"] == manifest["kept"] == 0
    assert (tmp_path / "out" / "explanations.jsonl").read_bytes() == b""


def test_an_empty_folder_is_taken_and_a_filled_one_refused(
    world: Explained, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    batch(world, out, "loan_amount < 0")
    with pytest.raises(Conflict, match="is not empty"):
        batch(world, out, "loan_amount < 0")
    other = tmp_path / "other"
    (tmp_path / "other.part").mkdir()
    with pytest.raises(Conflict, match="another run"):
        batch(world, other, "loan_amount < 0")
    assert (tmp_path / "other.part").is_dir()
    assert not other.exists()


def test_what_breaks_off_leaves_nothing(world: Explained, tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        batch(world, tmp_path / "out", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_too_many_decisions_are_refused(world: Explained, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=rf"chooses {len(world.log)} decisions, more than the 5"):
        batch(world, tmp_path / "out", limit=5)
    for limit in (0, MOST + 1):
        with pytest.raises(InvalidInput, match="at once"):
            batch(world, tmp_path / "out", limit=limit)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("subject = 'B000001'", "personal"),
        ("charged_off = 1", "charged_off"),
        ("human_decision = 'approve'", "human_decision"),
        ("score + 1", None),
        ("score >", None),
    ],
)
def test_what_is_personal_or_known_later_chooses_nothing(
    world: Explained, tmp_path: Path, where: str, message: str | None
) -> None:
    with pytest.raises(InvalidInput, match=message):
        batch(world, tmp_path / "out", where)
    assert list(tmp_path.iterdir()) == []


def test_who_may_what(world: Explained, tmp_path: Path) -> None:
    for role in (Role.auditor, Role.data_scientist, Role.business, Role.admin):
        with pytest.raises(Forbidden):
            batch(world, tmp_path / "out", actor=world.people[role])
    officer = world.people[Role.compliance]
    with pytest.raises(NotFound):
        batch(world, tmp_path / "out", actor=replace(officer, models=frozenset({"other"})))
    abroad = replace(officer, jurisdictions=frozenset({"HK"}))
    assert batch(world, tmp_path / "out", actor=abroad)["count"] == 0


def test_each_decision_has_its_own_answer_in_the_order_of_the_question(tmp_path: Path) -> None:
    """Versions are asked one after another, and a score that is wrong spoils no other."""
    log: Any = sba_log(every=600).iloc[:6].copy()
    log.loc[[1, 4], "model_version"] = "2"
    log.loc[2, "default_score"] += 0.001
    world = an_explained_workspace(tmp_path / "home", log=log)
    officer = world.people[Role.compliance]
    chosen = choose_decisions(world.workspace, SBA, "true", limit=10, actor=officer)
    (decisions,) = chosen.chunks(world.workspace, 10)
    assert [each.version for each in decisions] == ["1"] * 4 + ["2"] * 2
    by_time = sorted(decisions, key=lambda each: each.predicted_at)

    found = explained_each(world.workspace, by_time, None, by="x")
    assert [each.subject.prediction_id for each in found] == list(log["loan_id"])
    unknown, differs = REASONS[Reason.not_registered], by_model.DIFFERS
    assert [each.why for each in found] == ["", unknown, differs, "", unknown, ""]
    for each in found:
        alone = find_explanation(world.workspace, SBA, each.subject.prediction_id, actor=officer)
        assert timeless(each) == replace(timeless(alone), made_by="x")
    manifest = batch(world, tmp_path / "out")
    assert (manifest["count"], manifest["another_score"]) == (6, 1)
    with world.workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="explanation.score_differs")
    assert entry.objects["prediction"] == str(log["loan_id"].iloc[2])
    world.workspace.store.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600))
    yield made
    made.workspace.store.close()


def test_a_decision_under_review_is_left_out_whatever_is_asked(
    own: Explained, tmp_path: Path
) -> None:
    prediction = own.worst()
    hidden = a_case(model_id=SBA, prediction_id=prediction, jurisdiction="", score_shown="never")
    seen = a_case(model_id=SBA, prediction_id=own.worst(1), jurisdiction="")
    with own.workspace.store.begin() as conn:
        cases.insert_all(conn, [hidden, seen], state=CaseState.open, at=own.workspace.clock())

    for number, where in enumerate(("true", "score > 2", f"prediction_id = '{prediction}'")):
        manifest = batch(own, tmp_path / f"out{number}", where)
        assert manifest["left_out"] == 1
        found = [each["subject"]["prediction_id"] for each in records(tmp_path / f"out{number}")]
        assert prediction not in found
        assert len(found) == (len(own.log) - 1 if where == "true" else 0)
    with pytest.raises(Forbidden):
        find_explanation(own.workspace, SBA, prediction, actor=own.people[Role.compliance])


def test_personal_values_stand_in_no_file(tmp_path: Path) -> None:
    world = an_explained_workspace(
        tmp_path / "home",
        log=sba_log(every=600),
        changes={
            "  - name: employees\n": "  - name: employees\n    personal: true\n",
        },
    )
    with pytest.raises(InvalidInput, match="employees is personal"):
        batch(world, tmp_path / "out", "employees > 3")
    batch(world, tmp_path / "out")
    for each in records(tmp_path / "out"):
        values = {p["field"]: (p["value"], p["usual"]) for p in each["attributions"]["parts"]}
        assert values["employees"] == (MASK, MASK)
        assert MASK not in values["loan_amount"]
    world.workspace.store.close()
