"""Whole rows of predictions that a condition chooses, each with the columns of its file."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa
from pyarrow import parquet

from core.contract import ModelContract
from core.domain.expression import RowExpression
from core.lake.kpis.columns import source_of
from core.lake.kpis.expression_sql import row_sql
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files
from core.lake.streams import stream_columns

LEFT_OUT = "left_out_predictions"
_AMONG = "among_predictions"
_CHOSEN, _FILE, _PLACE = "chosen_rows", "_file", "_place"


@dataclass(frozen=True, slots=True, eq=False)
class ChosenRows:
    """Predictions that a condition chooses.

    Parameters
    ----------
    rows : Table
        Every lake column of the newest row of each, by version, time and id.
    absent : mapping of int to frozenset of str
        Number of a file → columns that it does not have; ``_file`` of a row says which is its own.
    """

    rows: pa.Table
    absent: Mapping[int, frozenset[str]]

    def slice(self, first: int, count: int) -> list[dict[str, object]]:
        """Return some rows as ``one_prediction.read_prediction`` gives one."""
        found = []
        for row in self.rows.slice(first, count).to_pylist():
            lacking = self.absent[int(row.pop(_FILE))]
            found.append({name: value for name, value in row.items() if name not in lacking})
        return found


@dataclass(frozen=True, slots=True)
class Choice:
    """Which predictions are wanted.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    condition : RowExpression
        Over what the log itself says.
    rows : RowFilter
        Further conditions, such as the reader's scope; not by slice.
    left_out : collection of str
        Predictions that are not chosen, whatever the condition says.
    spans : sequence of (datetime, datetime)
        Half-open intervals of which a prediction's time must lie in one; none means any time.
    among : collection of str, optional
        Only these are chosen, as far as the condition holds for them.
    """

    contract: ModelContract
    condition: RowExpression
    rows: RowFilter
    left_out: Collection[str]
    spans: Sequence[tuple[datetime, datetime]] = ()
    among: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class LoggedNames:
    """The SQL that each name of a condition stands for, over what the log itself says."""

    columns: Mapping[str, str]


def chosen_decisions(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], choice: Choice, *, most: int
) -> ChosenRows | int:
    """Return the predictions that a condition chooses, or their number if these are too many.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream, at least one.
    choice : Choice
        Which are wanted.
    most : int
        More are counted, and not read.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    files = parquet_relation(paths)
    with connection.cursor() as cursor, stale_files():
        left_out = pa.array(sorted(choice.left_out), pa.string())
        cursor.register(LEFT_OUT, pa.table({"id": left_out}))
        places = _places(cursor, files, choice)
        if places.num_rows > most:
            return int(places.num_rows)
        cursor.register(_CHOSEN, places)
        found = cursor.sql(_newest(files)).to_arrow_table()
    wanted = set(found.column_names) - {_FILE}
    absent = {
        file: frozenset(wanted - set(parquet.read_schema(paths[file]).names))
        for file in found.column(_FILE).unique().to_pylist()
    }
    return ChosenRows(found, absent)


def _places(cursor: duckdb.DuckDBPyConnection, files: str, choice: Choice) -> pa.Table:
    """Return batch, row and id of what the condition chooses: small, whatever the log's size."""
    condition = choice.rows.condition(choice.spans, text=True) or "TRUE"
    among = ""
    if choice.among is not None:
        cursor.register(_AMONG, pa.table({"id": pa.array(sorted(choice.among), pa.string())}))
        among = f" SEMI JOIN {_AMONG} AS a ON a.id = r.prediction_id"
    named = LoggedNames(
        {
            name: source_of(choice.contract, name, decided=False, happened=False).sql
            for name in choice.condition.columns
        }
    )
    query = (
        f"SELECT r._batch, r._row, r.prediction_id FROM {logged_rows(cursor, files, choice)}"  # noqa: S608
        f" ANTI JOIN {LEFT_OUT} AS l ON l.id = r.prediction_id{among}"
        f" WHERE {condition} AND coalesce({row_sql(choice.condition.node, named.columns)}, FALSE)"
    )
    return cursor.sql(query).to_arrow_table()


def logged_rows(cursor: duckdb.DuckDBPyConnection, files: str, choice: Choice) -> str:
    """Return the FROM item of all rows, every column of the stream there, as ``r``.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        Reads the files.
    files : str
        From :func:`core.lake.paths.parquet_relation`.
    choice : Choice
        Of which only the contract is asked.
    """
    known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {files}").fetchall()}
    columns = [
        name if name in known else f"NULL::{kind} AS {name}"
        for name, kind in stream_columns(choice.contract, "predictions").items()
    ]
    return f"(SELECT {', '.join(columns)} FROM {files}) AS r"  # noqa: S608


def _newest(files: str) -> str:
    """Return the query of the chosen rows that are the newest of their predictions."""
    return (
        f"SELECT r.* EXCLUDE ({_PLACE}) FROM ("  # noqa: S608
        f"SELECT *, file_index AS {_FILE}, row_number() OVER (PARTITION BY prediction_id"
        f" ORDER BY time DESC, _batch DESC, _row DESC) AS {_PLACE} FROM {files}"
        f" WHERE prediction_id IN (SELECT prediction_id FROM {_CHOSEN})) AS r"
        f" SEMI JOIN {_CHOSEN} AS c ON c._batch = r._batch AND c._row = r._row"
        f" WHERE r.{_PLACE} = 1 ORDER BY coalesce(r.version, ''), r.time, r.prediction_id"
    )
