"""Decisions of a log by period, decision and score, or about one person; the newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from core.lake.local_days import from_microseconds
from core.lake.paths import parquet_relation
from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files
from core.lake.upkeep.keyed_hash import KeyedHash

_DECIDED = "coalesce(r.decision, r.prediction, '')"


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One prediction: id, instant in UTC, version, decision, score and amount."""

    prediction_id: str
    at: datetime
    version: str
    decision: str
    score: float | None
    amount: float | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Further conditions on rows; what is not given does not narrow.

    Parameters
    ----------
    decision : str, optional
        As logged; what the model predicted where the log has no decision.
    low, high : float, optional
        Least and greatest score, both included.
    subject : str, optional
        Whom it is about, as the log has it.
    pseudonym : str, optional
        Whom it is about, by the keyed hash of that.
    without : frozenset of str
        Ids that are left out.
    """

    decision: str | None = None
    low: float | None = None
    high: float | None = None
    subject: str | None = field(default=None, repr=False)
    pseudonym: str | None = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class DecisionFiles:
    """Where to look.

    Parameters
    ----------
    predictions : sequence of str
        Files of the predictions stream.
    column : {"subject", "prediction_id"}
        That says whom a row is about.
    key : KeyedHash, optional
        By which pseudonyms are made.
    """

    predictions: Sequence[str]
    column: str = "subject"
    key: KeyedHash | None = None


def found_decisions(
    connection: duckdb.DuckDBPyConnection,
    files: DecisionFiles,
    narrowed: Narrowed,
    *,
    condition: str,
    limit: int,
) -> tuple[int, tuple[FoundRow, ...]]:
    """Return how many decisions fit, and the newest of them.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    files : DecisionFiles
        Where to look.
    narrowed : Narrowed
        What is looked for; values of the query, never a part of its text.
    condition : str
        SQL of :meth:`RowFilter.condition`; empty if everything passes.
    limit : int
        Most to return.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions:
        return 0, ()
    where, given = _where(files, narrowed)
    rows = f"{parquet_relation(files.predictions)} AS r WHERE {condition or 'true'} AND {where}"
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(
            "WITH chosen AS MATERIALIZED (SELECT r.prediction_id, epoch_us(r.time) AS made_at,"  # noqa: S608
            f" coalesce(r.version, ''), {_DECIDED}, r.score, r.amount FROM {rows})"
            " SELECT *, (SELECT count(*) FROM chosen) FROM chosen"
            f" ORDER BY made_at DESC, prediction_id LIMIT {int(limit)}",
            given,
        ).fetchall()
    return (int(found[0][-1]) if found else 0), tuple(
        FoundRow(str(id_), from_microseconds(at), version, decision, score, amount)
        for id_, at, version, decision, score, amount, _ in found
    )


def logged_decisions(
    connection: duckdb.DuckDBPyConnection,
    predictions: Sequence[str],
    rows: RowFilter,
    *,
    most: int,
) -> tuple[str, ...]:
    """Return what was decided in a log, the most frequent first; raises as `found_decisions`."""
    if not predictions:
        return ()
    with connection.cursor() as cursor, stale_files():
        found = cursor.execute(
            f"SELECT {_DECIDED} AS decided FROM {parquet_relation(predictions)} AS r"  # noqa: S608
            f" WHERE {rows.condition(text=True) or 'true'} AND {_DECIDED} <> ''"
            f" GROUP BY decided ORDER BY count(*) DESC, decided LIMIT {int(most)}"
        ).fetchall()
    return tuple(str(row[0]) for row in found)


def _where(files: DecisionFiles, narrowed: Narrowed) -> tuple[str, Mapping[str, object]]:
    """Return the SQL of the further conditions, and the values that they name."""
    whose = "r.subject" if files.column == "subject" else "r.prediction_id"
    parts: list[str] = ["true"]
    given: dict[str, object] = {}
    for name, value, text in (
        ("decision", narrowed.decision, f"{_DECIDED} = $decision"),
        ("low", narrowed.low, "r.score >= $low AND NOT isnan(r.score)"),
        ("high", narrowed.high, "r.score <= $high"),
        ("subject", narrowed.subject, f"{whose} = $subject"),
    ):
        if value is not None:
            parts.append(text)
            given[name] = value
    if narrowed.pseudonym is not None and files.key is not None:
        # As pseudonyms are made: of the id, where a row names nobody.
        named = f"coalesce(nullif({whose}, ''), r.prediction_id)"
        parts.append(f"{files.key.sql(named)} = $pseudonym")
        given |= {"pseudonym": narrowed.pseudonym, **files.key.parameters}
    if narrowed.without:
        parts.append("NOT list_contains($without::VARCHAR[], r.prediction_id)")
        given["without"] = sorted(narrowed.without)
    return " AND ".join(parts), given
