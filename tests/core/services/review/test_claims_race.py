"""Real processes that claim from one queue, on SQLite and PostgreSQL, and one that is killed."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.review import CaseState
from core.services.approvals import four_eyes as approvals
from core.services.review import cases, claims, drafts, returning
from core.services.review.cases import CaseFilter
from core.services.serving import state as model_state
from core.store import Store
from core.store.audit import trail as audit
from core.store.review import steps
from tests.support.processes import Racers, run_until_killed
from tests.support.reviewing import LEADS, MODEL, REVIEWERS, Desk, a_desk

CLAIMERS = 8
MANY = 50
PEOPLE = (*REVIEWERS, *LEADS)


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    return a_desk(store, tmp_path)


@pytest.fixture(scope="module")
def eight() -> Iterator[Racers]:
    made = Racers(CLAIMERS)
    yield made
    made.close()


@pytest.fixture(scope="module")
def fifty() -> Iterator[Racers]:
    made = Racers(MANY)
    yield made
    made.close()


def race(desk: Desk, url: str, home: Path, racers: Racers, count: int) -> None:
    """Let processes, several for each person, work a queue off; reconcile it with the trail."""
    ids = desk.make(count)
    taken = racers.run(
        "review", [(url, home, PEOPLE[number % len(PEOPLE)]) for number in range(racers.count)]
    )
    assert sorted(case_id for mine in taken for case_id in mine) == sorted(ids)
    page = cases.list_cases(
        desk.workspace,
        CaseFilter(states=[str(each) for each in CaseState], size=500),
        actor=desk["auditor"],
    )
    assert page.total == count
    assert {each.state for each in page.cases} == {CaseState.final}
    with desk.workspace.store.read() as conn:
        told = Counter(
            (entry.kind, entry.objects["case"]) for entry in audit.read(conn, limit=100_000)
        )
        for case_id in ids:
            path = steps.of_case(conn, case_id)
            done = Counter(each.action for each in path)
            assert done["claimed"] == 1 + done["given_back"]
            assert (done["made"], done["proposed"], done["final"]) == (1, 1, 1)
            maker = next(each.actor_id for each in path if each.action == "proposed")
            assert maker == [each.actor_id for each in path if each.action == "claimed"][-1]
            for action in ("claimed", "given_back", "proposed", "final"):
                assert told[f"review.{action}", str(case_id)] == done[action]


def test_eight_claimers_get_each_case_once(
    desk: Desk, store_url: str, tmp_path: Path, eight: Racers
) -> None:
    race(desk, store_url, tmp_path, eight, 30)


@pytest.mark.slow
def test_fifty_claimers_get_each_case_once(
    desk: Desk, store_url: str, tmp_path: Path, fifty: Racers
) -> None:
    race(desk, store_url, tmp_path, fifty, 400)


def test_no_case_slips_past_the_suspension_of_its_model(
    desk: Desk, store_url: str, tmp_path: Path, racers: Racers
) -> None:
    racers.run("make_claim_or_suspend", [(store_url, tmp_path, part) for part in range(4)])
    every = CaseFilter(states=[str(each) for each in CaseState], size=500)
    page = cases.list_cases(desk.workspace, every, actor=desk["auditor"])
    assert page.total == 40
    assert {each.state for each in page.cases} == {CaseState.suspended_model}
    lead, other = desk["lei"], desk["lok"]
    asked = model_state.propose_resume(desk.workspace, MODEL, reason="Mended", actor=lead)
    approvals.approve(desk.workspace, asked.id, actor=other, reason="Seen")
    counts = cases.queue_counts(desk.workspace, actor=desk["ada"])
    assert (counts.open, counts.mine) == (40, 0)


def test_who_is_killed_loses_the_case_but_not_the_words(
    desk: Desk, store_url: str, tmp_path: Path
) -> None:
    (case_id,) = desk.make()
    run_until_killed("claim_and_die", store_url, tmp_path, "ada", True)
    assert claims.claim_next(desk.workspace, actor=desk["bo"]) is None
    assert returning.return_expired(desk.workspace) == 0
    desk.clock.advance(minutes=15, seconds=1)
    assert returning.return_expired(desk.workspace) == 1
    assert returning.return_expired(desk.workspace) == 0
    back = claims.claim_next(desk.workspace, actor=desk["bo"])
    assert back is not None
    assert back.id == case_id
    assert drafts.read_draft(desk.workspace, case_id, actor=desk["bo"]) is None
    claims.give_back(desk.workspace, case_id, actor=desk["bo"])
    claims.claim(desk.workspace, case_id, actor=desk["ada"])
    kept = drafts.read_draft(desk.workspace, case_id, actor=desk["ada"])
    assert kept is not None
    assert (kept.body, kept.number) == ({"text": "The income is of"}, 7)


def test_who_is_killed_before_the_commit_has_claimed_nothing(
    desk: Desk, store_url: str, tmp_path: Path
) -> None:
    (case_id,) = desk.make()
    run_until_killed("claim_and_die", store_url, tmp_path, "ada", False)
    got = claims.claim_next(desk.workspace, actor=desk["bo"])
    assert got is not None
    assert (got.id, got.revision) == (case_id, 1)
