"""Which rows of the predictions stream a question is about, as one SQL condition."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.errors import NotFound
from core.lake.local_days import to_microseconds
from core.lake.profiles.segments import MISSING, REST, SliceValues


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Conditions on rows; what is not given does not narrow.

    Parameters
    ----------
    versions, jurisdictions : tuple of str, optional
        Only these; an empty tuple lets nothing through.
    slice : (SliceValues, str), optional
        A segment and one of its labels.
    until : datetime, optional
        Rows of later instants are invisible; the instant itself is visible.
    """

    versions: tuple[str, ...] | None = None
    jurisdictions: tuple[str, ...] | None = None
    slice: tuple[SliceValues, str] | None = None
    until: datetime | None = None

    def condition(self, spans: Sequence[tuple[datetime, datetime]] = (), *, text: bool) -> str:
        """Return the SQL condition on the alias ``r``; empty if everything passes.

        Parameters
        ----------
        spans : sequence of (datetime, datetime)
            Half-open intervals of which a row's time must lie in one; none means any time.
        text : bool
            Whether the slice's column holds text.
        """
        parts = []
        if spans:
            parts.append(
                "(" + " OR ".join(f"({_within(start, end)})" for start, end in spans) + ")"
            )
        if self.versions is not None:
            parts.append(_one_of("coalesce(r.version, '')", self.versions))
        if self.jurisdictions is not None:
            parts.append(_one_of("coalesce(r.jurisdiction, '')", self.jurisdictions))
        if self.slice is not None:
            parts.append(_slice_condition(*self.slice, text=text))
        if self.until is not None:
            parts.append(f"r.time <= {instant_literal(self.until)}")
        return " AND ".join(parts)


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def instant_literal(instant: datetime) -> str:
    """Return an instant as an SQL expression."""
    return f"make_timestamptz({to_microseconds(instant)})"


def slice_label(cut: SliceValues, value: str) -> str:
    """Return the label of a slice value.

    Raises
    ------
    NotFound
        If the segment has no such value.
    """
    if value not in cut.labels:
        raise NotFound(
            "The slice {slice} has no value {value}.",
            remedy="Choose from: {values}.",
            slice=cut.name,
            value=value,
            values=", ".join(cut.labels),
        )
    return value


def _within(start: datetime, end: datetime) -> str:
    return f"r.time >= {instant_literal(start)} AND r.time < {instant_literal(end)}"


def _one_of(expression: str, values: Iterable[str]) -> str:
    listed = ", ".join(literal(value) for value in values)
    return f"{expression} IN ({listed})" if listed else "false"


def _slice_condition(cut: SliceValues, value: str, *, text: bool) -> str:
    column = f"r.{cut.column}"
    if cut.edges:
        number = f"{column}::DOUBLE"
        place = cut.labels.index(slice_label(cut, value))
        if value == MISSING:
            return f"({column} IS NULL OR isnan({number}))"
        parts = [f"NOT isnan({number})"]
        if place > 0:
            parts.append(f"{number} >= {cut.edges[place - 1]!r}::DOUBLE")
        if place < len(cut.edges):
            parts.append(f"{number} < {cut.edges[place]!r}::DOUBLE")
        return "(" + " AND ".join(parts) + ")"
    shown = column if text else f"{column}::VARCHAR"
    if slice_label(cut, value) == MISSING:
        return f"{column} IS NULL"
    if value == REST:
        return f"({column} IS NOT NULL AND NOT {_one_of(shown, cut.values)})"
    return f"{shown} = {literal(value)}"
