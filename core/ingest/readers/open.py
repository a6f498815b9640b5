"""The one way into a file: find its format and encoding, and hand it to its reader."""

from pathlib import Path

import duckdb

from core.ingest.readers.delimited import open_delimited
from core.ingest.readers.detect import encoding_of, format_of
from core.ingest.readers.json_lines import open_json_lines
from core.ingest.readers.parquet import open_parquet
from core.ingest.readers.source import Reject, Source


def open_source(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    reject: Reject,
    *,
    format_name: str | None = None,
    encoding: str | None = None,
) -> Source:
    """Open a log file as numbered columns.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own connection; rows of a text may be put into its temporary tables.
    path : Path
        The file.
    reject : callable
        Takes lines that are no rows, with their reasons.
    format_name, encoding : str, optional
        Overrides of what the file's bytes show.

    Raises
    ------
    UnreadableFile
        If it is not what it claims to be.
    InvalidInput
        If an override names no known format or encoding.
    """
    found = format_of(path, format_name)
    if found == "parquet":
        return open_parquet(connection, path)
    text_encoding = encoding_of(path, encoding)
    if found == "csv":
        return open_delimited(connection, path, text_encoding, reject)
    return open_json_lines(connection, path, text_encoding, reject)
