"""Taking requests in: pseudonyms, clocks, who asks, and what is told before that is known."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import Conflict, Forbidden, InvalidInput, NotFound
from core.services.erasure import asking as erasure
from core.services.rights import (
    answers,
    copies,
    disputes,
    intake,
    letters,
    opt_outs,
    private,
    snapshots,
)
from core.services.rights import desk as reading
from core.store.audit import trail as audit
from core.store.retention.text_search import MASK, find
from core.store.rights import requests
from tests.support.desk import MINE, MODEL, OTHERS, WORDS, Desk
from tests.support.erasing import PERSON, erase


def test_a_request_knows_the_customer_by_pseudonym_alone(desk: Desk) -> None:
    made = desk.ask("access", language="zh-HK", channel="branch")
    assert made.subject_id == desk.workspace.keys.subject_id(PERSON)
    with desk.workspace.store.read() as conn:
        assert "rights_request" not in find(conn, PERSON)
        assert "audit_entry" not in find(conn, PERSON)
        kept = requests.get(conn, made.id)
    assert desk.workspace.keys.unseal("request", kept.sealed or b"").decode() == PERSON
    assert PERSON not in repr(kept)
    assert WORDS not in repr(made)


def test_each_step_is_an_entry_of_the_trail_and_words_are_personal(desk: Desk) -> None:
    made = desk.ask_identified("access")
    with desk.workspace.store.read() as conn:
        entries = audit.list_newest(conn, objects={"request": str(made.id)}, limit=10)
    assert [each.kind for each in entries] == ["rights.identified", "rights.received"]
    received = entries[1]
    assert received.objects == {"request": str(made.id), "subject": made.subject_id}
    assert WORDS.encode() not in received.canonical
    assert "commitment" in received.body
    steps = reading.list_steps(desk.workspace, made.id, actor=desk["audrey"])
    assert [each.action for each in steps] == ["received", "identified"]
    assert steps[1].person == "Connie"


def test_the_clock_runs_from_the_day_in_hong_kong(desk: Desk) -> None:
    # 17:30 UTC is half past one of the next day in Hong Kong.
    came = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    made = desk.ask("access", received_at=came)
    assert made.received_on == date(2026, 3, 2)
    # 2 March + 40 days is 11 April 2026, a Saturday: so the Friday before.
    assert made.due_on == date(2026, 4, 10)
    desk.clock.now = datetime(2026, 4, 9, 15, 59, tzinfo=UTC)
    assert reading.read_request(desk.workspace, made.id, actor=desk["connie"]).clock.days_left == 1
    desk.clock.now = datetime(2026, 4, 10, 16, 0, tzinfo=UTC)
    late = reading.read_request(desk.workspace, made.id, actor=desk["connie"])
    assert late.clock.level == "overdue"


def test_the_limit_never_runs_over_public_holidays(desk: Desk) -> None:
    # 24 February + 40 days is 5 April 2026, a Sunday and Ching Ming; the 3rd and 4th are general
    # holidays, Good Friday and the day following it (as gazetted).
    made = desk.ask("access", received_at=datetime(2026, 2, 24, 4, tzinfo=UTC))
    assert made.due_on == date(2026, 4, 2)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "complaint"},
        {"channel": "pigeon"},
        {"language": "fr"},
        {"reference": "  "},
        {"words": " "},
        {"words": f"I am {PERSON}"},
        {"received_at": datetime(2099, 1, 1, tzinfo=UTC)},
        {"fee_hkd": -1.0},
        {"prediction": MINE},
    ],
)
def test_what_cannot_be_taken_in(desk: Desk, changes: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        desk.ask(**{"kind": "access", **changes})  # type: ignore[arg-type]


def test_a_prediction_of_somebody_else_does_not_exist(desk: Desk) -> None:
    for prediction in (OTHERS, "L999999"):
        with pytest.raises(NotFound):
            desk.ask("review", model=MODEL, prediction=prediction)
    made = desk.ask("review")
    with pytest.raises(NotFound):
        intake.name_prediction(desk.workspace, made.id, MODEL, OTHERS, actor=desk["connie"])
    named = intake.name_prediction(desk.workspace, made.id, MODEL, MINE, actor=desk["connie"])
    assert (named.model_id, named.prediction_id) == (MODEL, MINE)


def test_nothing_is_shown_or_sent_before_it_is_known_who_asks(desk: Desk) -> None:
    workspace, connie, lydia = desk.workspace, desk["connie"], desk["lydia"]
    kinds = ("access", "correction", "review", "explanation", "opt_out")
    access, correction, review, explanation, opt_out = (
        desk.ask(kind, model=MODEL, prediction=MINE).id for kind in kinds
    )
    snapshots.freeze(workspace, access, actor=connie)  # it is not shown by that
    refused: list[Callable[[], object]] = [
        lambda: copies.make_copy(workspace, access, actor=lydia),
        lambda: private.reveal_reference(workspace, access, reason="Case 12 of us", actor=connie),
        lambda: answers.answer(workspace, access, "nothing_held", actor=connie),
        lambda: disputes.attach_note(workspace, correction, "No.", actor=connie),
        lambda: answers.open_case(workspace, review, actor=connie),
        lambda: letters.make_letter(workspace, explanation, "explanation", actor=connie),
        lambda: opt_outs.enter(workspace, opt_out, actor=connie),
    ]
    for step in refused:
        with pytest.raises(Conflict, match="Who asks is not confirmed"):
            step()
    assert answers.possible_outcomes(workspace, access, actor=connie) == ()
    assert letters.possible_letters(workspace, access, actor=connie) == (
        "acknowledgement",
        "identity_needed",
    )
    for template in ("acknowledgement", "identity_needed"):
        assert letters.make_letter(workspace, access, template, actor=connie).record.bytes > 1000


def test_an_identity_is_confirmed_once_and_by_a_known_method(desk: Desk) -> None:
    made = desk.ask()
    with pytest.raises(InvalidInput):
        intake.identify(desk.workspace, made.id, "a feeling", actor=desk["connie"])
    intake.identify(desk.workspace, made.id, "questions", actor=desk["carl"])
    with pytest.raises(Conflict):
        intake.identify(desk.workspace, made.id, "questions", actor=desk["carl"])


def test_a_change_by_two_at_once_is_one_change(desk: Desk) -> None:
    made = desk.ask_identified()
    with desk.workspace.store.begin() as conn:
        read = requests.get(conn, made.id)
        requests.change(conn, made.id, read.revision, {"handler_id": desk["carl"].user_id})
    with (
        pytest.raises(Conflict, match="Somebody else changed"),
        desk.workspace.store.begin() as conn,
    ):
        requests.change(conn, made.id, read.revision, {"handler_id": desk["connie"].user_id})


def test_words_and_reference_are_shown_on_record_only(desk: Desk) -> None:
    workspace, made = desk.workspace, desk.ask_identified()
    assert private.read_words(workspace, made.id, actor=desk["connie"]) == WORDS
    with pytest.raises(InvalidInput):
        private.reveal_reference(workspace, made.id, reason="short", actor=desk["connie"])
    with pytest.raises(InvalidInput):
        private.reveal_reference(workspace, made.id, reason=f"It is {PERSON}", actor=desk["connie"])
    told = private.reveal_reference(
        workspace, made.id, reason="To find the file", actor=desk["connie"]
    )
    assert told == PERSON
    for forbidden in (desk["audrey"], desk["ada"]):
        with pytest.raises(Forbidden):
            private.read_words(workspace, made.id, actor=forbidden)
    actions = [e.action for e in reading.list_steps(workspace, made.id, actor=desk["audrey"])]
    assert actions[-2:] == ["words_read", "reference_revealed"]


def test_scopes(desk: Desk) -> None:
    workspace = desk.workspace
    about_all, about_loans = desk.ask(), desk.ask("review", model=MODEL, prediction=MINE)
    assert reading.list_requests(workspace, actor=desk["hong_kong"]) == ()
    assert reading.list_requests(workspace, actor=desk["elsewhere"]) == ()
    for made in (about_all, about_loans):
        with pytest.raises(NotFound):
            reading.read_request(workspace, made.id, actor=desk["elsewhere"])
        with pytest.raises(Forbidden):
            reading.read_request(workspace, made.id, actor=desk["hong_kong"])
    with pytest.raises(InvalidInput):
        desk.ask(actor=desk["elsewhere"])
    assert len(reading.list_requests(workspace, actor=desk["audrey"], model=MODEL)) == 1


@pytest.mark.parametrize("name", ["audrey", "ada", "bo", "dan"])
def test_who_may_not_handle_requests(desk: Desk, name: str) -> None:
    with pytest.raises(Forbidden):
        desk.ask(actor=desk[name])
    if name != "audrey":
        with pytest.raises(Forbidden):
            reading.list_requests(desk.workspace, actor=desk[name])


@pytest.mark.slow
def test_of_somebody_who_was_erased_nothing_is_kept(desk: Desk) -> None:
    erase(desk.workspace, desk.people)
    made = desk.ask("access", words="What do you still hold?")
    assert made.is_erased
    with desk.workspace.store.read() as conn:
        kept = requests.get(conn, made.id)
        assert (kept.sealed, kept.words) == (None, MASK)
        assert "audit_payload" not in find(conn, "What do you still hold")
    intake.identify(desk.workspace, made.id, "document", actor=desk["connie"])
    done = answers.answer(desk.workspace, made.id, "nothing_held", actor=desk["connie"])
    assert done.outcome == "nothing_held"
    assert erasure.preview(desk.workspace, PERSON, actor=desk["lydia"]).erased_before


def test_a_withdrawn_request_is_closed(desk: Desk) -> None:
    made = desk.ask()
    done = intake.withdraw(desk.workspace, made.id, reason="By telephone", actor=desk["connie"])
    assert (done.state, done.closed_by) == ("withdrawn", "Connie")
    with pytest.raises(Conflict):
        intake.identify(desk.workspace, made.id, "document", actor=desk["connie"])
    desk.clock.now += timedelta(days=50)
    assert (
        reading.read_request(desk.workspace, made.id, actor=desk["connie"]).clock.level == "closed"
    )
