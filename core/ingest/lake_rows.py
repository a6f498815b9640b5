"""Lake files read with the columns of today's contract, however old they are."""

from collections.abc import Mapping, Sequence

import duckdb

from core.lake.paths import parquet_relation


def lake_rows(
    connection: duckdb.DuckDBPyConnection, files: Sequence[str], columns: Mapping[str, str]
) -> str:
    """Return SQL for columns of lake files; a column that is younger than all files is NULL.

    Parameters
    ----------
    connection : DuckDBPyConnection
        Used to look at the files' columns.
    files : sequence of str
        Paths of data files, at least one.
    columns : mapping of str to str
        Lake columns wanted, with their DuckDB types.
    """
    scan = parquet_relation(files)
    present = {row[0] for row in connection.execute(f"DESCRIBE FROM {scan}").fetchall()}
    wanted = ", ".join(
        name if name in present else f"CAST(NULL AS {kind}) AS {name}"
        for name, kind in columns.items()
    )
    return f"(SELECT {wanted} FROM {scan})"
