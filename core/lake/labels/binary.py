"""Labelled rows of a binary model, counted by period, prediction, outcome and cell of the score.

The counts add up: over days, versions and slices.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import duckdb
import numpy as np

from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import LabelledRows, column, group_rows, key_columns
from core.lake.labels.score_grid import Crowded, score_cell_sql
from core.lake.profiles.segments import SliceValues
from core.lake.profiles.slice_codes import slice_code_sql
from core.metrics.arrays import AnyArray, Booleans, Floats, Integers
from core.metrics.performance.scores import CLIP


@dataclass(frozen=True, slots=True, eq=False)
class LabelledCells:
    """Counts of labelled rows; arrays of shape (k,), one entry a combination that occurs.

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
    label : ndarray of int64
        1 positive, 0 not.
    cell : ndarray of int64
        Of :mod:`core.lake.labels.score_grid`.
    n, score, square, fourth_power, surprise, surprise_squared, amount : ndarray
        Rows, and sums over them: of the score s, s², (s - y)⁴, -ln of the probability given to
        what happened and its square, and of the amount at stake.
    low, high : ndarray
        Smallest and largest score.
    """

    period: Integers
    version: AnyArray
    matured: Booleans
    flagged: Integers
    label: Integers
    cell: Integers
    n: Floats
    score: Floats
    square: Floats
    fourth_power: Floats
    surprise: Floats
    surprise_squared: Floats
    amount: Floats
    low: Floats
    high: Floats

    def where(self, chosen: Booleans) -> "LabelledCells":
        """Return the entries chosen by a mask of shape (k,)."""
        return LabelledCells(*(getattr(self, each.name)[chosen] for each in fields(self)))


_SUMS = """
    count(*) AS n, sum(r.score) AS score, sum(r.score * r.score) AS square,
    sum(power(r.score - r.label, 4)) AS fourth_power, sum({surprise}) AS surprise,
    sum(power({surprise}, 2)) AS surprise_squared, sum(coalesce(r.amount, 0)) AS amount,
    min(r.score) AS low, max(r.score) AS high
"""


def labelled_cells(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, crowded: Crowded | None = None
) -> LabelledCells:
    """Count labelled rows; of other than binary models rows and amounts alone.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    wanted : LabelledRows
        Which rows.
    crowded : Crowded, optional
        Cells that are counted in parts.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    return _cells(_grouped(connection, wanted, crowded=crowded))


def sliced_cells(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, cuts: Sequence[SliceValues]
) -> tuple[Integers, LabelledCells]:
    """Count labelled rows of every value of a segment, or of every combination of several.

    Returns
    -------
    ndarray of int64, shape (k,)
        Place of each entry's value as in :func:`core.lake.profiles.slice_codes.slice_code_sql`.
    LabelledCells
        The entries.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    found = _grouped(connection, wanted, f", {slice_code_sql(wanted.contract, cuts)} AS slice")
    return column(found, "slice", np.int64), _cells(found)


def _grouped(
    connection: duckdb.DuckDBPyConnection,
    wanted: LabelledRows,
    further: str = "",
    crowded: Crowded | None = None,
) -> dict[str, AnyArray]:
    clipped = f"greatest({CLIP!r}, least({1 - CLIP!r}, r.score))"
    surprise = f"-ln(CASE WHEN r.label = 1 THEN {clipped} ELSE 1 - {clipped} END)"
    keys = "-1 AS flagged, 0 AS label, 0 AS cell"
    if wanted.contract.task == "binary_classification":
        keys = (
            f"coalesce(CAST({flagged_sql(wanted.contract)} AS INTEGER), -1) AS flagged,"
            f" CAST(r.label AS INTEGER) AS label, {score_cell_sql('r.score', crowded)} AS cell"
        )
    return group_rows(connection, wanted, keys + further, _SUMS.format(surprise=surprise))


def _cells(found: dict[str, AnyArray]) -> LabelledCells:
    whole = (column(found, name, np.int64) for name in ("flagged", "label", "cell"))
    return LabelledCells(
        *key_columns(found), *whole, *(column(found, name, np.float64) for name in _SUMMED)
    )


_SUMMED = (
    "n",
    "score",
    "square",
    "fourth_power",
    "surprise",
    "surprise_squared",
    "amount",
    "low",
    "high",
)
