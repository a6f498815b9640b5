"""Resolved predictions with their features, to find those most like one prediction.

Of many, a part is read: those whose ids' hashes come first. The same log gives the same part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa

from core.lake.arrow_arrays import doubles_of
from core.lake.labels.rows import newest_labels_sql
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files
from core.metrics.arrays import Booleans, Floats

MOST = 20_000
_RANGE = 1_000_000


class Category:
    """One categorical feature of many rows, each value by its number: texts are slow to compare.

    Parameters
    ----------
    values : iterable of str, optional
        The values row by row, ``None`` where missing.
    """

    def __init__(self, values: Iterable[str | None]) -> None:
        self._numbers: dict[str | None, int] = {}
        numbers = self._numbers
        self._rows = np.array([numbers.setdefault(each, len(numbers)) for each in values], np.int64)

    def is_value(self, value: str | None) -> Booleans:
        """Return which rows have a value."""
        found: Booleans = self._rows == self._numbers.get(value, -1)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """Predictions whose outcome is known.

    Parameters
    ----------
    total : int
        How many there are in the log.
    rows : Table
        ``prediction_id``, ``time_us``, ``decision``, ``amount``, ``label`` and ``label_text`` of
        those that were read.
    numbers : ndarray, shape (rows, N)
        Their numeric features; NaN where missing.
    categories : tuple of Category
        Their categorical features.
    """

    total: int
    rows: pa.Table
    numbers: Floats
    categories: tuple[Category, ...]

    def at(self, place: int) -> dict[str, object]:
        """Return one row."""
        found = dict(self.rows.slice(place, 1).to_pylist()[0])
        found["time"] = from_microseconds(found.pop("time_us"))
        return found


def resolved_rows(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    resolved: Sequence[str],
    numeric: Sequence[str],
    categorical: Sequence[str],
    *,
    as_of: datetime,
    row_filter: RowFilter,
) -> Resolved | None:
    """Return resolved predictions with features, or ``None`` if there are none.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    predictions, resolved : sequence of str
        Files of both streams.
    numeric, categorical : sequence of str
        Lake columns of features, by the contract's own names.
    as_of : datetime
        Outcomes observed later are invisible.
    row_filter : RowFilter
        Which rows the reader may see.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not predictions or not resolved:
        return None
    labels = newest_labels_sql(resolved, as_of)
    files = parquet_relation(predictions)
    condition = row_filter.condition(text=True) or "true"
    with connection.cursor() as cursor, stale_files():
        total = int(cursor.execute(f"SELECT count(*) FROM ({labels})").fetchall()[0][0])  # noqa: S608
        if not total:
            return None
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {files}").fetchall()}
        below = min(_RANGE, MOST * _RANGE // total + 1)
        features = [
            *(_item(name, "DOUBLE", known) for name in numeric),
            *(_item(name, "VARCHAR", known) for name in categorical),
        ]
        found = cursor.sql(
            "SELECT r.prediction_id, epoch_us(r.time) AS time_us,"  # noqa: S608
            " coalesce(r.decision, r.prediction) AS decision, r.amount, l.label, l.label_text"
            f"{''.join(f', {each}' for each in features)}"
            f" FROM (SELECT prediction_id, time, label, label_text FROM ({labels})"
            f" WHERE hash(prediction_id) % {_RANGE} < {below}) AS l"
            f" JOIN {files} AS r ON r.prediction_id = l.prediction_id AND r.time = l.time"
            f" WHERE {condition} ORDER BY r.time DESC, r.prediction_id"
        ).to_arrow_table()
    if not found.num_rows:
        return None
    columns = [doubles_of(found.column(name).combine_chunks()) for name in numeric]
    numbers = np.column_stack(columns) if columns else np.empty((found.num_rows, 0))
    categories = tuple(Category(found.column(name).to_pylist()) for name in categorical)
    rows = found.drop_columns([*numeric, *categorical])
    return Resolved(total, rows, numbers, categories)


def _item(name: str, kind: str, known: set[str]) -> str:
    return f"r.{name}::{kind} AS {name}" if name in known else f"NULL::{kind} AS {name}"
