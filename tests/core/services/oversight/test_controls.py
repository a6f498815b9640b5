"""Blind controls: made once a day, like any other case, without effect, unmasked when decided."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.working_days import start_of_day
from core.errors import NotFound
from core.services.jobs import tasks, worker
from core.services.oversight.controls import make_controls
from core.services.oversight.jobs import order_due_blind_cases
from core.services.review import cases, claims, returning, verdicts
from core.services.review.feedback import feed_model
from core.services.workspace import Workspace
from core.store import release_gate
from core.store.audit import trail as audit
from core.store.review import verdict_rows
from core.store.review.verdict_rows import BlindCounts
from core.store.tables import review_case, review_control
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    a_site,
    actor,
    check,
    decide,
    decided,
    waiting,
)

DAY = timedelta(days=1)
TODAY = start_of_day(date(2026, 3, 3))
# Score (37 i mod 101) / 101 against a half, lost if 7 divides i: row 1 is 37/101 and paid back;
# row 3, 10/101, paid back; row 2, 74/101, paid back; row 7, 57/101, lost; row 21, 70/101, lost;
# row 14, 13/101, lost.
MODEL_RIGHT, MODEL_WRONG = (1, 3, 7, 21), (2, 14)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    for number in (*MODEL_RIGHT, *MODEL_WRONG):
        decided(made, number, tier="normal", rule="near_cut_off", priority=63)
    yield made
    made.store.close()


def controls_of(site: Workspace) -> list[Any]:
    with site.store.read() as conn:
        query = select(review_case, review_control).join(
            review_control, review_control.c.case_id == review_case.c.id
        )
        return list(conn.execute(query.order_by(review_case.c.id)))


def kinds(site: Workspace) -> list[str]:
    with site.store.read() as conn:
        return [each.kind for each in audit.read(conn) if each.kind.startswith("review.")]


def test_so_many_that_they_are_the_share_of_all_and_no_more_that_day(site: Workspace) -> None:
    waiting(site, 16, made=TODAY - timedelta(hours=5))  # 16 · 0.2 / 0.8 = 4 of 20
    assert make_controls(site, MODEL) == 4
    assert make_controls(site, MODEL) == 0
    found = controls_of(site)
    # By turns: of the two against which the outcome speaks both are taken.
    assert sorted(each.expected for each in found) == ["overturn"] * 2 + ["uphold"] * 2
    for each in found:
        number = int(each.prediction_id[1:])
        assert (each.expected == "overturn") == (number in MODEL_WRONG)
        assert (each.kind, each.occasion, each.state) == ("control", "control:1", "open")
        assert (each.rule, each.tier, each.priority) == ("near_cut_off", "normal", 63)
        assert (each.barred_maker_id, each.request_id) == ("u-ada", None)
        assert each.due_at > NOW
        assert each.caught is None
    assert kinds(site) == ["review.controls_made"]


def test_nothing_yesterday_makes_none(site: Workspace) -> None:
    assert make_controls(site, MODEL) == 0


def test_a_prediction_is_not_used_again_for_half_a_year(site: Workspace) -> None:
    waiting(site, 100, made=TODAY - timedelta(hours=5))
    assert make_controls(site, MODEL) == 6  # no more are there
    site.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    waiting_again = site.clock() - timedelta(days=1)
    with site.store.begin() as conn:
        conn.execute(review_case.update().values(created_at=waiting_again).where(
            review_case.c.state == "open"))  # fmt: skip
    assert make_controls(site, MODEL) == 0


def test_it_looks_like_any_other_case(site: Workspace) -> None:
    waiting(site, 16, made=TODAY - timedelta(hours=5))
    make_controls(site, MODEL)
    (one, *_) = controls_of(site)
    for name in ("bo", "lee"):
        shown = cases.read_case(site, one.id, actor=actor(site, name))
        assert (shown.kind, shown.parent_id) == ("routed", None)
        steps = cases.case_steps(site, one.id, actor=actor(site, name))
        assert [each.action for each in steps] == ["made"]
    with pytest.raises(NotFound):
        claims.claim(site, one.id, actor=actor(site, "ada"))  # decided it before


def test_it_is_unmasked_by_its_verdict_and_changes_nothing(site: Workspace) -> None:
    waiting(site, 16, made=TODAY - timedelta(hours=5))
    make_controls(site, MODEL)
    wrong = next(each for each in controls_of(site) if each.expected == "overturn")
    right = next(each for each in controls_of(site) if each.expected == "uphold")
    with site.store.read() as conn:
        before = release_gate.reviewed(conn, MODEL, wrong.prediction_id, "b")
    for each in (wrong, right):
        decide(site, each.id, "bo", overturn=True)
        assert cases.read_case(site, each.id, actor=actor(site, "bo")).state == "proposed"
    assert "review.unmasked" not in kinds(site)  # whoever checks them is not told either
    check(site, wrong.id, "lee")
    check(site, right.id, "lee")
    found = {each.id: each for each in controls_of(site)}
    assert (found[wrong.id].caught, found[right.id].caught) == (True, False)
    assert found[wrong.id].unmasked_at == NOW
    assert kinds(site)[-3:] == ["review.checked", "review.final", "review.unmasked"]
    with site.store.read() as conn:
        after = release_gate.reviewed(conn, MODEL, wrong.prediction_id, "b")
        entry = audit.list_newest(conn, kind="review.unmasked", limit=1)[0]
    assert after == before
    assert entry.body["expected"] == "uphold"
    assert entry.body["caught"] is False
    lead, worker_ = actor(site, "lee"), actor(site, "bo")
    assert cases.read_case(site, wrong.id, actor=lead).kind == "control"
    assert cases.read_case(site, wrong.id, actor=worker_).kind == "routed"
    shown = [each.action for each in cases.case_steps(site, wrong.id, actor=lead)]
    assert shown == ["made", "claimed", "proposed", "check_taken", "checked", "unmasked"]
    assert [each.action for each in cases.case_steps(site, wrong.id, actor=worker_)] == shown[:-1]


def test_what_is_found_of_a_control_is_what_its_first_verdict_says(site: Workspace) -> None:
    waiting(site, 16, made=TODAY - timedelta(hours=5))
    make_controls(site, MODEL)
    right = next(each for each in controls_of(site) if each.expected == "uphold")
    lee, span = actor(site, "lee"), {"since": NOW - timedelta(days=1), "until": NOW + DAY}

    def counted() -> list[tuple[str, str | None, bool | None]]:
        with site.store.read() as conn:
            rows = verdict_rows.verdicts_of(conn, MODEL, **span)
        return [(row.maker_id, row.verdict, row.caught) for row in rows if row.kind == "control"]

    decide(site, right.id, "bo", overturn=True)
    assert counted() == [("u-bo", "overturn", False)]  # at once, before anybody has checked it
    mine = claims.take_check(site, right.id, actor=lee)
    verdicts.send_back(site, right.id, text="Look again.", actor=lee, revision=mine.revision)
    assert counted() == [("u-bo", "overturn", False)]
    decide(site, right.id, "bo", overturn=False)
    assert cases.read_case(site, right.id, actor=lee).state == "final"
    assert counted() == [("u-bo", "overturn", False)]
    (found,) = [each for each in controls_of(site) if each.id == right.id]
    assert (found.verdict, found.caught) == ("uphold", False)


def test_it_is_drawn_to_be_checked_as_often_as_a_live_case(tmp_path: Path) -> None:
    for share, drawn in ((1.0, {True}), (0.0, {False})):
        site = a_site(tmp_path / str(share), check={"tiers": [], "overturn": True, "share": share})
        for number in (*MODEL_RIGHT, *MODEL_WRONG):
            decided(site, number, tier="normal", rule="near_cut_off")
        waiting(site, 16, made=TODAY - timedelta(hours=5))
        assert make_controls(site, MODEL) == 4
        assert {each.in_check_sample for each in controls_of(site)} == drawn
        site.store.close()


def test_a_control_put_to_the_customer_comes_back_as_a_live_case_does(site: Workspace) -> None:
    waiting(site, 16, made=TODAY - timedelta(hours=5))
    make_controls(site, MODEL)
    (one, *_) = controls_of(site)
    bo, day = actor(site, "bo"), NOW + timedelta(days=9)
    with site.store.read() as conn:
        query = select(review_case.c.id).where(review_case.c.prediction_id == "L010000")
        live = conn.execute(query).scalar_one()
    for case_id in (live, one.id):
        mine = claims.claim(site, case_id, actor=bo)
        asked = verdicts.ask_customer(
            site, case_id, follow_up_on=day.date(), text="Which year is it of?", actor=bo,
            revision=mine.revision,
        )  # fmt: skip
        assert asked.state == "awaiting_customer"
    site.clock.now = day  # type: ignore[attr-defined]
    assert returning.return_unanswered(site) == 0  # the day itself is not over
    site.clock.now = day + timedelta(days=1)  # type: ignore[attr-defined]
    order_due_blind_cases(site)
    while worker.run_one(site, tasks.HANDLERS, owner="w"):
        pass
    assert returning.return_unanswered(site) == 2
    for case_id in (live, one.id):
        back = cases.read_case(site, case_id, actor=bo)
        assert (back.state, back.assigned_to) == ("open", "u-bo")
        assert cases.case_steps(site, case_id, actor=bo)[-1].action == "no_answer"
    with site.store.read() as conn:
        assert verdict_rows.count_blind(conn, MODEL, "control") == BlindCounts(4, 0, asked=1)


def test_without_somebody_else_there_are_none(tmp_path: Path) -> None:
    alone = a_site(tmp_path / "home", people="ada")  # and a lead, who can see which are controls
    decided(alone, 1)
    waiting(alone, 40, made=TODAY - timedelta(hours=5))
    assert make_controls(alone, MODEL) == 0
    alone.store.close()


def test_the_worker_makes_them_once_a_day(site: Workspace) -> None:
    waiting(site, 16, made=TODAY - timedelta(hours=5))
    assert order_due_blind_cases(site) == 1
    assert order_due_blind_cases(site) == 0
    assert worker.run_one(site, tasks.HANDLERS, owner="w")
    assert len(controls_of(site)) == 4
    assert order_due_blind_cases(site) == 0
    site.clock.now += timedelta(days=1)  # type: ignore[attr-defined]
    assert order_due_blind_cases(site) == 1


def test_no_row_of_the_decisions_stream_comes_of_blind_cases(site: Workspace) -> None:
    assert feed_model(site, MODEL) == 6  # the live ones, once
    waiting(site, 16, made=TODAY - timedelta(hours=5))
    make_controls(site, MODEL)
    for each in controls_of(site):
        decide(site, each.id, "bo", overturn=True)
    assert feed_model(site, MODEL) == 0
