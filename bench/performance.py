"""``python -m bench.performance``: what it takes to measure a model on many labelled rows.

Generated outcomes as they lie in the lake, a year of them; a fiftieth has been revised. Timed are
the counts by cells of the score, from which every figure is computed, the exact ranking of
``--exact``, and one plain aggregate of the same rows by month. Seconds are the median; the last
column divides by the plain aggregate.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import numpy as np

from bench.took import Took, side_by_side, timed
from core.contract import ModelContract, contract_from_text
from core.domain.windows import Window, calendar_chunks
from core.lake.labels.binary import labelled_cells
from core.lake.labels.exact_scores import exact_scores
from core.lake.labels.rows import LabelledRows
from core.lake.paths import quoted
from core.lake.row_filter import RowFilter
from core.metrics.performance import ScoreCounts, binning_bounds, roc_auc_from_counts

_FIRST, _LAST = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 12, 31, tzinfo=UTC)
_YEAR = 365 * 86_400 * 1_000_000  # microseconds
_REVISED = 50  # one row in so many has a second label
_CONTRACT = {
    "id": "bench-performance",
    "name": "Bench",
    "task": "binary_classification",
    "owner": "bench",
    "purpose": "Measures how long measuring takes.",
    "timezone": "UTC",
    "log": {"prediction_id": "id", "time": "at", "score": "score"},
    "features": [{"name": "size", "type": "numeric"}],
    "outcome": {
        "columns": [{"name": "bad", "type": "label"}],
        "time": "observed_at",
        "matures_after": "3 months",
    },
    "policy": [{"version": "p1", "from": "2025-01-01", "rule": "score >= 0.2 -> decline"}],
    "reference": {"from": "2025-01-01", "to": "2025-01-31"},
}
_ROWS = """
    SELECT 'p' || i AS prediction_id,
           TIMESTAMPTZ '2025-01-01 00:00:00+00' + to_microseconds(i * {step})
               AS time,
           '1' AS version, '' AS jurisdiction,
           pow(random(), 3) AS score, exp(5 + random()) AS amount, NULL::VARCHAR AS prediction
    FROM range({rows}) AS numbers(i)
"""
_RESOLVED = """
    SELECT *, (random() < score)::DOUBLE AS label, time + INTERVAL 30 DAY AS observed_at,
           0 AS revision, 'b1' AS _batch, row_number() OVER () AS _row FROM ({rows})
"""
_REVISIONS = """
    SELECT * REPLACE (1 - label AS label, observed_at + INTERVAL 9 DAY AS observed_at,
                      1 AS revision, 'b2' AS _batch)
    FROM read_parquet({path}) WHERE _row % {every} = 0
"""
_PLAIN = """
    SELECT month(time) AS month, count(*), sum(label), avg(score),
           avg((score - label) ** 2)
    FROM read_parquet({paths}) GROUP BY ALL
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the bench and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="python -m bench.performance", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        wanted = _written(connection, Path(scratch), options.rows)
        times, note = _measure(connection, wanted), _compare(connection, wanted)
    for line in (*side_by_side(times), note):
        print(line)
    if options.json:
        told = {"times": [asdict(each) for each in times], "notes": [note]}
        options.json.write_text(json.dumps(told), "utf-8")
    return 0


def _written(connection: duckdb.DuckDBPyConnection, folder: Path, rows: int) -> LabelledRows:
    print(f"Generating {rows:,} labelled rows …", file=sys.stderr)
    connection.execute("SELECT setseed(0.5)")
    first, second = folder / "first.parquet", folder / "second.parquet"
    resolved = _RESOLVED.format(rows=_ROWS.format(rows=int(rows), step=_YEAR // int(rows)))
    connection.execute(f"COPY ({resolved}) TO {quoted(first)} (FORMAT parquet)")
    revisions = _REVISIONS.format(path=quoted(first), every=_REVISED)
    connection.execute(f"COPY ({revisions}) TO {quoted(second)} (FORMAT parquet)")
    return LabelledRows(
        contract=_contract(),
        resolved=(str(first), str(second)),
        chunks=tuple(
            calendar_chunks(Window.of_days(_FIRST.date(), _LAST.date(), "UTC"), "month", "UTC")
        ),
        rows=RowFilter(),
        as_of=datetime(2026, 6, 30, tzinfo=UTC),
        matured_before=datetime(2026, 3, 30, tzinfo=UTC),
    )


def _contract() -> ModelContract:
    return contract_from_text(json.dumps(_CONTRACT))


def _measure(connection: duckdb.DuckDBPyConnection, wanted: LabelledRows) -> list[Took]:
    paths = f"[{', '.join(quoted(path) for path in wanted.resolved)}]"

    def plain() -> None:
        connection.execute(_PLAIN.format(paths=paths)).fetchall()

    return [
        timed("plain aggregate by month", plain),
        timed("counts by cell of the score", lambda: labelled_cells(connection, wanted)),
        timed("exact ranking", lambda: exact_scores(connection, wanted)),
    ]


def _compare(connection: duckdb.DuckDBPyConnection, wanted: LabelledRows) -> str:
    """Say how far the areas of the counts lie from the exact ones, and how far they might."""
    exact = exact_scores(connection, wanted)
    cells = labelled_cells(connection, wanted)
    every, column = np.unique(cells.cell, return_inverse=True)
    shape = (len(wanted.chunks), every.size)
    place = cells.period * every.size + column
    hits, misses = (
        np.bincount(place, np.where(cells.label == label, cells.n, 0.0), shape[0] * shape[1])
        .reshape(shape)
        .astype(np.float64)
        for label in (1, 0)
    )
    counts = ScoreCounts(hits, misses, *(np.zeros(shape) for _ in range(7)))
    areas = roc_auc_from_counts(counts.positives, counts.negatives).value
    apart = np.abs(areas[exact.period] - exact.roc_auc).max()
    bound = np.nanmax(binning_bounds(counts)["roc_auc"])
    return (
        f"The areas under the ROC curve lay within {apart:.1g} of the exact ones; stated bound "
        f"{bound:.1g}."
    )


if __name__ == "__main__":
    raise SystemExit(main())
