"""Which labelled rows a question is about, and how they are grouped.

One pass of the ``resolved`` stream when it is asked for: two seconds for ten million rows. So
what was known at an instant, erased people and later outcomes need no bookkeeping (ADR 0012).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import numpy as np

from core.contract import ModelContract
from core.domain.windows import Chunk, spans_of
from core.lake.paths import parquet_relation
from core.lake.period_sql import period_sql
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.lake.streams import slice_columns
from core.metrics.arrays import AnyArray, Booleans, Integers


@dataclass(frozen=True, slots=True)
class LabelledRows:
    """Which labelled rows to sum.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    resolved : tuple of str
        Paths of the lake files of the stream.
    chunks : tuple of Chunk
        Periods in the order of time that do not overlap.
    rows : RowFilter
        Version, jurisdiction, slice and the newest visible prediction.
    as_of, matured_before : datetime
        Labels observed after the one are invisible; predictions up to the other are mature.
    by_version : bool
        Whether to count versions apart.
    """

    contract: ModelContract
    resolved: tuple[str, ...]
    chunks: tuple[Chunk, ...]
    rows: RowFilter
    as_of: datetime
    matured_before: datetime
    by_version: bool = False


def group_rows(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, keys: str, sums: str
) -> dict[str, AnyArray]:
    """Group labelled rows ``r`` by period, version, maturity and further keys, all SQL of ours.

    Returns
    -------
    dict of str to ndarray, shape (k,)
        Columns by name; nothing if there are no files.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not wanted.resolved or not wanted.chunks:
        return {}
    version = "coalesce(r.version, '')" if wanted.by_version else "''"
    columns = f"{place_sql(wanted)}, {version} AS version{', ' if keys else ''}{keys}, {sums}"
    # HAVING would group by the instants that a period is told from.
    query = f"SELECT * FROM ({known_sql(wanted, columns)} GROUP BY ALL) WHERE period >= 0"  # noqa: S608
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query).df()
    return {name: found[name].to_numpy() for name in found.columns}


def place_sql(wanted: LabelledRows) -> str:
    """Return the SQL of a row's ``period`` and of whether it is ``matured``."""
    return (
        f"{period_sql(wanted.chunks)} AS period,"
        f" r.time <= {instant_literal(wanted.matured_before)} AS matured"
    )


def known_sql(wanted: LabelledRows, columns: str) -> str:
    """Return the query of columns of the labelled rows ``r``; there must be files and chunks."""
    spans = spans_of(wanted.chunks)
    condition = wanted.rows.condition(spans, text=is_text(wanted.contract, wanted.rows))
    return (
        f"WITH known AS ({newest_labels_sql(wanted.resolved, wanted.as_of)})"  # noqa: S608
        f" SELECT {columns} FROM known AS r WHERE {condition}"
    )


def key_columns(found: dict[str, AnyArray]) -> tuple[Integers, AnyArray, Booleans]:
    """Return period, version and maturity of grouped rows."""
    return (
        column(found, "period", np.int64),
        column(found, "version", object),
        column(found, "matured", np.bool_),
    )


def column(found: dict[str, AnyArray], name: str, kind: type) -> AnyArray:
    """Return one column of grouped rows as a type; empty if there are no rows."""
    return np.asarray(found.get(name, ()), dtype=kind)


def newest_labels_sql(resolved: Sequence[str], as_of: datetime, also: str = "") -> str:
    """Return the SQL of one row a labelled prediction: the latest label known at an instant.

    The latest row of a prediction says all that is known of it: one without a label takes an
    earlier label back. Only predictions with revisions are compared row by row: they are few, and
    to do so with all takes four times as long.

    Parameters
    ----------
    resolved : sequence of str
        Paths of the lake files of the stream, at least one.
    as_of : datetime
        What was observed later is invisible.
    also : str
        SQL of a further condition of what is visible, with ``AND`` before it.
    """
    files = parquet_relation(resolved)
    seen = f"observed_at <= {instant_literal(as_of)}{also}"
    revised = f"SELECT prediction_id FROM {files} WHERE revision > 0"  # noqa: S608
    return (
        f"SELECT * FROM {files} WHERE {seen} AND label IS NOT NULL"  # noqa: S608
        f" AND prediction_id NOT IN ({revised})"
        f" UNION ALL BY NAME SELECT * FROM {files} WHERE {seen} AND prediction_id IN ({revised})"
        " QUALIFY row_number() OVER (PARTITION BY prediction_id"
        " ORDER BY observed_at DESC, _batch DESC, _row DESC) = 1 AND label IS NOT NULL"
    )


def is_text(contract: ModelContract, rows: RowFilter) -> bool:
    """Whether the column that a filter's slice reads holds text."""
    return rows.slice is None or slice_columns(contract).get(rows.slice[0].column) == "VARCHAR"
