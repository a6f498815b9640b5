"""Each value as its lake column wants it, or the reason why it cannot be.

A :class:`Reading` is one SELECT over the numbered columns of a source: typed values, and in
``_fault`` the number of the first reason against the row (NULL: none). The texts in it are
constants of this module, numbered columns and quoted values of the contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import InvalidInput, MissingColumn
from core.ingest.readers.source import Source, quoted
from core.ingest.streams import SQL_TYPES, Field, Shape
from core.ingest.values import ColumnReader


@dataclass(frozen=True, slots=True)
class Fault:
    """A reason against rows: the log's column, its number in the source, and the message."""

    column: str
    position: int
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How the rows of one file become rows of a shape.

    Parameters
    ----------
    shape : Shape
        What they become.
    values : tuple of str
        SQL of each lake column, in the shape's order; the n-th is called ``v<n>``.
    fault : str
        SQL of the number of the first fault, or NULL, over ``c<n>`` and ``v<n>``.
    faults : tuple of Fault
        What the numbers mean.
    where : str
        SQL of the rows that are of this shape.
    absent : tuple of str
        Log columns that the contract names and the file has not.
    """

    shape: Shape
    values: tuple[str, ...]
    fault: str
    faults: tuple[Fault, ...]
    where: str
    absent: tuple[str, ...]


def read_as(source: Source, shape: Shape, *, timezone: str, latest: datetime) -> Reading:
    """Plan how a file's rows are read as rows of a shape.

    Parameters
    ----------
    source : Source
        The open file.
    shape : Shape
        What its rows should be.
    timezone : str
        Zone of timestamps that name none.
    latest : datetime
        Instants after it lie in the future.

    Raises
    ------
    MissingColumn
        If the file lacks a column that the contract needs.
    InvalidInput
        If it has such a column twice.
    """
    check_columns(source.path.name, source.names, [shape])
    values: list[str] = []
    tests: list[tuple[str, Fault]] = []
    absent: list[str] = []
    for place, field in enumerate(shape.fields):
        position = _position(source.names, field)
        if position is None:
            values.append(_constant(field))
            absent += field.sources[:1]
            continue
        column_type = source.columns[position].type
        reader = ColumnReader(field, place, position, column_type, timezone, latest)
        values.append(reader.stored())
        column = source.columns[position].name
        tests += [(test, Fault(column, position, reason)) for test, reason in reader.tests()]
    cases = " ".join(f"WHEN {test} THEN {number}" for number, (test, _) in enumerate(tests))
    return Reading(
        shape,
        tuple(values),
        f"CASE {cases} END" if tests else "NULL",
        tuple(fault for _, fault in tests),
        _where(source.names, shape),
        tuple(absent),
    )


def check_columns(file: str, names: Sequence[str], shapes: Sequence[Shape]) -> None:
    """Refuse a file that lacks what every one of the shapes needs.

    Raises
    ------
    MissingColumn
        Naming the columns that are missing and those that were found.
    InvalidInput
        If a column that is read stands in the file twice.
    """
    used = {source for shape in shapes for field in shape.fields for source in field.sources}
    twice = sorted({name for name in names if name in used and list(names).count(name) > 1})
    if twice:
        raise InvalidInput(
            "{file} has the column {columns} twice.",
            remedy="Leave it in once.",
            file=file,
            columns=", ".join(twice),
        )
    missing = [
        [field.sources[0] for field in shape.fields if field.needed and not _found(field, names)]
        for shape in shapes
    ]
    if all(missing) and used.isdisjoint(names):
        # Perhaps no header but a row: what it says may be about somebody.
        raise MissingColumn(
            "{file} lacks {columns}, which the contract requires. None of its {count} columns is"
            " in the contract.",
            remedy="Check that the first line is a header, or mend 'log' in the contract.",
            file=file,
            columns=", ".join(missing[0]),
            count=len(names),
        )
    if all(missing):
        raise MissingColumn(
            "{file} lacks {columns}, which the contract requires. It has: {found}.",
            remedy="Add the column, or mend 'log' in the contract.",
            file=file,
            columns=", ".join(missing[0]),
            found=", ".join(names) or "no column",
        )


def applies(shape: Shape, names: Sequence[str]) -> bool:
    """Whether a file with these columns can hold rows of the shape."""
    has_needed = all(_found(field, names) for field in shape.fields if field.needed)
    return has_needed and (not shape.present or bool(set(shape.present) & set(names)))


def _found(field: Field, names: Sequence[str]) -> bool:
    return any(source in names for source in field.sources)


def _position(names: Sequence[str], field: Field) -> int | None:
    return next((names.index(source) for source in field.sources if source in names), None)


def _constant(field: Field) -> str:
    text = "NULL" if field.default is None else quoted(field.default)
    return f"CAST({text} AS {SQL_TYPES[field.kind]})"


def _where(names: Sequence[str], shape: Shape) -> str:
    """Return SQL for the rows of a shape; those that fit no other stay with the first."""
    if not shape.present:
        return "true"
    mine = _filled(names, shape.present)
    return f"({mine} OR NOT {_filled(names, shape.unless)})" if shape.unless else mine


def _filled(names: Sequence[str], wanted: Sequence[str]) -> str:
    # Table tools fill gaps between numbers with NaN.
    tests = [
        f"coalesce(lower(trim(CAST(c{index} AS VARCHAR))), '') NOT IN ('', 'nan')"
        for index, name in enumerate(names)
        if name in wanted
    ]
    return f"({' OR '.join(tests)})" if tests else "false"
