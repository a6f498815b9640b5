"""A dossier says what is on record, tells nothing personal unless asked, and binds it all."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from core.domain.identity import Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services.audit.checkpoints import verifier_of
from core.services.explanation import keeping
from core.services.explanation.batch import explain_many
from core.services.explanation.dossier import Order
from core.services.explanation.keeping import keep_explanation
from core.store.audit import trail as audit
from core.store.tables import explanation
from tests.support.demo_slices import SBA, sba_log
from tests.support.dossiers import ORDER, PERSONAL, a_dossier, check_apart, files_of, printed_text
from tests.support.explained import Explained, an_explained_workspace, put_code_book


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Explained]:
    """Return a world where the amount and the id of a loan are personal."""
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=600), changes=PERSONAL)
    yield made
    made.workspace.store.close()


def test_it_passes_on_a_machine_without_harbourlight(world: Explained, tmp_path: Path) -> None:
    made = a_dossier(world)
    key = verifier_of(world.workspace).text()
    code, said = check_apart(tmp_path / "apart", made.content, "--key", key)

    assert (code, said.splitlines()[-1]) == (0, "PASS"), said
    assert "FAIL" not in said
    assert "PASS  the key is the one that you gave" in said
    assert "PASS  the whole record has the hash that was kept" in said


def test_without_a_key_from_elsewhere_it_says_that_the_key_is_its_own(
    world: Explained, tmp_path: Path
) -> None:
    code, said = check_apart(tmp_path / "apart", a_dossier(world).content)

    assert code == 0
    assert "it is only the one in the file" in said


def test_the_trail_tells_what_was_given_to_whom_and_why(world: Explained) -> None:
    made = a_dossier(world)

    with world.workspace.store.read() as conn:
        (bound,) = audit.list_newest(conn, kind="dossier.made")
        (given,) = audit.list_newest(conn, kind="dossier.given")
    assert made.sha256 == sha256(made.content).hexdigest()
    assert given.body == {
        "sha256": made.sha256, "bytes": len(made.content), "to": ORDER.to,
        "failed": ["coded"],
    }  # fmt: skip
    assert (bound.body["to"], bound.body["reason"]) == (ORDER.to, ORDER.reason)
    assert bound.body["record"] == made.kept.sha256
    manifest = files_of(made)["manifest.json"]
    assert bound.body["manifest"] == sha256(manifest).hexdigest()


def test_it_says_which_model_decided_by_which_rule_and_from_which_file(world: Explained) -> None:
    put_code_book(world)
    files = files_of(a_dossier(world))
    facts, record = json.loads(files["dossier.json"]), json.loads(files["record.json"])

    row = world.row(world.worst())
    assert facts["decision"]["prediction"] == world.worst()
    assert facts["decision"]["score"] == row["default_score"]
    assert facts["decision"]["rule"]["rule"] == "score >= 0.035 -> decline"
    assert facts["explanation"]["attributions"] == record["attributions"]
    assert facts["contract"]["sha256"] == record["artefact"]["contract_sha256"]
    assert facts["contract"]["revision"]["number"] == 1
    files_of_version = {each["role"]: each["sha256"] for each in facts["version"]["files"]}
    assert files_of_version["artefact"] == record["artefact"]["sha256"]
    book = facts["code_book"]
    assert book["proposed_by"] == world.people[Role.compliance].audit_name
    assert book["approved_by"] == world.people[Role.compliance_lead].audit_name
    assert facts["lineage"]["file"]["name"] == f"{SBA}-predictions.parquet"
    assert facts["lineage"]["batch"]["rows_read"] == len(world.log)
    assert facts["rescored"]["agrees"] is True


def test_what_is_unknown_is_null_and_says_why(world: Explained) -> None:
    facts = json.loads(files_of(a_dossier(world))["dossier.json"])

    assert facts["code_book"] is None
    assert facts["unknown"]["/code_book"] == "No code book was in force."
    assert facts["state"]["known_then"] is None
    assert "/state/known_then" in facts["unknown"]
    assert facts["lineage"]["held_in"] is None
    assert "/lineage/held_in" in facts["unknown"]
    assert facts["lineage"]["jurisdiction"] is None
    assert "/lineage/jurisdiction" in facts["unknown"]


def test_personal_values_are_left_out_and_yet_bound(guarded: Explained, tmp_path: Path) -> None:
    made = a_dossier(guarded)
    files, row = files_of(made), guarded.row(guarded.worst())
    facts, record = json.loads(files["dossier.json"]), json.loads(files["record.json"])

    prediction, subject = guarded.worst(), str(row["subject_ref"])
    for name, content in files.items():
        assert prediction.encode() not in content, name
        assert subject.encode() not in content, name
    assert prediction not in made.name
    assert prediction not in printed_text(made)
    amount = int(row["loan_amount"])
    assert f"{amount:,}" not in printed_text(made)
    assert b"\r\nloan_amount,\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2," in files["inputs.csv"]
    assert facts["decision"]["prediction"] is None
    assert facts["decision"]["amount"] is None
    (part,) = (e for e in record["attributions"]["parts"] if e["field"] == "loan_amount")
    assert part["value"] is None
    assert record["salt"] is None

    code, said = check_apart(tmp_path / "apart", made.content)
    assert code == 0, said
    assert "PASS  every value of the record is the one that was kept" in said
    assert "names a personal id, and is here by its hash alone" in said
    assert "values of the record that are left out" in said


def test_values_are_in_for_who_may_export_them_and_asks(guarded: Explained, tmp_path: Path) -> None:
    order = Order(ORDER.to, ORDER.reason, values=True, despite=True)
    with pytest.raises(Forbidden):
        a_dossier(guarded, order=order, role=Role.auditor)
    with pytest.raises(StepUpNeeded):
        a_dossier(guarded, order=order)
    made = a_dossier(guarded, order=order, recently=True)
    files = files_of(made)

    amount = int(guarded.row(guarded.worst())["loan_amount"])
    assert json.loads(files["dossier.json"])["decision"]["amount"] == amount
    assert f"{amount:,}" in printed_text(made)
    assert sha256(files["record.json"]).hexdigest() == made.kept.sha256
    code, said = check_apart(tmp_path / "apart", made.content)
    assert code == 0, said
    assert "PASS  the whole record has the hash that was kept" in said


def test_it_is_made_of_the_record_that_was_asked_for(world: Explained) -> None:
    for _ in range(2):
        keep_explanation(world.workspace, SBA, world.worst(), actor=world.people[Role.compliance])
    assert a_dossier(world).kept.number == 2
    assert a_dossier(world, order=Order("To", "Why", number=1, despite=True)).kept.number == 1
    assert a_dossier(world, role=Role.auditor).kept.number == 2
    with pytest.raises(NotFound):
        a_dossier(world, order=Order("To", "Why", number=3))


def test_a_record_that_was_kept_with_many_others_is_bound_like_one_alone(
    guarded: Explained, tmp_path: Path
) -> None:
    officer = guarded.people[Role.compliance]
    explain_many(guarded.workspace, SBA, "true", tmp_path / "out", actor=officer, keep=True)

    code, said = check_apart(tmp_path / "apart", a_dossier(guarded, role=Role.auditor).content)
    assert code == 0, said
    assert "tells of the same record as that of the dossier" in said


def test_who_may_keep_nothing_makes_none_of_a_decision_without_a_record(world: Explained) -> None:
    with pytest.raises(Forbidden, match=r"explanation\.make"):
        a_dossier(world, role=Role.auditor)


@pytest.mark.parametrize("role", [Role.compliance, Role.data_scientist, Role.admin, Role.business])
def test_others_make_none(world: Explained, role: Role) -> None:
    with pytest.raises(Forbidden, match=r"dossier\.make"):
        a_dossier(world, role=role)


def test_a_decision_outside_the_scope_is_not_there(world: Explained) -> None:
    a_dossier(world)
    auditor = world.people[Role.auditor]
    for narrow in (
        replace(auditor, models=frozenset({"loans"})),
        replace(auditor, jurisdictions=frozenset({"HK"})),
    ):
        of_narrow = replace(world, people={**world.people, Role.auditor: narrow})
        with pytest.raises(NotFound):
            a_dossier(of_narrow, role=Role.auditor)


def test_neither_reader_nor_reason_names_the_person(world: Explained) -> None:
    subject = str(world.row(world.worst())["subject_ref"])
    for order in (Order("To", f"As {subject} asks"), Order(subject, "Why")):
        with pytest.raises(InvalidInput, match="names the person"):
            a_dossier(world, order=order)
    with pytest.raises(InvalidInput, match="who gets"):
        a_dossier(world, order=Order("  ", "Why"))
    with pytest.raises(InvalidInput, match="reason"):
        a_dossier(world, order=Order("To", " "))
    with world.workspace.store.read() as conn:
        assert audit.list_newest(conn, kind="explanation.kept") == ()


def test_a_record_of_another_decision_makes_none(world: Explained) -> None:
    keep_explanation(world.workspace, SBA, world.worst(), actor=world.people[Role.compliance])
    with world.workspace.store.begin() as conn:
        conn.execute(update(explanation).values(version="0"))

    with pytest.raises(Conflict, match="another decision"):
        a_dossier(world)


def test_a_record_that_the_trail_does_not_bind_makes_none(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "commitment", lambda _: "")
    kept, _ = keep_explanation(
        world.workspace, SBA, world.worst(), actor=world.people[Role.compliance]
    )
    with world.workspace.store.begin() as conn:
        where = explanation.c.id == kept.id
        conn.execute(update(explanation).where(where).values(id="another"))

    with pytest.raises(Conflict, match="does not bind"):
        a_dossier(world)


@pytest.mark.parametrize(
    ("language", "title", "left_out"),
    [
        ("en", "Dossier of a decision", "Why nothing is there"),
        ("zh-HK", "決定卷宗", "沒有資料的原因"),
        ("zh-CN", "决定卷宗", "没有数据的原因"),
    ],
)
def test_it_can_be_read_in_each_language(
    world: Explained, language: str, title: str, left_out: str
) -> None:
    put_code_book(world)
    made = a_dossier(world, language=language)

    text = printed_text(made)
    assert title in text
    assert left_out in text
    assert files_of(made)["README.txt"].decode().startswith(title)
    assert len(PdfReader(BytesIO(files_of(made)["dossier.pdf"])).pages) >= 2
