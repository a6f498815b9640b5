"""A backup made while the workspace runs is one moment of it; erased people do not come back."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import DatabaseError

from core.config import Settings
from core.domain.identity import Actor, Role
from core.errors import Conflict, Forbidden, HarbourlightError, InvalidInput
from core.services import doctor, hooks, ingest
from core.services.approvals import four_eyes as approvals
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import verify as audit_verify
from core.services.backup.restore import restore_backup
from core.services.backup.taking import make_backup
from core.services.erasure import asking as erasure
from core.services.serving import releases, tokens
from core.services.serving import state as model_state
from core.services.serving.tokens import ACTIONS, TokenRefused
from core.services.workspace import Workspace
from core.store import manifest, open_store
from core.store.audit import subjects
from core.store.audit import trail as audit
from core.store.audit.trail import PersonalPayload
from core.store.identity import users
from core.store.retention import tombstones
from core.store.snapshot import LEFT_OUT
from core.store.tables import metadata
from tests.core.ingest.lake import stored
from tests.core.services.erasure.test_asking import hits
from tests.support.builders import ADMIN, VIEWER, write_parquet
from tests.support.databases import PostgresqlDatabases
from tests.support.erasing import PERSON, SECRET, a_peopled_workspace, erase, people, personal_rows


@pytest.fixture
def site(tmp_path: Path, store_url: str) -> Iterator[Workspace]:
    opened = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    for name in (PERSON, "CUST-0001"):
        with opened.store.begin() as conn:
            audit.append(
                conn,
                at=opened.clock(),
                actor="p-1",
                role="compliance",
                kind="personal.revealed",
                objects={"model": "loans"},
                body={},
                personal=PersonalPayload(opened.keys.subject_id(name), {"reason": f"{name}: C-7"}),
            )
    yield opened
    opened.store.close()


@pytest.fixture
def target(tmp_path: Path, store_url: str, request: pytest.FixtureRequest) -> Iterator[Settings]:
    home = tmp_path / "restored"
    if store_url.startswith("sqlite"):
        yield Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.fresh()
    yield Settings(home, url, threads=2)
    databases.drop(url)


@pytest.fixture
def other_kind(
    tmp_path: Path, store_url: str, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """Return where to restore into a database of the other kind."""
    home = tmp_path / "moved"
    if not store_url.startswith("sqlite"):
        yield Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.fresh()
    yield Settings(home, url, threads=2)
    databases.drop(url)


def somebody(conn: Connection, name: str, role: Role, os_login: str | None = None) -> Actor:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    named = {"user_id": name, "username": name, "display_name": name}
    return users.create(conn, **named, at=at, roles=[role], os_login=os_login).actor("cli")


def opened(settings: Settings) -> Workspace:
    return Workspace(settings, open_store(settings.state_url))


ROWS = "SELECT * EXCLUDE (released_at, time), epoch_us(time) FROM {rows} ORDER BY prediction_id"


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_what_was_backed_up_comes_back(
    site: Workspace, target: Settings, tmp_path: Path, name: str
) -> None:
    made = make_backup(site, tmp_path / "safe" / name, actor=ADMIN)
    assert Path(made.keys_path).stat().st_mode & 0o077 == 0
    done = restore_backup(
        target, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
    )
    assert (done.entries, done.root, done.files) == (made.entries, made.root, made.files)
    assert target.home.stat().st_mode & 0o077 == 0
    again = opened(target)
    assert stored(again, ROWS) == stored(site, ROWS)
    assert not doctor.examine(again, actor=ADMIN).at("error", "warning")
    assert again.keys.secret == site.keys.secret
    for person in (PERSON, "CUST-0001"):
        subject_id = site.keys.subject_id(person)
        with site.store.read() as conn, again.store.read() as other:
            assert subjects.find_key(conn, subject_id) == subjects.find_key(other, subject_id)
    # It goes on: an ingest, an entry of the trail, and numbers that the database gives out.
    more = write_parquet(tmp_path / "more.parquet", personal_rows(20, 500))
    assert ingest.ingest_files(again, "loans", [more], actor=ADMIN).stored == 20
    assert audit_verify.verify(again, actor=ADMIN).problems == ()
    again.store.close()


def test_a_backup_goes_into_a_database_of_the_other_kind(
    site: Workspace, other_kind: Settings, tmp_path: Path
) -> None:
    kept = audit_checkpoints.make_checkpoint(site, actor=ADMIN, reason="command")
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    done = restore_backup(
        other_kind, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
    )
    assert (done.entries, done.root) == (made.entries, made.root)
    again = opened(other_kind)
    assert again.store.dialect != site.store.dialect
    with site.store.read() as conn, again.store.read() as other:
        entries = audit.read(conn, limit=made.entries)
        assert [each.canonical for each in entries] == [
            each.canonical for each in audit.read(other, limit=made.entries)
        ]
        # Backup and restore are entries themselves: each has one that the other has not.
        trail = {name for name in metadata.tables if name.startswith("audit_")}
        for name in sorted(set(metadata.tables) - LEFT_OUT - trail - {"manifest"}):
            table = metadata.tables[name]
            keys = [column.name for column in table.primary_key]
            rows = [dict(row._mapping) for row in conn.execute(select(table).order_by(*keys))]
            there = [dict(row._mapping) for row in other.execute(select(table).order_by(*keys))]
            if name == "model_state":  # a restore suspends every model
                assert [row["state"] for row in there] == ["suspended"]
                continue
            assert there == rows, name
    assert stored(again, ROWS) == stored(site, ROWS)
    assert not doctor.examine(again, actor=ADMIN).at("error", "warning")
    found = audit_verify.verify(again, actor=ADMIN, against=[kept])
    assert (found.passed, found.against) == (True, 1)
    for name in ("audit_entry", "audit_object", "audit_node", "audit_checkpoint", "audit_head"):
        with pytest.raises(DatabaseError), again.store.engine.begin() as conn:
            conn.execute(metadata.tables[name].delete())
    more = write_parquet(tmp_path / "more.parquet", personal_rows(20, 500))
    assert ingest.ingest_files(again, "loans", [more], actor=ADMIN).stored == 20
    # And back again, with what happened in between.
    back = make_backup(again, tmp_path / "back", actor=ADMIN)
    home = tmp_path / "round"
    if again.store.dialect == "postgresql":
        settings = Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
        restore_backup(
            settings, Path(back.path), keys_path=Path(back.keys_path), tombstones_path=None
        )
        twice = opened(settings)
        assert stored(twice, ROWS) == stored(again, ROWS)
        assert audit_verify.verify(twice, actor=ADMIN, against=[kept]).passed
        twice.store.close()
    again.store.close()


def test_keys_are_in_the_second_file_only(site: Workspace, tmp_path: Path) -> None:
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    with site.store.read() as conn:
        key = subjects.find_key(conn, site.keys.subject_id(PERSON))
    assert key is not None
    for path in Path(made.path).rglob("*"):
        if path.is_file():
            assert key not in path.read_bytes()
            assert site.keys.secret not in path.read_bytes()
    assert len(json.loads(Path(made.keys_path).read_text(encoding="utf-8"))["subjects"]) == 2


def test_who_was_erased_since_is_erased_again(
    site: Workspace, target: Settings, tmp_path: Path
) -> None:
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    erase(site, people(site))
    done = restore_backup(
        target,
        Path(made.path),
        keys_path=Path(made.keys_path),
        tombstones_path=site.settings.home / "tombstones.json",
    )
    assert done.erased_again == 1
    assert hits(target.home) == []
    again = opened(target)
    subject_id = site.keys.subject_id(PERSON)
    with again.store.read() as conn:
        assert tombstones.is_erased(conn, subject_id)
        assert subjects.find_key(conn, subject_id) is None
        assert subjects.find_key(conn, site.keys.subject_id("CUST-0001")) is not None
        assert [each.payload for each in subjects.openings(conn)] == [
            b'{"reason":"CUST-0001: C-7"}'
        ]
        assert [each.kind for each in audit.list_newest(conn, limit=3)] == [
            "backup.restored", "erasure.completed", "subject.erased",
        ]  # fmt: skip
    found = audit_verify.verify(again, actor=ADMIN)
    assert (found.passed, found.opened, found.erased) == (True, 1, 1)
    sent_again = write_parquet(tmp_path / "again.parquet", personal_rows(300))
    assert ingest.ingest_files(again, "loans", [sent_again], actor=ADMIN).quarantined == 4
    assert hits(target.home) == []
    assert not doctor.examine(again, actor=ADMIN).at("error", "warning")
    again.store.close()


def test_a_key_that_was_taken_out_of_its_file_does_not_come_back(
    site: Workspace, target: Settings, tmp_path: Path
) -> None:
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    subject_id = site.keys.subject_id(PERSON)
    document = json.loads(Path(made.keys_path).read_text(encoding="utf-8"))
    document["subjects"] = [
        each for each in document["subjects"] if each["subject_id"] != subject_id
    ]
    Path(made.keys_path).write_text(json.dumps(document), encoding="utf-8")
    erase(site, people(site))
    restore_backup(
        target,
        Path(made.path),
        keys_path=Path(made.keys_path),
        tombstones_path=site.settings.home / "tombstones.json",
    )
    assert hits(target.home) == []
    again = opened(target)
    found = audit_verify.verify(again, actor=ADMIN)
    assert (found.passed, found.opened, found.erased) == (True, 1, 1)
    again.store.close()


def test_what_may_have_been_withdrawn_since_is_withdrawn(
    site: Workspace, target: Settings, tmp_path: Path
) -> None:
    staff = people(site)
    lead = staff["lydia"]
    with site.store.begin() as conn:
        root = somebody(conn, "root", Role.admin, os_login="root")
    token = tokens.make_token(site, "core banking", actor=root)
    hooks.add_hook(site, "Train", url="https://train.invalid/", actor=root)
    releases.release(site, "loans", "L000006", reason="read", actor=lead)
    releases.stop(site, "loans", "L000007", reason="read", actor=lead)
    pending = erasure.propose_erasure(site, "CUST-0003", basis="request 2", actor=staff["connie"])
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    # All of this happens after the backup, which knows nothing of it.
    tokens.revoke_token(site, token.token.id, actor=root)
    with site.store.begin() as conn:
        users.set_disabled(conn, staff["connie"].user_id, True)
    model_state.suspend(site, "loans", reason="it errs", actor=lead)
    releases.stop(site, "loans", "L000006", reason="no", actor=lead)
    approvals.reject(site, pending.id, actor=lead, reason="no")
    done = restore_backup(
        target, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
    )
    assert (done.tokens_revoked, done.users_disabled, done.hooks_switched_off) == (1, 2, 1)
    assert (done.approvals_ended, done.releases_withdrawn) == (1, 1)
    again = opened(target)
    with pytest.raises(TokenRefused) as refused:
        tokens.check_token(again, token.text, action=ACTIONS[0], model_id="loans")
    assert refused.value.why == "revoked"
    with again.store.read() as conn:
        assert {user.username: user.disabled for user in users.list_users(conn)} == {
            "connie": True, "lydia": True, "root": False,
        }  # fmt: skip
        told, suspended = audit.list_newest(conn, limit=2)
    assert {name: told.body[name] for name in ("tokens_revoked", "users_disabled")} == {
        "tokens_revoked": 1, "users_disabled": 2,
    }  # fmt: skip
    assert (told.kind, told.body["hooks_switched_off"]) == ("backup.restored", 1)
    assert told.body["models_suspended"] == ["loans"]
    assert (suspended.kind, suspended.objects) == ("model.suspended", {"model": "loans"})
    assert releases.read_release(again, "loans", "L000006").state == "held"
    assert releases.read_release(again, "loans", "L000007").state == "stopped"
    assert releases.read_release(again, "loans", "L000008").reason == "suspended"
    with pytest.raises(Conflict, match="not pending"):
        approvals.approve(again, pending.id, actor=lead)
    with again.store.begin() as conn:
        for name in ("connie", "lydia"):
            users.set_disabled(conn, staff[name].user_id, False)
        owner = somebody(conn, "second", Role.compliance_lead)
    # Two people put the model back into production.
    asked = model_state.propose_resume(again, "loans", reason="checked", actor=owner)
    approvals.approve(again, asked.id, actor=lead)
    assert not model_state.read_state(again, "loans").suspended
    assert audit_verify.verify(again, actor=ADMIN).passed
    again.store.close()


def test_a_damaged_backup_is_refused_whole(
    site: Workspace, target: Settings, tmp_path: Path
) -> None:
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    files = [path for path in Path(made.path).rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if content else b"x")
        with pytest.raises(HarbourlightError):
            restore_backup(
                target, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
            )
        assert list(target.home.iterdir()) == []
        path.write_bytes(content)
    listed = Path(made.path) / "manifest.json"
    document = json.loads(listed.read_text(encoding="utf-8"))
    listed.write_text(json.dumps({**document, "made_at": "2020-01-01"}), encoding="utf-8")
    with pytest.raises(HarbourlightError):
        restore_backup(
            target, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
        )
    listed.write_text(json.dumps(document), encoding="utf-8")
    files[0].unlink()
    with pytest.raises(HarbourlightError):
        restore_backup(
            target, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
        )


def test_nothing_is_overwritten(site: Workspace, target: Settings, tmp_path: Path) -> None:
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    with pytest.raises(InvalidInput):
        make_backup(site, tmp_path / "safe", actor=ADMIN)
    with pytest.raises(InvalidInput):
        make_backup(site, site.settings.home / "safe", actor=ADMIN)
    with pytest.raises(Forbidden):
        make_backup(site, tmp_path / "other", actor=VIEWER)
    with pytest.raises(Conflict):
        restore_backup(
            site.settings, Path(made.path), keys_path=Path(made.keys_path), tombstones_path=None
        )
    wrong = tmp_path / "wrong.keys.json"
    other = make_backup(site, tmp_path / "second", actor=ADMIN)
    wrong.write_bytes(Path(other.keys_path).read_bytes())
    with pytest.raises(InvalidInput):
        restore_backup(target, Path(made.path), keys_path=wrong, tombstones_path=None)


def test_a_backup_during_an_ingest_is_one_moment(
    site: Workspace, target: Settings, tmp_path: Path
) -> None:
    started, stop = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def write() -> None:
        try:
            for number in range(60):
                path = write_parquet(
                    tmp_path / f"busy{number}.parquet", personal_rows(15, 1000 + 15 * number)
                )
                ingest.ingest_files(site, "loans", [path], actor=ADMIN)
                started.set()
                if stop.is_set():
                    return
        except BaseException as error:
            failures.append(error)
            started.set()

    writer = threading.Thread(target=write)
    writer.start()
    started.wait(60)
    made = [make_backup(site, tmp_path / "safe" / str(n), actor=ADMIN) for n in range(2)]
    stop.set()
    writer.join(60)
    assert not failures
    done = restore_backup(
        target, Path(made[1].path), keys_path=Path(made[1].keys_path), tombstones_path=None
    )
    again = opened(target)
    assert not doctor.examine(again, actor=ADMIN).at("error")
    with again.store.read() as conn:
        generation = manifest.generation(conn, "loans")
        files = manifest.files_at(conn, "loans", generation)
    rows = sum(file.rows for file in files if file.stream == "predictions" and file.kind == "data")
    assert len(stored(again, ROWS)) == rows >= 300 + 15
    assert done.entries == made[1].entries
    again.store.close()


def test_the_person_is_in_a_backup_made_before(site: Workspace, tmp_path: Path) -> None:
    actors: dict[str, Actor] = people(site)
    made = make_backup(site, tmp_path / "safe", actor=ADMIN)
    _, report = erase(site, actors)
    assert report["backups"] == 1  # the report says that copies are elsewhere
    assert {form for _, form in hits(Path(made.path))} >= {PERSON, SECRET}
