"""Decisions, those that no person took, and those explained: counted by hand and by sets."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lake.decisions.explained_counts import explained_counts
from core.lake.duck import open_duck
from core.lake.row_filter import RowFilter
from tests.support.lake_builders import FolderSettings, a_sliced_contract, lake_table, write_lake

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
IDS = [f"p{number}" for number in range(8)]
NUMBERS = st.sets(st.sampled_from(IDS))


def write(folder: Path, undecided: set[str], by_people: set[str]) -> tuple[list[str], list[str]]:
    rows = [
        {
            "prediction_id": name,
            "time": FIRST + timedelta(hours=place),
            "jurisdiction": "HK" if place % 2 else "CN",
            "decision": None if name in undecided else "approve",
        }
        for place, name in enumerate(IDS)
    ]
    write_lake(folder / "rows.parquet", CONTRACT, rows)
    kinds = [("human", name) for name in sorted(by_people)] + [("policy", "p0"), ("human", None)]
    table = pa.table(
        {
            "prediction_id": pa.array([name for _, name in kinds], pa.string()),
            "kind": [kind for kind, _ in kinds],
        }
    )
    pq.write_table(table, folder / "decided.parquet")
    return [str(folder / "rows.parquet")], [str(folder / "decided.parquet")]


@settings(max_examples=20)
@given(undecided=NUMBERS, by_people=NUMBERS, explained=NUMBERS, hong_kong=st.booleans())
def test_they_are_what_sets_say(
    tmp_path_factory: object,
    undecided: set[str],
    by_people: set[str],
    explained: set[str],
    hong_kong: bool,
) -> None:
    folder: Path = tmp_path_factory.mktemp("counts")  # type: ignore[attr-defined]
    rows, decided = write(folder, undecided, by_people)
    seen = {name for place, name in enumerate(IDS) if not hong_kong or place % 2}
    with open_duck(FolderSettings(folder, "sqlite://", threads=1)) as connection:
        found = explained_counts(
            connection,
            rows,
            decided,
            explained | {"elsewhere"},
            RowFilter(jurisdictions=("HK",) if hong_kong else None),
        )
    decisions = seen - undecided
    automated = decisions - by_people
    assert found == (len(decisions), len(automated), len(automated & explained))


def test_without_files_or_decisions_there_are_none(tmp_path: Path) -> None:
    rows, _ = write(tmp_path, set(), set())
    bare = lake_table(CONTRACT, [{"prediction_id": "p1", "time": FIRST}])
    pq.write_table(bare.drop_columns(["decision"]), tmp_path / "bare.parquet")
    with open_duck(FolderSettings(tmp_path, "sqlite://", threads=1)) as connection:
        none = RowFilter()
        assert explained_counts(connection, [], [], {"p1"}, none) == (0, 0, 0)
        assert explained_counts(connection, [str(tmp_path / "bare.parquet")], [], {"p1"}, none) == (
            0,
            0,
            0,
        )
        assert explained_counts(connection, rows, [], {"p1"}, none) == (8, 8, 1)
