"""The rows of lake files whose time lies in a window, as a relation for other queries."""

from collections.abc import Iterable

import duckdb

from core.domain.windows import Window
from core.lake.paths import parquet_relation
from core.lake.row_filter import instant_literal


def window_relation(files: Iterable[object], window: Window) -> str:
    """Return the text that stands for the window's rows in a FROM clause."""
    return (
        f"(SELECT * FROM {parquet_relation(files)}"  # noqa: S608 - quoted paths and instants
        f" WHERE time >= {instant_literal(window.start)} AND time < {instant_literal(window.end)})"
    )


def count_rows(duck: duckdb.DuckDBPyConnection, relation: str) -> int:
    """Return the number of rows of a relation made here or by ``parquet_relation``."""
    rows = duck.execute(f"SELECT count(*) FROM {relation}").fetchall()  # noqa: S608
    return int(rows[0][0])
