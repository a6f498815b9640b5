"""The rows that a figure of the business is computed from, as one FROM clause.

A row is a prediction with what was decided about it and what became of it. Only what the names of
an expression need is joined: the resolved stream alone says most of what is known after the
outcome, and no join of millions of rows is made twice.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import duckdb

from core.contract import ModelContract
from core.contract.kpi_names import money_names
from core.contract.periods import Age
from core.domain.money import DailyRates
from core.domain.windows import Chunk
from core.lake.kpis.columns import Source, source_of
from core.lake.kpis.rate_sql import rate_sql
from core.lake.kpis.streams import Within, decided_sql, happened_sql, known_outcomes_sql
from core.lake.labels.rows import is_text
from core.lake.paths import parquet_relation
from core.lake.period_sql import period_sql
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files
from core.lake.streams import Stream, stream_columns
from core.metrics.kpi.plan import GROUPS

Maturity = Literal["none", "outcome", "aged"]


@dataclass(frozen=True, slots=True)
class KpiRows:
    """Which rows count.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    predictions, resolved, decisions, outcomes : tuple of str
        Paths of the lake files of the streams at one generation.
    chunks : tuple of Chunk
        Periods in the order of time that do not overlap; rows outside them are left out.
    rows : RowFilter
        Versions, jurisdictions, slice and the newest visible prediction.
    as_of : datetime
        What was known later is invisible.
    decided_until : datetime, optional
        Later decisions are invisible; ``as_of`` by default.
    matured_before : datetime
        Predictions up to this instant are old enough for their outcome to be final.
    maturity : {"none", "outcome", "aged"}
        All rows; those old enough whose outcome is known; or those of an age of their own.
    aged_before : datetime, optional
        For ``aged``: up to when predictions count.
    age : Age, optional
        For ``aged``: what was known of a prediction later than at this age is invisible, so that
        those of one month had as long as those of any other.
    revised : bool
        Whether a prediction may have several outcomes; see :func:`stored_state`.
    absent : frozenset of (str, str)
        Stream and lake column of what no file has yet: read as missing.
    rates : mapping of str to DailyRates
        By the currency that money is logged in: what converts it. Money of a currency that is not
        among them stays as it is.
    """

    contract: ModelContract
    predictions: tuple[str, ...]
    resolved: tuple[str, ...]
    decisions: tuple[str, ...]
    outcomes: tuple[str, ...]
    chunks: tuple[Chunk, ...]
    rows: RowFilter
    as_of: datetime
    matured_before: datetime
    maturity: Maturity = "none"
    aged_before: datetime | None = None
    age: Age | None = None
    revised: bool = True
    absent: frozenset[tuple[Stream, str]] = frozenset()
    rates: Mapping[str, DailyRates] = field(default_factory=dict)
    decided_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows to group.

    Parameters
    ----------
    source : str
        SQL of ``FROM … WHERE …``; ``r`` is the prediction, with its time, version, jurisdiction,
        score and the columns of the segments.
    columns : mapping of str to str
        Name in an expression → its SQL.
    period : str
        SQL of the place of the row's chunk.
    """

    source: str
    columns: Mapping[str, str]
    period: str


def kpi_relation(
    rows: KpiRows, names: Collection[str], *, reads: Collection[str] = ()
) -> Relation | None:
    """Return the rows that names are read from.

    Parameters
    ----------
    rows : KpiRows
        Which rows.
    names : collection of str
        Names of expressions, of :func:`core.contract.kpi_names.kpi_names`.
    reads : collection of str
        Lake columns of ``r`` that the caller's own SQL reads, such as that of a segment.

    Returns
    -------
    Relation or None
        ``None`` if there is no row: no file, or no outcome where only known ones count.

    Raises
    ------
    KeyError
        If expressions know no such name.
    """
    if not rows.predictions or not rows.chunks:
        return None
    if rows.maturity == "outcome" and not rows.resolved:
        return None
    sources = _sources(rows, names, "o")
    alone = rows.maturity == "outcome" and _resolved_suffices(rows, sources, reads)
    sources = _sources(rows, names, "r") if alone else sources
    columns = _columns(rows, sources, alone=alone)
    source = f"{_from(rows, sources, alone=alone)} WHERE {_condition(rows)}"
    return Relation(source, columns, period_sql(rows.chunks))


def group_sql(*, by_subject: bool) -> str:
    """Return the SQL of the random group that a row's subject belongs to; else its own."""
    who = "coalesce(r.subject, r.prediction_id)" if by_subject else "r.prediction_id"
    return f"(hash({who}) % {int(GROUPS)})::INTEGER"


def subjects_repeat(connection: duckdb.DuckDBPyConnection, rows: KpiRows) -> bool:
    """Whether some subject has several predictions in the periods, as far as subjects are logged.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if rows.contract.log.subject is None or ("predictions", "subject") in rows.absent:
        return False
    relation = kpi_relation(replace(rows, maturity="none"), (), reads=("subject",))
    if relation is None:
        return False
    query = f"SELECT count(r.subject) > count(DISTINCT r.subject) {relation.source}"
    with connection.cursor() as cursor, stale_files():
        row = cursor.execute(query).fetchone()
    return bool(row and row[0])


def stored_state(
    connection: duckdb.DuckDBPyConnection,
    contract: ModelContract,
    predictions: Collection[str],
    resolved: Collection[str],
) -> tuple[frozenset[tuple[Stream, str]], bool]:
    """Return which columns of the contract no file has, and whether any outcome was revised.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    absent: set[tuple[Stream, str]] = set()
    revised = False
    streams: tuple[tuple[Stream, Collection[str]], ...] = (
        ("predictions", predictions),
        ("resolved", resolved),
    )
    with connection.cursor() as cursor, stale_files():
        for stream, paths in streams:
            if not paths:
                continue
            found = cursor.execute(f"DESCRIBE FROM {parquet_relation(paths)}").fetchall()
            known = {str(row[0]) for row in found}
            absent |= {
                (stream, each) for each in stream_columns(contract, stream) if each not in known
            }
        if resolved:
            query = f"SELECT 1 FROM {parquet_relation(resolved)} WHERE revision > 0 LIMIT 1"  # noqa: S608
            revised = cursor.execute(query).fetchone() is not None
    return frozenset(absent), revised


def _sources(rows: KpiRows, names: Collection[str], known: Literal["o", "r"]) -> dict[str, Source]:
    decided, happened = bool(rows.decisions), bool(rows.outcomes)
    return {
        name: source_of(rows.contract, name, decided=decided, happened=happened, known=known)
        for name in sorted(set(names))
    }


def _resolved_suffices(
    rows: KpiRows, sources: Mapping[str, Source], reads: Collection[str]
) -> bool:
    known = set(stream_columns(rows.contract, "resolved"))
    known -= {name for stream, name in rows.absent if stream == "resolved"}
    wanted = {*reads, *(name for source in sources.values() for name in source.log)}
    if rows.rows.slice is not None:
        wanted.add(rows.rows.slice[0].column)
    return wanted <= known


def _columns(rows: KpiRows, sources: Mapping[str, Source], *, alone: bool) -> dict[str, str]:
    """Return each name's SQL, money converted."""
    kinds = stream_columns(rows.contract, "predictions")
    outcomes = stream_columns(rows.contract, "resolved")
    money = money_names(rows.contract)
    found = {}
    for name, source in sources.items():
        sql = source.sql
        gone = [each for each in source.log if ("predictions", each) in rows.absent]
        if not alone and gone:
            sql = f"NULL::{kinds[gone[0]]}"
        if source.outcome and (not rows.resolved or ("resolved", source.outcome) in rows.absent):
            sql = f"NULL::{outcomes[source.outcome]}"
        rates = rows.rates.get(money.get(name, ""))
        if rates is not None:
            sql = f"({sql} * {rate_sql(rates, 'r.time', rows.contract.timezone)})"
        found[name] = sql
    return found


def _from(rows: KpiRows, sources: Mapping[str, Source], *, alone: bool) -> str:
    outcome = rows.maturity == "outcome" or any(each.outcome for each in sources.values())
    known, within = "", None if rows.age is None else Within(rows.age, rows.predictions)
    if outcome and rows.resolved:
        known = known_outcomes_sql(
            rows.contract, rows.resolved, rows.as_of, revised=rows.revised, within=within
        )
    if alone:
        joined = f"FROM ({known}) AS r"
    else:
        joined = f"FROM {parquet_relation(rows.predictions)} AS r"
        if known:
            kind = "JOIN" if rows.maturity == "outcome" else "LEFT JOIN"
            joined += f" {kind} ({known}) AS o ON o.prediction_id = r.prediction_id"
    decisions = {each for source in sources.values() for each in source.decisions}
    if decisions:
        decided = decided_sql(rows.decisions, rows.decided_until or rows.as_of, decisions, within)
        joined += f" LEFT JOIN ({decided}) AS d ON d.prediction_id = r.prediction_id"
    for place in sorted({each.event for each in sources.values() if each.event >= 0}):
        event = rows.contract.events[place].name
        happened = happened_sql(rows.outcomes, event, rows.as_of, within)
        alias = f"e{int(place)}"
        joined += f" LEFT JOIN ({happened}) AS {alias} ON {alias}.prediction_id = r.prediction_id"
    return joined


def _condition(rows: KpiRows) -> str:
    parts = [rows.rows.condition(_spans(rows.chunks), text=is_text(rows.contract, rows.rows))]
    parts.append(f"r.time <= {instant_literal(rows.as_of)}")
    if rows.maturity == "outcome":
        parts.append(f"r.time <= {instant_literal(rows.matured_before)}")
    if rows.maturity == "aged" and rows.aged_before is not None:
        parts.append(f"r.time <= {instant_literal(rows.aged_before)}")
    return " AND ".join(parts)


def _spans(chunks: tuple[Chunk, ...]) -> list[tuple[datetime, datetime]]:
    """Return the time that chunks cover, those that meet as one."""
    spans: list[tuple[datetime, datetime]] = []
    for chunk in chunks:
        if spans and spans[-1][1] == chunk.start:
            spans[-1] = (spans[-1][0], chunk.end)
        else:
            spans.append((chunk.start, chunk.end))
    return spans
