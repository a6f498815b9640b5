"""What took effect otherwise than people had decided, or before the review that its level requires.

When a prediction took effect, and with which decision, is what its log says: its row with
``released_at``, and each row of the kind ``released`` in the decisions stream. What its oversight
level was is what the contract said that was in force at that instant.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files

WITHOUT_VERDICT, WHILE_WAITING = "without_verdict", "while_waiting"
OTHER_DECISION, AFTER_STOP = "other_decision", "after_stop"
UNDECLARED = "undeclared"
"""No breach: of a version without a level nobody can say whether it needed review."""
_VERDICTS, _WAITS, _BY_HAND = "final_verdicts", "waiting_cases", "decided_by_hand"
_LEVELS = "declared_levels"
EVER = -(2**62)
"""Before every instant."""


@dataclass(frozen=True, slots=True)
class ReviewTimes:
    """What people did about predictions, and when; instants in microseconds since 1970 (UTC).

    Parameters
    ----------
    verdicts : tuple of (str, int, str)
        Prediction, when a verdict on it was final, and what was decided; in their order.
    waits : tuple of (str, int, int or None)
        Prediction, and from when to when (``None``: still) a case of it waited.
    by_hand : tuple of (str, int, str)
        Prediction, when a person decided about it by hand, and ``released`` or ``stopped``; in
        their order.
    """

    verdicts: tuple[tuple[str, int, str], ...] = ()
    waits: tuple[tuple[str, int, int | None], ...] = ()
    by_hand: tuple[tuple[str, int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """What a model's contracts said, each from when on; instants in microseconds since 1970 (UTC).

    Parameters
    ----------
    levels : tuple of (str, int, str)
        Version, from when, and its oversight level; empty: none is declared. A version that is
        not among them never had one.
    counts_from : tuple of (int, int or None)
        From when, and the first instant of which releases counted then (``None``: all), the
        earliest first.
    """

    levels: tuple[tuple[str, int, str], ...] = ()
    counts_from: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """Where releases are looked for.

    Parameters
    ----------
    predictions, decisions : tuple of str
        Data files of the two streams.
    declared : Declared
        What contracts said when.
    rows : RowFilter
        Further conditions on the predictions.
    """

    predictions: tuple[str, ...]
    decisions: tuple[str, ...]
    declared: Declared = Declared()
    rows: RowFilter = RowFilter()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Breach:
    """A prediction that took effect as it should not have, when first, and how.

    ``kind`` is ``without_verdict``, ``while_waiting`` (its case waited), ``other_decision`` (not
    the one that people had made by then) or ``after_stop`` (a person had stopped it). ``level`` is
    the oversight level that was declared then, empty without one.
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
        cursor.register(_VERDICTS, _said(times.verdicts))
        cursor.register(_WAITS, _spans(times.waits))
        cursor.register(_BY_HAND, _said(times.by_hand))
        cursor.register(_LEVELS, _said(files.declared.levels))
        judged = _judged(source)
        counted = cursor.execute(
            f"SELECT version, kind, count(*), min(moment), max(moment) FROM ({judged}) GROUP BY ALL"  # noqa: S608
        ).fetchall()
        if limit == 0 or all(kind in {None, UNDECLARED} for _, kind, *_ in counted):
            return _told(counted, [])
        newest = cursor.execute(
            "SELECT prediction_id, version, jurisdiction, time, moment, kind, level"  # noqa: S608
            f" FROM ({judged}) WHERE kind <> '{UNDECLARED}'"
            f" ORDER BY moment DESC, prediction_id LIMIT {int(limit)}"
        ).fetchall()
    return _told(counted, newest)


def _source(cursor: duckdb.DuckDBPyConnection, files: ReleaseFiles) -> str:
    """Return the SQL of one row each time that a decision took effect, with the decision."""
    relation = parquet_relation(files.predictions)
    known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
    logged = "r.released_at" if "released_at" in known else "NULL::TIMESTAMPTZ"
    jurisdiction = "r.jurisdiction" if "jurisdiction" in known else "NULL::VARCHAR"
    said = [f"r.{name}::VARCHAR" for name in ("decision", "prediction") if name in known]
    condition = files.rows.condition(text=True) or "TRUE"
    rows = (
        "SELECT r.prediction_id, coalesce(r.version, '') AS version,"  # noqa: S608
        f" coalesce({jurisdiction}, '') AS jurisdiction, epoch_us(r.time) AS time,"
        f" epoch_us({logged}) AS moment, coalesce({', '.join([*said, 'NULL'])}) AS decision"
        f" FROM {relation} AS r WHERE {condition}"
    )
    events = "SELECT * FROM logged"
    if files.decisions:
        events += (
            " UNION ALL SELECT r.* REPLACE (epoch_us(d.time) AS moment, d.decision AS decision)"  # noqa: S608
            f" FROM logged AS r JOIN {parquet_relation(files.decisions)} AS d"
            " ON d.prediction_id = r.prediction_id WHERE d.kind = 'released'"
        )
    return (
        f"WITH logged AS MATERIALIZED ({rows})"  # noqa: S608
        f" SELECT * FROM ({events}) WHERE moment IS NOT NULL AND {_counts(files.declared)}"
    )


def _counts(declared: Declared) -> str:
    """Return the SQL of whether what took effect at a moment counted by the contract of then."""
    cases = [
        f"WHEN moment >= {int(start)} THEN {'TRUE' if first is None else f'moment >= {int(first)}'}"
        for start, first in reversed(declared.counts_from)
    ]
    return f"(CASE {' '.join(cases)} ELSE TRUE END)" if cases else "TRUE"


def _judged(source: str) -> str:
    """Return the SQL of what took effect, with its first breach or else its first instant.

    What people did is small beside the log, so each is one table that the rows look up: what was
    so when a decision took effect is what was last said at or before that.
    """
    waits = (
        "(SELECT prediction_id, list({'start': start, 'until': until}) AS spans"  # noqa: S608
        f" FROM {_WAITS} GROUP BY prediction_id)"
    )
    waited = (
        "len(list_filter(w.spans, lambda s: s.start <= t.moment"
        " AND (s.until IS NULL OR s.until > t.moment))) > 0"
    )
    kind = (
        f"CASE WHEN h.said = 'stopped' THEN '{AFTER_STOP}'"
        " WHEN v.moment IS NOT NULL THEN"
        f" CASE WHEN t.decision <> nullif(v.said, '') THEN '{OTHER_DECISION}' END"
        f" WHEN l.said = 'in_the_loop' THEN '{WITHOUT_VERDICT}'"
        " WHEN h.said = 'released' THEN NULL"
        f" WHEN l.said = 'in_command' AND {waited} THEN '{WHILE_WAITING}'"
        f" WHEN coalesce(l.said, '') = '' THEN '{UNDECLARED}' END"
    )
    each = (
        f"SELECT t.*, {kind} AS kind, coalesce(l.said, '') AS level FROM ({source}) AS t"  # noqa: S608
        f" ASOF LEFT JOIN {_VERDICTS} AS v"
        " ON v.prediction_id = t.prediction_id AND v.moment <= t.moment"
        f" ASOF LEFT JOIN {_BY_HAND} AS h"
        " ON h.prediction_id = t.prediction_id AND h.moment <= t.moment"
        f" ASOF LEFT JOIN {_LEVELS} AS l ON l.prediction_id = t.version AND l.moment <= t.moment"
        f" LEFT JOIN {waits} AS w ON w.prediction_id = t.prediction_id"
    )
    # The first breach; where there is none, the first of which nobody can say it; else the first.
    first = "arg_min({'moment': moment, 'kind': kind, 'level': level}, moment)"
    found = (
        f"coalesce({first} FILTER (WHERE kind <> '{UNDECLARED}'),"
        f" {first} FILTER (WHERE kind IS NOT NULL), {first})"
    )
    return (
        "SELECT prediction_id, version, jurisdiction, time, unnest(how) FROM ("  # noqa: S608
        f"SELECT prediction_id, version, jurisdiction, time, {found} AS how FROM ({each})"
        " GROUP BY ALL)"
    )


def _said(rows: Sequence[tuple[str, int, str]]) -> pa.Table:
    """Return what was said of predictions or versions; of one instant only what was said last."""
    last = {(prediction, moment): text for prediction, moment, text in rows}
    return pa.table(
        {
            "prediction_id": pa.array([prediction for prediction, _ in last], pa.string()),
            "moment": pa.array([moment for _, moment in last], pa.int64()),
            "said": pa.array(list(last.values()), pa.string()),
        }
    )


def _spans(rows: Sequence[tuple[str, int, int | None]]) -> pa.Table:
    return pa.table(
        {
            "prediction_id": pa.array([row[0] for row in rows], pa.string()),
            "start": pa.array([row[1] for row in rows], pa.int64()),
            "until": pa.array([row[2] for row in rows], pa.int64()),
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
                str(level),
            )
            for prediction, version, jurisdiction, time, at, kind, level in newest
        ),
    )
