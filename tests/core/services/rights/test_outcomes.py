"""Answers, refusals, corrections, notes and opt-outs: what has to be done before, and by whom."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.i18n import translator
from core.services import exports
from core.services.approvals import four_eyes as approvals
from core.services.rights import (
    answers,
    attention,
    disclosures,
    disputes,
    letters,
    opt_outs,
    refusals,
    snapshots,
)
from core.services.rights import desk as reading
from core.services.serving import releases
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.retention.text_search import find
from core.store.rights import refusals as log_book
from core.store.rights import requests
from tests.support.desk import MINE, MODEL, OTHERS, Desk
from tests.support.erasing import PERSON, erase

WHY = "No document was shown within a month."


def refuse(desk: Desk, number: int, ground: str = "identity_not_shown") -> Approval:
    return refusals.propose_refusal(
        desk.workspace, number, ground=ground, reasons_text=WHY, actor=desk["connie"]
    )


def test_a_refusal_takes_two_people_and_stays_in_the_log_book(desk: Desk) -> None:
    workspace, made = desk.workspace, desk.ask()
    desk.clock.now = datetime(2028, 2, 29, 4, tzinfo=UTC)
    proposed = refuse(desk, made.id)
    assert reading.read_request(workspace, made.id, actor=desk["connie"]).refusal_waits
    with pytest.raises(Conflict):
        refuse(desk, made.id)
    for name in ("connie", "carl", "audrey", "elsewhere", "hong_kong"):
        with pytest.raises((Forbidden, NotFound)):
            approvals.approve(workspace, proposed.id, actor=desk[name])
    approvals.approve(workspace, proposed.id, actor=desk["lydia"])
    closed = reading.read_request(workspace, made.id, actor=desk["connie"])
    assert (closed.state, closed.outcome, closed.closed_by) == ("refused", "refused", "Lydia")
    (entry,) = refusals.log_book(workspace, actor=desk["audrey"])
    assert (entry.ground, entry.reasons) == ("identity_not_shown", WHY)
    assert (entry.proposed_by, entry.refused_by) == ("Connie", "Lydia")
    assert entry.keep_until == date(2032, 2, 29)
    assert PERSON not in repr(entry)


def test_who_proposed_a_refusal_cannot_decide_it_even_as_lead(desk: Desk) -> None:
    made = desk.ask()
    proposed = refusals.propose_refusal(
        desk.workspace, made.id, ground="repeated", reasons_text=WHY, actor=desk["lydia"]
    )
    with pytest.raises(Forbidden):
        approvals.approve(desk.workspace, proposed.id, actor=desk["lydia"])
    approvals.approve(desk.workspace, proposed.id, actor=desk["laurence"])


def test_the_database_refuses_a_refusal_by_one(desk: Desk) -> None:
    made = desk.ask()
    lydia = desk["lydia"].user_id
    values = {
        "request_id": made.id, "kind": "access", "ground": "other", "reasons": WHY,
        "language": "en", "other_data_user": "", "refused_at": desk.clock.now,
        "refused_by": lydia, "proposed_by": lydia, "keep_until": date(2030, 1, 1),
    }  # fmt: skip
    with pytest.raises(IntegrityError), desk.workspace.store.begin() as conn:
        log_book.add(conn, values)


@pytest.mark.parametrize(
    "changes",
    [
        {"ground": "no time"},
        {"reasons_text": ""},
        {"reasons_text": f"{PERSON} is rude"},
        {"language": "fr"},
        {"ground": "other_data_user"},
    ],
)
def test_what_is_no_refusal(desk: Desk, changes: dict[str, str]) -> None:
    made = desk.ask()
    given = {"ground": "repeated", "reasons_text": WHY, **changes}
    with pytest.raises(InvalidInput):
        refusals.propose_refusal(desk.workspace, made.id, actor=desk["connie"], **given)


def test_the_log_book_is_exported_and_outlives_the_person(desk: Desk) -> None:
    workspace, made = desk.workspace, desk.ask()
    approvals.approve(workspace, refuse(desk, made.id).id, actor=desk["lydia"])
    refusals.note_notice_sent(workspace, made.id, actor=desk["connie"], on=date(2026, 12, 1))
    with pytest.raises(Conflict):
        refusals.note_notice_sent(workspace, made.id, actor=desk["connie"])
    erase(workspace, desk.people)
    (entry,) = refusals.log_book(workspace, actor=desk["audrey"])
    assert (entry.reasons, entry.notice_sent_on) == (WHY, date(2026, 12, 1))
    exported = refusals.export_log_book(workspace, translator("zh-HK"), actor=desk["audrey"])
    _, content = exports.fetch(workspace, exported.id, actor=desk["audrey"])
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert (header[0], row[0], row[3]) == ("要求", "RQ-000001", WHY)
    assert len(header) == len(row) == 11


def test_recipients_of_twelve_months_are_told(desk: Desk) -> None:
    """By hand: corrected on 29 February 2028, so from 28 February 2027 on."""
    workspace, connie = desk.workspace, desk["connie"]
    desk.clock.now = datetime(2028, 3, 20, 4, tzinfo=UTC)
    given = {
        "before": (date(2027, 2, 27), ["amount"]),
        "first day": (date(2027, 2, 28), ["amount", "branch"]),
        "other column": (date(2027, 6, 1), ["branch"]),
        "unknown": (date(2027, 12, 31), []),
        "last day": (date(2028, 2, 29), ["amount"]),
        "after": (date(2028, 3, 1), ["amount"]),
    }
    for name, (day, columns) in given.items():
        disclosures.note_disclosure(
            workspace, PERSON, name, purpose="Check", on=day, columns=columns, actor=connie
        )
    disclosures.note_disclosure(
        workspace,
        "CUST-0001",
        "somebody else's",
        purpose="Check",
        on=date(2028, 1, 1),
        actor=connie,
    )
    made = desk.ask_about_prediction("correction")
    disclosures.record_correction(
        workspace, made.id, ["amount"], source="Ledger", on=date(2028, 2, 29), actor=connie
    )
    listed = disclosures.recipients(workspace, made.id, actor=desk["audrey"])
    assert len(listed) == 6
    assert {e.recipient for e in listed if e.is_concerned} == {"first day", "unknown", "last day"}
    told = next(each for each in listed if each.recipient == "unknown")
    disclosures.mark_told(workspace, made.id, told.disclosure_id, actor=connie)
    with pytest.raises(Conflict):
        disclosures.mark_told(workspace, made.id, told.disclosure_id, actor=connie)
    listed = disclosures.recipients(workspace, made.id, actor=desk["audrey"])
    assert {e.recipient for e in listed if e.is_concerned and e.sent_on is None} == {
        "first day",
        "last day",
    }


def test_a_correction_is_recorded_before_anybody_is_told(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    number = disclosures.note_disclosure(
        workspace, PERSON, "Bureau", purpose="Check", on=date(2026, 10, 1), actor=connie
    )
    made = desk.ask_about_prediction("correction")
    with pytest.raises(Conflict):
        disclosures.mark_told(workspace, made.id, number, actor=connie)
    with pytest.raises(InvalidInput):
        disclosures.record_correction(workspace, made.id, [" "], source="Ledger", actor=connie)
    with pytest.raises(Conflict):
        answers.answer(workspace, made.id, "corrected", actor=connie)
    disclosures.record_correction(workspace, made.id, ["amount"], source="Ledger", actor=connie)
    with pytest.raises(NotFound):
        disclosures.mark_told(workspace, made.id, number + 7, actor=connie)
    disclosures.mark_told(workspace, made.id, number, actor=connie)
    assert answers.answer(workspace, made.id, "corrected", actor=connie).outcome == "corrected"


def test_a_note_goes_along_with_the_score(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_about_prediction("correction")
    note = disputes.attach_note(workspace, made.id, "I paid.", actor=connie)
    assert attention.disputed(workspace, MODEL) == {MINE}
    with workspace.store.read() as conn:
        (shown,) = disputes.notes_for(conn, MODEL, MINE)
        assert disputes.notes_for(conn, MODEL, OTHERS) == ()
    assert (shown.text, shown.made_by, shown.item) == ("I paid.", "Connie", "score")
    assert releases.read_release(workspace, MODEL, MINE).dispute_notes == 1
    assert releases.read_release(workspace, MODEL, OTHERS).dispute_notes == 0
    disputes.withdraw_note(workspace, note.id, actor=connie)
    with pytest.raises(Conflict):
        disputes.withdraw_note(workspace, note.id, actor=connie)
    assert releases.read_release(workspace, MODEL, MINE).dispute_notes == 0
    (kept,) = disputes.notes_of_request(workspace, made.id, actor=desk["audrey"])
    assert kept.withdrawn_at is not None


def test_views_with_the_note_are_counted_once_a_person_place_and_day(desk: Desk) -> None:
    workspace = desk.workspace
    made = desk.ask_about_prediction("correction")
    disputes.attach_note(workspace, made.id, "I paid.", actor=desk["connie"])

    def look(name: str, place: str) -> None:
        disputes.notes_shown(workspace, MODEL, MINE, place, actor=desk[name])

    def count() -> int:
        return disputes.count_shown(workspace, actor=desk["audrey"])

    look("connie", "reveal")
    look("connie", "reveal")
    assert count() == 1
    look("connie", "case")
    look("lydia", "reveal")
    assert count() == 3
    desk.clock.now += timedelta(days=1)
    look("connie", "reveal")
    assert count() == 4
    releases.answer_release(workspace, MODEL, MINE, token_id="t1")
    releases.answer_release(workspace, MODEL, MINE, token_id="t1")
    assert count() == 5
    assert disputes.notes_shown(workspace, MODEL, OTHERS, "case", actor=desk["connie"]) == ()
    assert count() == 5


def test_an_opt_out_is_told_to_who_asks_and_kept_for_the_trail(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_identified("opt_out", model=MODEL)

    def told(reference: str = PERSON) -> bool:
        return opt_outs.answer_subject(workspace, MODEL, reference, token_id="t1")

    assert not told()
    opt_outs.enter(workspace, made.id, actor=connie)
    assert told()
    assert told()
    assert not told("CUST-0001")
    assert opt_outs.answer_prediction(workspace, MODEL, MINE, token_id="t1")
    assert not opt_outs.answer_prediction(workspace, MODEL, OTHERS, token_id="t1")
    assert not opt_outs.answer_prediction(workspace, MODEL, "unknown", token_id="t1")
    with workspace.store.read() as conn:
        entries = audit.list_newest(conn, kind="opt_out.told", limit=10)
    assert [each.actor for each in entries] == ["token:t1"]
    with pytest.raises(Conflict):
        opt_outs.enter(workspace, made.id, actor=connie)
    assert answers.answer(workspace, made.id, "opted_out", actor=connie).state == "answered"
    (entry,) = opt_outs.list_register(workspace, actor=desk["audrey"])
    assert (entry.model_id, entry.ended_at) == (MODEL, None)
    opt_outs.end(workspace, made.id, actor=connie)
    assert not told()


def test_an_opt_out_of_all_models_holds_for_each(desk: Desk) -> None:
    made = desk.ask_identified("opt_out")
    opt_outs.enter(desk.workspace, made.id, actor=desk["connie"])
    assert opt_outs.answer_subject(desk.workspace, MODEL, PERSON, token_id="t1")
    with pytest.raises(NotFound):
        opt_outs.answer_subject(desk.workspace, "nothing", PERSON, token_id="t1")


def test_a_delay_is_told_inside_the_limit_or_not_at_all(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made, other = desk.ask_identified(), desk.ask_identified()
    desk.clock.now += timedelta(days=30)
    late = answers.late_notice(workspace, made.id, "Moved.", partly=False, actor=connie)
    assert late.late_notice_at == desk.clock.now
    assert late.is_open
    with pytest.raises(Conflict):
        answers.late_notice(workspace, made.id, "Again.", partly=False, actor=connie)
    desk.clock.now += timedelta(days=19)
    with pytest.raises(Conflict, match="inside the limit"):
        answers.late_notice(workspace, other.id, "Moved.", partly=False, actor=connie)


def test_a_delay_is_told_until_day_40_also_where_offices_are_shut_then(desk: Desk) -> None:
    desk.clock.now = datetime(2026, 1, 5, 2, tzinfo=UTC)
    made, other = desk.ask_identified(), desk.ask_identified()
    # Received on Monday, 5 January 2026: day 40 is Saturday, 14 February, so it is due before.
    assert made.due_on == date(2026, 2, 13)
    desk.clock.now = datetime(2026, 2, 14, 15, 59, tzinfo=UTC)  # 23:59 in Hong Kong
    answers.late_notice(desk.workspace, made.id, "Moved.", partly=False, actor=desk["connie"])
    desk.clock.now += timedelta(minutes=1)
    with pytest.raises(Conflict, match="inside the limit"):
        answers.late_notice(desk.workspace, other.id, "Moved.", partly=False, actor=desk["connie"])


def test_an_answer_says_what_was_done(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_identified("access")
    snapshots.freeze(workspace, made.id, actor=connie)
    for outcome in ("copy_supplied", "nothing_held"):  # four rows are held, and no copy is made
        with pytest.raises(Conflict):
            answers.answer(workspace, made.id, outcome, actor=connie)
    with pytest.raises(InvalidInput):
        answers.answer(workspace, made.id, "upheld", actor=connie)
    explained = desk.ask_about_prediction("explanation")
    with pytest.raises(Conflict):
        answers.answer(workspace, explained.id, "explained", actor=connie)
    letters.make_letter(workspace, explained.id, "explanation", actor=connie)
    assert answers.answer(workspace, explained.id, "explained", actor=connie).outcome == "explained"


def test_nothing_is_held_of_a_stranger(desk: Desk) -> None:
    made = desk.ask_identified("access", reference="CUST-NOBODY")
    snapshots.freeze(desk.workspace, made.id, actor=desk["connie"])
    done = answers.answer(desk.workspace, made.id, "nothing_held", actor=desk["connie"])
    assert done.clock.level == "closed"


def test_an_erasure_takes_words_reference_notes_and_frozen_data(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_about_prediction("correction", words="The amount is wrong.")
    snapshots.freeze(workspace, made.id, actor=connie)
    disputes.attach_note(workspace, made.id, "I paid in March.", actor=connie)
    disclosures.note_disclosure(
        workspace, PERSON, "Bureau", purpose="Check", on=date(2026, 10, 1), actor=connie
    )
    folder = workspace.settings.home / snapshots.FOLDER
    assert len(list(folder.iterdir())) == 1
    erase(workspace, desk.people)
    assert list(folder.iterdir()) == []
    with workspace.store.read() as conn:
        for words in ("The amount is wrong", "I paid in March"):
            assert find(conn, words) == {}
        assert requests.get(conn, made.id).sealed is None
    after = reading.read_request(workspace, made.id, actor=desk["audrey"])
    assert after.is_erased
    assert attention.disputed(workspace, MODEL) == frozenset()
    steps = reading.list_steps(workspace, made.id, actor=desk["audrey"])
    assert [each.action for each in steps][:2] == ["received", "identified"]
