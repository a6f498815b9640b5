"""What happened to a decision, in its order, and no more than the reader is told elsewhere."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.domain.review import Action, CaseState
from core.i18n import translator
from core.services import ingest
from core.services.explanation import timeline as told
from core.services.explanation.decision import read_decision
from core.services.explanation.dossier import Order, make_dossier
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letters import LetterRefused, make_letter
from core.services.explanation.looking import look_at
from core.services.explanation.timeline import Event, Timeline, timeline_of
from core.services.personal.names import MASK
from core.services.review.shown_case import case_reference
from core.services.serving import releases
from core.store.audit import trail as audit
from core.store.review import cases, steps
from core.store.review.steps import SYSTEM, NewStep
from core.store.rights import disputes, requests
from tests.support.demo_slices import DEMO, SBA, sba_log
from tests.support.dossiers import ORDER
from tests.support.explained import Explained, an_explained_workspace, put_code_book
from tests.support.reviewing import a_case

STEP = timedelta(minutes=10)
LABEL = "  - {name: charged_off, type: categorical, personal: true, purpose: What came}\n"
MEMBERS = ("compliance", "compliance_lead")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    home = tmp_path_factory.mktemp("told") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    put_code_book(made)
    _put_outcomes(made, home.parent)
    yield made
    made.workspace.store.close()


def _put_outcomes(world: Explained, folder: Path) -> None:
    """Let the demo's own outcomes of the loans become known."""
    known = pd.read_parquet(DEMO / SBA / "outcomes.parquet")
    path = folder / "outcomes.parquet"
    known[known["loan_id"].isin(world.log["loan_id"])].to_parquet(path)
    admin = world.people[Role.admin]
    ingest.ingest_files(world.workspace, SBA, [path], stream="outcomes", actor=admin)


def look(world: Explained, place: int, role: Role | Actor = Role.compliance_lead) -> Timeline:
    actor = role if isinstance(role, Actor) else world.people[role]
    decision = read_decision(world.workspace, SBA, world.worst(place), actor=actor)
    return timeline_of(world.workspace, decision, actor=actor)


def kinds(found: Timeline) -> list[str]:
    return [each.kind for each in found.events]


def only(found: Timeline, kind: str) -> Event:
    (event,) = [each for each in found.events if each.kind == kind]
    return event


def case_of(world: Explained, place: int, *, kind: str = "routed", **given: Any) -> int:
    new = replace(
        a_case(), model_id=SBA, prediction_id=world.worst(place), kind=kind, occasion=kind, **given
    )
    with world.workspace.store.begin() as conn:
        at = world.workspace.clock()
        (made,) = cases.insert_all(conn, [new], state=CaseState.open, at=at)
        steps.add(conn, [NewStep(made, at, SYSTEM, Action.make, "", "open")])
    return made


def finish(world: Explained, case_id: int) -> None:
    """Let one person propose to overturn, and another agree, an hour later."""
    maker, checker = (
        world.people[each].user_id for each in (Role.compliance, Role.compliance_lead)
    )
    first = world.workspace.clock() + STEP
    last = first + STEP
    said: dict[str, Any] = {"verdict": "overturn", "reason_code": "new_evidence"}
    with world.workspace.store.begin() as conn:
        steps.add(
            conn,
            [
                NewStep(case_id, first, maker, Action.propose, "claimed", "proposed", **said),
                NewStep(case_id, last, checker, Action.agree, "checking", "final", **said),
            ],
        )
        values = {
            "maker_id": maker, "checker_id": checker, "verdict": "overturn", "proposed_at": first,
            "final_at": last, "final_decision": "approve", "reason_code": "new_evidence",
        }  # fmt: skip
        assert cases.change(
            conn, case_id, state=CaseState.open, revision=0, to=CaseState.final, values=values
        )


def name_of(world: Explained, role: Role) -> str:
    return str(world.people[role].display_name or world.people[role].username)


def test_it_begins_with_the_prediction_and_ends_with_what_became_of_it(world: Explained) -> None:
    found = look(world, 0)
    first, last = found.events[0], found.events[-1]
    row = world.row(world.worst(0))

    assert (first.kind, first.at) == (told.PREDICTED, row["approved_at"].to_pydatetime())
    assert first.about == {"version": "1", "decision": "decline"}
    outcomes = pd.read_parquet(DEMO / SBA / "outcomes.parquet").set_index("loan_id")
    known = outcomes.loc[row["loan_id"]]
    assert (last.kind, last.at) == (told.OUTCOME, known["observed_at"].to_pydatetime())
    assert last.about == {"outcome": "yes" if known["charged_off"] else "no"}
    assert [each.at for each in found.events] == sorted(each.at for each in found.events)


def test_a_case_is_told_step_by_step_with_names(world: Explained) -> None:
    case_id = case_of(world, 1)
    finish(world, case_id)
    found = [each for each in look(world, 1).events if each.kind == told.CASE]

    assert [each.about["action"] for each in found] == ["made", "proposed", "checked"]
    assert {each.about["case"] for each in found} == {case_reference(case_id)}
    assert [each.who for each in found] == [
        "", name_of(world, Role.compliance), name_of(world, Role.compliance_lead),
    ]  # fmt: skip
    assert [each.about["verdict"] for each in found] == ["", "overturn", "overturn"]


def test_papers_stand_in_it_with_who_made_them(world: Explained) -> None:
    officer = replace(world.people[Role.compliance], authenticated_at=world.workspace.clock())
    lead = world.people[Role.compliance_lead]
    prediction = world.worst(2)
    keep_explanation(world.workspace, SBA, prediction, actor=officer)
    made = make_letter(world.workspace, SBA, prediction, language="zh-HK", actor=officer)
    make_dossier(world.workspace, SBA, prediction, ORDER, t=translator("en"), actor=lead)

    found = look(world, 2)
    assert only(found, told.EXPLAINED).about == {"number": "1", "source": "model"}
    letter, dossier = only(found, told.LETTER), only(found, told.DOSSIER)
    assert letter.about == {
        "letter": made.letter.reference, "language": "zh-HK", "withheld": "",
    }  # fmt: skip
    assert letter.who == name_of(world, Role.compliance)
    assert (dossier.who, dossier.about) == (name_of(world, Role.compliance_lead), {"to": ORDER.to})
    scientist = look(world, 2, Role.data_scientist)
    assert only(scientist, told.DOSSIER).about == {"to": ""}


def test_a_refused_letter_and_a_release_by_hand_are_told_from_the_trail(
    world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    prediction = world.worst(3)
    lead = replace(world.people[Role.compliance_lead], authenticated_at=world.workspace.clock())
    releases.stop(world.workspace, SBA, prediction, reason="Asked by the desk", actor=lead)
    keep_explanation(world.workspace, SBA, prediction, actor=lead)
    changed = "core.services.explanation.checks.grade_of"
    monkeypatch.setattr(changed, lambda _: 99.0)
    with pytest.raises(LetterRefused):
        make_letter(world.workspace, SBA, prediction, language="en", actor=lead)

    found = look(world, 3)
    assert only(found, "prediction.stopped").who == name_of(world, Role.compliance_lead)
    assert only(found, "letter.refused").about == {"checks": "readable"}


def test_requests_are_told_to_who_may_see_them(world: Explained) -> None:
    subject = world.workspace.keys.subject_id(str(world.row(world.worst(4))["subject_ref"]))
    at, handler = world.workspace.clock(), world.people[Role.compliance]
    asked = {
        "kind": "review", "channel": "letter", "language": "en", "subject_id": subject,
        "words": "I do not agree at all.", "model_id": SBA, "prediction_id": world.worst(4),
        "received_at": at, "due_on": at.date(), "state": "received", "taken_by": handler.user_id,
    }  # fmt: skip
    with world.workspace.store.begin() as conn:
        number = requests.add(conn, asked)
        requests.change(
            conn, number, 0,
            {"state": "answered", "outcome": "upheld", "closed_at": at + STEP,
             "closed_by": handler.user_id},
        )  # fmt: skip
        disputes.add(
            conn,
            {
                "subject_id": subject, "model_id": SBA, "prediction_id": world.worst(4),
                "item": "score", "text": "My firm is older.", "request_id": number,
                "made_at": at + STEP, "made_by": handler.user_id,
            },
        )  # fmt: skip

    found = look(world, 4)
    assert only(found, told.REQUESTED).about == {"request": f"RQ-{number:06d}", "kind": "review"}
    closed = only(found, told.CLOSED)
    assert (closed.about["outcome"], closed.who) == ("upheld", name_of(world, Role.compliance))
    assert only(found, told.DISPUTED).about == {"request": f"RQ-{number:06d}"}
    assert "older" not in str(found)
    local = replace(world.people[Role.compliance_lead], jurisdictions=frozenset({""}))
    for reader in (Role.data_scientist, local):
        seen = look(world, 4, reader)
        assert told.REQUESTED not in kinds(seen)
        assert not seen.with_requests


def test_who_sees_no_cases_is_told_none(world: Explained) -> None:
    case_of(world, 5)
    assert told.CASE in kinds(look(world, 5))
    seen = look(world, 5, Role.data_scientist)
    assert told.CASE not in kinds(seen)
    assert not seen.with_cases


def test_while_a_blind_case_waits_who_works_on_cases_learns_neither_verdict_nor_outcome(
    world: Explained,
) -> None:
    finish(world, case_of(world, 6))
    lead = world.people[Role.compliance_lead]
    releases.stop(world.workspace, SBA, world.worst(6), reason="Asked by the desk", actor=lead)
    worker = replace(world.people[Role.compliance], user_id="another")
    keep_explanation(world.workspace, SBA, world.worst(6), actor=lead)
    recently = replace(lead, authenticated_at=world.workspace.clock())
    make_letter(world.workspace, SBA, world.worst(6), language="en", actor=recently)
    before = look(world, 6, worker)
    assert {told.OUTCOME, told.LETTER, "prediction.stopped"} <= set(kinds(before))

    case_of(world, 6, kind="control")
    seen = look(world, 6, worker)
    # The waiting case, as any other, and what the page shows of it to whoever explains it.
    assert sorted(kinds(seen)) == [told.CASE, told.EXPLAINED, told.PREDICTED]
    shown = look_at(world.workspace, SBA, world.worst(6), actor=worker)
    assert shown.letters == ()
    assert "overturn" not in str(seen)
    assert {told.OUTCOME, told.LETTER, "prediction.stopped"} <= set(kinds(look(world, 6)))


def test_looks_at_personal_values_are_told_to_who_reads_the_trail(world: Explained) -> None:
    with world.workspace.store.begin() as conn:
        audit.append(
            conn,
            at=world.workspace.clock(),
            actor=world.people[Role.auditor].audit_name,
            role="auditor",
            kind="personal.revealed",
            objects={"model": SBA, "prediction": world.worst(7)},
            body={"columns": ["loan_amount"]},
        )
    assert only(look(world, 7), "personal.revealed").who == name_of(world, Role.auditor)
    assert "personal.revealed" not in kinds(look(world, 7, Role.data_scientist))


def test_a_dossier_of_a_decision_whose_id_is_personal_is_found_and_its_outcome_masked(
    tmp_path: Path,
) -> None:
    personal = "  - {name: loan_id, type: text, personal: true, purpose: Whose loan it is}\n"
    first = "  - {name: decision_source"
    world = an_explained_workspace(
        tmp_path / "home", log=sba_log(every=600), changes={first: personal + LABEL + first}
    )
    _put_outcomes(world, tmp_path)
    lead = world.people[Role.compliance_lead]
    order = Order("An examiner's office", "Examination 12", despite=True)
    make_dossier(world.workspace, SBA, world.worst(), order, t=translator("en"), actor=lead)
    found = look(world, 0)
    assert only(found, told.DOSSIER).about == {"to": order.to}
    assert only(found, told.OUTCOME).about == {"outcome": MASK}
    world.workspace.store.close()
