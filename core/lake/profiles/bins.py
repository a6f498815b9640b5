"""Bins from the raw rows of a reference window: column by column, so memory stays small."""

from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import duckdb
import numpy as np

from core.contract import ModelContract
from core.contract.features import SEGMENT_VALUES
from core.errors import NotComputable
from core.lake.profiles.columns import feature_sources, source_type
from core.lake.profiles.segments import range_segment_bins, segment_key
from core.metrics.arrays import Floats, Integers
from core.metrics.binning import (
    KEPT_VALUES,
    POOLED_VALUES,
    BinSet,
    CategoricalBins,
    FeatureBins,
    categorical_bins_from_counts,
    numeric_bins_from_counts,
)


def build_bins(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    contract: ModelContract,
    *,
    threads: int = 1,
) -> BinSet:
    """Make the bins of every feature, of score, prediction and decision, and of the segments.

    A column without a single value in the reference gets no bins, so nothing is said about its
    drift until the reference is rebuilt.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A connection whose cursors know the relation.
    relation : str
        FROM item with the rows of the reference window.
    contract : ModelContract
        Contract of the model.
    threads : int
        Columns read at the same time, at most two: more would want too much memory.

    Returns
    -------
    BinSet
        Segments stand under ``#name`` (see :mod:`core.lake.profiles.segments`).
    """
    known = {str(row[0]) for row in connection.execute(f"DESCRIBE FROM {relation}").fetchall()}
    sources = {
        name: source for name, source in feature_sources(contract).items() if source[0] in known
    }

    def bins_of(source: tuple[str, Literal["number", "text"]]) -> FeatureBins | None:
        with connection.cursor() as cursor:
            return _feature_bins(cursor, relation, *source)

    with ThreadPoolExecutor(min(threads, 2), "bins") as pool:
        made = zip(sources, pool.map(bins_of, sources.values()), strict=True)
        found = {name: bins for name, bins in made if bins is not None}
    for segment in contract.segments:
        column = contract.alias(segment.source)
        if segment.edges:
            found[segment_key(segment.name)] = range_segment_bins(segment)
        elif column in known:
            is_text = source_type(contract, column) == "VARCHAR"
            text = f"r.{column}" if is_text else f"r.{column}::VARCHAR"
            values, _ = _frequent_texts(connection, relation, text, SEGMENT_VALUES - 1)
            found[segment_key(segment.name)] = CategoricalBins(
                tuple(values[:SEGMENT_VALUES]), complete=False
            )
    return BinSet(found)


def _feature_bins(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    column: str,
    holds: Literal["number", "text"],
) -> FeatureBins | None:
    """Return the bins of one column; ``None`` if there is not a single value in it."""
    try:
        if holds == "number":
            return numeric_bins_from_counts(*distinct_numbers(connection, relation, column))
        count = KEPT_VALUES + POOLED_VALUES
        return categorical_bins_from_counts(
            *_frequent_texts(connection, relation, f"r.{column}", count)
        )
    except NotComputable:
        return None


def distinct_numbers(
    connection: duckdb.DuckDBPyConnection, relation: str, column: str
) -> tuple[Floats, Integers]:
    """Return the distinct finite values of a column, ascending, and how often each occurs.

    Sorting the column takes about 40 bytes a row for a moment and is faster than grouping
    by a continuous value.
    """
    rows = connection.execute(
        f"SELECT r.{column}::DOUBLE AS x FROM {relation} AS r"  # noqa: S608
        f" WHERE isfinite(r.{column}::DOUBLE)"
    ).fetchnumpy()
    values = np.ascontiguousarray(np.ma.getdata(rows["x"]), dtype=np.float64)
    values.sort()
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    if not len(values):
        return values, np.empty(0, dtype=np.int64)
    return values[starts], np.diff(starts, append=len(values)).astype(np.int64)


def _frequent_texts(
    connection: duckdb.DuckDBPyConnection, relation: str, text: str, count: int
) -> tuple[list[str], list[int]]:
    """Return the ``count + 1`` most frequent values, so that more than ``count`` is noticed."""
    rows = connection.execute(
        f"SELECT {text} AS value, count(*) AS n FROM {relation} AS r"  # noqa: S608
        f" WHERE {text} IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT {count + 1}"
    ).fetchall()
    return [str(value) for value, _ in rows], [int(n) for _, n in rows]
