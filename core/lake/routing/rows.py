"""Which predictions the rules of human review choose: of a batch to make cases, of a time to count.

Everything is decided row by row in SQL. A share is drawn by HMAC-SHA256 of the rule and the
prediction's id; a sample of groups takes the lowest of the same hashes in each group.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import pyarrow as pa

from core.contract import ReviewRule
from core.contract.review_rules import rule_condition
from core.lake.kpis.columns import source_of
from core.lake.kpis.expression_sql import row_sql
from core.lake.labels.rows import is_text
from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation, quoted
from core.lake.routing.names import OPTED_OUT_COLUMN, routing_columns
from core.lake.routing.plan import RoutingPlan
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.lake.streams import identity_column, stream_columns
from core.lake.upkeep.keyed_hash import second_key_sql

CHUNK_ROWS = 5_000
_HEX_DIGITS = 12
_PICKED, _REGISTER = "picked_rows", "opted_out_people"
_SPAN_ROWS = 200 * CHUNK_ROWS


@dataclass(frozen=True, slots=True)
class ChosenRow:
    """A prediction that becomes a case.

    Parameters
    ----------
    row : int
        Its place in the batch.
    prediction_id : str
        As logged.
    time : datetime
        Of the prediction, in UTC.
    version, jurisdiction : str
        Empty where the log names none.
    subject : str
        What the log calls whom it is about: its id where it names no subject.
    decision : str
        As logged; else what the model predicted.
    score, amount : float, optional
        As logged.
    policy_version : str, optional
        The policy in force.
    rules : tuple of str
        Ids of the rules that chose it, in the order of the contract.
    """

    row: int
    prediction_id: str
    time: datetime
    version: str
    jurisdiction: str
    subject: str
    decision: str
    score: float | None
    amount: float | None
    policy_version: str | None
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChosenCount:
    """Rows of one local day that one set of rules chose."""

    day: date
    rules: tuple[str, ...]
    rows: int


def chunk_sizes(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], batch_id: str
) -> dict[int, int]:
    """Return chunk → rows of a batch that are in the lake; a chunk without any is left out.

    A chunk is made of places in the batch, which neither compaction nor erasure changes.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return {}
    query = (
        f"SELECT r._row // {int(CHUNK_ROWS)}, count(*) FROM {parquet_relation(paths)} AS r"  # noqa: S608
        " WHERE r._batch = $batch GROUP BY 1 ORDER BY 1"
    )
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(query, {"batch": batch_id}).fetchall()
    return {int(chunk): int(rows) for chunk, rows in found}


def chosen_rows(
    connection: duckdb.DuckDBPyConnection, paths: Sequence[str], plan: RoutingPlan, batch_id: str
) -> Iterator[ChosenRow]:
    """Yield the rows of a batch that some rule chooses, by their place in it.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; cursors of its own are used.
    paths : sequence of str
        Data files of the predictions stream that may hold the batch.
    plan : RoutingPlan
        What rows are held against.
    batch_id : str
        Which batch.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths or not plan.rules:
        return
    with connection.cursor() as cursor, stale_files():
        relation = _relation(cursor, paths, plan, "r._batch = $batch")
        given = {"batch": batch_id, **plan.parameters}
        cursor.register(_REGISTER, _register(plan))
        cursor.register(_PICKED, _picked(cursor, plan, relation, given))
        last = f"SELECT coalesce(max(r._row), -1) FROM {relation}"  # noqa: S608
        end = int(cursor.execute(last, _asked(last, given)).fetchall()[0][0])
        for first in range(0, end + 1, _SPAN_ROWS):
            query = _chosen_query(plan, relation, first)
            found = cursor.sql(query, params=_asked(query, given)).to_arrow_table()
            yield from (_row_of(each, plan) for each in found.to_pylist())


def count_chosen(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    plan: RoutingPlan,
    window: tuple[datetime, datetime],
    rows: RowFilter | None = None,
) -> tuple[tuple[ChosenCount, ...], int]:
    """Count the rows of a time that rules would choose, by local day and set of rules.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; cursors of its own are used.
    paths : sequence of str
        Data files of the predictions stream.
    plan : RoutingPlan
        What rows are held against; its ``start`` is left out of account.
    window : (datetime, datetime)
        Half-open interval of the rows' time.
    rows : RowFilter, optional
        Further conditions.

    Returns
    -------
    tuple of ChosenCount, int
        By day; and all rows of the time, chosen or not.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths:
        return (), 0
    asked = rows or RowFilter()
    condition = asked.condition((window,), text=is_text(plan.contract, asked))
    given = plan.parameters
    with connection.cursor() as cursor, stale_files():
        cursor.register(_REGISTER, _register(plan))
        relation = _relation(cursor, paths, plan, condition, from_start=False)
        every = f"SELECT count(*) FROM {relation}"  # noqa: S608
        total = cursor.execute(every, _asked(every, given)).fetchall()
        if not plan.rules:
            return (), int(total[0][0])
        cursor.register(_PICKED, _picked(cursor, plan, relation, given))
        flags = ", ".join([f"c{place}" for place in range(len(plan.rules))])
        query = (
            f"SELECT day, {flags}, count(*) FROM (SELECT {_local_day(plan)} AS day,"  # noqa: S608
            f" {_flags(plan)} FROM {relation}) WHERE {_some(plan)} GROUP BY ALL ORDER BY ALL"
        )
        found = cursor.execute(query, _asked(query, given)).fetchall()
    counted = tuple(
        ChosenCount(day, _named(plan, flagged), int(count)) for day, *flagged, count in found
    )
    return counted, int(total[0][0])


def count_waiting(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    plan: RoutingPlan,
    batch_ids: Sequence[str],
) -> int:
    """Count the rows of some batches that rules choose, from the plan's ``start`` on.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream.
    plan : RoutingPlan
        What rows are held against.
    batch_ids : sequence of str
        Which batches.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not paths or not plan.rules or not batch_ids:
        return 0
    given = {"batches": list(batch_ids), **plan.parameters}
    with connection.cursor() as cursor, stale_files():
        cursor.register(_REGISTER, _register(plan))
        relation = _relation(cursor, paths, plan, "list_contains($batches, r._batch)")
        cursor.register(_PICKED, _picked(cursor, plan, relation, given))
        query = f"SELECT count(*) FROM (SELECT {_flags(plan)} FROM {relation}) WHERE {_some(plan)}"  # noqa: S608
        return int(cursor.execute(query, _asked(query, given)).fetchall()[0][0])


def _register(plan: RoutingPlan) -> pa.Table:
    return pa.table({"subject_id": pa.array(sorted(plan.around.opted_out), pa.string())})


def _relation(
    cursor: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    plan: RoutingPlan,
    condition: str,
    *,
    from_start: bool = True,
) -> str:
    """Return the FROM item of the rows, every lake column there, as ``r``."""
    files = parquet_relation(paths)
    known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {files}").fetchall()}
    columns = [
        f"r.{name}" if name in known else f"NULL::{kind} AS {name}"
        for name, kind in stream_columns(plan.contract, "predictions").items()
    ]
    if plan.asks_who_opted_out:
        columns.append(f"{_opted_out(plan)} AS {OPTED_OUT_COLUMN}")
    start = plan.start if from_start else None
    since = "" if start is None else f" AND r.time >= {instant_literal(start)}"
    return f"(SELECT {', '.join(columns)} FROM {files} AS r WHERE {condition}{since}) AS r"  # noqa: S608


def _opted_out(plan: RoutingPlan) -> str:
    """Return whether the customer of a row stands in the register, by the pseudonym."""
    identity = next(
        each
        for each in stream_columns(plan.contract, "predictions")
        if each == identity_column(plan.contract)
    )
    named = f"coalesce(nullif(r.{identity}::VARCHAR, ''), r.prediction_id)"
    return f"({second_key_sql(named)} IN (SELECT subject_id FROM {_REGISTER}))"  # noqa: S608


def _picked(
    cursor: duckdb.DuckDBPyConnection, plan: RoutingPlan, relation: str, given: dict[str, object]
) -> pa.Table:
    """Return rule, batch and row of the samples of groups: small, whatever the log's size."""
    parts = [
        _sample_query(plan, relation, place)
        for place, rule in enumerate(plan.rules)
        if rule.per is not None
    ]
    none = "SELECT 0 AS rule, '' AS _batch, 0::BIGINT AS _row WHERE FALSE"
    if not parts:
        return cursor.sql(none).to_arrow_table()
    query = " UNION ALL ".join(parts)
    return cursor.sql(query, params=_asked(query, given)).to_arrow_table()


def _sample_query(plan: RoutingPlan, relation: str, place: int) -> str:
    rule = plan.rules[place]
    if rule.per is None:
        raise TypeError(rule.id)
    group = f"r.{plan.contract.alias(rule.per.column)}"
    month = f"date_trunc('month', {_local_time(plan)})"
    return (
        f"SELECT {int(place)} AS rule, _batch, _row FROM ("  # noqa: S608
        f"SELECT r._batch, r._row, row_number() OVER (PARTITION BY r._batch, {month}, {group}"
        f" ORDER BY {_hash(plan, rule)}, r._row) AS place"
        f" FROM {relation} WHERE {_condition(plan, rule)}) WHERE place <= {int(rule.per.at_least)}"
    )


def _chosen_query(plan: RoutingPlan, relation: str, first: int) -> str:
    kinds = stream_columns(plan.contract, "predictions")
    identity = next(each for each in kinds if each == identity_column(plan.contract))
    policy = source_of(plan.contract, "policy_version", decided=False, happened=False)
    inner = (
        f"SELECT r._row, r.prediction_id, epoch_us(r.time) AS time, r.version, r.jurisdiction,"  # noqa: S608
        f" coalesce(r.{identity}, r.prediction_id) AS subject,"
        " coalesce(r.decision, r.prediction, '') AS decision, r.score, r.amount,"
        f" {policy.sql} AS policy_version, {_flags(plan)} FROM {relation}"
        f" WHERE r._row >= {int(first)} AND r._row < {int(first + _SPAN_ROWS)}"
    )
    return f"SELECT * FROM ({inner}) WHERE {_some(plan)} ORDER BY _row"  # noqa: S608


def _asked(query: str, given: dict[str, object]) -> dict[str, object]:
    """Return the values that a query asks for: DuckDB refuses any others."""
    return {name: value for name, value in given.items() if f"${name}" in query}


def _flags(plan: RoutingPlan) -> str:
    """Return whether each rule chooses the row, as columns ``c0``, ``c1`` and so on."""
    return ", ".join(
        [f"{_chooses(plan, place)} AS c{int(place)}" for place in range(len(plan.rules))]
    )


def _some(plan: RoutingPlan) -> str:
    return " OR ".join([f"c{int(place)}" for place in range(len(plan.rules))])


def _chooses(plan: RoutingPlan, place: int) -> str:
    rule = plan.rules[place]
    drawn = "TRUE"
    if rule.share < 1:
        drawn = f"{_hash(plan, rule)} < {quoted(below(rule.share))}"
    if rule.per is not None:
        mine = f"SELECT _batch, _row FROM {_PICKED} WHERE rule = {int(place)}"  # noqa: S608
        drawn = f"({drawn} OR (r._batch, r._row) IN ({mine}))"
    return f"({_condition(plan, rule)} AND {drawn})"


def _condition(plan: RoutingPlan, rule: ReviewRule) -> str:
    read = rule_condition(plan.contract, rule)
    named = routing_columns(plan.contract, read.columns, plan.around)
    return f"coalesce({row_sql(read.node, named.columns)}, FALSE)"


def _hash(plan: RoutingPlan, rule: ReviewRule) -> str:
    return plan.key.sql(f"{quoted(rule.id + ':')} || r.prediction_id")


def below(share: float) -> str:
    """Return a text that the hex hashes of this share of all texts lie below."""
    return "g" if share >= 1 else f"{int(share * 16**_HEX_DIGITS):0{_HEX_DIGITS}x}"


def _local_time(plan: RoutingPlan) -> str:
    return f"timezone({quoted(plan.contract.timezone)}, r.time)"


def _local_day(plan: RoutingPlan) -> str:
    return f"CAST({_local_time(plan)} AS DATE)"


def _named(plan: RoutingPlan, flags: Sequence[object]) -> tuple[str, ...]:
    return tuple(rule.id for rule, flag in zip(plan.rules, flags, strict=True) if flag)


def _row_of(found: dict[str, object], plan: RoutingPlan) -> ChosenRow:
    flags = [found[f"c{place}"] for place in range(len(plan.rules))]
    return ChosenRow(
        row=int(str(found["_row"])),
        prediction_id=str(found["prediction_id"]),
        time=from_microseconds(int(str(found["time"]))),
        version=str(found["version"] or ""),
        jurisdiction=str(found["jurisdiction"] or ""),
        subject=str(found["subject"]),
        decision=str(found["decision"]),
        score=_number(found["score"]),
        amount=_number(found["amount"]),
        policy_version=None if found["policy_version"] is None else str(found["policy_version"]),
        rules=_named(plan, flags),
    )


def _number(value: object) -> float | None:
    found = float(value) if isinstance(value, int | float) else None
    return found if found is not None and found == found else None
