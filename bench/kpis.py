"""``python -m bench.kpis``: what it takes to compute the KPIs of a bank by month and segment.

Generated loans as they lie in the lake, five years of them, with decisions and outcomes; ten
values of a segment. Timed are all KPIs of the set ``bank_credit`` by month and segment, with their
intervals, and one plain aggregate of the same columns of the same files by month and segment.
Seconds are the median, by the clock and of all processors; × divides by the plain aggregate.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from bench.took import Took, side_by_side, timed
from core.contract import ModelContract, contract_from_text
from core.contract.kpi_definitions import kpi_definitions
from core.domain.windows import Window, calendar_chunks
from core.lake.kpis.rows import KpiRows
from core.lake.kpis.sums import PartBy, period_counts
from core.lake.paths import quoted
from core.lake.period_sql import period_sql
from core.lake.profiles.segments import SliceValues
from core.lake.row_filter import RowFilter
from core.services.kpis.grid import numbers_of
from core.services.kpis.parts import Parts

_FIRST, _LAST = datetime(2006, 1, 1, tzinfo=UTC), datetime(2010, 12, 31, tzinfo=UTC)
_SPAN = 1826 * 86_400 * 1_000_000  # microseconds
_SEGMENTS = 10
_REVISED = 50  # one outcome in so many, where they are revised
_CONTRACT = {
    "id": "bench-kpis",
    "name": "Bench",
    "task": "binary_classification",
    "owner": "bench",
    "purpose": "Measures how long KPIs take.",
    "timezone": "UTC",
    "currency": "USD",
    "log": {
        "prediction_id": "id", "time": "at", "score": "score", "decision": "decision",
        "released_at": "released", "amount": "amount",
    },
    "features": [{"name": "state", "type": "categorical"}],
    "segments": ["state"],
    "outcome": {
        "columns": [
            {"name": "bad", "type": "label"}, {"name": "loss", "type": "amount", "currency": "USD"},
        ],
        "time": "observed_at",
        "matures_after": "36 months",
    },
    "reference": {"from": "2006-01-01", "to": "2006-06-30"},
    "kpi_set": "bank_credit",
}  # fmt: skip
_ROWS = """
    SELECT 'loan-' || i AS prediction_id,
           TIMESTAMPTZ '2006-01-01 00:00:00+00' + to_microseconds(i * {step}) AS time,
           '1' AS version, '' AS jurisdiction, 's' || (i * 7919 % {segments}) AS c_state,
           pow(random(), 3) / 4 AS score, NULL::VARCHAR AS prediction,
           CASE WHEN random() < 0.9 THEN 'approve' ELSE 'decline' END AS decision,
           round(exp(9 + random()), 2) AS amount, 'b1' AS _batch, i AS _row
    FROM range({rows}) AS numbers(i)
"""
_PREDICTIONS = """
    SELECT *, time + to_minutes(CAST(random() * 2880 AS BIGINT)) AS released_at FROM ({rows})
"""
_RESOLVED = """
    SELECT *, CASE WHEN label = 1 THEN round(amount * random(), 2) ELSE 0 END AS o_loss
    FROM (SELECT *, (random() < score)::DOUBLE AS label, time + INTERVAL 900 DAY AS observed_at,
                 0 AS revision FROM read_parquet({path}))
"""
_REVISIONS = """
    SELECT * REPLACE (observed_at + INTERVAL 9 DAY AS observed_at, 1 AS revision, 'b2' AS _batch)
    FROM read_parquet({path}) WHERE _row % {every} = 0
"""
_PLAIN = """
    SELECT {period} AS period, c_state, count(*), count(decision),
           sum(amount), avg(epoch_us(released_at) - epoch_us(time))
    FROM read_parquet({predictions}) AS r GROUP BY ALL;
    SELECT {period} AS period, c_state, count(*), count(decision),
           epoch_us(max(observed_at)), sum(amount), sum(score), sum(label), sum(o_loss)
    FROM read_parquet({resolved}) AS r GROUP BY ALL
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.kpis", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        wanted, revised = _written(connection, Path(scratch), options.rows)
        times = _measure(connection, wanted, revised)
    print("\n".join(side_by_side(times)))
    if options.json:
        told = {"times": [asdict(each) for each in times]}
        options.json.write_text(json.dumps(told), "utf-8")
    return 0


def _written(
    connection: duckdb.DuckDBPyConnection, folder: Path, rows: int
) -> tuple[KpiRows, KpiRows]:
    """Write the files; return all rows without revised outcomes, and with some."""
    print(f"Generating {rows:,} decisions …", file=sys.stderr)
    connection.execute("SELECT setseed(0.5)")
    paths = [folder / f"{name}.parquet" for name in ("predictions", "resolved", "revisions")]
    made = _ROWS.format(rows=int(rows), step=_SPAN // int(rows), segments=_SEGMENTS)
    queries = (
        _PREDICTIONS.format(rows=made),
        _RESOLVED.format(path=quoted(paths[0])),
        _REVISIONS.format(path=quoted(paths[1]), every=_REVISED),
    )
    for query, path in zip(queries, paths, strict=True):
        connection.execute(f"COPY ({query}) TO {quoted(path)} (FORMAT parquet)")
    window = Window.of_days(_FIRST.date(), _LAST.date(), "UTC")
    wanted = KpiRows(
        contract=bench_contract(),
        predictions=(str(paths[0]),),
        resolved=(str(paths[1]),),
        decisions=(),
        outcomes=(),
        chunks=tuple(calendar_chunks(window, "month", "UTC")),
        rows=RowFilter(),
        as_of=datetime(2014, 6, 30, tzinfo=UTC),
        matured_before=datetime(2011, 6, 30, tzinfo=UTC),
        revised=False,
    )
    return wanted, replace(wanted, resolved=(str(paths[1]), str(paths[2])), revised=True)


def bench_contract() -> ModelContract:
    """Return the contract of the generated loans."""
    return contract_from_text(json.dumps(_CONTRACT))


def _measure(
    connection: duckdb.DuckDBPyConnection, wanted: KpiRows, revised: KpiRows
) -> list[Took]:
    paths = {
        name: f"[{', '.join(quoted(path) for path in getattr(wanted, name))}]"
        for name in ("predictions", "resolved")
    }

    def plain() -> None:
        period = period_sql(wanted.chunks)
        for statement in _PLAIN.format(period=period, **paths).split(";"):
            connection.execute(statement).fetchall()

    return [
        timed("plain aggregate by month and segment", plain),
        timed("all KPIs of bank_credit", lambda: _all_kpis(connection, wanted)),
        timed(
            f"the same, one outcome in {_REVISED} revised",
            lambda: _all_kpis(connection, revised),
        ),
    ]


def _all_kpis(connection: duckdb.DuckDBPyConnection, wanted: KpiRows) -> int:
    """Compute every KPI by month and segment, as ``harbourlight kpis`` does; return how many."""
    values = tuple(f"s{number}" for number in range(_SEGMENTS))
    cut = SliceValues("state", "c_state", values)
    parts = Parts("segment", PartBy(segment=cut), cut.labels)
    found = 0
    for maturity in ("none", "outcome"):
        kpis = [
            each.expression
            for each in kpi_definitions(wanted.contract)
            if each.maturity == maturity and each.expression is not None
        ]
        rows = replace(wanted, maturity=maturity)
        cells, numbers = numbers_of(connection, rows, kpis, parts)
        found += cells.count * len(numbers)
    last = wanted.chunks[-1]  # in which predictions begin to be too young
    period_counts(connection, replace(wanted, chunks=(last,)))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
