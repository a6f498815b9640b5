import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.domain.identity import Actor, Permission
from core.errors import Forbidden, NotFound, StepUpNeeded, StorageError
from core.services.exports import LIFETIME, MadeExport, fetch, publish, remove_expired
from core.store.audit import trail as audit
from core.store.tables import export_file
from tests.support.serving import MODEL, Serving, a_serving_workspace


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield made
    made.workspace.store.close()


def export(
    world: Serving, actor: Actor | None = None, name: str = "cohorts.csv", **changes: object
) -> MadeExport:
    values: dict[str, object] = {"permission": Permission.report_create, **changes}
    return publish(
        world.workspace,
        b"a,b\n",
        actor=actor or world["auditor"],
        name=name,
        media_type="text/csv",
        **values,  # type: ignore[arg-type]
    )


def files(world: Serving) -> list[str]:
    return sorted(path.name for path in world.workspace.settings.exports_dir.iterdir())


def kinds(world: Serving) -> list[str]:
    with world.workspace.store.read() as conn:
        return [entry.kind for entry in audit.list_newest(conn, limit=2)]


@pytest.fixture
def lead(world: Serving) -> Actor:
    return world["compliance_lead"]


def test_the_owner_gets_the_file_and_the_trail_says_so(world: Serving, lead: Actor) -> None:
    made = export(world, lead, model=MODEL)
    assert made.url == f"exports/{made.id}"
    record, content = fetch(world.workspace, made.id, actor=lead)
    assert (record, content) == (made.record, b"a,b\n")
    assert kinds(world) == ["export.fetched", "export.made"]
    with world.workspace.store.read() as conn:
        entry = audit.list_newest(conn, limit=1)[0]
        row = conn.execute(select(export_file)).one()
    assert entry.objects == {"export": made.record.id_hash, "model": MODEL}
    assert made.id not in f"{row} {entry.canonical.decode()} {files(world)}"


def test_to_nobody_else_does_it_exist(world: Serving, lead: Actor) -> None:
    made = export(world, lead)
    for name in ("second_lead", "admin", "auditor"):
        with pytest.raises(NotFound):
            fetch(world.workspace, made.id, actor=world[name])


def test_who_lost_the_permission_or_the_model_gets_nothing(world: Serving, lead: Actor) -> None:
    made = export(world, lead, model=MODEL)
    for changed in (
        replace(lead, roles=world["business"].roles),
        replace(lead, models=frozenset({"other"})),
    ):
        with pytest.raises(NotFound):
            fetch(world.workspace, made.id, actor=changed)
    with world.workspace.store.begin() as conn:
        conn.execute(update(export_file).values(permission="gone.view"))
    with pytest.raises(NotFound):
        fetch(world.workspace, made.id, actor=lead)


def test_it_expires_and_is_removed(world: Serving, lead: Actor) -> None:
    made = export(world, lead)
    world.clock.advance(seconds=LIFETIME.total_seconds())
    with pytest.raises(NotFound):
        fetch(world.workspace, made.id, actor=lead)
    assert remove_expired(world.workspace) == 1
    assert files(world) == []
    assert remove_expired(world.workspace) == 0


@pytest.mark.parametrize(
    "export_id",
    ["", "../state.db", "..%2fstate.db", "a" * 42, "a" * 43, "a" * 44, "/etc/passwd", "a\0" * 21],
)
def test_an_id_is_never_a_path(world: Serving, lead: Actor, export_id: str) -> None:
    with pytest.raises(NotFound):
        fetch(world.workspace, export_id, actor=lead)


@pytest.mark.parametrize("path", ["../state.db", "/etc/hostname", "x.bin", ""])
def test_a_path_of_the_database_is_not_trusted_either(
    world: Serving, lead: Actor, path: str
) -> None:
    made = export(world, lead)
    with world.workspace.store.begin() as conn:
        conn.execute(update(export_file).values(path=path))
    with pytest.raises(NotFound):
        fetch(world.workspace, made.id, actor=lead)
    world.clock.advance(days=2)
    remove_expired(world.workspace)
    assert (world.workspace.settings.home / "state.db").is_file()


def test_a_link_or_a_changed_file_is_not_sent(world: Serving, lead: Actor) -> None:
    made = export(world, lead)
    path = world.workspace.settings.exports_dir / made.record.path
    path.write_bytes(b"other")
    with pytest.raises(StorageError):
        fetch(world.workspace, made.id, actor=lead)
    path.unlink()
    os.symlink(world.workspace.settings.home / "state.db", path)
    with pytest.raises(NotFound):
        fetch(world.workspace, made.id, actor=lead)


def test_who_may_make_one(world: Serving, lead: Actor) -> None:
    with pytest.raises(Forbidden):
        export(world, world["business"])
    with pytest.raises(NotFound):
        export(world, world["elsewhere"], model=MODEL)
    with pytest.raises(Forbidden):
        export(world, world["admin"], personal=True)
    in_a_browser = replace(lead, origin="web", authenticated_at=None)
    with pytest.raises(StepUpNeeded):
        export(world, in_a_browser, personal=True)
    made = export(world, lead, personal=True)
    no_longer = replace(lead, roles=world["data_scientist"].roles)
    with pytest.raises(NotFound):
        fetch(world.workspace, made.id, actor=no_longer)
    assert files(world) == [made.record.path]


def test_nothing_stays_of_an_export_that_failed(
    world: Serving, lead: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StorageError("The state database cannot be reached.")

    monkeypatch.setattr("core.store.exports.add", fail)
    with pytest.raises(StorageError):
        export(world, lead)
    assert files(world) == []


def test_names_are_made_harmless(world: Serving, lead: Actor) -> None:
    assert export(world, lead, 'a/b"\n.csv').record.name == "a_b_.csv"
    assert export(world, lead, "../" * 90).record.name == (".._" * 90)[:200]
