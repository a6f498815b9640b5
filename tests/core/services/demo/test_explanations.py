"""The demo's newest declined loans are explained once, by somebody who never was."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.errors import Forbidden
from core.services.demo.code_books import simulate_code_book
from core.services.demo.explanations import DAYS, simulate_explanations
from core.store.audit import trail as audit
from core.store.explanations import records as explanations
from tests.support.demo_slices import DEMO, SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path / "home", log=sba_log(every=300))
    yield made
    made.workspace.store.close()


def simulate(world: Explained) -> int:
    return simulate_explanations(world.workspace, SBA, actor=world.people[Role.admin])


def test_without_a_code_book_nothing_is_explained(world: Explained) -> None:
    assert simulate(world) == 0


def test_declined_loans_of_the_last_days_are_explained_once(world: Explained) -> None:
    simulate_code_book(world.workspace, SBA, DEMO / SBA, actor=world.people[Role.admin])

    made = simulate(world)

    log = world.log
    since = log["approved_at"].max() - timedelta(days=DAYS)
    declined = log[(log["decision"] == "decline") & (log["approved_at"] >= since)]
    assert made == len(declined) > 0
    with world.workspace.store.read() as conn:
        ids = explanations.explained_ids(conn, SBA)
        kinds = [each.kind for each in audit.list_newest(conn, limit=20)]
    assert ids == set(declined["loan_id"].astype(str))
    assert kinds.count("letter.released") == min(2, made)
    assert simulate(world) == 0


def test_whoever_may_not_manage_people_may_not(world: Explained) -> None:
    with pytest.raises(Forbidden):
        simulate_explanations(world.workspace, SBA, actor=world.people[Role.data_scientist])
