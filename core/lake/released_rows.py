"""What took effect although the review that its oversight level requires was not there.

When a prediction took effect is what its log says: ``released_at`` of its row, or a row of the kind
``released`` in the decisions stream, whichever is earlier.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from core.lake.local_days import from_microseconds, to_microseconds
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter, literal
from core.lake.rows import stale_files

WITHOUT_VERDICT, WHILE_WAITING = "without_verdict", "while_waiting"
_VERDICTS, _WAITS, _ALLOWED = "first_verdicts", "waiting_cases", "allowed_by_people"


@dataclass(frozen=True, slots=True)
class ReviewTimes:
    """What people did about predictions, and when; instants in microseconds since 1970 (UTC).

    Parameters
    ----------
    verdicts : tuple of (str, int)
        Prediction, and when its first verdict was final.
    waits : tuple of (str, int, int or None)
        Prediction, and from when to when (``None``: still) a case of it waited.
    allowed : tuple of (str, int)
        Prediction, and when a person released it by hand.
    """

    verdicts: tuple[tuple[str, int], ...] = ()
    waits: tuple[tuple[str, int, int | None], ...] = ()
    allowed: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """Where releases are looked for.

    Parameters
    ----------
    predictions, decisions : tuple of str
        Data files of the two streams.
    in_the_loop, in_command : tuple of str
        Versions of these oversight levels.
    since : datetime, optional
        Only what took effect from then on.
    rows : RowFilter
        Further conditions on the predictions.
    """

    predictions: tuple[str, ...]
    decisions: tuple[str, ...]
    in_the_loop: tuple[str, ...]
    in_command: tuple[str, ...]
    since: datetime | None = None
    rows: RowFilter = RowFilter()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Breach:
    """A prediction that took effect too early, and how: no verdict, or while its case waited."""

    prediction_id: str
    version: str
    jurisdiction: str
    time: datetime
    released_at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Releases:
    """What took effect.

    Parameters
    ----------
    released : dict of str to int
        Version → predictions that took effect.
    breaches : dict of (str, str) to int
        Version and kind → those that took effect too early.
    first, last : datetime, optional
        When the first and the last took effect; ``None``: nothing is logged of it.
    newest : tuple of Breach
        Some breaches, the newest first.
    """

    released: dict[str, int]
    breaches: dict[tuple[str, str], int]
    first: datetime | None = None
    last: datetime | None = None
    newest: tuple[Breach, ...] = ()


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
    """
    if not files.predictions:
        return Releases({}, {})
    with connection.cursor() as cursor, stale_files():
        source = _source(cursor, files)
        cursor.register(_VERDICTS, _table(times.verdicts, ("prediction_id", "moment")))
        cursor.register(_WAITS, _table(times.waits, ("prediction_id", "start", "until")))
        cursor.register(_ALLOWED, _table(times.allowed, ("prediction_id", "moment")))
        judged = _judged(files, source)
        counted = cursor.execute(
            f"SELECT version, kind, count(*), min(moment), max(moment) FROM ({judged}) GROUP BY ALL"  # noqa: S608
        ).fetchall()
        if limit == 0 or all(kind is None for _, kind, *_ in counted):
            return _told(counted, [])
        newest = cursor.execute(
            "SELECT prediction_id, version, jurisdiction, time, moment, kind"  # noqa: S608
            f" FROM ({judged}) WHERE kind IS NOT NULL"
            f" ORDER BY moment DESC, prediction_id LIMIT {int(limit)}"
        ).fetchall()
    return _told(counted, newest)


def _source(cursor: duckdb.DuckDBPyConnection, files: ReleaseFiles) -> str:
    """Return the SQL of one row a prediction that took effect, with the earliest instant."""
    relation = parquet_relation(files.predictions)
    known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
    logged = "r.released_at" if "released_at" in known else "NULL::TIMESTAMPTZ"
    jurisdiction = "r.jurisdiction" if "jurisdiction" in known else "NULL::VARCHAR"
    condition = files.rows.condition(text=True) or "TRUE"
    joined, moment = "", logged
    if files.decisions:
        joined = (
            " LEFT JOIN (SELECT prediction_id, min(time) AS at_last"  # noqa: S608
            f" FROM {parquet_relation(files.decisions)} WHERE kind = 'released'"
            " GROUP BY prediction_id) AS d ON d.prediction_id = r.prediction_id"
        )
        moment = f"least({logged}, d.at_last)"  # of a value and NULL the value
    since = "" if files.since is None else f" AND moment >= {int(to_microseconds(files.since))}"
    rows = (
        f"SELECT r.prediction_id, coalesce(r.version, '') AS version,"  # noqa: S608
        f" coalesce({jurisdiction}, '') AS jurisdiction, epoch_us(r.time) AS time,"
        f" epoch_us({moment}) AS moment FROM {relation} AS r{joined} WHERE {condition}"
    )
    return f"SELECT * FROM ({rows}) WHERE moment IS NOT NULL{since}"  # noqa: S608


def _judged(files: ReleaseFiles, source: str) -> str:
    """Return the SQL of what took effect, with the kind of its breach; NULL for none.

    What people did is small beside the log, so each is one table that the rows look up.
    """
    verdicts, allowed = (
        f"(SELECT prediction_id, min(moment) AS moment FROM {name} GROUP BY prediction_id)"  # noqa: S608
        for name in (_VERDICTS, _ALLOWED)
    )
    waits = (
        "(SELECT prediction_id, list({'start': start, 'until': until}) AS spans"  # noqa: S608
        f" FROM {_WAITS} GROUP BY prediction_id)"
    )
    waited = (
        "len(list_filter(w.spans, lambda s: s.start <= t.moment"
        " AND (s.until IS NULL OR s.until > t.moment))) > 0"
    )
    kind = (
        "CASE WHEN v.moment <= t.moment THEN NULL"
        f" WHEN {_among(files.in_the_loop)} THEN '{WITHOUT_VERDICT}'"
        f" WHEN {_among(files.in_command)} AND {waited}"
        f" AND NOT coalesce(a.moment <= t.moment, FALSE) THEN '{WHILE_WAITING}' END"
    )
    return (
        f"SELECT t.*, {kind} AS kind FROM ({source}) AS t"  # noqa: S608
        f" LEFT JOIN {verdicts} AS v ON v.prediction_id = t.prediction_id"
        f" LEFT JOIN {allowed} AS a ON a.prediction_id = t.prediction_id"
        f" LEFT JOIN {waits} AS w ON w.prediction_id = t.prediction_id"
    )


def _among(versions: Sequence[str]) -> str:
    listed = ", ".join([literal(version) for version in versions])
    return f"t.version IN ({listed})" if listed else "FALSE"


def _table(rows: Sequence[Sequence[object]], names: Sequence[str]) -> pa.Table:
    kinds = [pa.string(), *(pa.int64() for _ in names[1:])]
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    return pa.table(
        {
            name: pa.array(column, kind)
            for name, column, kind in zip(names, columns, kinds, strict=True)
        }
    )


def _told(counted: Sequence[Sequence[object]], newest: Sequence[Sequence[object]]) -> Releases:
    released: dict[str, int] = {}
    breaches: dict[tuple[str, str], int] = {}
    instants: list[int] = []
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
                str(prediction),
                str(version),
                str(jurisdiction),
                from_microseconds(int(str(time))),
                from_microseconds(int(str(at))),
                str(kind),
            )
            for prediction, version, jurisdiction, time, at, kind in newest
        ),
    )
