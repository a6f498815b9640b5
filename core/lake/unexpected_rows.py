"""Automated decisions that differ from what was to be expected, and which of them were explained.

A decision that no person took is held against the policy's rule on the logged score, and against
the outcome that became known later.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from core.lake.labelled_rows import newest_labels_sql
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation, quoted
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.lake.streams import INSTANT

CLOSE = 1e-6
"""A logged score this near the cut-off is not held against the rule: logs round."""
_EXPLAINED = "explained_predictions"
_COLUMNS = {
    "prediction_id": "VARCHAR",
    "time": INSTANT,
    "version": "VARCHAR",
    "jurisdiction": "VARCHAR",
    "decision": "VARCHAR",
    "score": "DOUBLE",
    "amount": "DOUBLE",
}
_FLAGGING = frozenset({">=", ">"})


@dataclass(frozen=True, slots=True)
class RuleSql:
    """One policy on the score, and the rows that it is about.

    Parameters
    ----------
    versions : tuple of str
        Versions that name it; empty: all others, from ``start`` on.
    start : datetime, optional
        From when on it holds for those.
    comparison, limit, decision : str, float, str
        Such as ``>=``, 0.035, ``decline``.
    """

    versions: tuple[str, ...]
    start: datetime | None
    comparison: str
    limit: float
    decision: str


@dataclass(frozen=True, slots=True)
class UnexpectedFiles:
    """Where to look.

    Parameters
    ----------
    predictions, decisions, resolved : tuple of str
        Data files of the streams.
    rules : tuple of RuleSql
        Policies, those of named versions first, then the newest first.
    rows : RowFilter
        Which rows the reader may see.
    as_of : datetime
        Outcomes observed later are invisible.
    has_outcome : bool
        Whether there are labels of two classes to compare with.
    """

    predictions: tuple[str, ...]
    decisions: tuple[str, ...]
    resolved: tuple[str, ...]
    rules: tuple[RuleSql, ...]
    rows: RowFilter
    as_of: datetime
    has_outcome: bool


@dataclass(frozen=True, slots=True)
class Unexpected:
    """An automated decision that differs from what was to be expected.

    Parameters
    ----------
    prediction_id, version, decision : str
        Which, and what was decided.
    time : datetime
        When.
    score, amount : float, optional
        As logged.
    by_policy, by_outcome : bool
        Whether the policy's rule says otherwise, and whether the outcome does.
    explained : bool
        Whether an explanation of it was kept.
    """

    prediction_id: str
    version: str
    decision: str
    time: datetime
    score: float | None
    amount: float | None
    by_policy: bool
    by_outcome: bool
    explained: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """Automated decisions of a version.

    Parameters
    ----------
    version : str
        Which.
    decisions, explained : int
        All, and those of which an explanation was kept.
    by_policy, by_outcome, differing : int
        Those that differ from the one, from the other, and from either.
    unexplained : int
        Those that differ in any way and were not explained.
    """

    version: str
    decisions: int
    explained: int
    by_policy: int
    by_outcome: int
    differing: int
    unexplained: int


def count_unexpected(
    connection: duckdb.DuckDBPyConnection, files: UnexpectedFiles, explained: Collection[str]
) -> tuple[Counted, ...]:
    """Count automated decisions by version, and those that differ from what was expected.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    files : UnexpectedFiles
        Which log, and what its decisions are held against.
    explained : collection of str
        Predictions of which an explanation was kept.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions:
        return ()
    with connection.cursor() as cursor, stale_files():
        cursor.register(_EXPLAINED, _ids(explained))
        found = cursor.execute(
            "SELECT version, count(*), count_if(explained), count_if(by_policy),"  # noqa: S608
            " count_if(by_outcome), count_if(by_policy OR by_outcome),"
            " count_if((by_policy OR by_outcome) AND NOT explained)"
            f" FROM ({_judged(cursor, files)}) GROUP BY version ORDER BY version"
        ).fetchall()
    return tuple(Counted(str(row[0]), *(int(each) for each in row[1:])) for row in found)


def list_unexpected(
    connection: duckdb.DuckDBPyConnection,
    files: UnexpectedFiles,
    explained: Collection[str],
    *,
    limit: int,
) -> tuple[Unexpected, ...]:
    """Return decisions that differ: unexplained first, of these what the policy says, the newest.

    Takes and raises what :func:`count_unexpected` does; ``limit`` is the most to return.
    """
    if not files.predictions:
        return ()
    with connection.cursor() as cursor, stale_files():
        cursor.register(_EXPLAINED, _ids(explained))
        found = cursor.execute(
            "SELECT prediction_id, version, decision, time, score, amount, by_policy,"  # noqa: S608
            f" by_outcome, explained FROM ({_judged(cursor, files)}) WHERE by_policy OR by_outcome"
            f" ORDER BY explained, by_policy DESC, time DESC, prediction_id LIMIT {int(limit)}"
        ).fetchall()
    return tuple(
        Unexpected(
            str(row[0]),
            str(row[1]),
            str(row[2]),
            from_microseconds(int(row[3])),
            None if row[4] is None else float(row[4]),
            None if row[5] is None else float(row[5]),
            bool(row[6]),
            bool(row[7]),
            bool(row[8]),
        )
        for row in found
    )


def _judged(cursor: duckdb.DuckDBPyConnection, files: UnexpectedFiles) -> str:
    """Return the SQL of every automated decision, with how it differs."""
    holds, decision, limit = _rule(files.rules)
    outcome = "FALSE"
    labels = ""
    if files.has_outcome and files.resolved:
        newest = newest_labels_sql(files.resolved, files.as_of)
        labels = (
            f" LEFT JOIN ({newest}) AS l ON l.prediction_id = r.prediction_id AND l.time = r.time"
        )
        outcome = f"coalesce((r.decision = {decision}) <> ((l.label = 1) = {_flags(files)}), FALSE)"
    by_people = ""
    if files.decisions:
        by_people = (
            f" ANTI JOIN (SELECT prediction_id FROM {parquet_relation(files.decisions)}"  # noqa: S608
            " WHERE kind IN ('human', 'appeal')) AS d ON d.prediction_id = r.prediction_id"
        )
    condition = files.rows.condition(text=True) or "TRUE"
    policy = (
        f"coalesce(abs(r.score - {limit}) > {CLOSE!r}"
        f" AND {holds} <> (r.decision = {decision}), FALSE)"
    )
    return (
        "SELECT r.prediction_id, coalesce(r.version, '') AS version,"  # noqa: S608
        " coalesce(r.decision, '') AS decision, epoch_us(r.time) AS time,"
        " CASE WHEN isnan(r.score) THEN NULL ELSE r.score END AS score, r.amount,"
        f" {policy} AS by_policy, {outcome} AS by_outcome, e.id IS NOT NULL AS explained"
        f" FROM {_rows(cursor, files.predictions)} AS r"
        f" LEFT JOIN {_EXPLAINED} AS e ON e.id = r.prediction_id{labels}{by_people}"
        f" WHERE r.decision IS NOT NULL AND {condition}"
    )


def _rows(cursor: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> str:
    """Return the FROM item of predictions, every column there."""
    files = parquet_relation(paths)
    known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {files}").fetchall()}
    listed = ", ".join(
        [name if name in known else f"NULL::{kind} AS {name}" for name, kind in _COLUMNS.items()]
    )
    return f"(SELECT {listed} FROM {files})"  # noqa: S608


def _rule(rules: Sequence[RuleSql]) -> tuple[str, str, str]:
    """Return the SQL of whether a row's rule holds, of its decision, and of its limit."""
    holds = _case([f"r.score {_operator(each)} {float(each.limit)!r}" for each in rules], rules)
    decision = _case([quoted(each.decision) for each in rules], rules)
    return holds, decision, _case([f"{float(each.limit)!r}" for each in rules], rules)


def _flags(files: UnexpectedFiles) -> str:
    """Return the SQL of whether a row's rule is about the upper side of its cut-off."""
    sides = ["TRUE" if each.comparison in _FLAGGING else "FALSE" for each in files.rules]
    return _case(sides, files.rules)


def _operator(rule: RuleSql) -> str:
    return {">=": ">=", ">": ">", "<=": "<=", "<": "<"}[rule.comparison]


def _case(answers: Sequence[str], rules: Sequence[RuleSql]) -> str:
    """Return what a row's own rule answers; NULL for a row without any."""
    cases = " ".join(
        [f"WHEN {_of(rule)} THEN {each}" for rule, each in zip(rules, answers, strict=True)]
    )
    return f"(CASE {cases} END)" if cases else "NULL"


def _of(rule: RuleSql) -> str:
    if rule.versions:
        return RowFilter(versions=rule.versions).condition(text=True)
    return "TRUE" if rule.start is None else f"r.time >= {instant_literal(rule.start)}"


def _ids(given: Collection[str]) -> pa.Table:
    return pa.table({"id": pa.array(sorted(given), pa.string())})
