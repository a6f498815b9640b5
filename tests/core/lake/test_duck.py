"""The factory of DuckDB connections."""

import os
from pathlib import Path

import duckdb
import pytest

from core.config import Settings
from core.errors import StorageError
from core.lake import duck
from core.lake.duck import memory_limit_bytes, open_duck


def _setting(connection: duckdb.DuckDBPyConnection, name: str) -> object:
    return connection.execute(f"SELECT current_setting('{name}')").fetchall()[0][0]


def test_settings_of_a_connection(tmp_path: Path) -> None:
    with open_duck(Settings(tmp_path, "sqlite://", threads=3), "ingest") as connection:
        assert _setting(connection, "threads") == 3
        assert str(tmp_path / "scratch") in str(_setting(connection, "temp_directory"))
        assert _setting(connection, "autoinstall_known_extensions") is False
        assert _setting(connection, "autoload_known_extensions") is False
        assert _setting(connection, "allow_community_extensions") is False
        with connection.cursor() as cursor:
            assert _setting(cursor, "TimeZone") == "UTC"


def test_the_share_of_memory() -> None:
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    assert 0 < memory_limit_bytes(0.5) <= machine // 2
    assert memory_limit_bytes(1e-9) == 256 * 1024**2


def test_a_container_limits_more_than_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(duck, "_CGROUP_LIMIT", limit)
    limit.write_text("1073741824\n")
    assert memory_limit_bytes(0.5) == 536_870_912
    limit.write_text("max\n")
    assert memory_limit_bytes(0.5) > 536_870_912


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    with pytest.raises(StorageError):
        open_duck(Settings(tmp_path / "home", "sqlite://"))
