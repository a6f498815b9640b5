"""Requests, refusals, notes, disclosures and opt-outs: what both databases promise."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, NotFound
from core.store import Store, models
from core.store.identity import users
from core.store.rights import disclosures, disputes, opt_outs, refusals, requests
from core.store.rights.disclosures import Notice
from core.store.rights.opt_outs import EVERY_MODEL, OptOut
from tests.support.builders import contract_text

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


@pytest.fixture
def ready(store: Store) -> Store:
    with store.begin() as conn:
        models.register(conn, model_id="loans", spec_text=contract_text(), actor="ada", at=AT)
        for name in ("amy", "ben"):
            users.create(conn, user_id=name, username=name, display_name=name, at=AT, roles=[])
    return store


def a_request(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "access",
        "channel": "letter",
        "language": "en",
        "subject_id": "s1",
        "sealed": b"sealed",
        "words": "All of it, please.",
        "received_at": AT,
        "due_on": date(2026, 2, 14),
        "state": "received",
        "taken_by": "amy",
        **changes,
    }


def closed(state: str) -> dict[str, Any]:
    return {"state": state, "closed_at": AT, "closed_by": "ben"}


def test_requests_by_the_day_they_are_due(ready: Store) -> None:
    with ready.begin() as conn:
        late = requests.add(conn, a_request(due_on=date(2026, 3, 1)))
        soon = requests.add(conn, a_request(due_on=date(2026, 2, 1), model_id="loans"))
        done = requests.add(conn, a_request(due_on=date(2026, 1, 1), **closed("answered")))
        listed = requests.list_requests(conn)
        assert [each.id for each in listed] == [soon, late, done]
        assert [e.id for e in requests.list_requests(conn, states=requests.OPEN)] == [soon, late]
        assert [e.id for e in requests.list_requests(conn, models={"loans"})] == [soon]
        assert requests.list_requests(conn, subject_id="s2") == ()
        counts = requests.count_by_state(conn)
        assert counts == {("access", "received"): 2, ("access", "answered"): 1}
        with pytest.raises(NotFound):
            requests.get(conn, 99)


def test_a_change_needs_the_revision_that_was_read(ready: Store) -> None:
    with ready.begin() as conn:
        number = requests.add(conn, a_request())
        after = requests.change(conn, number, 0, {"handler_id": "ben"})
        assert (after.revision, after.handler_id) == (1, "ben")
        with pytest.raises(Conflict):
            requests.change(conn, number, 0, {"handler_id": "amy"})


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "complaint"},
        {"channel": "pigeon"},
        {"state": "answered"},
        {"closed_at": AT},
        {"identified_at": AT},
        {"fee_hkd": -1.0},
    ],
)
def test_what_no_request_can_be(ready: Store, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), ready.begin() as conn:
        requests.add(conn, a_request(**wrong))


def a_refusal(request_id: int, **changes: Any) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "kind": "access",
        "ground": "repeated",
        "reasons": "It was answered in May.",
        "language": "en",
        "other_data_user": "",
        "refused_at": AT,
        "refused_by": "ben",
        "proposed_by": "amy",
        "keep_until": date(2030, 1, 5),
        **changes,
    }


def test_a_refusal_has_two_people_and_a_request_one(ready: Store) -> None:
    with ready.begin() as conn:
        number = requests.add(conn, a_request())
        refusals.add(conn, a_refusal(number))
    with pytest.raises(IntegrityError), ready.begin() as conn:
        refusals.add(conn, a_refusal(number))
    with ready.begin() as conn:
        other = requests.add(conn, a_request(model_id="loans"))
    with pytest.raises(IntegrityError), ready.begin() as conn:
        refusals.add(conn, a_refusal(other, proposed_by="ben"))
    with ready.begin() as conn:
        refusals.note_sent(conn, number, on=date(2026, 1, 9))
        (entry,) = refusals.list_refusals(conn)
        assert entry.notice_sent_on == date(2026, 1, 9)
        assert refusals.list_refusals(conn, models={"loans"}) == ()
        assert refusals.of_request(conn, other) is None


def a_note(request_id: int, prediction: str) -> dict[str, Any]:
    return {
        "subject_id": "s1",
        "model_id": "loans",
        "prediction_id": prediction,
        "item": "score",
        "text": "I paid.",
        "request_id": request_id,
        "made_at": AT,
        "made_by": "amy",
    }


def test_notes_in_force(ready: Store) -> None:
    with ready.begin() as conn:
        number = requests.add(conn, a_request())
        assert disputes.disputed(conn, "loans", ["L1"]) == frozenset()
        first, _ = (disputes.add(conn, a_note(number, each)) for each in ("L1", "L2"))
        many = [f"L{place}" for place in range(1200)]
        assert disputes.disputed(conn, "loans", many) == {"L1", "L2"}
        assert disputes.disputed(conn, "cards", many) == frozenset()
        disputes.withdraw(conn, first, by="ben", at=AT)
        with pytest.raises(Conflict):
            disputes.withdraw(conn, first, by="ben", at=AT)
        assert disputes.predictions_of(conn, "loans") == {"L2"}
        assert disputes.notes_for(conn, "loans", "L1") == ()
        assert len(disputes.of_request(conn, number)) == 2
        assert (disputes.count(conn), disputes.count(conn, {"cards"})) == (1, 0)
        with pytest.raises(NotFound):
            disputes.get(conn, 99)


def test_disclosures_between_two_days(ready: Store) -> None:
    with ready.begin() as conn:
        number = requests.add(conn, a_request())
        days = [date(2025, 1, 31), date(2025, 2, 1), date(2026, 1, 31)]
        ids = [
            disclosures.add(
                conn,
                {
                    "subject_id": "s1",
                    "recipient": "Bureau",
                    "purpose": "Check",
                    "what": ["amount"],
                    "disclosed_on": day,
                    "noted_at": AT,
                    "noted_by": "amy",
                },
            )
            for day in days
        ]
        found = disclosures.list_of(conn, "s1", first=days[1], last=days[2])
        assert [each.id for each in found] == [ids[2], ids[1]]
        assert disclosures.list_of(conn, "s2") == ()
        notice = Notice(ids[0], number, date(2026, 2, 1), "ben")
        assert disclosures.mark_sent(conn, notice)
        assert not disclosures.mark_sent(conn, notice)
        assert disclosures.notices(conn, number) == {ids[0]: notice}


def test_the_register_of_opt_outs(ready: Store) -> None:
    with ready.begin() as conn:
        number = requests.add(conn, a_request())
        opt_outs.add(conn, OptOut("s1", "loans", AT, number, None))
        opt_outs.add(conn, OptOut("s2", EVERY_MODEL, AT, number, None))
        assert opt_outs.in_force(conn, "s1", "loans") is not None
        assert opt_outs.in_force(conn, "s1", "cards") is None
        assert opt_outs.in_force(conn, "s2", "cards") is not None
        assert len(opt_outs.list_register(conn)) == 2
        assert [e.subject_id for e in opt_outs.list_register(conn, models={"cards"})] == ["s2"]
        assert opt_outs.end(conn, "s1", "loans", at=AT) == 1
        assert opt_outs.end(conn, "s1", "loans", at=AT) == 0
        assert opt_outs.in_force(conn, "s1", "loans") is None
