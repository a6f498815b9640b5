"""Whether a data set registered with a model names a subject: it is told, never changed."""

from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from core.lake.upkeep.erase import IDS, Wanted


def holds_subject(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Wanted) -> bool | None:
    """Whether a text column of a Parquet file names the subject or one of the predictions found.

    ``None`` if it is no Parquet file that can be read.
    """
    try:
        with parquet.ParquetFile(path) as file:
            texts = [field.name for field in file.schema_arrow if _is_text(field.type)]
            return any(
                _block_names(connection, pa.Table.from_batches([batch]), wanted)
                for batch in (file.iter_batches(columns=texts) if texts else ())
            )
    except (OSError, pa.ArrowException):
        return None


def _block_names(connection: duckdb.DuckDBPyConnection, block: pa.Table, wanted: Wanted) -> bool:
    names = [f"t{number}" for number in range(block.num_columns)]
    connection.register("artefact_block", block.rename_columns(names))
    try:
        for name in names:
            own, parameters = wanted.condition(f"CAST({name} AS VARCHAR)")
            query = (
                "SELECT count(*) FROM artefact_block"  # noqa: S608 - columns named here
                f" WHERE {own} OR {name} IN (FROM {IDS})"
            )
            if connection.execute(query, parameters).fetchall()[0][0]:
                return True
    finally:
        connection.unregister("artefact_block")
    return False


def _is_text(kind: pa.DataType) -> bool:
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(value) or pa.types.is_large_string(value))
