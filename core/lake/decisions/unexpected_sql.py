"""The SQL of automated decisions, each with the ways in which it differs from what was expected."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import duckdb
import pyarrow as pa

from core.lake.labels.rows import newest_labels_sql
from core.lake.paths import parquet_relation, quoted
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.streams import INSTANT

CLOSE = 1e-6
"""A score this near the cut-off is not held against the rule: logs round."""
Way = Literal["policy", "outcome", "previous", "reviewers"]
WAYS: tuple[Way, ...] = ("policy", "outcome", "previous", "reviewers")
DIFFERS = " OR ".join(f"by_{way}" for way in WAYS)
COUNT_OF_WAYS = " + ".join(f"by_{way}::INTEGER" for way in WAYS)
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
_NOTHING: frozenset[str] = frozenset()


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
        Policies, those of named versions first, then the newest first; perhaps none.
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
class KnownIds:
    """Predictions that something is known of from elsewhere than the log.

    Parameters
    ----------
    explained : collection of str
        Those of which an explanation was kept.
    previous, reviewers : collection of str
        Those that the version before, or reviewers of like cases, would have decided otherwise.
    """

    explained: Collection[str] = field(default=_NOTHING)
    previous: Collection[str] = field(default=_NOTHING)
    reviewers: Collection[str] = field(default=_NOTHING)

    def register(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Make them known to a cursor."""
        for name in ("explained", "previous", "reviewers"):
            ids = sorted(getattr(self, name))
            cursor.register(f"{name}_ids", pa.table({"id": pa.array(ids, pa.string())}))


def judged_sql(cursor: duckdb.DuckDBPyConnection, files: UnexpectedFiles) -> str:
    """Return the SQL of every automated decision, with how it differs.

    ``by_policy`` and ``by_outcome`` are NULL where there is nothing to hold a decision against.
    """
    holds, decision, limit = _rule(files.rules)
    outcome, labels = "NULL::BOOLEAN", ""
    if files.has_outcome and files.resolved:
        newest = newest_labels_sql(files.resolved, files.as_of)
        labels = (
            f" LEFT JOIN ({newest}) AS l ON l.prediction_id = r.prediction_id AND l.time = r.time"
        )
        outcome = f"(r.decision = {decision}) <> ((l.label = 1) = {_flags(files)})"
    by_people = ""
    if files.decisions:
        by_people = (
            f" ANTI JOIN (SELECT prediction_id FROM {parquet_relation(files.decisions)}"  # noqa: S608
            " WHERE kind IN ('human', 'appeal')) AS d ON d.prediction_id = r.prediction_id"
        )
    condition = files.rows.condition(text=True) or "TRUE"
    policy = (
        f"CASE WHEN abs(r.score - {limit}) > {CLOSE!r}"
        f" THEN {holds} <> (r.decision = {decision}) END"
    )
    joined = "".join(
        f" LEFT JOIN {name}_ids AS {name} ON {name}.id = r.prediction_id"
        for name in ("explained", "previous", "reviewers")
    )
    return (
        "SELECT r.prediction_id, coalesce(r.version, '') AS version,"  # noqa: S608
        " coalesce(r.decision, '') AS decision, epoch_us(r.time) AS time,"
        " CASE WHEN isnan(r.score) THEN NULL ELSE r.score END AS score, r.amount,"
        f" {policy} AS policy_says, {outcome} AS outcome_says,"
        " coalesce(policy_says, FALSE) AS by_policy, coalesce(outcome_says, FALSE) AS by_outcome,"
        " previous.id IS NOT NULL AS by_previous, reviewers.id IS NOT NULL AS by_reviewers,"
        " explained.id IS NOT NULL AS explained"
        f" FROM {_rows(cursor, files.predictions)} AS r{joined}{labels}{by_people}"
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
