"""A sample of each period's predictions with what is known of their outcomes, drawn by a seed.

A row's place in the draw is SHA-256 of the seed and its prediction id, as in
:mod:`core.lake.sample_rows`: the same rows give the same sample, in whatever files they lie.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from core.lake.labels.rows import LabelledRows, is_text, known_sql
from core.lake.paths import parquet_relation, quoted
from core.lake.period_sql import period_sql
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files
from core.lake.streams import stream_columns
from core.metrics.arrays import Booleans, Integers

# Of many rows only those with a low hash are sorted: about twice as many as wanted, and some more.
_TIMES, _MORE = 2, 1000
_HEX_DIGITS = 12
_ABOVE_ALL = "g"


@dataclass(frozen=True, slots=True, eq=False)
class ChunkSample:
    """Rows drawn from periods, period by period, each in the order of the draw.

    Parameters
    ----------
    rows : Table
        The columns asked for, ``label`` and ``label_text``; NULL where nothing is known.
    period : ndarray of int64, shape (rows,)
        Place of the row's chunk.
    mature : ndarray of bool, shape (rows,)
        Whether the label is known, and the prediction old enough for it to be final.
    population : ndarray of int64, shape (chunks,)
        Rows that each chunk's were drawn from.
    """

    rows: pa.Table
    period: Integers
    mature: Booleans
    population: Integers


def chunk_sample(
    connection: duckdb.DuckDBPyConnection,
    wanted: LabelledRows,
    predictions: Sequence[str],
    columns: Sequence[str],
    *,
    numbers: Sequence[str],
    size: int,
    seed: int,
    labelled: bool = False,
) -> ChunkSample:
    """Draw predictions of each period, and join the labels that were known.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    wanted : LabelledRows
        Chunks, conditions on rows, and up to when labels are known.
    predictions : sequence of str
        Paths of the lake files of the predictions; may be empty.
    columns : sequence of str
        Lake columns of the predictions; one that no file has reads as NULL.
    numbers : sequence of str
        Columns that must hold a finite number; other rows are not drawn.
    size : int
        Most rows a chunk.
    seed : int
        Another one draws other rows.
    labelled : bool
        Whether to draw only among rows with a final label.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    KeyError
        If the stream has no such column.
    """
    types = stream_columns(wanted.contract, "predictions")
    named = {name: types[name] for name in columns}
    if strange := set(numbers) - set(types):
        raise KeyError(min(strange))
    if not predictions or not wanted.chunks:
        return _nothing(named, len(wanted.chunks))
    with connection.cursor() as cursor, stale_files():
        relation = parquet_relation(predictions)
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        if not set(numbers) <= known:
            return _nothing(named, len(wanted.chunks))
        items = [
            f"r.{name}" if name in known else f"NULL::{kind} AS {name}"
            for name, kind in named.items()
        ]
        usable = _usable(wanted, numbers, labelled=labelled)
        place = period_sql(wanted.chunks)
        population = _population(
            cursor,
            f"SELECT period, count(*) AS n FROM (SELECT {place} AS period"  # noqa: S608
            f" FROM {relation} AS r WHERE {usable}) WHERE period >= 0 GROUP BY period",
            len(wanted.chunks),
        )
        limits = ", ".join(quoted(_below(size, int(n))) for n in population)
        rows = ", ".join(["r.prediction_id", "r.time", "r._batch", "r._row", *items])
        found = cursor.sql(
            f"WITH placed AS (SELECT {rows}, {place} AS _period,"  # noqa: S608
            " sha256($seed || ':' || r.prediction_id) AS _place"
            f" FROM {relation} AS r WHERE {usable}),"
            " drawn AS (SELECT * FROM placed WHERE _period >= 0"
            f" AND _place < list_extract([{limits}], _period + 1)"
            " QUALIFY row_number() OVER (PARTITION BY _period"
            f" ORDER BY _place, _batch, _row) <= {int(size)})"
            " SELECT d.*, k.label, k.label_text, coalesce(k.label IS NOT NULL"
            f" AND d.time <= {instant_literal(wanted.matured_before)}, false) AS _mature"
            f" FROM drawn AS d LEFT JOIN {_labels(wanted)} AS k USING (prediction_id)"
            " ORDER BY d._period, d._place, d._batch, d._row",
            params={"seed": str(seed)},
        ).to_arrow_table()
    return ChunkSample(
        found.select([*named, "label", "label_text"]),
        np.asarray(found.column("_period").to_numpy(), dtype=np.int64),
        np.asarray(found.column("_mature").to_numpy(), dtype=np.bool_),
        population,
    )


def labelled_log(
    connection: duckdb.DuckDBPyConnection,
    wanted: LabelledRows,
    predictions: Sequence[str],
    flagged: str,
) -> pa.Table:
    """Return time, score, flag and label of all predictions, in stable order.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    wanted : LabelledRows
        From the first chunk's start to the last one's end; conditions, and when labels are known.
    predictions : sequence of str
        Paths of the lake files of the predictions; may be empty.
    flagged : str
        SQL of whether row ``r`` was predicted positive, of :mod:`core.lake.labels.flagged`.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not predictions or not wanted.chunks:
        return pa.table({name: pa.array([], pa.float64()) for name in _LOGGED})
    with connection.cursor() as cursor, stale_files():
        return cursor.sql(
            f"WITH logged AS (SELECT r.prediction_id, r.time, r.score, r._batch, r._row,"  # noqa: S608
            f" CAST({flagged} AS DOUBLE) AS flagged FROM {parquet_relation(predictions)} AS r"
            f" WHERE {_usable(wanted, ['score'], labelled=False)})"
            " SELECT d.time, d.score, d.flagged, k.label"
            f" FROM logged AS d LEFT JOIN {_labels(wanted)} AS k USING (prediction_id)"
            " WHERE d.flagged IS NOT NULL ORDER BY d.time, d._batch, d._row"
        ).to_arrow_table()


_LOGGED = ("time", "score", "flagged", "label")


def _labels(wanted: LabelledRows) -> str:
    """Return the FROM item of what is known of the outcomes."""
    if not wanted.resolved:
        return (
            "(SELECT NULL::VARCHAR AS prediction_id, NULL::DOUBLE AS label,"
            " NULL::VARCHAR AS label_text WHERE false)"
        )
    return f"({known_sql(wanted, 'r.prediction_id, r.label, r.label_text')})"


def _usable(wanted: LabelledRows, numbers: Sequence[str], *, labelled: bool) -> str:
    spans = [(wanted.chunks[0].start, wanted.chunks[-1].end)]
    types = stream_columns(wanted.contract, "predictions")
    parts = [wanted.rows.condition(spans, text=is_text(wanted.contract, wanted.rows))]
    parts += [f"r.{name} IS NOT NULL AND isfinite(r.{name})" for name in types if name in numbers]
    if labelled:
        parts.append(f"r.time <= {instant_literal(wanted.matured_before)}")
        parts.append(f"r.prediction_id IN (SELECT prediction_id FROM {_labels(wanted)})")  # noqa: S608
    return " AND ".join(parts)


def _population(cursor: duckdb.DuckDBPyConnection, query: str, chunks: int) -> Integers:
    """Return how many rows each chunk has."""
    found = np.zeros(chunks, dtype=np.int64)
    for period, n in cursor.execute(query).fetchall():
        found[int(period)] = int(n)
    return found


def _below(size: int, population: int) -> str:
    """Return a text that the hashes of enough rows lie below, in all likelihood."""
    wanted = int(_TIMES * size) + _MORE
    if wanted >= population:
        return _ABOVE_ALL
    return f"{wanted * 16**_HEX_DIGITS // population:0{_HEX_DIGITS}x}"


def _nothing(named: Mapping[str, str], chunks: int) -> ChunkSample:
    columns = {name: pa.array([], pa.null()) for name in [*named, "label", "label_text"]}
    return ChunkSample(
        pa.table(columns),
        np.zeros(0, dtype=np.int64),
        np.zeros(0, dtype=np.bool_),
        np.zeros(chunks, dtype=np.int64),
    )
