"""All predictions, labelled or not, counted by period and cell of the score."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

import duckdb
import numpy as np

from core.contract import ModelContract
from core.domain.windows import Chunk, spans_of
from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import is_text
from core.lake.labels.score_grid import Crowded, score_cell_sql
from core.lake.paths import parquet_relation
from core.lake.period_sql import period_sql
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.metrics.arrays import AnyArray, Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class PredictedCells:
    """Counts of predictions; arrays of shape (k,), one entry a combination that occurs.

    Parameters
    ----------
    period : ndarray of int64
        Place of the chunk.
    version : ndarray of str
        Version, or an empty text if versions were not asked apart.
    matured : ndarray of bool
        Whether the predictions are old enough for their label to be final.
    flagged : ndarray of int64
        1 predicted positive, 0 not, -1 nobody can say.
    cell : ndarray of int64
        Of :mod:`core.lake.labels.score_grid`; one code for all where no score was asked for.
    n, score, amount : ndarray
        Rows, and sums of the score and of the amount at stake.
    low, high : ndarray
        Smallest and largest score; NaN without one.
    """

    period: Integers
    version: AnyArray
    matured: Booleans
    flagged: Integers
    cell: Integers
    n: Floats
    score: Floats
    amount: Floats
    low: Floats
    high: Floats

    def where(self, chosen: Booleans) -> "PredictedCells":
        """Return the entries chosen by a mask of shape (k,)."""
        return PredictedCells(*(getattr(self, each.name)[chosen] for each in fields(self)))


def predicted_cells(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    *,
    predictions: Sequence[str],
    chunks: Sequence[Chunk],
    rows: RowFilter,
    matured_before: datetime,
    by_version: bool = False,
    crowded: Crowded | None = None,
) -> PredictedCells:
    """Count the predictions of a model.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    contract : ModelContract
        Of the model. Scores and flags are of binary models; otherwise rows are counted alone.
    predictions : sequence of str
        Paths of the lake files of the stream; may be empty.
    chunks : sequence of Chunk
        Periods in the order of time that do not overlap.
    rows : RowFilter
        Version, jurisdiction, slice and the newest visible prediction.
    matured_before : datetime
        Predictions up to this instant are mature.
    by_version : bool
        Whether to count versions apart.
    crowded : Crowded, optional
        Cells that are counted in parts.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    found: dict[str, AnyArray] = {}
    if predictions and chunks:
        binary = contract.task == "binary_classification"
        spans = spans_of(chunks)
        flagged = f"coalesce(CAST({flagged_sql(contract)} AS INTEGER), -1)" if binary else "-1"
        cell = score_cell_sql("r.score", crowded) if binary else "0"
        query = (
            f"SELECT * FROM (SELECT {period_sql(chunks)} AS period,"  # noqa: S608
            f" {_VERSION if by_version else _NO_VERSION} AS version,"
            f" r.time <= {instant_literal(matured_before)} AS matured,"
            f" {flagged} AS flagged, {cell} AS cell,"
            " count(*) AS n, coalesce(sum(r.score), 0) AS score,"
            " coalesce(sum(r.amount), 0) AS amount, min(r.score) AS low, max(r.score) AS high"
            f" FROM {parquet_relation(predictions)} AS r"
            f" WHERE {rows.condition(spans, text=is_text(contract, rows))}"
            " GROUP BY ALL) WHERE period >= 0"
        )
        with connection.cursor() as cursor, stale_files():
            table = cursor.execute(query).df()
        found = {name: table[name].to_numpy() for name in table.columns}
    return PredictedCells(
        *(np.asarray(found.get(name, ()), dtype=kind) for name, kind in _TYPES.items())
    )


_VERSION, _NO_VERSION = "coalesce(r.version, '')", "''"
_TYPES: dict[str, type] = {
    "period": np.int64,
    "version": object,
    "matured": np.bool_,
    "flagged": np.int64,
    "cell": np.int64,
    "n": np.float64,
    "score": np.float64,
    "amount": np.float64,
    "low": np.float64,
    "high": np.float64,
}
