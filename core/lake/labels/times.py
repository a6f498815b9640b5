"""When labels came: by day, and by the age of the prediction."""

from dataclasses import dataclass

import duckdb
import numpy as np

from core.lake.labels.rows import LabelledRows, column, group_rows, key_columns
from core.metrics.arrays import Booleans, Floats, Integers


@dataclass(frozen=True, slots=True, eq=False)
class LabelTimes:
    """Labelled rows by when the label came.

    Parameters
    ----------
    day : ndarray of int64, shape (k,)
        Day (UTC) on which labels were observed, counted from 1970; ascending.
    per_day : ndarray, shape (k,)
        Labels of that day.
    age : ndarray of int64, shape (m,)
        Whole days from prediction to label, of mature predictions; ascending.
    per_age : ndarray, shape (m,)
        Labels of that age.
    """

    day: Integers
    per_day: Floats
    age: Integers
    per_age: Floats


def label_times(connection: duckdb.DuckDBPyConnection, wanted: LabelledRows) -> LabelTimes:
    """Count the labels of a question by day and by age."""
    days = group_rows(connection, wanted, "epoch_us(r.observed_at) // 86400000000 AS place", _N)
    ages = group_rows(
        connection,
        wanted,
        "(epoch_us(r.observed_at) - epoch_us(r.time)) // 86400000000 AS place",
        _N,
    )
    every: Booleans = np.ones(len(days.get("n", ())), dtype=np.bool_)
    return LabelTimes(*_summed(days, every), *_summed(ages, key_columns(ages)[2]))


_N = "count(*) AS n"


def _summed(found: dict[str, Floats], chosen: Booleans) -> tuple[Integers, Floats]:
    place = column(found, "place", np.int64)[chosen]
    n = column(found, "n", np.float64)[chosen]
    distinct, index = np.unique(place, return_inverse=True)
    return distinct.astype(np.int64), np.bincount(index, n, distinct.size).astype(np.float64)
