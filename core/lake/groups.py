"""People counted by group: decisions, scores and outcomes of each value of a column.

The protected columns stand in the predictions only; what became of a prediction is joined to it
inside DuckDB, and nothing but sums leaves it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import duckdb
import pandas as pd

from core.contract import ModelContract
from core.domain.windows import Chunk, Window
from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import newest_labels_sql
from core.lake.labels.score_grid import usable_score_sql
from core.lake.paths import parquet_relation, quoted
from core.lake.profiles.columns import source_type
from core.lake.row_filter import RowFilter, instant_literal
from core.lake.rows import stale_files

NOT_GIVEN = -1
OTHER_VALUES = 0
ALL_CHUNKS = -1
MOST_VALUES = 50
# What people, forms and systems write where a person did not say.
NOT_GIVEN_WORDS = (
    "", "-", "--", "?", ".", "n/a", "na", "n.a.", "nan", "nil", "none", "null", "<na>",
    "unknown", "unk", "not known", "not_known", "undisclosed", "not disclosed", "not_disclosed",
    "not given", "not_given", "not provided", "not_provided", "not stated", "not_stated",
    "not specified", "not_specified", "unspecified", "not applicable", "not_applicable",
    "missing", "refused", "declined to answer", "prefer not to say", "prefer_not_to_say",
    "rather not say", "decline to state", "未知", "不詳", "不详", "未提供", "沒有提供", "没有提供",
    "未填", "未填寫", "未填写", "不適用", "不适用", "不願透露", "不愿透露",
    "拒絕回答", "拒绝回答", "保密",
)  # fmt: skip
SUMS = (
    "n", "favourable", "matured", "scored", "score", "score_squares", "true_positives",
    "false_positives", "false_negatives", "true_negatives", "scored_labelled",
    "scored_positives", "score_of_labelled",
)  # fmt: skip
_COUNTS = """
    count(favourable) AS n,
    count(*) FILTER (favourable) AS favourable,
    count(favourable) FILTER (mature) AS matured,
    count(score) AS scored,
    coalesce(sum(score), 0) AS score,
    coalesce(sum(score * score), 0) AS score_squares,
    count(*) FILTER (flagged AND label = 1) AS true_positives,
    count(*) FILTER (flagged AND label = 0) AS false_positives,
    count(*) FILTER (NOT flagged AND label = 1) AS false_negatives,
    count(*) FILTER (NOT flagged AND label = 0) AS true_negatives,
    count(*) FILTER (label IS NOT NULL AND score IS NOT NULL) AS scored_labelled,
    count(*) FILTER (label = 1 AND score IS NOT NULL) AS scored_positives,
    coalesce(sum(score) FILTER (label IS NOT NULL), 0) AS score_of_labelled
"""


@dataclass(frozen=True, slots=True)
class GroupColumn:
    """A column that people are grouped by.

    Parameters
    ----------
    name : str
        Name of the column in the contract.
    values : tuple of str
        Texts that are groups, at most :data:`MOST_VALUES`; their codes begin at 1, in this order.
        Any other text has the code :data:`OTHER_VALUES`, none :data:`NOT_GIVEN`.
    edges : tuple of float
        Rising limits that cut a number into ranges instead; codes begin at 1.
    """

    name: str
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class FavourableRule:
    """What makes a decision one that people hope for.

    Parameters
    ----------
    source : {"decision", "decisions", "final", "people", "prediction", "flag"}
        The log's decision; the newest one of the decisions stream; that one, else the log's; the
        newest one that a person made; the logged prediction; or whether the row was predicted
        positive.
    words : tuple of str
        Decisions in lower case; not for ``flag``.
    hoped_for : bool
        Whether these words, or the positive predictions, are the favourable ones; else all
        others are.
    """

    source: Literal["decision", "decisions", "final", "people", "prediction", "flag"]
    words: tuple[str, ...] = ()
    hoped_for: bool = True


@dataclass(frozen=True, slots=True)
class GroupFiles:
    """Paths of the lake files that are read; only ``predictions`` are needed."""

    predictions: Sequence[str]
    decisions: Sequence[str] = ()
    resolved: Sequence[str] = ()


def value_counts(
    connection: duckdb.DuckDBPyConnection,
    paths: Sequence[str],
    contract: ModelContract,
    name: str,
    *,
    reference: Window,
    row_filter: RowFilter,
) -> tuple[str, ...]:
    """Return the texts of a column, the most frequent in the reference first.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    paths : sequence of str
        Data files of the predictions stream.
    contract : ModelContract
        Contract of the model.
    name : str
        Name of the column in the contract.
    reference : Window
        The reference period.
    row_filter : RowFilter
        Jurisdictions, and from when on rows are invisible.

    Returns
    -------
    tuple of str
        At most :data:`MOST_VALUES`, without those that mean "not given".

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    condition = row_filter.condition(text=True)
    with connection.cursor() as cursor, stale_files():
        column = _text_of(contract, name, stored_columns(cursor, paths))
        query = f"""
            SELECT {column} AS value, count(*) FILTER (
                r.time >= {instant_literal(reference.start)}
                AND r.time < {instant_literal(reference.end)}) AS before, count(*) AS n
            FROM {parquet_relation(paths)} AS r
            WHERE NOT {_is_not_given(column)} {f"AND {condition}" if condition else ""}
            GROUP BY value
        """  # noqa: S608 - names of the contract's columns and quoted literals
        # The frequent ones are kept; among them those of the reference come first.
        query = f"FROM ({query}) ORDER BY n DESC, value LIMIT {MOST_VALUES}"
        found = cursor.execute(query).fetchall()
    ordered = sorted(found, key=lambda row: (-int(row[1]), str(row[0])))
    return tuple(str(row[0]) for row in ordered)


def count_groups(
    connection: duckdb.DuckDBPyConnection,
    files: GroupFiles,
    contract: ModelContract,
    columns: Sequence[GroupColumn],
    favourable: FavourableRule,
    *,
    periods: Sequence[Chunk],
    as_of: datetime,
    matured_before: datetime,
    row_filter: RowFilter,
    decided_until: datetime | None = None,
) -> pd.DataFrame:
    """Count people by group, by chunk, and by every pair of groups of two columns.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    files : GroupFiles
        Files of the lake at one generation.
    contract : ModelContract
        Contract of the model.
    columns : sequence of GroupColumn
        What people are grouped by.
    favourable : FavourableRule
        Which decisions people hope for.
    periods : sequence of Chunk
        Chunks of time; rows outside them are left out.
    as_of : datetime
        Predictions, decisions and outcomes known later are invisible.
    matured_before : datetime
        Outcomes of later predictions do not count yet.
    row_filter : RowFilter
        Versions, jurisdictions and slice.
    decided_until : datetime, optional
        Later decisions are invisible; ``as_of`` by default.

    Returns
    -------
    DataFrame
        :data:`SUMS`, and ``chunk`` (index, or :data:`ALL_CHUNKS`), ``first`` and ``second``
        (places in ``columns``, -1 for none), ``first_code`` and ``second_code``. Rows without
        ``first`` are everybody; rows with ``second`` are pairs, of all chunks together.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    if not files.predictions or not periods:
        return pd.DataFrame(columns=["chunk", *_PLACES, *SUMS])
    parameters: dict[str, object] = {
        "indices": [period.index for period in periods],
        "starts": [period.start for period in periods],
        "ends": [period.end for period in periods],
        "words": list(favourable.words),
        "ranges": [list(column.edges) for column in columns],
        "values": [list(column.values) for column in columns],
    }
    with connection.cursor() as cursor, stale_files():
        stored = stored_columns(cursor, files.predictions)
        codes = [
            f"{group_code_sql(contract, column, place, stored)} AS a{place}"
            for place, column in enumerate(columns)
        ]
        is_text = (
            row_filter.slice is None
            or source_type(contract, row_filter.slice[0].column) == "VARCHAR"
        )
        condition = row_filter.condition(text=is_text)
        query = _query(
            contract,
            files,
            favourable,
            codes,
            condition,
            as_of=as_of,
            matured=matured_before,
            decided_until=decided_until or as_of,
        )
        found = cursor.execute(query, _used(parameters, query)).df()
    return _places(found, len(columns))


def _query(
    contract: ModelContract,
    files: GroupFiles,
    favourable: FavourableRule,
    codes: Sequence[str],
    condition: str,
    *,
    as_of: datetime,
    matured: datetime,
    decided_until: datetime,
) -> str:
    count = len(codes)
    names = [f"a{place}" for place in range(count)]
    sets = ["(chunk)", "()", *(f"(chunk, {name})" for name in names)]
    sets += [f"({name})" for name in names]
    sets += [f"(a{one}, a{two})" for two in range(count) for one in range(two)]
    binary = contract.task == "binary_classification"
    flagged = flagged_sql(contract) if binary else "NULL::BOOLEAN"
    usable = usable_score_sql("r.score") if binary else "NOT isnan(r.score)"
    mature = f"(r.time <= {instant_literal(matured)})"
    return f"""
        WITH period AS (
            SELECT unnest($indices) AS chunk, unnest($starts) AS since, unnest($ends) AS until
        ), known AS ({_known(files, as_of, binary=binary)}
        ), decided AS ({_decided(files, favourable, decided_until)}
        ), person AS (
            SELECT period.chunk, CASE WHEN {usable} THEN r.score END AS score,
                   {mature} AS mature,
                   {flagged} AS flagged, {_favourable(favourable, flagged)} AS favourable,
                   CASE WHEN {mature} THEN known.label END AS label
                   {"".join(f", {code}" for code in codes)}
            FROM {parquet_relation(files.predictions)} AS r
            JOIN period ON r.time >= period.since AND r.time < period.until
            LEFT JOIN known ON known.prediction_id = r.prediction_id
            LEFT JOIN decided ON decided.prediction_id = r.prediction_id
            WHERE r.time <= {instant_literal(as_of)} {f"AND {condition}" if condition else ""}
        ), cell AS (
            SELECT chunk, {"".join(f"{name}, " for name in names)} {_COUNTS}
            FROM person GROUP BY {", ".join(["chunk", *names])}
        )
        SELECT chunk, {"".join(f"{name}, " for name in names)}
               grouping({", ".join(["chunk", *names])}) AS pooled,
               {", ".join(f"coalesce(sum({name}), 0)::DOUBLE AS {name}" for name in SUMS)}
        FROM cell GROUP BY GROUPING SETS ({", ".join(sets)})
    """  # noqa: S608 - names and literals of our own


def _known(files: GroupFiles, as_of: datetime, *, binary: bool) -> str:
    """Return the newest label of each prediction that was known."""
    if not files.resolved or not binary:
        return "SELECT NULL::VARCHAR AS prediction_id, NULL::DOUBLE AS label LIMIT 0"
    return f"SELECT prediction_id, label FROM ({newest_labels_sql(files.resolved, as_of)})"  # noqa: S608


def _decided(files: GroupFiles, favourable: FavourableRule, until: datetime) -> str:
    """Return the newest decision of each prediction, or the newest of a person."""
    if favourable.source not in _STREAMED or not files.decisions:
        return "SELECT NULL::VARCHAR AS prediction_id, NULL::VARCHAR AS decision LIMIT 0"
    return f"""
        SELECT prediction_id, arg_max(decision, (time, _batch, _row)) AS decision
        FROM {parquet_relation(files.decisions)}
        WHERE time <= {instant_literal(until)} AND decision IS NOT NULL
            AND {_STREAMED[favourable.source]}
        GROUP BY prediction_id
    """  # noqa: S608 - quoted paths and literals


_STREAMED: Mapping[str, str] = {
    "decisions": "kind IS DISTINCT FROM 'released'",
    "final": "kind IS DISTINCT FROM 'released'",
    "people": "kind IN ('human', 'appeal')",
}
_SOURCES: Mapping[str, str] = {
    "decision": "r.decision",
    "decisions": "decided.decision",
    "final": "coalesce(decided.decision, r.decision)",
    "people": "decided.decision",
    "prediction": "r.prediction",
}


def _favourable(rule: FavourableRule, flagged: str) -> str:
    """Return whether a row's decision is favourable; NULL for a row without one."""
    if rule.source == "flag":
        return f"({flagged})" if rule.hoped_for else f"(NOT ({flagged}))"
    said = f"lower(trim({_SOURCES[rule.source]}))"
    word = f"list_contains($words, {said})"
    return f"CASE WHEN {said} <> '' THEN {word if rule.hoped_for else f'NOT {word}'} END"


def stored_columns(cursor: duckdb.DuckDBPyConnection, paths: Sequence[str]) -> frozenset[str]:
    """Return the columns that the files have; one declared later is in none of the older."""
    found = cursor.execute(f"DESCRIBE FROM {parquet_relation(paths)}").fetchall()
    return frozenset(str(row[0]) for row in found)


def _text_of(contract: ModelContract, name: str, stored: frozenset[str]) -> str:
    column = contract.alias(name)
    return f"trim(r.{column}::VARCHAR)" if column in stored else "NULL::VARCHAR"


def _is_not_given(column: str) -> str:
    words = ", ".join(quoted(word) for word in NOT_GIVEN_WORDS)
    return f"({column} IS NULL OR lower({column}) IN ({words}))"


def group_code_sql(
    contract: ModelContract, column: GroupColumn, place: int, stored: frozenset[str]
) -> str:
    """Return the SQL of a row's group as a number; ``place`` is that of its list of values."""
    if column.edges:
        name = contract.alias(column.name)
        number = f"r.{name}::DOUBLE" if name in stored else "NULL::DOUBLE"
        range_ = f"1 + len(list_filter($ranges[{place + 1}], lambda edge: edge <= {number}))"
        return f"CASE WHEN {number} IS NULL OR isnan({number}) THEN {NOT_GIVEN} ELSE {range_} END"
    text = _text_of(contract, column.name, stored)
    code = f"coalesce(list_position($values[{place + 1}], {text}), {OTHER_VALUES})"
    return f"CASE WHEN {_is_not_given(text)} THEN {NOT_GIVEN} ELSE {code} END"


def _used(parameters: Mapping[str, object], query: str) -> dict[str, object]:
    """Return the parameters that a query has; DuckDB refuses any more."""
    return {name: value for name, value in parameters.items() if f"${name}" in query}


_PLACES = ("first", "first_code", "second", "second_code")


def _places(found: pd.DataFrame, count: int) -> pd.DataFrame:
    """Return the counts with the places and codes of the columns they are grouped by."""
    rows = []
    for row in found.to_dict("records"):
        pooled = int(row["pooled"])
        by = [place for place in range(count) if not pooled >> (count - 1 - place) & 1]
        chunk = ALL_CHUNKS if pooled >> count & 1 else int(row["chunk"])
        codes = [(place, int(row[f"a{place}"])) for place in by]
        first, second = [*codes, (-1, 0), (-1, 0)][:2]
        rows.append((chunk, *first, *second, *(row[name] for name in SUMS)))
    return pd.DataFrame(rows, columns=["chunk", *_PLACES, *SUMS])
