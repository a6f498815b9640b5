"""What blind cases may be made of, and what is read of verdicts, on both databases."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, update

from core.domain.review import Action, CaseState
from core.store import Store, routing
from core.store.review import cases, claims, controls, steps, verdict_rows
from core.store.review.claims import Claimer
from core.store.review.steps import NewStep
from core.store.tables import review_case, review_control
from tests.support.fakes import START
from tests.support.reviewing import MODEL, a_case, put_people

DAY = timedelta(days=1)


@pytest.fixture
def kept(store: Store) -> Store:
    put_people(store, START)
    return store


def a_decided(conn: Connection, number: int, **changes: Any) -> int:
    """Keep a decided case; return its id."""
    made = {
        name: changes.pop(name) for name in ("kind", "occasion", "parent_id") if name in changes
    }
    (case_id,) = cases.insert_all(
        conn, [replace(a_case(number), **made)], state=CaseState.open, at=START
    )
    values = {
        "state": "final",
        "maker_id": "u-ada",
        "verdict": "uphold",
        "proposed_at": START + DAY,
        "final_at": START + DAY,
        "final_decision": "decline",
        **changes,
    }
    conn.execute(update(review_case).where(review_case.c.id == case_id).values(**values))
    if "kind" in made:
        said = NewStep(case_id, values["proposed_at"], values["maker_id"], Action.propose,
                       "claimed", "proposed", values["verdict"])  # fmt: skip
        steps.add(conn, [said])
    return case_id


def test_sources_are_final_matured_and_unused(kept: Store) -> None:
    with kept.begin() as conn:
        good = a_decided(conn, 1)
        a_decided(conn, 2, predicted_at=START + DAY)  # its outcome is not final
        cases.insert_all(conn, [a_case(3)], state=CaseState.open, at=START)  # not decided
        a_decided(conn, 4, kind="second", occasion="second:9")
        used = a_decided(conn, 5)
        control = a_decided(conn, 5, kind="control", occasion="control:1", parent_id=used)
        a_decided(conn, 6)
        again = replace(a_case(6), kind="appeal", occasion="appeal:6")
        cases.insert_all(conn, [again], state=CaseState.open, at=START)  # it is appealed just now
    with kept.read() as conn:
        recent = controls.sources(conn, MODEL, matured_before=START, unused_since=START - DAY)
        later = controls.sources(conn, MODEL, matured_before=START, unused_since=START + DAY)
        assert controls.count_of_prediction(conn, MODEL, "L000005") == 1
        assert verdict_rows.count_blind(conn, MODEL, "control").decided == 1
    assert recent == [(good, "L000001")]
    assert later == [(good, "L000001"), (used, "L000005")]
    assert control not in {case_id for case_id, _ in later}


def test_a_control_is_unmasked_once(kept: Store) -> None:
    with kept.begin() as conn:
        source = a_decided(conn, 1)
        control = a_decided(conn, 1, kind="control", occasion="control:1", parent_id=source)
        controls.put(conn, control, source, expected="overturn", basis={"outcome": "positive"})
        found = controls.unmask(conn, control, "uphold", at=START)
        assert found is not None
        assert (found.expected, found.caught) == ("overturn", False)
        assert controls.unmask(conn, control, "overturn", at=START) is None
        assert controls.unmask(conn, source, "overturn", at=START) is None
        row = conn.execute(review_control.select()).one()
    assert (row.caught, row.unmasked_at, row.source_case_id) == (False, START, source)


def test_doubles_are_looked_for_once(kept: Store) -> None:
    with kept.begin() as conn:
        first, second = a_decided(conn, 1), a_decided(conn, 2)
        a_decided(conn, 3, final_at=START - DAY)
        a_decided(conn, 1, kind="second", occasion=f"second:{first}", parent_id=first)
        found = controls.undoubled(conn, MODEL, since=START)
        parents = verdict_rows.parents_of(conn, MODEL, "second")
    assert [each.id for each in found] == [second]
    assert parents == {first: ("u-ada", "uphold", "decline")}


def test_live_cases_and_controls_are_counted_by_half_open_days(kept: Store) -> None:
    with kept.begin() as conn:
        for number, at in enumerate((START - DAY, START - timedelta(seconds=1), START)):
            a_decided(conn, number, created_at=at)
        a_decided(conn, 9, kind="control", occasion="control:1", created_at=START - DAY)
        a_decided(conn, 8, kind="second", occasion="second:1", created_at=START - DAY)

        def count(*, blind: bool) -> int:
            return controls.count_made(conn, MODEL, blind=blind, since=START - DAY, until=START)

        assert (count(blind=False), count(blind=True)) == (2, 1)


def test_a_verdict_tells_of_its_newest_proposal(kept: Store) -> None:
    with kept.begin() as conn:
        case_id = a_decided(conn, 1)
        other = a_decided(conn, 2, proposed_at=START + 3 * DAY)
        told = [
            (Action.propose, "u-ada", "overturn", {"seconds": 5, "panes": []}),
            (Action.propose, "u-bo", "uphold", {"seconds": 70, "panes": ["a"]}),
            (Action.record_own_view, "u-ada", "overturn", {}),
            (Action.propose, "u-ada", "uphold", {"seconds": 30, "panes": ["a", "b"]}),
        ]
        steps.add(
            conn,
            [
                NewStep(case_id, START, who, action, "claimed", "proposed", verdict, None, body)
                for action, who, verdict, body in told
            ],
        )
        found = verdict_rows.verdicts_of(conn, MODEL, since=START, until=START + 2 * DAY)
        every = verdict_rows.verdicts_of(conn, MODEL, since=START, until=START + 9 * DAY)
        conn.execute(insert(review_control).values(case_id=other, expected="uphold", basis={}))
    assert [each.case_id for each in every] == [case_id, other]
    (one,) = found
    assert (one.seconds, one.panes, one.own_view) == (30, 2, "overturn")
    assert (one.maker_id, one.verdict, one.kind) == ("u-ada", "uphold", "routed")
    assert (every[1].seconds, every[1].panes, every[1].own_view) == (0, 0, None)


def test_when_somebody_handed_verdicts_in_is_read_over_all_models(kept: Store) -> None:
    with kept.begin() as conn:
        cases_of = [a_decided(conn, number) for number in (1, 2, 3)]
        for case_id, who, hours, action in (
            (cases_of[1], "u-ada", 30, Action.propose),  # not in their order
            (cases_of[0], "u-ada", 24, Action.propose),
            (cases_of[0], "u-bo", 25, Action.propose),
            (cases_of[2], "u-ada", 26, Action.claim),  # no verdict
            (cases_of[2], "u-ada", 60, Action.propose),  # too late
        ):
            at = START + timedelta(hours=hours)
            steps.add(conn, [NewStep(case_id, at, who, action, "claimed", "proposed")])
    with kept.read() as conn:
        found = verdict_rows.proposals_of(
            conn, ["u-ada", "u-chun"], since=START + DAY, until=START + 2 * DAY
        )
    assert found == {
        "u-ada": [START + timedelta(hours=24), START + timedelta(hours=30)],
        "u-chun": [],
    }


def test_verdicts_are_counted_by_person(kept: Store) -> None:
    with kept.begin() as conn:
        a_decided(conn, 1, verdict="overturn")
        a_decided(conn, 2)
        a_decided(conn, 3, maker_id="u-bo")
        a_decided(conn, 4, kind="control", occasion="control:1", verdict="overturn")
        cases.insert_all(conn, [a_case(5)], state=CaseState.open, at=START)
    with kept.read() as conn:
        assert routing.verdicts_by_person(conn, MODEL) == {"u-ada": (1, 2), "u-bo": (0, 1)}
        assert routing.verdicts_by_person(conn, "other") == {}


def test_who_sees_which_cases_are_blind_takes_none_to_decide_but_checks_them(kept: Store) -> None:
    lead = Claimer("u-lei", may_check=True, sees_blind=True)
    until = START + DAY
    with kept.begin() as conn:
        blind = [replace(a_case(1), kind=kind, occasion=kind) for kind in ("control", "second")]
        (first, _, live) = cases.insert_all(
            conn, [*blind, a_case(2)], state=CaseState.open, at=START
        )
        taken = [claims.claim_best(conn, lead, CaseState.open, until=until) for _ in range(2)]
        assert [each and each.id for each in taken] == [live, None]
        assert claims.best(conn, lead, CaseState.open) is None
        values = {"state": "proposed", "maker_id": "u-ada", "verdict": "overturn"}
        conn.execute(
            update(review_case).where(review_case.c.id == first).values(**values, proposed_at=START)
        )
        checked = claims.claim_best(conn, lead, CaseState.proposed, until=until)
        assert checked is not None
        assert checked.id == first
        worker = claims.claim_best(conn, Claimer("u-bo", False), CaseState.open, until=until)
        assert worker is not None
        assert worker.kind == "second"
