"""KPIs of an age look at each prediction by its own clock: a small log by hand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from core.contract.periods import Age
from core.domain.windows import Window, calendar_chunks
from core.lake.kpis.rows import KpiRows, kpi_relation
from core.lake.row_filter import RowFilter
from tests.support.builders import a_contract

ZONE = "Asia/Hong_Kong"
AS_OF = datetime(2025, 6, 30, tzinfo=UTC)
TIME = {"a": datetime(2025, 1, 31, 4, tzinfo=UTC), "b": datetime(2025, 3, 1, 4, tzinfo=UTC)}
EVENTS = [{"name": "recovery", "time": "recovered_at", "amount": "recovered", "currency": "USD"}]


def after(name: str, days: float) -> datetime:
    return TIME[name] + timedelta(days=days)


def written(path: Path, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    placed = [{**row, "_batch": "b", "_row": number} for number, row in enumerate(rows)]
    frame = pd.DataFrame(placed)
    times = [name for name in ("time", "observed_at") if name in frame]
    frame.astype(dict.fromkeys(times, "datetime64[us, UTC]")).to_parquet(path)
    return (str(path),)


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> KpiRows:
    home = tmp_path_factory.mktemp("lake")
    log = [
        {"prediction_id": name, "time": time, "decision": "approve", "amount": 10.0}
        for name, time in TIME.items()
    ]
    outcomes = [(10, 5.0, 0), (28.5, 9.0, 1), (60, 11.0, 2)]
    resolved = [
        {"prediction_id": name, "time": TIME[name], "observed_at": after(name, days),
         "label": 1.0, "o_loss": loss, "revision": revision}
        for name in TIME
        for days, loss, revision in outcomes
    ]  # fmt: skip
    decisions = [
        {"prediction_id": "a", "time": after("a", 20), "kind": "human", "decision": "decline",
         "policy_version": None, "reason": None},
        {"prediction_id": "b", "time": after("b", 40), "kind": "human", "decision": "decline",
         "policy_version": None, "reason": None},
    ]  # fmt: skip
    events = [
        {"prediction_id": name, "observed_at": after(name, days), "event": "recovery",
         "event_amount": 7.0}
        for name, days in (("a", 5), ("a", 45), ("b", 50))
    ]  # fmt: skip
    window = Window.of_days(datetime(2025, 1, 1).date(), datetime(2025, 4, 1).date(), ZONE)
    return KpiRows(
        contract=a_contract(events=EVENTS),
        predictions=written(home / "predictions.parquet", log),
        resolved=written(home / "resolved.parquet", resolved),
        decisions=written(home / "decisions.parquet", decisions),
        outcomes=written(home / "outcomes.parquet", events),
        chunks=tuple(calendar_chunks(window, "month", ZONE)),
        rows=RowFilter(until=AS_OF),
        as_of=AS_OF,
        matured_before=AS_OF,
        maturity="aged",
        aged_before=AS_OF,
    )


def read(rows: KpiRows) -> list[tuple[object, ...]]:
    names = ("final_decision", "loss", "event.recovery", "event.recovery.amount")
    relation = kpi_relation(rows, names)
    assert relation is not None
    listed = ", ".join(relation.columns[name] for name in names)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    query = f"SELECT {listed} {relation.source} ORDER BY r.prediction_id"
    return connection.execute(query).fetchall()


ALL = [("decline", 11.0, True, 14.0), ("decline", 11.0, True, 7.0)]


@pytest.mark.parametrize(
    ("age", "known"),
    [
        (None, ALL),
        (Age(hours=24 * 100), ALL),
        (Age(hours=24 * 30), [("decline", 9.0, True, 7.0), ("approve", 9.0, False, None)]),
        (Age(hours=24 * 7), [("approve", None, True, 7.0), ("approve", None, False, None)]),
        # A month from 31 January ends on 28 February, after 28 days; from 1 March after 31.
        (Age(months=1), [("decline", 5.0, True, 7.0), ("approve", 9.0, False, None)]),
    ],
)
@pytest.mark.parametrize("revised", [True, False])
def test_what_was_known_at_the_age(
    rows: KpiRows, age: Age | None, known: list[tuple[object, ...]], revised: bool
) -> None:
    if revised:
        assert read(replace(rows, age=age)) == known
        return
    # Without revisions each outcome is one row: those that were seen by then.
    once = replace(rows, age=age, revised=False)
    relation = kpi_relation(once, ("loss",))
    assert relation is not None
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    (seen,) = connection.execute(
        f"SELECT count({relation.columns['loss']}) {relation.source} AND r.prediction_id = 'a'"
    ).fetchone() or (0,)
    assert seen == {11.0: 3, 9.0: 2, 5.0: 1}.get(known[0][1], 0)  # type: ignore[call-overload]
