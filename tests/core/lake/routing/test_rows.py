"""Which rows the rules of human review choose, against the same worked out in plain Python."""

import hmac
import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.contract import ModelContract
from core.lake.routing.names import Surroundings
from core.lake.routing.plan import RoutingPlan
from core.lake.routing.rows import (
    CHUNK_ROWS,
    ChosenRow,
    below,
    chosen_rows,
    chunk_sizes,
    count_chosen,
)
from core.lake.streams import stream_columns
from core.lake.upkeep.keyed_hash import KeyedHash
from core.metrics.binning import BinSet, CategoricalBins, NumericBins
from tests.support.builders import a_contract

KEY = b"k" * 32
START = datetime(2025, 1, 30, 15, 30, tzinfo=UTC)  # 23:30 in Hong Kong
HONG_KONG = ZoneInfo("Asia/Hong_Kong")
COUNT = 240
INDUSTRIES = ("retail", "food", "transport", None, "mining")
BINS = BinSet(
    {
        "loan amount": NumericBins(edges=(99.5, 500.0, 900.0), atoms=(), deciles=()),
        "industry": CategoricalBins(("retail",), ("food", "transport")),
    }
)
Row = Mapping[str, Any]


def rows() -> list[dict[str, Any]]:
    made = []
    for number in range(COUNT):
        amount = (math.nan, None)[number // 100 % 2] if number % 50 == 8 else float(number * 5)
        made.append(
            {
                "prediction_id": f"L{number:04d}",
                "time": START + timedelta(hours=number),
                "version": str(1 + number % 2),
                "score": None if number % 41 == 3 else number / COUNT,
                "decision": "approve" if number % 3 else None,
                "prediction": str(number % 2),
                "subject": f"S{number % 7}" if number % 5 else None,
                "amount": 100.0 * number,
                "c_loan_amount": amount,
                "c_industry": INDUSTRIES[number % 5],
                "c_sex": ("f", "m", None)[min(number % 10, 2)] if number % 10 < 3 else "m",
                "_batch": "b1" if number < 200 else "b2",
                "_row": number if number < 200 else number - 200,
            }
        )
    return made


ROWS = rows()


def contract(*rules: Mapping[str, Any], **review: Any) -> ModelContract:
    log = {
        "prediction_id": "loan_id", "time": "approved_at", "version": "v", "score": "score",
        "decision": "decision", "prediction": "p", "subject": "who", "amount": "amount",
    }  # fmt: skip
    named = [{"id": f"r{place}", "name": "A rule", **rule} for place, rule in enumerate(rules)]
    return a_contract(
        log=log,
        features=[
            {"name": "loan amount", "type": "numeric", "minimum": 10, "maximum": 1000},
            {"name": "industry", "type": "categorical"},
        ],
        segments=["industry", {"name": "size", "from": "loan amount", "edges": [100, 500]}],
        versions=[{"id": "1", "policy": "p1", "oversight_level": "in_the_loop"}, {"id": "2"}],
        policy=[
            {"version": "p1", "from": "2024-01-01", "rule": "score >= 0.5 -> decline"},
            {"version": "p2", "from": "2025-02-03", "rule": "score >= 0.7 -> decline"},
        ],
        review={"rules": named, **review},
    )


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, list[str]]]:
    kinds = stream_columns(a_contract(), "predictions")
    assert "c_branch" in kinds  # declared, and in no file: read as missing
    paths = [str(tmp_path / f"{name}.parquet") for name in ("one", "two")]
    for path, part in zip(paths, (ROWS[:120], ROWS[120:]), strict=True):
        pq.write_table(pa.Table.from_pylist(part), path)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    yield connection, paths
    connection.close()


def plan_of(made: ModelContract, around: Surroundings | None = None) -> RoutingPlan:
    return RoutingPlan(made, around or Surroundings(BINS), KeyedHash(KEY))


def chosen(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]], plan: RoutingPlan, batch: str = "b1"
) -> dict[str, tuple[str, ...]]:
    found = list(chosen_rows(*lake, plan, batch))
    assert [each.row for each in found] == sorted(each.row for each in found)
    return {each.prediction_id: each.rules for each in found}


def digest(rule: str, prediction: str) -> str:
    return hmac.new(KEY, f"{rule}:{prediction}".encode(), sha256).hexdigest()


def expected(test: Callable[[Row], bool], batch: str = "b1") -> set[str]:
    return {row["prediction_id"] for row in ROWS if row["_batch"] == batch and test(row)}


def cut_off(row: Row) -> float | None:
    if row["version"] == "1":
        return 0.5
    return 0.7 if row["time"].astimezone(HONG_KONG).date() >= date(2025, 2, 3) else 0.5


def amount_of(row: Row) -> float | None:
    value = row["c_loan_amount"]
    return None if value is None or math.isnan(value) else float(value)


def has(row: Row, name: str) -> bool:
    return row[name] is not None


CONDITIONS: list[tuple[str, Callable[[Row], bool]]] = [
    ("true", lambda _: True),
    ("amount >= 10_000", lambda row: row["amount"] >= 10_000),
    ("cut_off = 0.7", lambda row: cut_off(row) == 0.7),
    (
        "distance <= 0.1",
        lambda row: has(row, "score") and abs(row["score"] - (cut_off(row) or 0)) <= 0.1,
    ),
    (
        "confidence < 0.6",
        lambda row: has(row, "score") and max(row["score"], 1 - row["score"]) < 0.6,
    ),
    ("unseen > 0", lambda row: row["c_industry"] == "mining"),
    (
        "outside = 1",
        lambda row: (found := amount_of(row)) is not None and not 99.5 < found <= 900,
    ),
    (
        "missing_features = 2",
        lambda row: amount_of(row) is None and row["c_industry"] is None,
    ),
    (
        "quality_flag",
        lambda row: (found := amount_of(row)) is not None and not 10 <= found <= 1000,
    ),
    ("drifted", lambda _: False),
    (
        'industry = "food" and version = "2"',
        lambda row: (row["c_industry"], row["version"]) == ("food", "2"),
    ),
    ('size = "<100"', lambda row: (found := amount_of(row)) is not None and found < 100),
    ('size = "≥500"', lambda row: (found := amount_of(row)) is not None and found >= 500),
    ("branch is missing", lambda _: True),
    ('oversight_level = "in_the_loop"', lambda row: row["version"] == "1"),
    ("oversight_level is missing", lambda row: row["version"] == "2"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "test"), CONDITIONS, ids=[when for when, _ in CONDITIONS])
def test_a_condition_chooses_what_it_says(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]], when: str, test: Callable[[Row], bool]
) -> None:
    found = chosen(lake, plan_of(contract({"when": when})))
    assert set(found) == expected(test)
    assert set(found.values()) <= {("r0",)}
    if when != "drifted":
        assert found, "a condition that nothing meets proves nothing"


def test_without_a_reference_nobody_can_say_what_it_never_had(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]],
) -> None:
    either = contract({"when": "unseen > 0 or outside > 0"}, {"when": "unseen is missing"})
    found = chosen(lake, plan_of(either, Surroundings()))
    assert set(found.values()) == {("r1",)}
    assert len(found) == 200


def test_alerts_flag_the_time_they_are_about(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]],
) -> None:
    ends = START + timedelta(hours=10), START + timedelta(hours=190)
    around = Surroundings(BINS, quality=((START, ends[0]),), drift=((ends[1], None),))
    both = contract({"when": "drifted"}, {"when": "quality_flag and amount = 1000"})
    found = chosen(lake, plan_of(both, around))
    assert found == {row["prediction_id"]: ("r0",) for row in ROWS[190:200]}
    early = chosen(lake, plan_of(contract({"when": "quality_flag and score > 0"}), around))
    assert {"L0001", "L0009"} <= set(early)


def test_all_rules_that_hold_are_named_in_the_order_of_the_contract(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]],
) -> None:
    found = chosen(lake, plan_of(contract({"when": "score > 0.5"}, {"when": "amount > 12_500"})))
    assert found["L0125"] == ("r0",)
    assert found["L0127"] == ("r0", "r1")
    assert "L0120" not in found


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 1.0])
def test_a_share_is_drawn_by_the_keyed_hash_of_rule_and_id(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]], share: float
) -> None:
    found = chosen(lake, plan_of(contract({"share": share})))
    drawn = expected(lambda row: int(digest("r0", row["prediction_id"])[:12], 16) < share * 16**12)
    assert set(found) == drawn
    other = RoutingPlan(contract({"share": share}), Surroundings(BINS), KeyedHash(b"o" * 32))
    if share == 0.5:
        assert chosen(lake, other).keys() != found.keys()
        assert 70 < len(found) < 130


def test_a_sample_of_groups_takes_so_many_of_each_in_each_month_of_a_batch(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]],
) -> None:
    rule = {"share": 0.0, "per": {"column": "sex", "at_least": 4}, "when": "amount > 0"}
    found = chosen(lake, plan_of(contract(rule)))
    by_group: dict[tuple[Any, int], list[str]] = {}
    for row in ROWS[:200]:
        if row["amount"] > 0:
            key = row["c_sex"], row["time"].astimezone(HONG_KONG).month
            by_group.setdefault(key, []).append(row["prediction_id"])
    lowest = {
        each
        for ids in by_group.values()
        for each in sorted(ids, key=lambda one: digest("r0", one))[:4]
    }
    assert set(found) == lowest
    assert {month for _, month in by_group} == {1, 2}  # 23:30 is the month before in Hong Kong


def test_what_a_row_tells_a_case(lake: tuple[duckdb.DuckDBPyConnection, list[str]]) -> None:
    plan = plan_of(contract({"when": "prediction_id in ('L0003', 'L0005', 'L0006')"}))
    third, fifth, sixth = chosen_rows(*lake, plan, "b1")
    assert third == ChosenRow(
        3, "L0003", START + timedelta(hours=3), "2", "", "S3", "1", None, 300.0, "p1", ("r0",)
    )  # neither decided nor scored: the prediction stands in
    assert (fifth.subject, fifth.decision) == ("L0005", "approve")  # no subject logged
    assert (sixth.version, sixth.score, sixth.policy_version) == ("1", 6 / COUNT, "p1")


def test_rows_before_the_first_day_are_left_out(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]],
) -> None:
    found = chosen(lake, plan_of(contract({}, **{"from": "2025-02-02"})))
    first = datetime(2025, 2, 2, tzinfo=HONG_KONG)
    assert set(found) == expected(lambda row: row["time"] >= first)


def test_chunks_are_places_in_the_batch(lake: tuple[duckdb.DuckDBPyConnection, list[str]]) -> None:
    assert chunk_sizes(*lake, "b1") == {0: 200}
    assert chunk_sizes(*lake, "nowhere") == {}
    assert chunk_sizes(lake[0], [], "b1") == {}
    assert CHUNK_ROWS == 5_000


def test_counts_by_day_are_those_of_the_rows(
    lake: tuple[duckdb.DuckDBPyConnection, list[str]],
) -> None:
    made = contract({"when": "score > 0.5"}, {"share": 0.2}, **{"from": "2025-02-05"})
    window = START + timedelta(hours=30), START + timedelta(hours=230)
    counted, total = count_chosen(*lake, plan_of(made), window)
    whole = contract({"when": "score > 0.5"}, {"share": 0.2})
    each = {**chosen(lake, plan_of(whole)), **chosen(lake, plan_of(whole), "b2")}
    inside = {
        row["prediction_id"]: row["time"].astimezone(HONG_KONG).date()
        for row in ROWS
        if window[0] <= row["time"] < window[1]
    }
    by_hand = Counter((inside[name], rules) for name, rules in each.items() if name in inside)
    assert {(one.day, one.rules): one.rows for one in counted} == by_hand
    assert total == 200
    assert count_chosen(*lake, plan_of(contract()), window) == ((), 200)
    assert count_chosen(lake[0], [], plan_of(made), window) == ((), 0)


@given(st.floats(0, 1), st.floats(0, 1), st.text(max_size=20))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_larger_share_keeps_what_a_smaller_one_drew(low: float, high: float, name: str) -> None:
    low, high = sorted((low, high))
    drawn = sha256(name.encode()).hexdigest()
    assert not drawn < below(low) or drawn < below(high)
    assert drawn < below(1.0)
    assert not drawn < below(0.0)
