"""The draw against Python's own SHA-256 over the same ids, in whatever files the rows lie."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StaleGeneration
from core.lake import sample_rows as sampling
from core.lake.duck import Duck, open_duck
from core.lake.row_filter import RowFilter
from core.lake.sample_rows import LoggedDecision, Sample, decisions_of, sample_rows
from tests.support.lake_builders import FolderSettings, a_sliced_contract, lake_table, write_lake

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
IDS = [f"p{number}" for number in range(60)]
COLUMNS = ["prediction_id", "score", "c_term"]


def row(number: int) -> dict[str, Any]:
    return {
        "prediction_id": IDS[number],
        "time": FIRST + timedelta(hours=number),
        "version": "1" if number % 3 else "2",
        "jurisdiction": "HK" if number % 2 else "CN",
        "score": number / 60,
        "c_term": number,
        "_batch": f"b{number // 20}",
        "_row": number % 20,
    }


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duck]:
    folder = tmp_path_factory.mktemp("lake")
    rows = [row(number) for number in range(60)]
    write_lake(folder / "one.parquet", CONTRACT, rows)
    for part in range(3):
        write_lake(folder / f"three-{part}.parquet", CONTRACT, rows[part * 20 : part * 20 + 20])
    table = lake_table(CONTRACT, rows[:20])
    pq.write_table(table.drop_columns(["c_term"]), folder / "old.parquet")
    with open_duck(FolderSettings(folder, "sqlite://", threads=2)) as connection:
        yield connection


def files(duck: Duck, pattern: str) -> list[str]:
    folder = duck.execute("SELECT current_setting('allowed_directories')[1]").fetchall()[0][0]
    return sorted(str(path) for path in Path(folder).glob(pattern))


def draw(duck: Duck, pattern: str, size: int, seed: int, **chosen: Any) -> Sample:
    return sample_rows(
        duck,
        files(duck, pattern),
        CONTRACT,
        COLUMNS,
        size=size,
        seed=seed,
        row_filter=RowFilter(**chosen),
    )


def ids_of(sample: Sample) -> list[str]:
    return list(sample.rows.column("prediction_id").to_pylist())


def in_order(seed: int, ids: list[str]) -> list[str]:
    return sorted(ids, key=lambda each: hashlib.sha256(f"{seed}:{each}".encode()).hexdigest())


@given(size=st.integers(1, 80), seed=st.integers(0, 2**53 - 1))
def test_the_draw_is_that_of_the_hash(duck: Duck, size: int, seed: int) -> None:
    wanted = in_order(seed, IDS)[:size]
    one, three = draw(duck, "one.parquet", size, seed), draw(duck, "three-*.parquet", size, seed)
    assert ids_of(one) == ids_of(three) == wanted
    assert one.population == 60
    assert one.rows.column("score").to_pylist() == [IDS.index(each) / 60 for each in wanted]
    assert one.rows.column_names == COLUMNS
    assert one.absent == {}


@pytest.mark.parametrize(("times", "more"), [(2, 3), (1, 0), (0.1, 0)])
@pytest.mark.parametrize("size", [1, 5, 20, 59, 60])
def test_sorting_fewer_rows_changes_nothing(
    duck: Duck, monkeypatch: pytest.MonkeyPatch, times: float, more: int, size: int
) -> None:
    """Too few below the first bound: then all of them are sorted."""
    monkeypatch.setattr(sampling, "_TIMES", times)
    monkeypatch.setattr(sampling, "_MORE", more)
    for seed in range(5):
        assert ids_of(draw(duck, "one*", size, seed)) == in_order(seed, IDS)[:size]


def test_only_rows_that_pass_are_drawn(duck: Duck) -> None:
    until = FIRST + timedelta(hours=40)
    found = draw(duck, "one*", 100, 1, versions=("2",), jurisdictions=("CN",), until=until)
    wanted = [IDS[n] for n in range(41) if n % 3 == 0 and n % 2 == 0]
    assert ids_of(found) == in_order(1, wanted)
    assert found.population == len(wanted)
    assert draw(duck, "one*", 5, 1, versions=("3",)).population == 0


def test_columns_that_a_file_does_not_have_are_told_row_by_row(duck: Duck) -> None:
    paths = [*files(duck, "three-[12]*"), *files(duck, "old*")]
    found = sample_rows(duck, paths, CONTRACT, COLUMNS, size=60, seed=7, row_filter=RowFilter())
    old = [IDS.index(each) < 20 for each in ids_of(found)]
    assert {name: rows.tolist() for name, rows in found.absent.items()} == {"c_term": old}
    terms = found.rows.column("c_term").to_pylist()
    assert [term is None for term in terms] == old
    nowhere = draw(duck, "old*", 3, 7)
    assert nowhere.absent["c_term"].all()
    assert nowhere.rows.column("c_term").to_pylist() == [None] * 3


def test_a_file_that_is_gone(duck: Duck) -> None:
    gone = [files(duck, "one*")[0].replace("one", "gone")]
    with pytest.raises(StaleGeneration):
        sample_rows(duck, gone, CONTRACT, COLUMNS, size=1, seed=1, row_filter=RowFilter())
    with pytest.raises(StaleGeneration):
        decisions_of(duck, gone, ["p1"], until=FIRST)


def test_decisions_come_in_order_and_as_known(duck: Duck) -> None:
    path = files(duck, "one*")[0].replace("one.parquet", "decided.parquet")
    made = [
        ("p1", 3, "human", "approve"),
        ("p1", 1, "policy", "decline"),
        ("p2", 2, "policy", "approve"),
        ("p2", 2, "model", None),
        ("p3'; --", 2, None, "approve"),
        ("p4", 9, "policy", "approve"),
    ]
    pq.write_table(
        pa.table(
            {
                "prediction_id": [each[0] for each in made],
                "time": pa.array(
                    [FIRST + timedelta(hours=each[1]) for each in made],
                    pa.timestamp("us", tz="UTC"),
                ),
                "kind": [each[2] for each in made],
                "decision": [each[3] for each in made],
                "_batch": ["b1"] * len(made),
                "_row": list(range(len(made))),
            }
        ),
        path,
    )
    until = FIRST + timedelta(hours=3)
    found = decisions_of(duck, [path], ["p1", "p2", "p1", "p3'; --", "p4", "p5"], until=until)
    assert found == {
        "p1": (LoggedDecision("policy", "decline"), LoggedDecision("human", "approve")),
        "p2": (LoggedDecision("policy", "approve"),),
        "p3'; --": (LoggedDecision("", "approve"),),
    }
    assert decisions_of(duck, [], ["p1"], until=until) == {}
    assert decisions_of(duck, [path], [], until=until) == {}


def test_only_decisions_that_no_person_took_are_drawn(tmp_path: Path) -> None:
    rows = [row(number) | {"decision": None if number == 7 else "approve"} for number in range(20)]
    write_lake(tmp_path / "rows.parquet", CONTRACT, rows)
    decided = pa.table(
        {
            "prediction_id": ["p1", "p2", "p3", "p4", None],
            "kind": ["human", "appeal", "policy", "released", "human"],
        }
    )
    pq.write_table(decided, tmp_path / "decided.parquet")
    wanted = {f"p{number}" for number in range(20)} - {"p7"}
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=2)) as connection:
        for files_of, left_out in (
            ([], set()),
            ([str(tmp_path / "decided.parquet")], {"p1", "p2"}),
        ):
            drawn = sample_rows(
                connection,
                [str(tmp_path / "rows.parquet")],
                CONTRACT,
                COLUMNS,
                size=100,
                seed=1,
                row_filter=RowFilter(),
                undecided_in=files_of,
            )
            assert set(drawn.rows.column("prediction_id").to_pylist()) == wanted - left_out
            assert drawn.population == len(wanted - left_out)
