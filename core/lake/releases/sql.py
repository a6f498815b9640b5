"""The SQL that holds each release against what contracts had declared and people had done by then.

What people did is small beside the log, so each is one table that the rows look up: what was so
when a decision took effect is what was last said at or before that.
"""

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from core.lake.paths import parquet_relation
from core.lake.releases.facts import (
    AFTER_STOP,
    OPTED_OUT,
    OTHER_DECISION,
    UNDECLARED,
    WHILE_SUSPENDED,
    WHILE_WAITING,
    WITHOUT_RELEASE,
    WITHOUT_VERDICT,
    Declared,
    ReleaseFiles,
    ReviewTimes,
)
from core.lake.streams import RELEASED
from core.lake.upkeep.keyed_hash import second_key_sql

_VERDICTS, _WAITS, _BY_HAND = "final_verdicts", "waiting_cases", "decided_by_hand"
_LEVELS, _SUSPENDED, _REGISTER = "declared_levels", "suspended_times", "opted_out_times"


def register_facts(
    cursor: duckdb.DuckDBPyConnection, declared: Declared, times: ReviewTimes
) -> None:
    """Make the tables that :func:`judged_sql` looks up."""
    cursor.register(_VERDICTS, _said(times.verdicts))
    cursor.register(_WAITS, _spans(times.waits))
    cursor.register(_BY_HAND, _said(times.by_hand))
    cursor.register(_LEVELS, _said(declared.levels))
    suspended = [(takes_over, start, until) for start, until, takes_over in times.suspended]
    cursor.register(_SUSPENDED, _spans(suspended))
    cursor.register(_REGISTER, _spans(times.opted_out))


def releases_sql(
    cursor: duckdb.DuckDBPyConnection, files: ReleaseFiles, *, with_customers: bool
) -> str:
    """Return the SQL of one row each time that a decision took effect, with the decision.

    Parameters
    ----------
    cursor : DuckDBPyConnection
        What the files are read with.
    files : ReleaseFiles
        Which log.
    with_customers : bool
        Whether each row has its customer's pseudonym; the query then needs the key's parameters.
    """
    relation = parquet_relation(files.predictions)
    known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
    logged = "r.released_at" if "released_at" in known else "NULL::TIMESTAMPTZ"
    jurisdiction = "r.jurisdiction" if "jurisdiction" in known else "NULL::VARCHAR"
    subject = "nullif(r.subject::VARCHAR, '')" if "subject" in known else "NULL::VARCHAR"
    said = [f"r.{name}::VARCHAR" for name in ("decision", "prediction") if name in known]
    condition = files.rows.condition(text=True) or "TRUE"
    rows = (
        "SELECT r.prediction_id, coalesce(r.version, '') AS version,"  # noqa: S608
        f" coalesce({jurisdiction}, '') AS jurisdiction, epoch_us(r.time) AS time,"
        f" epoch_us({logged}) AS moment, coalesce({', '.join([*said, 'NULL'])}) AS decision,"
        f" coalesce({subject}, r.prediction_id) AS subject"
        f" FROM {relation} AS r WHERE {condition}"
    )
    events = "SELECT * FROM logged"
    if files.decisions:
        events += (
            " UNION ALL SELECT r.* REPLACE (epoch_us(d.time) AS moment, d.decision AS decision)"  # noqa: S608
            f" FROM logged AS r JOIN {parquet_relation(files.decisions)} AS d"
            f" ON d.prediction_id = r.prediction_id WHERE d.kind = '{RELEASED}'"
        )
    customer = second_key_sql("subject") if with_customers else "''"
    return (
        f"WITH logged AS MATERIALIZED ({rows})"  # noqa: S608
        f" SELECT * EXCLUDE (subject), {customer} AS customer FROM ({events})"
        f" WHERE moment IS NOT NULL AND {_counts(files.declared)}"
    )


def unlogged_sql(files: ReleaseFiles) -> str:
    """Return the SQL of how many predictions took effect that the log does not hold, and when."""
    since = "" if files.whole_since is None else f" AND moment >= {int(files.whole_since)}"
    said = (
        "SELECT prediction_id, epoch_us(time) AS moment"  # noqa: S608
        f" FROM {parquet_relation(files.decisions)} WHERE kind = '{RELEASED}'"
    )
    held = ""
    if files.predictions:
        held = f" ANTI JOIN {parquet_relation(files.predictions)} AS r USING (prediction_id)"
    return (
        "SELECT count(DISTINCT prediction_id), min(moment), max(moment)"  # noqa: S608
        f" FROM ({said}) AS d{held} WHERE {_counts(files.declared)}{since}"
    )


def judged_sql(source: str, declared: Declared, times: ReviewTimes) -> str:
    """Return the SQL of what took effect, with its first breach or else its first instant.

    Parameters
    ----------
    source : str
        Of :func:`releases_sql`.
    declared : Declared
        What contracts said when.
    times : ReviewTimes
        What people did, as :func:`register_facts` was told: what they never did is not looked up.
    """
    each = (
        f"SELECT t.*, {_kind_sql(declared, times)} AS kind, coalesce(l.said, '') AS level"  # noqa: S608
        f" FROM ({source}) AS t"
        f" ASOF LEFT JOIN {_VERDICTS} AS v ON v.id = t.prediction_id AND v.moment <= t.moment"
        f" ASOF LEFT JOIN {_BY_HAND} AS h ON h.id = t.prediction_id AND h.moment <= t.moment"
        f" ASOF LEFT JOIN {_LEVELS} AS l ON l.id = t.version AND l.moment <= t.moment"
        f" LEFT JOIN {_listed(_WAITS)} AS w ON w.id = t.prediction_id"
    )
    if times.suspended:
        each += f" ASOF LEFT JOIN {_SUSPENDED} AS s ON s.start <= t.moment"
    if times.opted_out:
        each += f" LEFT JOIN {_listed(_REGISTER)} AS o ON o.id = t.customer"
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


def _kind_sql(declared: Declared, times: ReviewTimes) -> str:
    """Return the SQL of how a release went past people, in the order that the gate asks."""
    opted_out, suspended = "FALSE", "FALSE"
    if times.opted_out:
        opted_out = _within("o.spans")
    if times.suspended:  # an empty name takes over from nothing: not even from no version
        suspended = (
            "(s.start IS NOT NULL AND (s.until IS NULL OR s.until > t.moment)"
            " AND (s.id = '' OR s.id <> t.version))"
        )
    return (
        f"CASE WHEN h.said = 'stopped' THEN '{AFTER_STOP}'"
        " WHEN v.moment IS NOT NULL THEN"
        f" CASE WHEN t.decision <> nullif(v.said, '') THEN '{OTHER_DECISION}' END"
        f" WHEN {opted_out} THEN '{OPTED_OUT}'"
        f" WHEN l.said = 'in_the_loop' THEN '{WITHOUT_VERDICT}'"
        " WHEN h.said = 'released' THEN NULL"
        f" WHEN {suspended} THEN '{WHILE_SUSPENDED}'"
        f" WHEN l.said = 'in_command' AND {_within('w.spans')} THEN '{WHILE_WAITING}'"
        f" WHEN l.said = 'in_command' AND NOT {_overseen(declared)} THEN '{WITHOUT_RELEASE}'"
        f" WHEN coalesce(l.said, '') = '' THEN '{UNDECLARED}' END"
    )


def _within(spans: str) -> str:
    """Return the SQL of whether the moment lies within one of a list of spans."""
    return (
        f"len(list_filter({spans}, lambda span: span.start <= t.moment"
        " AND (span.until IS NULL OR span.until > t.moment))) > 0"
    )


def _listed(table: str) -> str:
    return (
        f"(SELECT id, list({{'start': start, 'until': until}}) AS spans FROM {table} GROUP BY id)"  # noqa: S608
    )


def _counts(declared: Declared) -> str:
    """Return the SQL of whether what took effect at a moment counted by the contract of then."""
    cases = [
        f"WHEN moment >= {int(start)} THEN {'TRUE' if first is None else f'moment >= {int(first)}'}"
        for start, first in reversed(declared.counts_from)
    ]
    return f"(CASE {' '.join(cases)} ELSE TRUE END)" if cases else "TRUE"


def _overseen(declared: Declared) -> str:
    """Return the SQL of whether rules of review oversaw a prediction, by the contract of then."""
    cases = [
        f"WHEN t.moment >= {int(start)}"
        f" THEN {'FALSE' if first is None else f't.time >= {int(first)}'}"
        for start, first in reversed(declared.overseen)
    ]
    return f"(CASE {' '.join(cases)} ELSE FALSE END)" if cases else "FALSE"


def _said(rows: Sequence[tuple[str, int, str]]) -> pa.Table:
    """Return what was said of predictions or versions; of one instant only what was said last."""
    last = {(about, moment): text for about, moment, text in rows}
    return pa.table(
        {
            "id": pa.array([about for about, _ in last], pa.string()),
            "moment": pa.array([moment for _, moment in last], pa.int64()),
            "said": pa.array(list(last.values()), pa.string()),
        }
    )


def _spans(rows: Sequence[tuple[str, int, int | None]]) -> pa.Table:
    return pa.table(
        {
            "id": pa.array([row[0] for row in rows], pa.string()),
            "start": pa.array([row[1] for row in rows], pa.int64()),
            "until": pa.array([row[2] for row in rows], pa.int64()),
        }
    )
