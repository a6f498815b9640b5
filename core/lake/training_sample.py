"""Rows drawn from a registered data set by a seed, read as an ingest reads a log."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from core.errors import UnreadableFile
from core.lake.training import category_sql
from core.metrics.arrays import Integers

Kind = Literal["numeric", "categorical"]
_SAMPLE = "training_sample"


@dataclass(frozen=True, slots=True, eq=False)
class TrainingSample:
    """Rows of a data set.

    Parameters
    ----------
    total : int
        Rows of the data set.
    rows : Table
        Those drawn, in the order of the data set: numbers as doubles, categories as text, both
        with nulls.
    """

    total: int
    rows: pa.Table


def draw_training(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    columns: Mapping[str, Kind],
    *,
    rows: int,
    seed: int,
) -> TrainingSample:
    """Draw rows of a Parquet file without replacement; the same seed draws the same rows.

    Their numbers are ``numpy.random.default_rng(seed).choice``, so that whoever has the file can
    draw them again.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used, and it need not reach the file.
    path : Path
        The data set.
    columns : mapping of str to {"numeric", "categorical"}
        Which columns to read, and as what.
    rows, seed : int
        How many rows, at most all of them; and which.

    Raises
    ------
    UnreadableFile
        If it is no Parquet file.
    """
    try:
        with parquet.ParquetFile(path) as file, connection.cursor() as cursor:
            total = file.metadata.num_rows
            drawn = np.random.default_rng(seed).choice(total, min(rows, total), replace=False)
            taken = _take(file, list(columns), np.sort(drawn).astype(np.int64))
            return TrainingSample(total, _as_logged(cursor, taken, columns))
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            "{path} is not a Parquet file: {reason}.",
            remedy="Write the table with DataFrame.to_parquet.",
            path=path.name,
            reason=str(error),
        ) from error


def _take(file: parquet.ParquetFile, columns: list[str], wanted: Integers) -> pa.Table:
    """Return some rows of a file by their numbers, group of rows by group of rows."""
    parts: list[pa.Table] = []
    start = 0
    for group in range(file.num_row_groups):
        end = start + file.metadata.row_group(group).num_rows
        here = wanted[(wanted >= start) & (wanted < end)]
        if here.size:
            parts.append(file.read_row_group(group, columns=columns).take(pa.array(here - start)))
        start = end
    schema = pa.schema([file.schema_arrow.field(name) for name in columns])
    return pa.concat_tables(parts) if parts else schema.empty_table()


def _as_logged(
    cursor: duckdb.DuckDBPyConnection, table: pa.Table, columns: Mapping[str, Kind]
) -> pa.Table:
    """Return numbers as doubles, and categories as the text that a log would have."""
    names = [f"t{place}" for place in range(len(columns))]
    cursor.register(_SAMPLE, table.select(list(columns)).rename_columns(names))
    kinds = [str(row[1]) for row in cursor.execute(f"DESCRIBE {_SAMPLE}").fetchall()]
    cast = [
        f"TRY_CAST({name} AS DOUBLE)" if wanted == "numeric" else category_sql(name, kind)
        for name, kind, wanted in zip(names, kinds, columns.values(), strict=True)
    ]
    listed = ", ".join([f"{each} AS {name}" for each, name in zip(cast, names, strict=True)])
    read = cursor.sql(f"SELECT {listed} FROM {_SAMPLE}").to_arrow_table()  # noqa: S608
    cursor.unregister(_SAMPLE)
    return read.rename_columns(list(columns))
