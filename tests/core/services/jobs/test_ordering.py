"""An order is one job and one entry; its file goes to whoever ordered it, from one folder only."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from core.domain.identity import Permission
from core.errors import Forbidden
from core.services.jobs import ordering
from core.services.jobs.worker import Progress, run_one
from core.services.registry import models
from core.services.workspace import Workspace
from core.store import jobs
from core.store.audit import trail
from tests.support.builders import ADMIN, VIEWER, contract_text

MAY = Permission.ingest_run


@pytest.fixture(autouse=True)
def loans(workspace: Workspace, tmp_path: Path) -> None:
    spec = tmp_path / "loans.yaml"
    spec.write_text(contract_text(), "utf-8")
    models.register_model(workspace, spec, actor=ADMIN)


def order(workspace: Workspace, key: str = "k", **payload: object) -> jobs.Ticket:
    return ordering.order(
        workspace,
        "add",
        payload,
        actor=ADMIN,
        permission=MAY,
        dedupe_key=key,
        entry_kind="report.ordered",
        body={"of": "two"},
        objects={"batch": "b1"},
        model_id="loans",
    )


def done(workspace: Workspace, file: str) -> jobs.Job:
    def say(_workspace: Workspace, _job: jobs.Job, _progress: Progress) -> Mapping[str, object]:
        return {"file": file}

    ticket = order(workspace, file)
    assert run_one(workspace, {"add": say}, owner="w1")
    with workspace.store.read() as conn:
        return jobs.get(conn, ticket.id)


def entries(workspace: Workspace) -> list[Mapping[str, str]]:
    with workspace.store.read() as conn:
        return [dict(each.objects) for each in trail.read(conn) if each.kind == "report.ordered"]


def test_the_same_ordered_twice_is_one_job_and_one_entry(workspace: Workspace) -> None:
    first, second = order(workspace), order(workspace)
    assert (first.created, second.created, first.id == second.id) == (True, False, True)
    assert entries(workspace) == [{"model": "loans", "batch": "b1", "job": first.id}]
    assert order(workspace, "another").created


def test_who_may_not_orders_nothing(workspace: Workspace) -> None:
    with pytest.raises(Forbidden):
        ordering.order(
            workspace,
            "add",
            {},
            actor=VIEWER,
            permission=MAY,
            dedupe_key="k",
            entry_kind="report.ordered",
            body={},
        )
    assert entries(workspace) == []


def test_a_file_is_fetched_by_whoever_ordered_it(workspace: Workspace) -> None:
    folder = workspace.settings.exports_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pack-1.zip").write_bytes(b"pack")
    (folder.parent / "pack-2.zip").write_bytes(b"beside")
    made = done(workspace, "pack-1.zip")

    def fetched(job: jobs.Job, prefix: str = "pack-") -> bytes | None:
        path = ordering.made_file(workspace, job, actor=ADMIN, permission=MAY, prefix=prefix)
        return path.read_bytes() if path else None

    assert fetched(made) == b"pack"
    assert fetched(made, "audit-") is None
    assert fetched(done(workspace, "../pack-2.zip")) is None
    assert fetched(done(workspace, "pack-gone.zip")) is None
    with workspace.store.read() as conn:
        waiting = jobs.get(conn, order(workspace, "waits").id)
    assert fetched(waiting) is None


def test_nobody_fetches_what_somebody_else_ordered(workspace: Workspace) -> None:
    made = done(workspace, "pack-1.zip")
    other = type(ADMIN)("u9", "eve", ADMIN.roles, origin="cli")
    assert ordering.made_file(workspace, made, actor=other, permission=MAY, prefix="pack-") is None
    with pytest.raises(Forbidden):
        ordering.made_file(workspace, made, actor=VIEWER, permission=MAY, prefix="pack-")
