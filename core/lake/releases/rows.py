"""What took effect otherwise than people had decided, or before the review that its level requires.

When a prediction took effect, and with which decision, is what its log says: its row with
``released_at``, and each row of the kind ``released`` in the decisions stream. What its oversight
level was is what the contract said that was in force at that instant.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import duckdb

from core.lake.local_days import from_microseconds
from core.lake.releases.facts import UNDECLARED, ReleaseFiles, ReviewTimes
from core.lake.releases.sql import judged_sql, register_facts, releases_sql, unlogged_sql
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files


@dataclass(frozen=True, slots=True)
class Breach:
    """A prediction that took effect as it should not have, when first, and how.

    ``kind`` is ``without_verdict``, ``while_waiting`` (its case waited), ``without_release`` (no
    rule oversaw it, and nobody released it), ``while_suspended`` (its model was), ``opted_out``
    (its customer had), ``other_decision`` (not the one that people had made by then) or
    ``after_stop`` (a person had stopped it). ``level`` is the oversight level that was declared
    then, empty without one.
    """

    prediction_id: str
    version: str
    jurisdiction: str
    time: datetime
    released_at: datetime
    kind: str
    level: str = ""


@dataclass(frozen=True, slots=True)
class Releases:
    """What took effect.

    Parameters
    ----------
    released : dict of str to int
        Version → predictions that took effect.
    breaches : dict of (str, str) to int
        Version and kind → those that took effect as they should not have; with them, as
        ``undeclared``, those of which nobody can say it.
    first, last : datetime, optional
        When the first and the last took effect; ``None``: nothing is logged of it.
    newest : tuple of Breach
        Some breaches, the newest first.
    unlogged : int, optional
        Predictions that took effect and that the log does not hold; ``None``: not counted,
        because only rows of some kind are, and nothing is known of these.
    """

    released: dict[str, int]
    breaches: dict[tuple[str, str], int]
    first: datetime | None = None
    last: datetime | None = None
    newest: tuple[Breach, ...] = ()
    unlogged: int | None = None


def releases(
    connection: duckdb.DuckDBPyConnection, files: ReleaseFiles, times: ReviewTimes, *, limit: int
) -> Releases:
    """Hold what took effect against what people had decided by then.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    files : ReleaseFiles
        Which log, and which versions need people.
    times : ReviewTimes
        What people did.
    limit : int
        Most breaches to tell one by one.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    TypeError
        If people opted out, and no key is there to find their rows with.
    """
    with connection.cursor() as cursor, stale_files():
        absent = _unlogged(cursor, files)
        if not files.predictions:
            return _told([], [], absent)
        given: dict[str, object] = {}
        if times.opted_out:
            if files.subjects is None:
                raise TypeError("a key")
            given = files.subjects.second_parameters
        register_facts(cursor, files.declared, times)
        source = releases_sql(cursor, files, with_customers=bool(given))
        judged = judged_sql(source, files.declared, times)
        counted = cursor.execute(
            f"SELECT version, kind, count(*), min(moment), max(moment), {_newest(limit)}"  # noqa: S608
            f" FROM ({judged}) GROUP BY ALL",
            given,
        ).fetchall()
    told = sorted(chain.from_iterable(row[-1] or () for row in counted), key=_newest_first)
    return _told([row[:-1] for row in counted], told[:limit], absent)


def _newest(limit: int) -> str:
    """Return the SQL of the newest breaches of a group: in the same pass, as rows are many."""
    if limit == 0:
        return "NULL"
    names = ("prediction_id", "version", "jurisdiction", "time", "moment", "kind", "level")
    # A struct is ordered by its first field, then by the next.
    fields = ", ".join(["'minus': -moment", *(f"'{name}': {name}" for name in names)])
    return f"min({{{fields}}}, {int(limit)}) FILTER (WHERE kind <> '{UNDECLARED}')"


def _newest_first(found: Mapping[str, object]) -> tuple[int, str]:
    return int(str(found["minus"])), str(found["prediction_id"])


def _unlogged(
    cursor: duckdb.DuckDBPyConnection, files: ReleaseFiles
) -> tuple[int, int | None, int | None] | None:
    """Return how many took effect that the log does not hold, and when the first and the last."""
    if files.rows != RowFilter():
        return None
    if not files.decisions:
        return (0, None, None)
    count, first, last = cursor.execute(unlogged_sql(files)).fetchall()[0]
    return int(count), first, last


def _told(
    counted: Sequence[Sequence[object]],
    newest: Sequence[Mapping[str, object]],
    unlogged: tuple[int, int | None, int | None] | None,
) -> Releases:
    released: dict[str, int] = {}
    breaches: dict[tuple[str, str], int] = {}
    instants = [at for at in (unlogged or ())[1:] if at is not None]
    for version, kind, count, first, last in counted:
        name, rows = str(version), int(str(count))
        released[name] = released.get(name, 0) + rows
        instants += [int(str(first)), int(str(last))]
        if kind is not None:
            breaches[name, str(kind)] = rows
    return Releases(
        released,
        breaches,
        from_microseconds(min(instants)) if instants else None,
        from_microseconds(max(instants)) if instants else None,
        tuple(
            Breach(
                str(each["prediction_id"]),
                str(each["version"]),
                str(each["jurisdiction"]),
                from_microseconds(int(str(each["time"]))),
                from_microseconds(int(str(each["moment"]))),
                str(each["kind"]),
                str(each["level"]),
            )
            for each in newest
        ),
        None if unlogged is None else unlogged[0],
    )
