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
        judged = f"SELECT *, {_kind(files)} AS kind FROM ({source}) AS t"  # noqa: S608
        counted = cursor.execute(
            f"SELECT version, kind, count(*), min(moment), max(moment) FROM ({judged}) GROUP BY ALL"  # noqa: S608
        ).fetchall()
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
    logged = (
        f"SELECT prediction_id, released_at AS moment FROM {relation} WHERE released_at IS NOT NULL"  # noqa: S608
        if "released_at" in known
        else "SELECT ''::VARCHAR AS prediction_id, NULL::TIMESTAMPTZ AS moment WHERE FALSE"
    )
    if files.decisions:
        logged += (
            " UNION ALL SELECT prediction_id, time AS moment"  # noqa: S608
            f" FROM {parquet_relation(files.decisions)} WHERE kind = 'released'"
        )
    jurisdiction = "r.jurisdiction" if "jurisdiction" in known else "NULL::VARCHAR"
    condition = files.rows.condition(text=True) or "TRUE"
    since = "" if files.since is None else f" WHERE e.moment >= {int(to_microseconds(files.since))}"
    effects = (
        f"SELECT prediction_id, epoch_us(min(moment)) AS moment FROM ({logged}) GROUP BY prediction_id"  # noqa: S608
    )
    return (
        f"SELECT r.prediction_id, coalesce(r.version, '') AS version,"  # noqa: S608
        f" coalesce({jurisdiction}, '') AS jurisdiction, epoch_us(r.time) AS time, e.moment"
        f" FROM (SELECT * FROM {relation} AS r WHERE {condition}) AS r"
        f" JOIN ({effects}) AS e ON e.prediction_id = r.prediction_id{since}"
    )


def _kind(files: ReleaseFiles) -> str:
    verdict = (
        f"EXISTS (FROM {_VERDICTS} AS v WHERE v.prediction_id = t.prediction_id AND v.moment <= t.moment)"
    )
    allowed = (
        f"EXISTS (FROM {_ALLOWED} AS a WHERE a.prediction_id = t.prediction_id AND a.moment <= t.moment)"
    )
    waited = (
        f"EXISTS (FROM {_WAITS} AS w WHERE w.prediction_id = t.prediction_id"
        " AND w.start <= t.moment AND (w.until IS NULL OR w.until > t.moment))"
    )
    return (
        f"CASE WHEN {verdict} THEN NULL"
        f" WHEN {_among(files.in_the_loop)} THEN '{WITHOUT_VERDICT}'"
        f" WHEN {_among(files.in_command)} AND {waited} AND NOT {allowed}"
        f" THEN '{WHILE_WAITING}' END"
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
