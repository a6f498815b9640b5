"""The register has everything that was given away, to whom and why, in the reader's scope."""

import ast
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from core.domain.identity import Permission, Role
from core.errors import Forbidden, NotFound
from core.i18n import translator
from core.services import exports
from core.services.examiner.register import (
    KINDS,
    Given,
    Wanted,
    export_register,
    read_register,
    recipient,
)
from core.services.explanation.letters import make_letter
from core.services.rights import disclosures
from core.store.audit import trail as audit
from tests.core.services.examiner.conftest import Packed
from tests.support.demo_slices import SBA
from tests.support.dossiers import a_dossier
from tests.support.explained import Explained

ROOT = Path(__file__).resolve().parents[4]
NOT_GIVEN = {
    # Kept here, and given by an entry of its own.
    "dossier.made", "pack.made", "explanation.kept", "review.made", "check.made", "token.made",
    "annotation.made", "assignment.made", "review.controls_made", "review.doubles_made",
    "second_factor.codes_made", "batch.published",
    # Decisions about releasing, which hand nothing out.
    "prediction.released",
}  # fmt: skip
GIVING = ("given", "made", "exported", "released", "disclosed", "fetched", "sent", "copy_made")


def lines(world: Explained, role: Role = Role.auditor, **wanted: object) -> tuple[Given, ...]:
    asked = Wanted(**wanted)  # type: ignore[arg-type]
    return tuple(read_register(world.workspace, asked, actor=world.people[role]).lines)


def append(world: Explained, kind: str, body: Mapping[str, object]) -> None:
    with world.workspace.store.begin() as conn:
        audit.append(
            conn,
            at=world.workspace.clock(),
            actor="p-somebody",
            role="admin",
            kind=kind,
            objects={"model": SBA},
            body=body,
        )


def test_one_of_each_kind_is_found(made: Packed) -> None:
    world = made.world
    for kind in KINDS:
        append(world, kind, {"sha256": "ab" * 32})
    found = {each.kind for each in lines(world)}
    assert found == set(KINDS)
    assert {each.kind for each in lines(world, model_id=SBA)} == set(KINDS)
    for kind in KINDS:
        assert {each.kind for each in lines(world, kind=kind)} == {kind}


def test_no_kind_of_giving_is_forgotten() -> None:
    """Every kind that the code writes and whose name says so is in the register, or named here."""
    written = {
        str(node.value)
        for path in (ROOT / "core").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.count(".") == 1
        and node.value.split(".")[1] in GIVING
    }
    assert written - NOT_GIVEN - set(KINDS) == set()


def test_dossiers_and_packs_say_to_whom_and_why(made: Packed) -> None:
    a_dossier(made.world)
    (dossier, *_) = lines(made.world, kind="dossier.given", recipient="examiner's OFFICE")
    assert (dossier.to, dossier.why) == ("An examiner's office", "Examination 12")
    assert (dossier.model_id, dossier.decision) == (SBA, made.world.worst())
    assert len(dossier.sha256) == 64
    pack = next(e for e in lines(made.world, kind="pack.given") if e.why)
    assert pack.by == made.world.people[Role.auditor].audit_name
    assert lines(made.world, recipient="nobody of this name") == ()


def test_a_letter_went_to_the_customer(made: Packed) -> None:
    world = made.world
    letter = make_letter(
        world.workspace,
        SBA,
        world.worst(),
        language="en",
        withhold="An enquiry is under way",
        actor=replace(world.people[Role.compliance], authenticated_at=world.workspace.clock()),
    )
    given = next(e for e in lines(world, kind="letter.released") if e.decision)
    assert letter is not None
    assert recipient(translator("en"), given) == "the customer"
    assert recipient(translator("zh-HK"), given) == "客戶"
    assert given.decision == world.worst()


def test_a_third_party_is_named_until_the_person_is_erased(made: Packed) -> None:
    world = made.world
    disclosures.note_disclosure(
        world.workspace,
        str(world.row(world.worst())["subject_ref"]),
        "Harbour Credit Bureau",
        purpose="Monthly return",
        on=date(2024, 1, 1),
        columns=["loan_amount"],
        model=SBA,
        actor=world.people[Role.compliance],
    )
    (given,) = lines(world, recipient="harbour credit")
    assert (given.kind, given.why) == ("rights.disclosed", "Monthly return")


def test_a_file_is_in_it_when_it_is_made_and_when_it_is_fetched(made: Packed) -> None:
    world, actor = made.world, made.world.people[Role.compliance_lead]
    offered = exports.publish(
        world.workspace,
        b"x",
        actor=actor,
        permission=Permission.model_view,
        name="figures.csv",
        media_type="text/csv",
        model=SBA,
    )
    assert [e.kind for e in lines(world) if e.what == "figures.csv"] == ["export.made"]
    exports.fetch(world.workspace, offered.id, actor=actor)
    found = [each for each in lines(world) if each.what == "figures.csv"]
    assert [each.kind for each in found] == ["export.fetched", "export.made"]
    assert {each.sha256 for each in found} == {offered.record.sha256}
    assert {each.by for each in found} == {actor.audit_name}


def test_it_is_narrowed_by_time_and_says_when_it_is_cut(made: Packed) -> None:
    world = made.world
    now = world.workspace.clock()
    assert lines(world, since=now + timedelta(days=1)) == ()
    assert lines(world, until=now + timedelta(days=1))
    cut = read_register(world.workspace, Wanted(), actor=world.people[Role.auditor], limit=2)
    assert (len(cut.lines), cut.is_cut) == (2, True)
    newest = [each.sequence for each in lines(world)]
    assert newest == sorted(newest, reverse=True)


def test_it_can_be_taken_away_as_csv(made: Packed) -> None:
    actor = made.world.people[Role.auditor]
    offered = export_register(
        made.world.workspace, Wanted(kind="pack.given"), t=translator("zh-HK"), actor=actor
    )
    _, content = exports.fetch(made.world.workspace, offered.id, actor=actor)
    assert "卷宗包" in content.decode("utf-8-sig")
    assert "An examiner's office" in content.decode("utf-8-sig")


def test_it_is_for_examiners_and_leads_in_their_scope(made: Packed) -> None:
    world = made.world
    assert lines(world, Role.compliance_lead)
    for role in set(Role) - {Role.auditor, Role.compliance_lead}:
        with pytest.raises(Forbidden):
            lines(world, role)
    other = replace(world.people[Role.auditor], models=frozenset({"other"}))
    found = read_register(world.workspace, Wanted(), actor=other)
    assert not [each for each in found.lines if each.model_id]
    with pytest.raises(NotFound):
        read_register(world.workspace, Wanted(model_id=SBA), actor=other)
