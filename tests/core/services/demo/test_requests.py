"""The simulated requests of the demo: one of each kind, on real rows, marked, made once."""

from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden
from core.services import ingest
from core.services.demo import requests as demo_requests
from core.services.demo import reviews as demo_reviews
from core.services.rights import desk, disclosures, disputes, opt_outs, refusals, snapshots
from core.services.rights.common import visible
from core.services.routing.run import route_model
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, VIEWER, outcome_rows, write_parquet
from tests.support.routed import LARGE, MODEL, a_reviewed_workspace, fill

ROWS = 200
READER = Actor("u-r", "ruth", frozenset({Role.compliance_lead}))


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home: Path = tmp_path_factory.mktemp("asked")
    workspace = a_reviewed_workspace(home, rules=(LARGE, {"id": "all", "name": "All"}))
    fill(workspace, home / "log.parquet", ROWS)
    known = write_parquet(home / "outcomes.parquet", outcome_rows(range(ROWS)))
    ingest.ingest_files(workspace, MODEL, [known], stream="outcomes", actor=ADMIN)
    route_model(workspace, MODEL)
    demo_reviews.simulate_reviews(workspace, MODEL, actor=ADMIN)
    assert demo_requests.simulate_requests(workspace, MODEL, actor=ADMIN) == 7
    return workspace


def test_each_kind_waits_and_two_are_closed(asked: Workspace) -> None:
    found = desk.list_requests(asked, actor=READER)
    waiting = sorted(each.kind for each in found if each.is_open)
    assert waiting == ["access", "correction", "explanation", "opt_out", "review"]
    closed = sorted((each.kind, each.outcome) for each in found if not each.is_open)
    assert closed == [("access", "refused"), ("opt_out", "opted_out")]
    assert len({each.subject_id for each in found}) == 7
    assert all(each.handler in {"", None, "Iris Lau (simulated)"} for each in found)


def test_what_was_done_is_there(asked: Workspace) -> None:
    by_kind = {each.kind: each for each in desk.list_requests(asked, actor=READER) if each.is_open}
    for kind in ("access", "correction"):
        with asked.store.read() as conn:
            frozen = snapshots.read_snapshot(asked, visible(conn, by_kind[kind].id, READER))
        (model,) = frozen["models"]
        assert len(model["streams"]["predictions"]) == 1
    (refused,) = refusals.log_book(asked, actor=READER)
    assert (refused.proposed_by, refused.refused_by) == (
        "Iris Lau (simulated)",
        "Grace Tam (simulated)",
    )
    assert len(opt_outs.list_register(asked, actor=READER)) == 1
    (note,) = disputes.notes_of_request(asked, by_kind["correction"].id, actor=READER)
    assert note.text.startswith("（模擬）")
    told = disclosures.recipients(asked, by_kind["correction"].id, actor=READER)
    assert all("(simulated)" in each.recipient for each in told)
    assert len(told) == 2


def test_it_is_done_once(asked: Workspace) -> None:
    assert demo_requests.simulate_requests(asked, MODEL, actor=ADMIN) == 0


def test_who_may_not_manage_users_asks_for_nobody(asked: Workspace) -> None:
    with pytest.raises(Forbidden):
        demo_requests.simulate_requests(asked, MODEL, actor=VIEWER)
