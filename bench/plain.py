"""The yardstick: one plain DuckDB aggregate of the same columns by day and version.

Count, mean, minimum and maximum of every numeric column; count, minimum and maximum of every
categorical one. Days are cut by arithmetic on the microseconds (the zone keeps one offset all
year), which is faster than a time-zone function: the yardstick is as short as it can be.
"""

from bench.dataset import START, Dataset

_DAY_US = 86_400_000_000


def plain_sql(dataset: Dataset) -> str:
    """Return the aggregate over the generated log."""
    offset = START.utcoffset()
    offset_us = 0 if offset is None else int(offset.total_seconds()) * 1_000_000
    figures = ["count(*)"]
    for name in dataset.numeric:
        figures += [f"{function}({name})" for function in ("count", "avg", "min", "max")]
    for name in dataset.categorical:
        figures += [f"{function}({name})" for function in ("count", "min", "max")]
    files = ", ".join(f"'{file}'" for file in dataset.files)
    return (
        f"SELECT (epoch_us(made_at) + {offset_us}) // {_DAY_US} AS day, model_version, "
        f"{', '.join(figures)} FROM read_parquet([{files}]) GROUP BY ALL"
    )
