"""Whether a lost verdict, one too many and one that the trail does not know are noticed."""

from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from bench.load.reconcile import lines, reconcile
from bench.load.reviewers import Handed
from core.services.review import claims, verdicts
from core.store import Store
from core.store.tables import review_step
from tests.support.fakes import START
from tests.support.reviewing import OVERTURN, UPHOLD, Desk, a_desk


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path) -> Desk:
    return a_desk(sqlite_store, tmp_path)


def work(desk: Desk) -> list[Handed]:
    """Let two people decide a case each, and a lead check one; return what was handed in."""
    desk.make(2)
    found = []
    for name, proposal in (("ada", UPHOLD), ("bo", OVERTURN)):
        mine = claims.claim_next(desk.workspace, actor=desk[name])
        assert mine is not None
        actor = desk[name]
        verdicts.propose(desk.workspace, mine.id, proposal, actor=actor, revision=mine.revision)
        found.append(Handed(f"u-{name}", mine.id, "maker", str(proposal.verdict), True))
    case = claims.next_check(desk.workspace, actor=desk["lei"])
    assert case is not None
    verdicts.agree(desk.workspace, case.id, actor=desk["lei"], revision=case.revision)
    return [*found, Handed("u-lei", case.id, "checker", "agree", True)]


PEOPLE = ("u-ada", "u-bo", "u-lei")


def test_what_was_handed_in_is_there_once(desk: Desk) -> None:
    handed = work(desk)
    found = reconcile(desk.workspace, PEOPLE, handed, since=START)
    assert (found.handed, found.taken, found.stored, found.told) == (3, 3, 3, 3)
    assert found.is_sound
    assert "agree" in lines(found)[0]
    assert found.cases == 2
    assert found.actions["claimed"] == found.actions["proposed"] == (2, 2)
    assert "claimed 2/2" in lines(found)[2]


def test_what_the_page_confirmed_and_nobody_stored_is_lost(desk: Desk) -> None:
    handed = [*work(desk), Handed("u-ada", 99, "maker", "uphold", True)]
    found = reconcile(desk.workspace, PEOPLE, handed, since=START)
    assert found.lost == (("u-ada", 99),)
    assert "DO NOT AGREE" in lines(found)[0]


def test_what_the_page_never_confirmed_may_be_missing(desk: Desk) -> None:
    handed = [*work(desk), Handed("u-ada", 99, "maker", "uphold", False)]
    assert reconcile(desk.workspace, PEOPLE, handed, since=START).is_sound


def test_a_case_in_another_state_than_its_steps_say_is_noticed(desk: Desk) -> None:
    handed = work(desk)
    case = review_step.c.case_id == handed[0].case
    last = select(func.max(review_step.c.id)).where(case).scalar_subquery()
    with desk.workspace.store.begin() as conn:
        conn.execute(update(review_step).where(review_step.c.id == last).values(to_state="open"))
    found = reconcile(desk.workspace, PEOPLE, handed, since=START)
    assert found.astray == (handed[0].case,)
    assert not found.is_sound


def test_a_claim_that_the_trail_does_not_know_is_noticed(desk: Desk) -> None:
    handed = work(desk)
    with desk.workspace.store.begin() as conn:
        step = conn.execute(select(review_step).where(review_step.c.action == "claimed")).first()
        assert step is not None
        conn.execute(delete(review_step).where(review_step.c.id == step.id))
    found = reconcile(desk.workspace, PEOPLE, handed, since=START)
    assert found.actions["claimed"] == (1, 2)
    assert (found.lost, found.untold, found.is_sound) == ((), (), False)


def test_a_step_too_many_is_noticed_by_client_and_trail(desk: Desk) -> None:
    handed = work(desk)
    with desk.workspace.store.begin() as conn:
        step = conn.execute(select(review_step).where(review_step.c.action == "proposed")).first()
        assert step is not None
        again = {name: value for name, value in step._mapping.items() if name != "id"}
        conn.execute(insert(review_step).values(**again))
    found = reconcile(desk.workspace, PEOPLE, handed, since=START)
    assert found.twice == found.untold == ((step.actor_id, step.case_id),)


def test_a_step_that_went_is_lost_and_its_entry_stands_alone(desk: Desk) -> None:
    handed = work(desk)
    gone = review_step.c.action == "checked"
    with desk.workspace.store.begin() as conn:
        conn.execute(delete(review_step).where(gone))
    found = reconcile(desk.workspace, PEOPLE, handed, since=START)
    key = ("u-lei", handed[2].case)
    assert (found.lost, found.untold) == ((key,), (key,))
