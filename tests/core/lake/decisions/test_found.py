"""Decisions by period, decision, score and person; the second source is pandas on the same rows."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.lake.decisions.found import (
    DecisionFiles,
    Narrowed,
    found_decisions,
    logged_decisions,
)
from core.lake.row_filter import RowFilter
from core.lake.upkeep.keyed_hash import KeyedHash

FIRST = datetime(2025, 1, 6, tzinfo=UTC)
KEY = b"a key of a test"
ROWS = 400


def rows() -> pd.DataFrame:
    draw = np.random.default_rng(5)

    def some(*values: str | None) -> list[str | None]:
        return [values[place] for place in draw.integers(0, len(values), ROWS)]

    frame = pd.DataFrame(
        {
            "prediction_id": [f"p{number:04d}" for number in range(ROWS)],
            "time": [FIRST + timedelta(hours=int(each)) for each in draw.integers(0, 900, ROWS)],
            "version": some("1", "2"),
            "jurisdiction": some("HK", "SG"),
            "decision": some("approve", "decline", "o'clock", None),
            "prediction": some("approve", None),
            "score": np.round(draw.random(ROWS), 2),
            "amount": draw.random(ROWS),
            "subject": some("s1", "s2", "", None),
        }
    )
    frame.loc[:20, "score"] = np.nan
    return frame.astype({"time": "datetime64[us, UTC]"})


FRAME = rows()
EVERY_ROW = RowFilter()


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    found: Path = tmp_path_factory.mktemp("found") / "p.parquet"
    FRAME.to_parquet(found)
    return str(found)


def ask(path: str, narrowed: Narrowed, rows: RowFilter = EVERY_ROW, limit: int = ROWS) -> Any:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    files = DecisionFiles([path], "subject", KeyedHash(KEY))
    return found_decisions(
        connection, files, narrowed, condition=rows.condition(text=True), limit=limit
    )


def decided(frame: pd.DataFrame) -> pd.Series:
    found: pd.Series = frame["decision"].fillna(frame["prediction"]).fillna("")
    return found


def expected(mask: Any) -> list[str]:
    part = FRAME[mask].sort_values(["time", "prediction_id"], ascending=[False, True])
    return list(part["prediction_id"])


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    decision=st.sampled_from([None, "approve", "decline", "o'clock", "nothing"]),
    limits=st.tuples(
        st.none() | st.floats(0, 1).map(lambda each: round(each, 2)),
        st.none() | st.floats(0, 1).map(lambda each: round(each, 2)),
    ),
    version=st.sampled_from([None, "1"]),
    place=st.sampled_from([None, "HK"]),
    limit=st.integers(1, 50),
)
def test_it_is_what_pandas_finds(
    path: str, decision: Any, limits: Any, version: Any, place: Any, limit: int
) -> None:
    low, high = limits
    mask = pd.Series(True, index=FRAME.index)
    if decision is not None:
        mask &= decided(FRAME) == decision
    if low is not None:
        mask &= FRAME["score"] >= low
    if high is not None:
        mask &= FRAME["score"] <= high
    if version is not None:
        mask &= FRAME["version"] == version
    if place is not None:
        mask &= FRAME["jurisdiction"] == place
    scope = RowFilter(version and (version,), place and (place,))
    total, found = ask(path, Narrowed(decision, low, high), scope, limit)

    wanted = expected(mask)
    assert total == len(wanted)
    assert [each.prediction_id for each in found] == wanted[:limit]
    for each in found[:3]:
        row = FRAME[FRAME["prediction_id"] == each.prediction_id].iloc[0]
        assert (each.at, each.version, each.amount) == (
            row["time"].to_pydatetime(), row["version"], row["amount"],
        )  # fmt: skip


def test_a_person_is_found_by_the_reference_and_by_the_pseudonym(path: str) -> None:
    pseudonym = hmac.new(KEY, b"s1", sha256).hexdigest()
    by_name = ask(path, Narrowed(subject="s1"))
    assert by_name == ask(path, Narrowed(pseudonym=pseudonym))
    assert [each.prediction_id for each in by_name[1]] == expected(FRAME["subject"] == "s1")
    # Where a row names nobody, the pseudonym is that of the prediction.
    alone = FRAME[FRAME["subject"].fillna("") == ""]["prediction_id"].iloc[0]
    of_row = hmac.new(KEY, str(alone).encode(), sha256).hexdigest()
    assert [each.prediction_id for each in ask(path, Narrowed(pseudonym=of_row))[1]] == [alone]


def test_some_ids_are_left_out(path: str) -> None:
    total, found = ask(path, Narrowed(without=frozenset({"p0001", "p0002"})))
    assert total == ROWS - 2
    assert not {"p0001", "p0002"} & {each.prediction_id for each in found}


def test_what_was_decided_is_told_the_most_frequent_first(path: str) -> None:
    connection = duckdb.connect()
    here = FRAME[FRAME["jurisdiction"] == "HK"]
    counts = decided(here)[decided(here) != ""].value_counts()
    wanted = sorted(counts.index, key=lambda each: (-counts[each], each))
    scope = RowFilter(jurisdictions=("HK",))
    assert list(logged_decisions(connection, [path], scope, most=9)) == wanted
    assert list(logged_decisions(connection, [path], scope, most=1)) == wanted[:1]


def test_without_files_nothing_is_found() -> None:
    connection = duckdb.connect()
    files = DecisionFiles([])
    assert found_decisions(connection, files, Narrowed(), condition="", limit=5) == (0, ())
    assert logged_decisions(connection, [], RowFilter(), most=5) == ()
