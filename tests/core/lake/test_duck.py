"""The factory of DuckDB connections."""

import os
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from pyarrow import parquet as pq

from core.config import Settings
from core.errors import StorageError
from core.lake import duck
from core.lake.duck import lock, memory_limit_bytes, open_duck


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


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A Parquet file beside the workspace, in a folder whose name begins like the lake's."""
    folder = tmp_path / "home" / "lake2"
    folder.mkdir(parents=True)
    pq.write_table(pa.table({"a": [1]}), folder / "it's.parquet")
    return folder / "it's.parquet"


def _read(connection: duckdb.DuckDBPyConnection, path: object) -> list[tuple[int]]:
    literal = str(path).replace("'", "''")
    return connection.execute(f"SELECT a FROM read_parquet('{literal}')").fetchall()


def test_a_connection_reaches_the_workspace_only(tmp_path: Path, outside: Path) -> None:
    settings = Settings(tmp_path / "home", "sqlite://")
    settings.lake_dir.mkdir()
    (settings.lake_dir / "link.parquet").symlink_to(outside)
    with open_duck(settings) as connection, connection.cursor() as cursor:
        inside = settings.lake_dir / "x.parquet"
        cursor.execute(f"COPY (SELECT 1 AS a) TO '{inside}'")
        assert _read(cursor, inside) == [(1,)]
        escapes = [
            outside,
            settings.lake_dir / ".." / "lake2" / outside.name,
            settings.lake_dir / "link.parquet",
            "https://127.0.0.1:9/x.parquet",
            "s3://bucket/x.parquet",
        ]
        for path in escapes:
            with pytest.raises(duckdb.Error):
                _read(cursor, path)
        for statement in (
            f"COPY (SELECT 1) TO '{tmp_path / 'y.parquet'}'",
            "SELECT * FROM read_text('/etc/hostname')",
            "SELECT * FROM glob('/etc/*')",
            f"ATTACH '{tmp_path / 'other.db'}'",
            f"EXPORT DATABASE '{tmp_path / 'dump'}'",
            "INSTALL httpfs",
            "LOAD httpfs",
        ):
            with pytest.raises(duckdb.Error):
                cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "SET allowed_paths = ['/etc/hostname']",
        "SET lock_configuration = false",
        "SET threads = 1",
        "SET TimeZone = 'Asia/Hong_Kong'",
        "RESET memory_limit",
        "PRAGMA disable_optimizer",
    ],
)
def test_no_statement_changes_a_setting(tmp_path: Path, statement: str) -> None:
    with open_duck(Settings(tmp_path, "sqlite://")) as connection:
        for each in (connection, connection.cursor()):
            with pytest.raises(duckdb.Error, match=r"locked|running|Cannot"):
                each.execute(statement)


def test_an_ingest_reads_its_own_files_and_no_neighbour(tmp_path: Path, outside: Path) -> None:
    settings = Settings(tmp_path / "home", "sqlite://")
    neighbour = outside.with_name("neighbour.parquet")
    neighbour.write_bytes(outside.read_bytes())
    link = tmp_path / "link.parquet"
    link.symlink_to(outside)
    with open_duck(settings, "ingest", files=[outside, link], locked=False) as connection:
        assert _read(connection, outside) == [(1,)]
        assert _read(connection, link) == [(1,)]
        connection.execute("SET disabled_optimizers = 'filter_pushdown'")
        for statement in ("SET enable_external_access = true", "SET allowed_directories = ['/']"):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
        with pytest.raises(duckdb.Error):
            _read(connection, neighbour)
        lock(connection)
        with pytest.raises(duckdb.Error):
            connection.execute("RESET disabled_optimizers")


def test_a_file_named_relative_to_the_folder(
    tmp_path: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(outside.parent)
    name = Path(outside.name)
    with open_duck(Settings(tmp_path / "home", "sqlite://"), "ingest", files=[name]) as connection:
        assert _read(connection, name) == [(1,)]
