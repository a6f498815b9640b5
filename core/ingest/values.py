"""One lake column out of one numbered column of a file: the SQL of its value and of its tests."""

from dataclasses import dataclass
from datetime import datetime

from core.ingest import reasons
from core.ingest.readers.source import quoted
from core.ingest.streams import Field, Kind

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
_UNREAD: dict[Kind, str] = {
    "number": reasons.NOT_A_NUMBER,
    "integer": reasons.NOT_A_WHOLE_NUMBER,
    "boolean": reasons.NOT_A_BOOLEAN,
    "date": reasons.NOT_A_DATE,
    "instant": reasons.NOT_A_TIMESTAMP,
}


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """SQL for one lake column out of one numbered column of a known type.

    Parameters
    ----------
    field : Field
        The lake column.
    place : int
        Its place among the shape's fields: the value is called ``v<place>``.
    position : int
        Place of the log's column in the file: it is called ``c<position>``.
    type : str
        DuckDB's type of the log's column.
    timezone : str
        Zone of timestamps that name none.
    latest : datetime
        Instants after it lie in the future.
    """

    field: Field
    place: int
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
        value, present = f"v{self.place}", f"{self._text} IS NOT NULL"
        if self.field.filled:
            tests.append((self._empty(value), reasons.MISSING))
        if not self._always_reads():
            tests.append((f"{value} IS NULL AND {present}", _UNREAD[self.field.kind]))
        if self.field.kind in {"number", "integer"} and self.type == "VARCHAR":
            # An underscore between digits is a number to DuckDB and a typing error to people.
            tests.append((f"contains({self._raw}, '_')", _UNREAD[self.field.kind]))
        if self.field.kind == "number" and not self._is_integer():
            tests.append((f"isinf({value})", reasons.INFINITE))
        if self.field.kind == "instant":
            tests += self._instant_tests(value)
        if self.field.choices:
            allowed = ", ".join(quoted(choice) for choice in self.field.choices)
            unknown = f"{value} NOT IN ({allowed}) AND lower({value}) NOT IN ({allowed})"
            tests.append((unknown, reasons.UNKNOWN_VALUE))
        return tests

    def _empty(self, value: str) -> str:
        if self.field.kind == "text":  # also NaN, which is no text
            return f"{value} IS NULL"
        return f"{self._text} IS NULL" if self.type == "VARCHAR" else f"{self._raw} IS NULL"

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
        return f"TRY_CAST({self._raw_text} AS DOUBLE)"

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
