from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pytest

from core.errors import StaleGeneration
from core.lake.duck import Duck, open_duck
from core.lake.id_filters import BLOCK_ROWS, IdFilters, Piece, wanted_id
from tests.support.lake_builders import FolderSettings

ROWS = BLOCK_ROWS + 5_000


@pytest.fixture
def duck(tmp_path: Path) -> Iterator[Duck]:
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        yield connection


def a_file(duck: Duck, path: Path, first: int, rows: int) -> str:
    """Write ids that no order helps to find: MD5 of a number."""
    duck.execute(
        f"COPY (SELECT md5(n::VARCHAR) AS prediction_id FROM range({first}, {first + rows}) t(n))"
        f" TO '{path}' (FORMAT parquet)"
    )
    return str(path)


def md5(duck: Duck, number: int) -> str:
    return str(duck.execute(f"SELECT md5('{number}')").fetchall()[0][0])


def pieces(duck: Duck, filters: IdFilters, paths: list[str], prediction_id: str) -> list[Piece]:
    return list(filters.pieces(duck, "loans", paths, wanted_id(duck, prediction_id)))


def test_an_id_is_looked_for_in_its_own_block_alone(duck: Duck, tmp_path: Path) -> None:
    paths = [
        a_file(duck, tmp_path / "a.parquet", 0, ROWS),
        a_file(duck, tmp_path / "empty.parquet", 0, 0),
        a_file(duck, tmp_path / "b.parquet", ROWS, 10),
    ]
    filters = IdFilters()
    first, second = Piece(paths[0], 0, BLOCK_ROWS - 1), Piece(paths[0], BLOCK_ROWS, 245_759)
    third = Piece(paths[2], 0, BLOCK_ROWS - 1)
    for number, expected in (
        (0, first),
        (BLOCK_ROWS - 1, first),
        (BLOCK_ROWS, second),
        (ROWS - 1, second),
        (ROWS, third),
        (ROWS + 9, third),
    ):
        assert pieces(duck, filters, paths, md5(duck, number)) == [expected]
    assert pieces(duck, filters, paths, "") == []
    assert filters.size_bytes() == 2 * (ROWS + 10)  # 16 bits a row


def test_no_id_of_a_file_is_denied_and_few_strange_ones_pass(duck: Duck, tmp_path: Path) -> None:
    path = a_file(duck, tmp_path / "a.parquet", 0, 3_000)
    filters = IdFilters()
    assert all(pieces(duck, filters, [path], md5(duck, number)) for number in range(0, 3_000, 3))
    strange = sum(
        bool(pieces(duck, filters, [path], md5(duck, number)))
        for number in range(10**6, 10**6 + 1_500)
    )
    # (1 − e^(−5/16))^5 = 0.14 %: two of 1,500; 1 % would be fifteen.
    assert strange < 15


def test_an_id_of_no_file_opens_none(duck: Duck, tmp_path: Path) -> None:
    path = a_file(duck, tmp_path / "a.parquet", 0, 100)
    filters = IdFilters()
    assert pieces(duck, filters, [path], "nothing") == []
    Path(path).unlink()
    assert pieces(duck, filters, [path], "nothing") == []
    with pytest.raises(StaleGeneration):
        pieces(duck, filters, [path, str(tmp_path / "gone.parquet")], "nothing")


def test_files_beyond_the_limit_are_read_whole(duck: Duck, tmp_path: Path) -> None:
    paths = [a_file(duck, tmp_path / f"{n}.parquet", 1000 * n, 1000) for n in range(3)]
    filters = IdFilters(most_bytes=4_500)  # two files of 2,000 bytes each
    whole = Piece(paths[2], 0, None)
    assert pieces(duck, filters, paths, "nothing") == [whole]
    assert pieces(duck, filters, paths, md5(duck, 5)) == [Piece(paths[0], 0, BLOCK_ROWS - 1), whole]
    assert filters.size_bytes() == 4_000


def test_what_a_generation_lost_is_forgotten(duck: Duck, tmp_path: Path) -> None:
    paths = [a_file(duck, tmp_path / f"{n}.parquet", 1000 * n, 1000) for n in range(2)]
    filters = IdFilters()
    pieces(duck, filters, paths, "nothing")
    filters.pieces(duck, "other", paths[:1], wanted_id(duck, "nothing"))
    filters.keep_only("loans", paths[1:])
    assert filters.known_files("loans") == {paths[1]}
    assert filters.known_files("other") == {paths[0]}
    assert filters.size_bytes() == 4_000


def test_threads_share_what_one_of_them_read(
    duck: Duck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [a_file(duck, tmp_path / f"{n}.parquet", 1000 * n, 1000) for n in range(8)]
    filters, read = IdFilters(), []
    from core.lake import id_filters

    def counted(connection: duckdb.DuckDBPyConnection, some: list[str]) -> object:
        read.extend(some)
        return original(connection, some)

    original = id_filters._read
    monkeypatch.setattr(id_filters, "_read", counted)
    wanted = [md5(duck, 1000 * n + 7) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: pieces(duck, filters, paths, each), wanted))
    assert [[piece.path for piece in each] for each in found] == [[path] for path in paths]
    assert sorted(read) == paths
