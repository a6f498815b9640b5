from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text

from core.errors import InvalidInput, StorageError
from core.store import Store, open_store, settings
from core.store.tables import model
from core.store.types import NaiveInstantError


def put_model(store: Store, registered_at: datetime) -> None:
    with store.begin() as conn:
        conn.execute(
            insert(model).values(
                id="m",
                spec_text="",
                spec_sha256="",
                spec_revision=1,
                registered_at=registered_at,
                registered_by="t",
            )
        )


def put_and_fail(store: Store) -> None:
    with store.begin() as conn:
        settings.put(conn, "undone", 1)
        raise ZeroDivisionError


def test_a_block_that_ends_is_kept_and_one_that_raises_is_undone(store: Store) -> None:
    with store.begin() as conn:
        settings.put(conn, "kept", 1)
    with pytest.raises(ZeroDivisionError):
        put_and_fail(store)
    with store.read() as conn:
        assert settings.get_all(conn) == {"kept": 1}


def test_instants_come_back_aware_in_utc_whatever_zone_they_had(store: Store) -> None:
    hong_kong = timezone(timedelta(hours=8))
    put_model(store, datetime(2026, 1, 5, 7, 30, 0, 123456, tzinfo=hong_kong))
    with store.read() as conn:
        stored = conn.execute(select(model.c.registered_at)).scalar_one()
    assert stored == datetime(2026, 1, 4, 23, 30, 0, 123456, tzinfo=UTC)
    assert stored.tzinfo is UTC


def test_a_naive_datetime_is_refused(store: Store) -> None:
    naive = datetime(2026, 1, 5, 9, 30)
    with pytest.raises(NaiveInstantError, match="no time zone"):
        put_model(store, naive)
    with store.read() as conn, pytest.raises(NaiveInstantError):
        conn.execute(select(model.c.id).where(model.c.registered_at < naive))


def test_reading_sees_one_moment_and_refuses_to_write(store: Store) -> None:
    with store.begin() as conn:
        settings.put(conn, "k", "before")
    with store.read() as reader:
        assert settings.get(reader, "k") == "before"
        with store.begin() as writer:
            settings.put(writer, "k", "after")
        assert settings.get(reader, "k") == "before"
    with pytest.raises(StorageError), store.read() as reader:
        settings.put(reader, "k", "never")
    with store.begin() as conn:
        assert settings.get(conn, "k") == "after"


def test_a_connection_that_read_can_write_afterwards(store: Store) -> None:
    for turn in range(3):
        with store.read() as conn:
            settings.get(conn, "k")
        with store.begin() as conn:
            settings.put(conn, "k", turn)
    with store.read() as conn:
        assert settings.get(conn, "k") == 2


def test_a_second_write_transaction_in_the_same_thread_is_refused(store: Store) -> None:
    with (
        store.begin(),
        pytest.raises(RuntimeError, match="write transaction is open"),
        store.begin(),
    ):
        pass
    with store.begin() as conn:
        settings.put(conn, "usable", True)


def test_foreign_keys_are_enforced(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)foreign key"), store.begin() as conn:
        conn.execute(text("INSERT INTO user_role (user_id, role) VALUES ('nobody', 'admin')"))


def test_sqlite_keeps_what_it_acknowledged(sqlite_store: Store) -> None:
    with sqlite_store.begin() as conn:
        pragmas = {
            name: conn.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    # synchronous 2 is FULL (sqlite.org/pragma.html).
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 30000,
    }


def test_a_database_that_stays_busy_is_reported_in_our_words(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.engine.BUSY_TIMEOUT_S", 0.05)
    other = open_store(str(sqlite_store.engine.url))
    with (
        sqlite_store.begin(),
        pytest.raises(StorageError, match="busy for too long"),
        other.begin(),
    ):
        pass
    other.close()


def test_opening_does_not_wait_for_a_writer(
    store: Store, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.store.engine.BUSY_TIMEOUT_S", 1)
    with store.begin() as conn:
        settings.put(conn, "k", 1)
        other = open_store(store_url)
        with other.read() as reader:
            assert settings.get(reader, "k") is None
        other.close()


@pytest.mark.parametrize(
    "url",
    ["sqlite://", "sqlite:///:memory:", "mysql://root:secret@localhost/x", "no address", ""],
)
def test_an_address_of_neither_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInput, match="not the address of a state database") as caught:
        open_store(url)
    assert "secret" not in str(caught.value)


def test_an_unreachable_server_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="could not be read or written"):
        open_store(f"postgresql://nobody@/nothing?host={tmp_path}")


def test_a_file_that_is_no_database_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"not a database, certainly not " * 100)
    with pytest.raises(StorageError, match="could not be read or written"):
        open_store(f"sqlite:///{tmp_path / 'state.db'}")
