"""A registered data set counted into a reference's bins, read as an ingest reads a log."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from core.contract import ModelContract
from core.errors import UnreadableFile
from core.lake.arrow_arrays import nulls_of, numbers_of
from core.metrics.arrays import Floats
from core.metrics.binning import (
    CODE_OFFSET,
    BinnedCounts,
    BinSet,
    CategoricalBins,
    FeatureBins,
    NumericBins,
    assign,
    count_rows,
)

_BLOCK = "training_block"
_BLOCK_ROWS = 1 << 17
_WHOLE = "1e15"  # as in an ingest: larger floats are no whole numbers that anybody meant


@dataclass(frozen=True, slots=True, eq=False)
class TrainingCounts:
    """One feature of a data set.

    Parameters
    ----------
    counts : BinnedCounts, shape (C,)
        Rows in the bins of the reference.
    deviation : float
        Population standard deviation of the finite values, in the feature's unit; NaN without
        values, and for categories.
    """

    counts: BinnedCounts
    deviation: float


def training_counts(
    connection: duckdb.DuckDBPyConnection, path: Path, contract: ModelContract, bins: BinSet
) -> dict[str, TrainingCounts]:
    """Count the features of a Parquet file into bins; blocks of rows, so memory stays small.

    A number that cannot be read as one counts as missing; a whole number in a column of floats is
    the category without its ``.0``, as in a log.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used, and it need not reach the file.
    path : Path
        The data set, its columns named as the features.
    contract : ModelContract
        Contract of the model.
    bins : BinSet
        Bins of the reference in force; features without bins are left out.

    Returns
    -------
    dict of str to TrainingCounts
        Features that the file has, in the order of the contract.

    Raises
    ------
    UnreadableFile
        If it is no Parquet file.
    """
    try:
        with parquet.ParquetFile(path) as file, connection.cursor() as cursor:
            present = set(file.schema_arrow.names)
            counted = [
                _Counter(feature.name, bins.features[feature.name])
                for feature in contract.features
                if feature.name in present and feature.name in bins.features
            ]
            for block in _blocks(file, [each.feature for each in counted]):
                cursor.register(_BLOCK, block)
                kinds = [str(row[1]) for row in cursor.execute(f"DESCRIBE {_BLOCK}").fetchall()]
                for place, (each, kind) in enumerate(zip(counted, kinds, strict=True)):
                    each.add(cursor, place, kind)
                cursor.unregister(_BLOCK)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(
            "{path} is not a Parquet file: {reason}.",
            remedy="Write the table with DataFrame.to_parquet.",
            path=path.name,
            reason=str(error),
        ) from error
    return {each.feature: each.found() for each in counted}


def category_sql(column: str, kind: str) -> str:
    """Return the SQL of a category as a log has it, of a column of one of DuckDB's types.

    A whole number in a column of floats is the category without its ``.0``; empty text is NULL.
    """
    text = f"nullif(CAST({column} AS VARCHAR), '')"
    if kind not in {"FLOAT", "DOUBLE"} and not kind.startswith("DECIMAL"):
        return text
    number = f"CAST({column} AS DOUBLE)"
    whole = f"{number} = trunc({number}) AND abs({number}) < {_WHOLE}"
    return (
        f"CASE WHEN {whole} THEN CAST(CAST({number} AS BIGINT) AS VARCHAR)"
        f" WHEN isnan({number}) THEN NULL ELSE CAST({number} AS VARCHAR) END"
    )


def _blocks(file: parquet.ParquetFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield rows with columns ``t0`` … in the order asked for."""
    if not columns:
        return
    for batch in file.iter_batches(batch_size=_BLOCK_ROWS, columns=list(columns)):
        table = pa.Table.from_batches([batch]).select(list(columns))
        yield table.rename_columns([f"t{place}" for place in range(len(columns))])


class _Counter:
    """Counts one feature block by block."""

    def __init__(self, feature: str, bins: FeatureBins) -> None:
        self.feature = feature
        self._bins = bins
        self._counts = count_rows(bins, np.empty(0))
        self._n, self._mean, self._squares = 0.0, 0.0, 0.0

    def add(self, cursor: duckdb.DuckDBPyConnection, place: int, kind: str) -> None:
        """Count column ``t<place>``, which is of a type of DuckDB's, of the block."""
        if isinstance(self._bins, CategoricalBins):
            self._add_texts(cursor, int(place), kind, self._bins)
        else:
            self._add_numbers(cursor, int(place), self._bins)

    def found(self) -> TrainingCounts:
        """Return what was counted."""
        deviation = math.sqrt(self._squares / self._n) if self._n else math.nan
        return TrainingCounts(self._counts, deviation)

    def _add_numbers(
        self, cursor: duckdb.DuckDBPyConnection, place: int, bins: NumericBins
    ) -> None:
        query = f"SELECT TRY_CAST(t{int(place)} AS DOUBLE) AS x FROM {_BLOCK}"  # noqa: S608
        column = cursor.sql(query).to_arrow_table().column("x").combine_chunks()
        null = nulls_of(column)
        values: Floats = numbers_of(column, np.float64)
        if null is not None:
            values = np.where(null, 0.0, values)
        self._counts += count_rows(bins, values, null=null)
        known = np.isfinite(values) if null is None else np.isfinite(values) & ~null
        self._spread(values[known])

    def _spread(self, values: Floats) -> None:
        """Add values to the running mean and sum of squares (Chan, Golub and LeVeque 1983)."""
        if not values.size:
            return
        count, mean = float(values.size), float(values.mean())
        total, gap = self._n + count, mean - self._mean
        self._squares += float(((values - mean) ** 2).sum()) + gap**2 * self._n * count / total
        self._mean += gap * count / total
        self._n = total

    def _add_texts(
        self, cursor: duckdb.DuckDBPyConnection, place: int, kind: str, bins: CategoricalBins
    ) -> None:
        text = category_sql(f"t{int(place)}", kind)
        rows = cursor.execute(
            f"SELECT {text} AS x, count(*) AS n FROM {_BLOCK} GROUP BY 1"  # noqa: S608
        ).fetchall()
        values = np.array([value for value, _ in rows], dtype=object)
        counts = np.array([count for _, count in rows], dtype=np.float64)
        n = np.bincount(assign(bins, values) + CODE_OFFSET, counts, bins.bin_count + CODE_OFFSET)
        self._counts += BinnedCounts(n.astype(np.float64))
