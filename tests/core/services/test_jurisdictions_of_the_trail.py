"""What was done about rows of other jurisdictions does not exist for a reader limited to some.

Each example does the same random steps in two workspaces, one with rows of Hong Kong and of the
Mainland and one with those of Hong Kong only, where steps about the Mainland cannot be done. The
trail, the approvals, the holds and what is due of the first are for a reader limited to Hong Kong
those of the second.
"""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.bootstrap import open_workspace
from core.domain.identity import Actor, Role
from core.errors import Forbidden, NotFound
from core.services import ingest
from core.services.approvals import four_eyes as approvals
from core.services.audit import trail as audit_trail
from core.services.audit.export import write_export
from core.services.audit.trail import Search
from core.services.erasure import asking as erasure
from core.services.personal import masking as personal
from core.services.personal import reveals
from core.services.retention import holds, rules
from core.services.serving import releases
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.retention import rules as retention
from core.store.retention.rules import StoredRule
from tests.support.builders import (
    ADMIN,
    a_row,
    a_workspace,
    contract_document,
    contract_text,
    outcome_rows,
    write_parquet,
)
from tests.support.fakes import FakeClock

MODEL, WHY = "loans", "case 17 of the branch"
ROLES = frozenset({Role.compliance_lead, Role.auditor})
LEAD = Actor("u-1", "lea", ROLES, origin="cli")
OTHER = Actor("u-2", "lou", ROLES, origin="cli")
LIMITED = Actor("u-3", "hk", ROLES, jurisdictions=frozenset({"HK"}), origin="cli")
MODEL_OF_LIMITED = replace(LIMITED, models=frozenset({MODEL}))
DOINGS = ("reveal", "release", "hold", "erase")
# Ids are random, and digests are under the key of the workspace.
_APART = ("hold", "approval", "reason", "content", "commitment", "subject")


def build(home: Path, places: tuple[str, ...]) -> Workspace:
    """One prediction of each place every three hours, with an outcome, and somebody's each."""
    log = {**contract_document()["log"], "jurisdiction": "region", "subject": "customer"}
    versions = [{"id": name, "oversight_level": "in_the_loop"} for name in ("1", "2")]
    made = a_workspace(home, contract=contract_text(log=log, versions=versions))
    workspace = open_workspace(made.settings, clock=FakeClock())
    made.store.close()
    rows, known = [], []
    for place in places:
        rows += [
            a_row(n, loan_id=f"{place}{n}", region=place, customer=f"{place}-C{n % 5}")
            for n in range(24)
        ]
        known += [
            {**row, "loan_id": f"{place}{n}"} for n, row in enumerate(outcome_rows(range(24)))
        ]
    for stream, content in (("predictions", rows), ("outcomes", known)):
        path = write_parquet(home / f"{stream}.parquet", content)
        ingest.ingest_files(workspace, MODEL, [path], stream=stream, actor=ADMIN)
    old = workspace.clock()
    with workspace.store.begin() as conn:
        for name in ("personal_data", "decision_record"):
            retention.put(conn, StoredRule(name, None, 1, "our own", old, "ada"))
        for actor in (LEAD, OTHER, LIMITED):
            users.create(
                conn,
                user_id=actor.user_id,
                username=actor.username,
                display_name=actor.username,
                at=old,
                roles=sorted(actor.roles),
            )
    return workspace


def do(workspace: Workspace, doing: str, place: str, number: int) -> None:
    """Do something about a row, or about its person, of one place."""
    if doing == "reveal":
        personal.reveal(workspace, MODEL, f"{place}{number}", ["sex"], reason=WHY, actor=LEAD)
    elif doing == "release":
        releases.stop(workspace, MODEL, f"{place}{number}", reason=WHY, actor=LEAD)
    elif doing == "hold":
        holds.place_hold(workspace, actor=LEAD, reason=WHY, subject=f"{place}-C{number % 5}")
    else:
        person = f"{place}-E{number}"  # nobody's: an erasure of nothing is one all the same
        asked = erasure.propose_erasure(workspace, person, basis=WHY, actor=LEAD)
        approvals.approve(workspace, asked.id, actor=OTHER)


def trail(workspace: Workspace, actor: Actor) -> list[Any]:
    """Return the trail as a reader pages through it, without ids and digests."""
    found: list[Any] = []
    before = None
    while page := audit_trail.entries(workspace, Search(), actor=actor, before=before, limit=3):
        found += [
            (
                each.entry.kind,
                {name: value for name, value in each.about.items() if name not in _APART},
                {name: value for name, value in each.entry.body.items() if name not in _APART},
            )
            for each in page
        ]
        before = page[-1].entry.sequence
    return found


def told(workspace: Workspace, actor: Actor) -> list[Any]:
    """Return all else that a reader is told of people and of what is due."""
    return [
        [replace(each, id="") for each in approvals.list_approvals(workspace, actor=actor)],
        [replace(each, id="") for each in holds.list_holds(workspace, actor=actor)],
        erasure.list_erasures(workspace, actor=actor),
        rules.due_rows(workspace, actor=actor),
        rules.retention_table(workspace, actor=actor),
        [(each.model_id, each.prediction_id, each.columns)
         for each in reveals.list_reveals(workspace, actor=actor)],
    ]  # fmt: skip


STEPS = st.lists(
    st.tuples(st.sampled_from(DOINGS), st.sampled_from(["HK", "CN"]), st.integers(0, 23)),
    min_size=4,
    max_size=10,
    unique=True,
)


@settings(
    max_examples=4,
    phases=[Phase.generate],
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(steps=STEPS)
def test_what_was_done_elsewhere_does_not_exist(steps: list[tuple[str, str, int]]) -> None:
    # Whatever is drawn, something is done about each place.
    steps = [*steps, ("reveal", "CN", 1), ("reveal", "HK", 2), ("release", "CN", 3)]
    with TemporaryDirectory() as folder:
        both = build(Path(folder) / "both", ("HK", "CN"))
        only = build(Path(folder) / "only", ("HK",))
        try:
            for doing, place, number in dict.fromkeys(steps):
                do(both, doing, place, number)
                if place == "HK":
                    do(only, doing, place, number)
            for reader in (LIMITED, MODEL_OF_LIMITED):
                assert trail(both, reader) == trail(only, reader)
                assert told(both, reader) == told(only, reader)
            # The reader misses nothing of their own but what is of no single jurisdiction.
            rows = ("prediction", "jurisdiction")
            own = [each for each in trail(only, LEAD) if set(rows) <= each[1].keys()]
            assert own == [each for each in trail(both, LIMITED) if "prediction" in each[1]]
            assert own
            assert len(trail(both, LEAD)) > len(trail(both, LIMITED))
            due = {each.stream: each.rows for each in rules.due_rows(both, actor=LIMITED)}
            every = {each.stream: each.rows for each in rules.due_rows(both, actor=LEAD)}
            assert due
            assert every == {stream: 2 * rows for stream, rows in due.items()}
        finally:
            both.store.close()
            only.store.close()


@pytest.fixture
def site(tmp_path: Path) -> Any:
    opened = build(tmp_path / "home", ("HK", "CN"))
    yield opened
    opened.store.close()


def test_one_entry_and_an_export_are_within_the_scope_too(site: Workspace, tmp_path: Path) -> None:
    do(site, "reveal", "CN", 1)
    do(site, "reveal", "HK", 1)
    newest, before = (each.entry for each in audit_trail.entries(site, Search(), actor=LEAD)[:2])
    assert audit_trail.detail(site, newest.sequence, actor=LIMITED).holds
    with pytest.raises(NotFound):
        audit_trail.detail(site, before.sequence, actor=LIMITED)
    done = write_export(site, tmp_path / "export", actor=LIMITED)
    text = (tmp_path / "export" / "entries.jsonl").read_text(encoding="utf-8")
    assert not done.whole
    assert '"HK1"' in text
    assert '"CN1"' not in text


def test_a_person_is_nobodys_who_is_limited(site: Workspace) -> None:
    for step in (
        lambda: erasure.preview(site, "CN-C1", actor=LIMITED),
        lambda: erasure.propose_erasure(site, "HK-C1", basis=WHY, actor=LIMITED),
        lambda: holds.place_hold(site, actor=LIMITED, reason=WHY, subject="HK-C1"),
        lambda: erasure.get_erasure(site, "any", actor=LIMITED),
    ):
        with pytest.raises(Forbidden, match="all jurisdictions"):
            step()
    assert erasure.tombstone_counts(site, actor=LIMITED) is None
    assert erasure.tombstone_counts(site, actor=LEAD) == (0, 0)
    held = holds.place_hold(site, actor=LEAD, reason=WHY, subject="HK-C1")
    with pytest.raises(Forbidden, match="all jurisdictions"):
        holds.lift_hold(site, held.id, actor=LIMITED, reason=WHY)
    asked = erasure.propose_erasure(site, "HK-E9", basis=WHY, actor=LEAD)
    with pytest.raises(NotFound):
        approvals.approve(site, asked.id, actor=LIMITED)
    holds.place_hold(site, actor=LIMITED, reason=WHY, model=MODEL)
