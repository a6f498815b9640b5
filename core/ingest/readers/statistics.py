"""Reading files of other programs without believing their column statistics.

Parquet files name the least and the greatest value of each column. Most writers leave NaN out of
it (the format asks for that), and some cut texts short. DuckDB 2.0 takes such bounds as the whole
truth: in a column of 1, NaN and 3 it answers ``isinf(x)``, ``x >= 5`` and whole ``CASE`` arms
without looking at a row, and drops guards that were there for a reason. Files that DuckDB wrote
itself, as those of the lake, have no bounds where there is NaN.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

# The first folds expressions by the bounds, the second leaves out row groups by them.
_BELIEVERS = "statistics_propagation,filter_pushdown"


@contextmanager
def statistics_ignored(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let DuckDB look at every value while the block runs.

    Parameters
    ----------
    connection : DuckDBPyConnection
        The ingest's own: the setting holds for all its cursors.
    """
    connection.execute(f"SET disabled_optimizers = '{_BELIEVERS}'")
    try:
        yield
    finally:
        connection.execute("RESET disabled_optimizers")
