"""Predictions that people decided about, by version, counted by sets."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lake.decisions.reviewed_counts import Reviewed, reviewed_counts
from core.lake.duck import open_duck
from core.lake.row_filter import RowFilter
from tests.support.lake_builders import FolderSettings, a_sliced_contract, write_lake

CONTRACT = a_sliced_contract()
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
IDS = [f"p{number}" for number in range(9)]
VERSION = dict(zip(IDS, (None, "1", "2") * 3, strict=True))
SOME = st.sets(st.sampled_from(IDS))


def write(folder: Path, human: set[str], appeals: set[str]) -> tuple[str, str]:
    rows = [
        {
            "prediction_id": name,
            "time": FIRST + timedelta(hours=place),
            "jurisdiction": "HK" if place % 2 else "CN",
            "version": VERSION[name],
        }
        for place, name in enumerate(IDS)
    ]
    write_lake(folder / "rows.parquet", CONTRACT, rows)
    said: list[tuple[str, str | None]] = [("appeal", each) for each in sorted(appeals)]
    said += [("human", each) for each in sorted(human) for _ in range(2)]  # twice, counted once
    said += [("policy", "p0"), ("model", "p1"), ("human", None), ("human", "elsewhere")]
    table = pa.table(
        {
            "prediction_id": pa.array([name for _, name in said], pa.string()),
            "kind": [kind for kind, _ in said],
        }
    )
    pq.write_table(table, folder / "decided.parquet")
    return str(folder / "rows.parquet"), str(folder / "decided.parquet")


@settings(max_examples=20, deadline=None)
@given(human=SOME, appeals=SOME, hong_kong=st.booleans())
def test_they_are_what_sets_say(
    tmp_path_factory: object, human: set[str], appeals: set[str], hong_kong: bool
) -> None:
    folder: Path = tmp_path_factory.mktemp("reviewed")  # type: ignore[attr-defined]
    rows, decided = write(folder, human, appeals)
    seen = RowFilter(jurisdictions=("HK",) if hong_kong else None)
    with open_duck(FolderSettings(folder, "sqlite://", threads=1)) as connection:
        found = reviewed_counts(connection, [rows], [decided], seen)
        alone = reviewed_counts(connection, [rows], [], seen)
        assert reviewed_counts(connection, [], [decided], seen) == ()
    shown = [name for place, name in enumerate(IDS) if not hong_kong or place % 2]
    expected = {
        version: {name for name in shown if (VERSION[name] or "") == version}
        for version in ("", "1", "2")
    }
    assert found == tuple(
        Reviewed(version, len(names), len(names & (human | appeals)))
        for version, names in expected.items()
        if names
    )
    assert {each.reviewed for each in alone} <= {0}
