"""Automated decisions that differ from what was to be expected, and which of them were explained.

A decision that no person took is held against the policy's rule on the logged score, against the
outcome that became known later, and against what other parts found of single predictions: that the
version before, or reviewers of like cases, would have decided otherwise.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb

from core.lake.decisions.unexpected_sql import (
    COUNT_OF_WAYS,
    DIFFERS,
    WAYS,
    KnownIds,
    UnexpectedFiles,
    Way,
    judged_sql,
)
from core.lake.local_days import from_microseconds
from core.lake.rows import stale_files


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
    ways : frozenset of str
        What it differs from, by :data:`core.lake.decisions.unexpected_sql.WAYS`.
    explained : bool
        Whether an explanation of it was kept.
    """

    prediction_id: str
    version: str
    decision: str
    time: datetime
    score: float | None
    amount: float | None
    ways: frozenset[Way]
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
    with_policy, with_outcome : int
        Those that a rule says something of, and those whose outcome is known.
    by_policy, by_outcome, by_previous, by_reviewers, differing : int
        Those that differ from each, and from any.
    unexplained : int
        Those that differ in any way and were not explained.
    """

    version: str
    decisions: int
    explained: int
    with_policy: int
    with_outcome: int
    by_policy: int
    by_outcome: int
    by_previous: int
    by_reviewers: int
    differing: int
    unexplained: int


def count_unexpected(
    connection: duckdb.DuckDBPyConnection, files: UnexpectedFiles, known: KnownIds
) -> tuple[Counted, ...]:
    """Count automated decisions by version, and those that differ from what was expected.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    files : UnexpectedFiles
        Which log, and what its decisions are held against.
    known : KnownIds
        What is known of single predictions.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions:
        return ()
    ways = ", ".join(f"count_if(by_{way})" for way in WAYS)
    with connection.cursor() as cursor, stale_files():
        known.register(cursor)
        found = cursor.execute(
            "SELECT version, count(*), count_if(explained), count(policy_says),"  # noqa: S608
            f" count(outcome_says), {ways}, count_if({DIFFERS}),"
            f" count_if(({DIFFERS}) AND NOT explained)"
            f" FROM ({judged_sql(cursor, files)}) GROUP BY version ORDER BY version"
        ).fetchall()
    return tuple(Counted(str(row[0]), *(int(each) for each in row[1:])) for row in found)


def list_unexpected(
    connection: duckdb.DuckDBPyConnection,
    files: UnexpectedFiles,
    known: KnownIds,
    *,
    limit: int,
    way: Way | None = None,
    by_amount: bool = True,
) -> tuple[Unexpected, ...]:
    """Return decisions that differ: unexplained first, of these what differs in the most ways.

    Equals are in the order of their amounts, the largest first, then of their times, the newest
    first.

    Parameters
    ----------
    connection, files, known
        As :func:`count_unexpected`.
    limit : int
        The most to return.
    way : str, optional
        Only what differs from this.
    by_amount : bool
        ``False`` where amounts are personal: their order would tell them.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions:
        return ()
    wanted = DIFFERS if way is None else f"by_{WAYS[WAYS.index(way)]}"
    ways = ", ".join(f"by_{each}" for each in WAYS)
    with connection.cursor() as cursor, stale_files():
        known.register(cursor)
        found = cursor.execute(
            f"SELECT prediction_id, version, decision, time, score, amount, explained, {ways}"  # noqa: S608
            f" FROM ({judged_sql(cursor, files)}) WHERE {wanted}"
            f" ORDER BY {_order(by_amount=by_amount)} LIMIT {int(limit)}"
        ).fetchall()
    return tuple(
        Unexpected(
            str(row[0]),
            str(row[1]),
            str(row[2]),
            from_microseconds(int(row[3])),
            None if row[4] is None else float(row[4]),
            None if row[5] is None else float(row[5]),
            frozenset(each for each, is_so in zip(WAYS, row[7:], strict=True) if is_so),
            bool(row[6]),
        )
        for row in found
    )


def unexplained_ids(
    connection: duckdb.DuckDBPyConnection,
    files: UnexpectedFiles,
    known: KnownIds,
    *,
    by_amount: bool = True,
) -> tuple[str, ...]:
    """Return every decision that differs and was not explained, in the order of the list.

    Parameters
    ----------
    connection, files, known, by_amount
        As :func:`list_unexpected`.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions:
        return ()
    with connection.cursor() as cursor, stale_files():
        known.register(cursor)
        found = cursor.execute(
            f"SELECT prediction_id FROM ({judged_sql(cursor, files)})"  # noqa: S608
            f" WHERE ({DIFFERS}) AND NOT explained ORDER BY {_order(by_amount=by_amount)}"
        ).fetchall()
    return tuple(str(row[0]) for row in found)


def _order(*, by_amount: bool) -> str:
    """Return the order of the list."""
    amount = "amount DESC NULLS LAST, " if by_amount else ""
    return f"explained, {COUNT_OF_WAYS} DESC, {amount}time DESC, prediction_id"
