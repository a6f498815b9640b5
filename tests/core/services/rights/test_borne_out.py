"""What the record bears out: no other prediction, nobody left untold, no refusal that waits."""

from datetime import timedelta

import pytest

from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.approvals import four_eyes as approvals
from core.services.rights import answers, disclosures, disputes, intake, opt_outs, refusals
from core.services.rights.common import local_day
from core.services.rights.refusals import REFUSAL
from core.store import approvals as kept_approvals
from tests.core.services.rights.test_review import decide
from tests.support.desk import MINE, MODEL, Desk
from tests.support.erasing import PERSON

ANOTHER = "L000077"
WHY = "The bureau was closed down in May."


def rename(desk: Desk, number: int, prediction: str = ANOTHER) -> str | None:
    workspace = desk.workspace
    named = intake.name_prediction(workspace, number, MODEL, prediction, actor=desk["connie"])
    return named.prediction_id


def a_correction(desk: Desk, days_ago: int = 30) -> tuple[int, int]:
    """Return a corrected request, and a disclosure of what was corrected."""
    workspace, connie = desk.workspace, desk["connie"]
    day = local_day(workspace.clock()) - timedelta(days=days_ago)
    given = disclosures.note_disclosure(
        workspace, PERSON, "Bureau", purpose="Check", on=day, actor=connie
    )
    made = desk.ask_about_prediction("correction")
    disclosures.record_correction(workspace, made.id, ["amount"], source="Ledger", actor=connie)
    return made.id, given


def test_a_request_is_renamed_only_before_anything_was_made_of_it(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    assert rename(desk, desk.ask_about_prediction("explanation").id) == ANOTHER
    review = desk.ask_about_prediction("review")
    answers.open_case(workspace, review.id, actor=connie)
    noted = desk.ask_about_prediction("correction")
    disputes.attach_note(workspace, noted.id, "I paid.", actor=connie)
    for made in (review, noted):
        with pytest.raises(Conflict, match="names nothing else"):
            rename(desk, made.id)
        assert rename(desk, made.id, MINE) == MINE


def test_an_entry_for_all_models_stays_one_for_all(desk: Desk) -> None:
    made = desk.ask_identified("opt_out")
    opt_outs.enter(desk.workspace, made.id, actor=desk["connie"])
    with pytest.raises(Conflict, match="names nothing else"):
        rename(desk, made.id)


def test_a_correction_is_answered_once_every_recipient_is_told_or_it_is_noted_why_not(
    desk: Desk,
) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    number, given = a_correction(desk)
    assert answers.possible_outcomes(workspace, number, actor=connie) == ()
    with pytest.raises(Conflict):
        answers.answer(workspace, number, "corrected", actor=connie)
    for wrong in ("", " ", f"{PERSON} moved"):
        with pytest.raises(InvalidInput):
            disclosures.note_not_told(workspace, number, given, wrong, actor=connie)
    with pytest.raises(NotFound):
        disclosures.note_not_told(workspace, number, given + 1, WHY, actor=connie)
    with pytest.raises(Forbidden):
        disclosures.note_not_told(workspace, number, given, WHY, actor=desk["audrey"])
    disclosures.note_not_told(workspace, number, given, WHY, actor=connie)
    (listed,) = disclosures.recipients(workspace, number, actor=desk["audrey"])
    assert (listed.why_not, listed.sent_on) == (WHY, None)
    assert answers.answer(workspace, number, "corrected", actor=connie).outcome == "corrected"


def test_a_recipient_who_was_told_needs_no_reason(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    number, given = a_correction(desk)
    disclosures.mark_told(workspace, number, given, actor=connie)
    with pytest.raises(Conflict):
        disclosures.note_not_told(workspace, number, given, WHY, actor=connie)
    assert answers.possible_outcomes(workspace, number, actor=connie) == ("corrected",)


def test_a_recipient_of_longer_ago_holds_nothing_up(desk: Desk) -> None:
    number, _ = a_correction(desk, days_ago=400)
    done = answers.answer(desk.workspace, number, "corrected", actor=desk["connie"])
    assert done.outcome == "corrected"


def test_nothing_is_answered_while_a_refusal_waits(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    number, given = a_correction(desk)
    disclosures.mark_told(workspace, number, given, actor=connie)
    proposed = refusals.propose_refusal(
        workspace, number, ground="not_inaccurate", reasons_text="It is right.", actor=connie
    )
    assert answers.possible_outcomes(workspace, number, actor=connie) == ()
    with pytest.raises(Conflict, match="waits for a decision"):
        answers.answer(workspace, number, "corrected", actor=connie)
    approvals.reject(workspace, proposed.id, actor=desk["lydia"], reason="It was wrong.")
    assert answers.answer(workspace, number, "corrected", actor=connie).outcome == "corrected"


def test_a_refusal_is_carried_out_by_nobody_of_some_jurisdictions(desk: Desk) -> None:
    workspace = desk.workspace
    made = desk.ask_about_prediction("review")
    proposed = refusals.propose_refusal(
        workspace, made.id, ground="repeated", reasons_text="Told in May.", actor=desk["connie"]
    )
    lead: Actor = desk["hong_kong"]
    assert Role.compliance_lead in lead.roles
    with pytest.raises(Forbidden), workspace.store.begin() as conn:
        REFUSAL.execute(workspace, conn, kept_approvals.get(conn, proposed.id), lead)


def test_after_an_appeal_nobody_looks_again_and_the_desk_is_told_what_to_do(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    for maker in ("carl", "laurence"):
        made = desk.ask_about_prediction("review")
        decide(desk, answers.open_case(workspace, made.id, actor=connie), maker, "lydia", "uphold")
        answers.answer(workspace, made.id, "upheld", actor=connie)
    third = desk.ask_about_prediction("review")
    with pytest.raises(Conflict, match="nobody looks at it again") as refused:
        answers.open_case(workspace, third.id, actor=connie)
    assert "ground" in (refused.value.remedy or "")
