"""Each value as its lake column wants it, or the reason why it cannot be.

A :class:`Reading` is one SELECT over the numbered columns of a source: typed values, and in
``_fault`` the number of the first reason against the row (NULL: none). The texts in it are
constants of this module, numbered columns and quoted values of the contract.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import InvalidInput, MissingColumn
from core.ingest import reasons
from core.ingest.readers.source import Source, quoted
from core.ingest.streams import SQL_TYPES, Field, Kind, Shape

_INTEGERS = {
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "HUGEINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "UHUGEINT",
}
_FLOATS = {"FLOAT", "DOUBLE"}
_ZONED = "TIMESTAMP WITH TIME ZONE"
_WITH_ZONE = r":[0-9.]+ *([Zz]|[+-][0-9]{2}(:?[0-9]{2})?)$"
_WITHOUT_ZONE = r"^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([T ][0-9:.]+)?$"
_WHOLE = 1e15
_FIRST_YEAR = "TIMESTAMPTZ '1900-01-01 00:00:00+00'"


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
        SQL of each lake column, in the shape's order.
    fault : str
        SQL of the number of the first fault, or NULL.
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
    for field in shape.fields:
        position = _position(source.names, field)
        if position is None:
            values.append(_constant(field))
            absent += field.sources[:1]
            continue
        reader = _ColumnReader(field, position, source.columns[position].type, timezone, latest)
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
    tests = [
        f"nullif(trim(CAST(c{index} AS VARCHAR)), '') IS NOT NULL"
        for index, name in enumerate(names)
        if name in wanted
    ]
    return f"({' OR '.join(tests)})" if tests else "false"


@dataclass(frozen=True, slots=True)
class _ColumnReader:
    """SQL for one lake column out of one numbered column of a known type."""

    field: Field
    position: int
    type: str
    timezone: str
    latest: datetime

    @property
    def _raw(self) -> str:
        return f"c{self.position}"

    @property
    def _text(self) -> str:
        raw = self._raw if self.type == "VARCHAR" else f"CAST({self._raw} AS VARCHAR)"
        return f"nullif(trim({raw}), '')"

    @property
    def _is_number(self) -> bool:
        return self.type in _INTEGERS | _FLOATS or self.type.startswith("DECIMAL")

    def stored(self) -> str:
        """Return the value as it is stored."""
        value = self._value()
        if self.field.default:
            return f"coalesce({value}, {quoted(self.field.default)})"
        return f"coalesce({value}, '')" if self.field.default == "" else value

    def tests(self) -> list[tuple[str, str]]:
        """Return conditions that refuse a row, with their reasons, in the order they are told."""
        tests: list[tuple[str, str]] = []
        value, present = self._value(), f"{self._text} IS NOT NULL"
        if self.field.filled:
            empty = f"{self._text} IS NULL" if self.type == "VARCHAR" else f"{self._raw} IS NULL"
            tests.append((empty, reasons.MISSING))
        if not self._always_reads():
            tests.append((f"({value}) IS NULL AND {present}", _UNREAD[self.field.kind]))
        if self.field.kind == "number" and not self._is_integer():
            tests.append((f"isinf({value})", reasons.INFINITE))
        if self.field.kind == "instant":
            tests += self._instant_tests(value)
        if self.field.choices:
            allowed = ", ".join(quoted(choice) for choice in self.field.choices)
            unknown = f"{value} NOT IN ({allowed}) AND lower({value}) NOT IN ({allowed})"
            tests.append((unknown, reasons.UNKNOWN_VALUE))
        return tests

    def _instant_tests(self, value: str) -> list[tuple[str, str]]:
        tests = [(f"NOT isfinite({value}) OR {value} < {_FIRST_YEAR}", reasons.NOT_A_TIMESTAMP)]
        if self.field.past:
            latest = f"make_timestamptz({int(self.latest.timestamp() * 1e6)})"
            tests.append((f"{value} > {latest}", reasons.IN_THE_FUTURE))
        return tests

    def _is_integer(self) -> bool:
        return self.type in _INTEGERS or self.type.startswith("DECIMAL")

    def _always_reads(self) -> bool:
        kind = self.field.kind
        if kind == "text":
            return True
        if kind == "number":
            return self._is_number or self.type == "BOOLEAN"
        if kind == "instant":
            return self.type == _ZONED or self.type.startswith("TIMESTAMP") or self.type == "DATE"
        return False

    def _value(self) -> str:
        return {
            "text": self._as_text,
            "number": self._as_number,
            "integer": self._as_integer,
            "boolean": self._as_boolean,
            "date": self._as_date,
            "instant": self._as_instant,
        }[self.field.kind]()

    def _as_text(self) -> str:
        if self.type == "VARCHAR":
            return f"nullif({self._raw}, '')" if not self.field.filled else self._text
        if self.type in _FLOATS or self.type.startswith("DECIMAL"):
            # Table tools turn whole numbers with gaps into floats: 3.0 is the category "3".
            number = f"CAST({self._raw} AS DOUBLE)"
            whole = f"{number} = trunc({number}) AND abs({number}) < {_WHOLE}"
            return (
                f"CASE WHEN {whole} THEN CAST(CAST({number} AS BIGINT) AS VARCHAR)"
                f" WHEN isnan({number}) THEN NULL ELSE CAST({number} AS VARCHAR) END"
            )
        return f"CAST({self._raw} AS VARCHAR)"

    def _as_number(self) -> str:
        if self.type == "DOUBLE":
            return self._raw
        if self._is_number:
            return f"CAST({self._raw} AS DOUBLE)"
        if self.type == "BOOLEAN":
            return f"CAST(CAST({self._raw} AS INTEGER) AS DOUBLE)"
        # An underscore between digits is a number to DuckDB and a typing error to people.
        is_plain = f"NOT contains({self._raw_text}, '_')"
        return f"CASE WHEN {is_plain} THEN TRY_CAST({self._text} AS DOUBLE) END"

    @property
    def _raw_text(self) -> str:
        return self._raw if self.type == "VARCHAR" else f"CAST({self._raw} AS VARCHAR)"

    def _as_integer(self) -> str:
        if self.type in _INTEGERS:
            return f"TRY_CAST({self._raw} AS BIGINT)"
        number = self._as_number()
        return f"CASE WHEN ({number}) = trunc({number}) THEN TRY_CAST({number} AS BIGINT) END"

    def _as_boolean(self) -> str:
        if self.type == "BOOLEAN":
            return self._raw
        text = f"lower({self._as_text()})" if self._is_number else f"lower({self._text})"
        return (
            f"CASE WHEN {text} IN ('true', '1', 'yes', 'y', 't') THEN true"
            f" WHEN {text} IN ('false', '0', 'no', 'n', 'f') THEN false END"
        )

    def _as_date(self) -> str:
        if self.type == "DATE":
            return self._raw
        if self.type == _ZONED:
            return f"CAST(timezone({quoted(self.timezone)}, {self._raw}) AS DATE)"
        if self.type.startswith("TIMESTAMP"):
            return f"CAST({self._raw} AS DATE)"
        return f"CASE WHEN {self._matches(_WITHOUT_ZONE)} THEN TRY_CAST({self._text} AS DATE) END"

    def _as_instant(self) -> str:
        zone = quoted(self.timezone)
        if self.type == _ZONED:
            return self._raw
        if self.type.startswith("TIMESTAMP") or self.type == "DATE":
            return f"timezone({zone}, CAST({self._raw} AS TIMESTAMP))"
        return (
            f"CASE WHEN {self._matches(_WITHOUT_ZONE)}"
            f" THEN timezone({zone}, TRY_CAST({self._text} AS TIMESTAMP))"
            f" WHEN {self._matches(_WITH_ZONE)}"
            f" THEN TRY_CAST({self._text} AS TIMESTAMPTZ) END"
        )

    def _matches(self, pattern: str) -> str:
        return f"regexp_matches({self._text}, {quoted(pattern)})"


_UNREAD: dict[Kind, str] = {
    "number": reasons.NOT_A_NUMBER,
    "integer": reasons.NOT_A_WHOLE_NUMBER,
    "boolean": reasons.NOT_A_BOOLEAN,
    "date": reasons.NOT_A_DATE,
    "instant": reasons.NOT_A_TIMESTAMP,
}
