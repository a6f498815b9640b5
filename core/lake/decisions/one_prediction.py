"""One prediction by its id: which version made it, where, and when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import pyarrow as pa

from core.lake.id_filters import IdFilters, Piece, wanted_id
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class PredictionPlace:
    """Where a prediction stands: version, jurisdiction, instant in UTC, its batch, and of whom.

    ``subject`` is the reference as the log has it, empty where it names nobody.
    """

    version: str
    jurisdiction: str
    time: datetime
    batch_id: str = ""
    subject: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PredictionFiles:
    """Where to look for a model's predictions.

    Parameters
    ----------
    model_id : str
        Whose.
    groups : sequence of sequences of str
        Data files of the predictions stream, group by group in the order to look in, such as
        month by month from the newest: what is asked for is mostly recent.
    """

    model_id: str
    groups: Sequence[Sequence[str]]


def find_prediction(
    connection: duckdb.DuckDBPyConnection,
    filters: IdFilters,
    files: PredictionFiles,
    prediction_id: str,
) -> PredictionPlace | None:
    """Return the newest prediction of an id in the first group that has it, or ``None``.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; cursors of its own are used.
    filters : IdFilters
        What is known of the files.
    files : PredictionFiles
        All data files of the predictions stream.
    prediction_id : str
        As the log has it; a value of the query, never a part of its text.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    found = _newest(
        connection,
        filters,
        files,
        prediction_id,
        "r.version, r.jurisdiction, epoch_us(r.time) AS time, r._batch AS batch, r.subject",
    )
    if found is None:
        return None
    row = found.to_pylist()[0]
    return PredictionPlace(
        row["version"] or "",
        row["jurisdiction"] or "",
        from_microseconds(row["time"]),
        row["batch"] or "",
        "" if row["subject"] is None else str(row["subject"]),
    )


def read_prediction(
    connection: duckdb.DuckDBPyConnection,
    filters: IdFilters,
    files: PredictionFiles,
    prediction_id: str,
) -> dict[str, object] | None:
    """Return every lake column of the newest prediction of an id, or ``None``.

    Takes and raises what :func:`find_prediction` does.
    """
    found = _newest(connection, filters, files, prediction_id, "r.*")
    return None if found is None else dict(found.to_pylist()[0])


def _newest(
    connection: duckdb.DuckDBPyConnection,
    filters: IdFilters,
    files: PredictionFiles,
    prediction_id: str,
    columns: str,
) -> pa.Table | None:
    filters.keep_only(files.model_id, (path for group in files.groups for path in group))
    wanted = wanted_id(connection, prediction_id)
    for paths in files.groups:
        pieces = filters.pieces(connection, files.model_id, paths, wanted)
        if not pieces:
            continue
        query = f"SELECT {columns} FROM {_relation(pieces)} AS r WHERE r.prediction_id = $wanted"  # noqa: S608
        with connection.cursor() as cursor, stale_files():
            found = cursor.sql(query, params={"wanted": prediction_id}).to_arrow_table()
        if found.num_rows:
            # Not by LIMIT: DuckDB 2.0 breaks down over one beside the number of a row.
            return found.sort_by([("time", "descending")]).slice(0, 1)
    return None


def _relation(pieces: Sequence[Piece]) -> str:
    """Return the FROM item of some rows of some files."""
    paths = list(dict.fromkeys(piece.path for piece in pieces))
    wanted = []
    for piece in pieces:
        place = f"file_index = {paths.index(piece.path)}"
        if piece.last_row is not None:
            place += f" AND file_row_number BETWEEN {piece.first_row} AND {piece.last_row}"
        wanted.append(place)
    return f"(FROM {parquet_relation(paths)} WHERE ({') OR ('.join(wanted)}))"
