"""Labelled rows of regressions, and of models of several classes, summed by period."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np

from core.lake.labels.rows import LabelledRows, column, group_rows, key_columns
from core.lake.labels.score_grid import score_cell_sql
from core.lake.paths import quoted
from core.lake.profiles.segments import SliceValues
from core.lake.profiles.slice_codes import slice_code_sql
from core.metrics.arrays import AnyArray, Booleans, Floats, Integers
from core.metrics.performance import ErrorSums

_ERROR = "(r.score - r.label)"
_RELATIVE = f"CASE WHEN r.label <> 0 THEN abs({_ERROR} / r.label) END"
_RATIO = (
    "CASE WHEN r.score >= 0 AND r.label >= 0 THEN power(ln(1 + r.score) - ln(1 + r.label), 2) END"
)
_SUMS = {
    "n": "count(*)",
    "error": f"sum({_ERROR})",
    "absolute": f"sum(abs({_ERROR}))",
    "squared": f"sum(power({_ERROR}, 2))",
    "fourth": f"sum(power({_ERROR}, 4))",
    "actual": "sum(abs(r.label))",
    "actual_squared": "sum(power(r.label, 2))",
    "absolute_by_actual": f"sum(abs({_ERROR} * r.label))",
    "relative": f"sum({_RELATIVE})",
    "relative_squared": f"sum(power({_RELATIVE}, 2))",
    "relative_n": f"count({_RELATIVE})",
    "log_squared": f"sum({_RATIO})",
    "log_fourth": f"sum(power({_RATIO}, 2))",
    "log_n": f"count({_RATIO})",
}


@dataclass(frozen=True, slots=True, eq=False)
class ErrorCells:
    """Error sums of a regression; arrays of shape (k,), one entry a combination that occurs.

    Parameters
    ----------
    period : ndarray of int64
        Place of the chunk.
    version : ndarray of str
        Version, or an empty text if versions were not asked apart.
    matured : ndarray of bool
        Whether the predictions are old enough for their label to be final.
    sums : ErrorSums
        Sums of shape (k,).
    """

    period: Integers
    version: AnyArray
    matured: Booleans
    sums: ErrorSums


@dataclass(frozen=True, slots=True, eq=False)
class ClassCells:
    """Labelled rows of a model of several classes; arrays of shape (k,).

    Parameters
    ----------
    period, version, matured : ndarray
        As in :class:`ErrorCells`.
    actual, predicted : ndarray of int64
        Places of the classes in the contract's order; -1 for a class that it does not name.
    n : ndarray
        Rows.
    """

    period: Integers
    version: AnyArray
    matured: Booleans
    actual: Integers
    predicted: Integers
    n: Floats


@dataclass(frozen=True, slots=True, eq=False)
class ClassScoreCells:
    """Labelled rows by the cell of one class's score; arrays of shape (k,).

    Parameters
    ----------
    period, version, matured : ndarray
        As in :class:`ErrorCells`.
    is_class : ndarray of bool
        Whether the outcome was the class.
    cell : ndarray of int64
        Of :mod:`core.lake.labels.score_grid`.
    n : ndarray
        Rows.
    """

    period: Integers
    version: AnyArray
    matured: Booleans
    is_class: Booleans
    cell: Integers
    n: Floats


def error_cells(connection: duckdb.DuckDBPyConnection, wanted: LabelledRows) -> ErrorCells:
    """Sum the errors of a regression; rows without an estimate are left out."""
    return _errors(_error_sums(connection, wanted))


def sliced_error_cells(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, cuts: Sequence[SliceValues]
) -> tuple[Integers, ErrorCells]:
    """Sum the errors of every value of a segment; see ``binary.sliced_cells``."""
    found = _error_sums(connection, wanted, f"{slice_code_sql(wanted.contract, cuts)} AS slice")
    return column(found, "slice", np.int64), _errors(found)


def _error_sums(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, keys: str = ""
) -> dict[str, AnyArray]:
    finite = "r.score IS NOT NULL AND isfinite(r.score) AND isfinite(r.label)"
    sums = ", ".join(f"{sql} FILTER (WHERE {finite}) AS {name}" for name, sql in _SUMS.items())
    return group_rows(connection, wanted, keys, sums)


def _errors(found: dict[str, AnyArray]) -> ErrorCells:
    parts = {name: np.nan_to_num(column(found, name, np.float64)) for name in _SUMS}
    return ErrorCells(*key_columns(found), ErrorSums(**parts))


def class_cells(connection: duckdb.DuckDBPyConnection, wanted: LabelledRows) -> ClassCells:
    """Count a model of several classes by what was predicted and what happened."""
    return _classes(_class_counts(connection, wanted))


def sliced_class_cells(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, cuts: Sequence[SliceValues]
) -> tuple[Integers, ClassCells]:
    """Count classes by every value of a segment; see ``binary.sliced_cells``."""
    found = _class_counts(connection, wanted, f", {slice_code_sql(wanted.contract, cuts)} AS slice")
    return column(found, "slice", np.int64), _classes(found)


def _class_counts(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, further: str = ""
) -> dict[str, AnyArray]:
    names = tuple(wanted.contract.log.scores)
    actual, predicted = _place("r.label_text", names), _place("r.prediction", names)
    if "prediction" not in wanted.contract.log.mapping():
        predicted = _likeliest(len(names))
    keys = f"{actual} AS actual, {predicted} AS predicted{further}"
    return group_rows(connection, wanted, keys, "count(*) AS n")


def _classes(found: dict[str, AnyArray]) -> ClassCells:
    return ClassCells(
        *key_columns(found),
        column(found, "actual", np.int64),
        column(found, "predicted", np.int64),
        column(found, "n", np.float64),
    )


def class_score_cells(
    connection: duckdb.DuckDBPyConnection, wanted: LabelledRows, place: int
) -> ClassScoreCells:
    """Count a model of several classes by the score of the class at a place of the contract."""
    name = tuple(wanted.contract.log.scores)[place]
    keys = (
        f"r.label_text = {quoted(name)} AS is_class,"
        f" {score_cell_sql(f'r.score_{int(place)}')} AS cell"
    )
    found = group_rows(connection, wanted, keys, "count(*) AS n")
    return ClassScoreCells(
        *key_columns(found),
        column(found, "is_class", np.bool_),
        column(found, "cell", np.int64),
        column(found, "n", np.float64),
    )


def _place(column: str, names: Sequence[str]) -> str:
    cases = " ".join(f"WHEN {quoted(name)} THEN {place}" for place, name in enumerate(names))
    return f"CASE {column} {cases} ELSE -1 END"


def _likeliest(classes: int) -> str:
    scores = ", ".join(f"r.score_{place}" for place in range(classes))
    return f"coalesce(list_position([{scores}], greatest({scores})) - 1, -1)"
