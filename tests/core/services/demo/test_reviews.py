"""The simulated past of the demo's queue: adds up, keeps four eyes, reaches no decisions stream."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core.domain.identity import Actor, Role
from core.domain.review import check_needed
from core.domain.review.checks import CheckRules
from core.domain.working_days import close_of_business, is_working_day, local_day
from core.errors import Forbidden
from core.services import ingest
from core.services.demo import reviews as demo_reviews
from core.services.review import cases
from core.services.review.calendar import DaysOff
from core.services.routing.run import route_model
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.identity import users
from core.store.review import feeding
from core.store.review.records import case_of
from core.store.tables import review_case, review_control, review_step
from tests.support.builders import ADMIN, VIEWER, outcome_rows, write_parquet
from tests.support.routed import LARGE, MODEL, a_reviewed_workspace, fill

ALL: dict[str, Any] = {"id": "all", "name": "All"}
READER = Actor("u-r", "ruth", frozenset({Role.compliance_lead}))
ROWS = 360
LARGE_ONES = ROWS // 9


def simulated(home: Path, outcomes: int = ROWS) -> Workspace:
    workspace = a_reviewed_workspace(home, rules=(LARGE, ALL), review={"check": {"share": 0.05}})
    fill(workspace, home / "log.parquet", ROWS)
    known = write_parquet(home / "outcomes.parquet", outcome_rows(range(outcomes)))
    ingest.ingest_files(workspace, MODEL, [known], stream="outcomes", actor=ADMIN)
    assert route_model(workspace, MODEL).cases == ROWS
    demo_reviews.simulate_reviews(workspace, MODEL, actor=ADMIN)
    return workspace


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return simulated(tmp_path_factory.mktemp("past"))


def read(workspace: Workspace, *clauses: Any) -> list[Any]:
    with workspace.store.read() as conn:
        query = select(review_case).where(*clauses).order_by(review_case.c.id)
        return [case_of(row) for row in conn.execute(query)]


def test_counts_add_up(past: Workspace) -> None:
    found = read(past)
    waiting = [each for each in found if each.state == "open"]
    decided = [each for each in found if each.kind == "routed" and each.state == "final"]
    assert (len(waiting), len(decided)) == (demo_reviews.WAITING, ROWS - demo_reviews.WAITING)
    newest = sorted(found, key=lambda each: (each.predicted_at, each.id))
    left = [each for each in newest if each.kind == "routed"][-demo_reviews.WAITING :]
    assert {each.id for each in left} == {each.id for each in waiting}
    now = past.clock()
    assert sum(each.due_at < now for each in waiting) == 6
    assert all(each.final_at <= now and each.created_at < each.proposed_at for each in decided)
    with past.store.read() as conn:
        (told,) = [each.body for each in audit.read(conn) if each.kind == "review.simulated"]
        controls = list(conn.execute(select(review_control)))
    kinds = {
        kind: sum(each.kind == kind for each in found) for kind in ("control", "second", "appeal")
    }
    assert told["verdicts"] == len(decided)
    assert (told["controls"], told["doubles"], told["appeals"]) == tuple(kinds.values())
    assert min(kinds.values()) > 0
    assert len(controls) == kinds["control"]
    by_id = {each.id: each for each in found}
    assert all(each.caught == (by_id[each.case_id].verdict == each.expected) for each in controls)
    assert {each.expected for each in controls} == {"uphold", "overturn"}


def test_waiting_cases_keep_the_clocks_of_the_contract(past: Workspace) -> None:
    """Due at six on an office day, so many office days behind the one they came on."""
    off = DaysOff(frozenset())
    days = {"normal": 5, "high": 2}
    for each in read(past, review_case.c.state == "open"):
        came, due = local_day(each.created_at), local_day(each.due_at)
        passed = 0
        while came < due:
            came += timedelta(days=1)
            passed += is_working_day(came, off)
        assert passed == days[each.tier]
        assert each.due_at == close_of_business(due)
        assert each.created_at < past.clock()


def test_what_happened_to_a_case_can_be_read(past: Workspace) -> None:
    for each in read(past, review_case.c.state == "final")[:20]:
        told = cases.case_steps(past, each.id, actor=READER)
        assert [told[0].action, told[1].action, told[-1].to_state] == ["made", "claimed", "final"]
        assert all(step.evidence == () for step in told)


def test_four_eyes_hold_as_in_the_contract(past: Workspace) -> None:
    rules = CheckRules(tier=True, amount=None, overturn=True)
    for each in read(past, review_case.c.state == "final"):
        assert each.check_reason == check_needed(each, each.verdict, rules)
        assert (each.checker_id is None) == (each.check_reason is None)
        assert each.maker_id not in {each.checker_id, each.barred_maker_id}
        assert (each.final_decision != each.decision) == (each.verdict == "overturn")


def test_every_case_has_the_steps_that_its_revision_counts(past: Workspace) -> None:
    with past.store.read() as conn:
        steps = list(conn.execute(select(review_step).order_by(review_step.c.id)))
    for case in read(past, review_case.c.state == "final"):
        path = [each for each in steps if each.case_id == case.id]
        assert (path[0].from_state, path[-1].to_state) == ("", "final")
        assert all(a.to_state == b.from_state for a, b in pairwise(path))
        assert all(each.body["simulated"] for each in path[1:])
        # Proposing what nobody checks is one change of the case, and two steps.
        assert case.revision == len(path) - (1 if case.checker_id else 2)


def test_nothing_is_fed_and_nobody_can_sign_in(past: Workspace) -> None:
    with past.store.read() as conn:
        assert feeding.models_waiting(conn) == ()
        people = {each.id: each for each in users.list_users(conn)}
    makers = {each.maker_id for each in read(past, review_case.c.state == "final")}
    assert len(makers) == 4
    for each in makers:
        person = people[each]
        assert "(simulated)" in person.display_name
        assert person.disabled
        assert person.password_hash is None


def test_it_is_done_once_and_the_same_each_time(past: Workspace, tmp_path: Path) -> None:
    before = read(past)
    assert demo_reviews.simulate_reviews(past, MODEL, actor=ADMIN) == 0
    assert read(past) == before

    def said(workspace: Workspace) -> list[tuple[Any, ...]]:
        # Who sees the score and what is checked by chance hangs on the workspace's own key.
        return [
            (each.prediction_id, each.kind, each.proposed_at)
            for each in read(workspace, review_case.c.kind == "routed")
        ]

    assert said(simulated(tmp_path)) == said(past)


def test_what_has_no_outcome_yet_is_left_open(tmp_path: Path) -> None:
    found = read(simulated(tmp_path, outcomes=100), review_case.c.kind == "routed")
    assert sum(each.state == "final" for each in found) == 100


def test_who_may_not_manage_users_simulates_nobody(past: Workspace) -> None:
    with pytest.raises(Forbidden):
        demo_reviews.simulate_reviews(past, MODEL, actor=VIEWER)
