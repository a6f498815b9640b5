"""A random sample of logged predictions, drawn by a seed, and what was decided about them.

A row's place in the draw is SHA-256 of the seed and its prediction id, and the first places are
the sample. So the same rows and the same seed give the same sample, in whatever files they lie, and
no more than the sample is held in memory.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from core.contract import ModelContract
from core.lake.arrow_arrays import numbers_of, texts
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.lake.streams import stream_columns
from core.metrics.arrays import Booleans

_DRAWN, _WANTED = "drawn_rows", "wanted_ids"
# Of many rows only those with a low hash are sorted: about twice as many as wanted, and some more.
_TIMES, _MORE = 2, 1000
_HEX_DIGITS = 12
_ABOVE_ALL = "g"


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Rows drawn from a log.

    Parameters
    ----------
    rows : Table
        The columns asked for, in the order of the draw; NULL where a file has no such column.
    population : int
        Rows that it was drawn from.
    absent : dict of str to ndarray of bool, shape (rows,)
        Column → the rows whose file does not have it; columns that every file has are left out.
    """

    rows: pa.Table
    population: int
    absent: dict[str, Booleans] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedDecision:
    """One entry of the decisions stream: who or what decided, and what."""

    kind: str
    decision: str


def sample_rows(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    contract: ModelContract,
    columns: Sequence[str],
    *,
    size: int,
    seed: int,
    row_filter: RowFilter,
    undecided_in: Sequence[str] | None = None,
) -> Sample:
    """Draw rows of the predictions stream.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream, at least one.
    contract : ModelContract
        Contract of the model.
    columns : sequence of str
        Lake columns wanted.
    size : int
        Rows to draw; all of them if there are fewer.
    seed : int
        Another one draws other rows.
    row_filter : RowFilter
        Which rows may be drawn; not by slice.
    undecided_in : sequence of str, optional
        Data files of the decisions stream. With them, even none, only rows with a decision that
        no person took are drawn.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    KeyError
        If the stream has no such column.
    """
    types = stream_columns(contract, "predictions")
    wanted = {name: types[name] for name in columns}
    relation = parquet_relation(paths)
    condition = row_filter.condition(text=True) or "true"
    if undecided_in is not None:
        condition += f" AND {_automated(undecided_in)}"
    with connection.cursor() as cursor, stale_files():
        counted = cursor.execute(
            f"SELECT count(*) FROM {relation} AS r WHERE {condition}"  # noqa: S608
        ).fetchall()
        population = int(counted[0][0])
        drawn = _drawn(cursor, relation, condition, size, seed, _below(size, population))
        if drawn.num_rows < min(size, population):
            drawn = _drawn(cursor, relation, condition, size, seed, _ABOVE_ALL)
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        items = [
            f"r.{name}" if name in known else f"NULL::{kind} AS {name}"
            for name, kind in wanted.items()
        ]
        cursor.register(_DRAWN, drawn)
        found = cursor.sql(
            f"SELECT {', '.join(items)}, r.file_index AS _file FROM {_DRAWN} AS d"  # noqa: S608
            f" JOIN (SELECT *, file_index FROM {relation}) AS r"
            " ON r._batch = d._batch AND r._row = d._row ORDER BY d.place, d._batch, d._row"
        ).to_arrow_table()
        absent = _absent(found, paths, list(wanted))
    return Sample(found.drop_columns(["_file"]), population, absent)


def _automated(decisions: Sequence[str]) -> str:
    """Return the condition that a row has a decision, and none of a person."""
    if not decisions:
        return "r.decision IS NOT NULL"
    return (
        "r.decision IS NOT NULL AND r.prediction_id NOT IN (SELECT prediction_id"  # noqa: S608
        f" FROM {parquet_relation(decisions)}"
        " WHERE kind IN ('human', 'appeal') AND prediction_id IS NOT NULL)"
    )


def _below(size: int, population: int) -> str:
    """Return a text that the hashes of enough rows lie below, in all likelihood."""
    wanted = int(_TIMES * size) + _MORE
    if wanted >= population:
        return _ABOVE_ALL
    return f"{wanted * 16**_HEX_DIGITS // population:0{_HEX_DIGITS}x}"


def _drawn(
    cursor: duckdb.DuckDBPyConnection,
    relation: str,
    condition: str,
    size: int,
    seed: int,
    below: str,
) -> pa.Table:
    """Return batch, row and place of the rows whose hashes come first, of those below a text."""
    return cursor.sql(
        "SELECT _batch, _row, place FROM ("  # noqa: S608
        "SELECT r._batch, r._row, sha256($seed || ':' || r.prediction_id) AS place"
        f" FROM {relation} AS r WHERE {condition})"
        f" WHERE place < $below ORDER BY place, _batch, _row LIMIT {int(size)}",
        params={"seed": str(seed), "below": below},
    ).to_arrow_table()


def decisions_of(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    prediction_ids: Sequence[str],
    *,
    until: datetime,
) -> dict[str, tuple[LoggedDecision, ...]]:
    """Return what was decided about some predictions, the oldest first.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the decisions stream; none gives an empty answer.
    prediction_ids : sequence of str
        Of which predictions; those without a decision are left out of the answer.
    until : datetime
        Decisions of later instants are invisible.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths or not prediction_ids:
        return {}
    with connection.cursor() as cursor, stale_files():
        cursor.register(_WANTED, pa.table({"wanted": texts(list(dict.fromkeys(prediction_ids)))}))
        rows = cursor.execute(
            "SELECT r.prediction_id, r.kind, r.decision"  # noqa: S608
            f" FROM {parquet_relation(paths)} AS r"
            f" JOIN {_WANTED} AS w ON w.wanted = r.prediction_id"
            f" WHERE r.decision IS NOT NULL AND r.time <= {instant_literal(until)}"
            " AND r.kind IS DISTINCT FROM 'released'"
            " ORDER BY r.time, r._batch, r._row"
        ).fetchall()
    found: dict[str, list[LoggedDecision]] = {}
    for prediction_id, kind, decision in rows:
        found.setdefault(prediction_id, []).append(LoggedDecision(kind or "", decision))
    return {prediction_id: tuple(made) for prediction_id, made in found.items()}


def _absent(rows: pa.Table, paths: Sequence[str], columns: Sequence[str]) -> dict[str, Booleans]:
    """Return column → where the row's file has no such column."""
    index = numbers_of(rows.column("_file").combine_chunks().cast(pa.int64()), np.int64)
    missing = {
        file: set(columns) - set(parquet.read_schema(paths[file]).names)
        for file in np.unique(index).tolist()
    }
    names = set().union(*missing.values())
    return {
        name: np.isin(index, [file for file, lacking in missing.items() if name in lacking])
        for name in columns
        if name in names
    }
