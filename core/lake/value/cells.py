"""What decisions were worth, summed by cell of the score: nothing but sums leaves DuckDB.

Two passes: all predictions that are old enough are counted, without a join; those whose outcome is
known are summed, of the resolved stream alone where that suffices. Whoever moves a cut-off
afterwards reads no row again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import duckdb
import numpy as np
import pandas as pd

from core.contract import ModelContract
from core.contract.cut_offs import CutOff
from core.domain.expression import RowExpression
from core.domain.money import DailyRates
from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rate_sql import rate_sql
from core.lake.kpis.rows import KpiRows, Relation, kpi_relation
from core.lake.labels.score_grid import score_cell_sql, usable_score_sql
from core.lake.paths import quoted
from core.lake.rows import stale_files
from core.metrics.arrays import Booleans, Floats, Integers
from core.metrics.influence import ValueSums

UNDECIDED = -1


@dataclass(frozen=True, slots=True)
class ValueRule:
    """What a decision is worth, and how it is told from its word.

    Parameters
    ----------
    flagged, not_flagged : RowExpression
        Money of a row if the model flags it, and if it does not.
    hold_out : RowExpression or None
        Which rows the model did not act on.
    word : str
        The decision that a policy takes on one side of its cut-off, in lower case.
    word_flags : bool
        Whether that word flags; else the others do.
    others : frozenset of str
        Words that decide the other way, in lower case; empty if every other word does.
    rates : DailyRates, optional
        What turns the money of each row into that of another currency, at its day's rate.
    """

    flagged: RowExpression
    not_flagged: RowExpression
    hold_out: RowExpression | None = None
    word: str = ""
    word_flags: bool = True
    others: frozenset[str] = frozenset()
    rates: DailyRates | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ValueCells:
    """Sums over mature predictions with a usable score; arrays of shape (k,).

    Parameters
    ----------
    period : ndarray of int64
        Place of the chunk.
    cell : ndarray of int64
        Of :mod:`core.lake.labels.score_grid`; 0 where scores were not asked apart.
    reached : ndarray of int64
        How many of the cut-offs asked for the scores reach.
    flagged : ndarray of int64
        1 flagged by the model, 0 not.
    final : ndarray of int64
        The same of what was decided in the end; :data:`UNDECIDED` where nothing was.
    held : ndarray of int64
        1 for rows of the hold-out.
    n, labelled, positives, score : ndarray
        Rows; those with a known outcome; of these the positive ones, and the sum of scores.
    reviewed : ndarray
        Rows about which a person decided as well; 0 where the log has no such decision.
    valued : ndarray
        Rows with an outcome whose value is known both ways; ``sums`` are over them.
    sums : ValueSums
        Their values.
    """

    period: Integers
    cell: Integers
    reached: Integers
    flagged: Integers
    final: Integers
    held: Integers
    n: Floats
    labelled: Floats
    positives: Floats
    score: Floats
    reviewed: Floats
    valued: Floats
    sums: ValueSums

    def where(self, chosen: Booleans) -> "ValueCells":
        """Return the entries chosen by a mask of shape (k,)."""
        parts = [each.name for each in fields(self) if each.name != "sums"]
        found = {name: getattr(self, name)[chosen] for name in parts}
        return replace(self, sums=self.sums.where(chosen), **found)


_KEYS = ("period", "cell", "reached", "flagged", "final", "held")
_SUMS = """
    count(*) AS labelled, count(*) FILTER (label = 1) AS positives, sum(score) AS score,
    count(gap) AS valued, coalesce(sum(a) FILTER (gap IS NOT NULL), 0) AS a,
    coalesce(sum(a * a) FILTER (gap IS NOT NULL), 0) AS a_squares,
    coalesce(sum(b) FILTER (gap IS NOT NULL), 0) AS b,
    coalesce(sum(b * b) FILTER (gap IS NOT NULL), 0) AS b_squares,
    coalesce(sum(gap * gap), 0) AS gap_squares
"""
_NUMBERS = ("n", "labelled", "positives", "score", "valued")
_VALUES = ("valued", "a", "a_squares", "b", "b_squares", "gap_squares")


def value_cells(
    connection: duckdb.DuckDBPyConnection,
    rows: KpiRows,
    rule: ValueRule,
    cut_offs: Sequence[CutOff] = (),
    *,
    by_score: bool = True,
) -> ValueCells:
    """Sum what decisions were worth.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Which rows; the maturity it names is not looked at.
    rule : ValueRule
        What decisions are worth.
    cut_offs : sequence of CutOff
        Cut-offs that cells are parted at exactly, the lowest first; see :func:`ordered`.
    by_score : bool
        Whether to tell cells of the score apart.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    keys = key_sql(rule, cut_offs, by_score=by_score)
    names = {"score", "flagged", *_read(rule.hold_out)}
    names |= {"final_decision"} if rule.word else set()
    valued = names | {"label"} | rule.flagged.columns | rule.not_flagged.columns
    aged = replace(rows, maturity="aged", aged_before=rows.matured_before)
    known = replace(rows, maturity="outcome")
    with connection.cursor() as cursor, stale_files():
        counted = _counted(cursor, kpi_relation(aged, names | {"reviewed"}), keys)
        summed = _summed(cursor, kpi_relation(known, valued), keys, rule, rows.contract.timezone)
    return _cells(counted.merge(summed, how="outer", on=list(_KEYS)).fillna(0.0))


def ordered(cut_offs: Sequence[CutOff]) -> tuple[CutOff, ...]:
    """Return different cut-offs, the one that flags most first."""
    different = {(cut.value, cut.included): cut for cut in cut_offs}
    return tuple(sorted(different.values(), key=lambda cut: (cut.value, not cut.included)))


def decision_word(contract: ModelContract) -> tuple[str, bool]:
    """Return the word that the newest policy decides by, and whether it is the flagged side's."""
    for policy in sorted(contract.policy, key=lambda each: each.start, reverse=True):
        column, comparison, _, word = policy.parts()
        if column == "score":
            return word.strip().lower(), comparison in {">", ">="}
    return "", True


def other_side(contract: ModelContract, rule: ValueRule) -> frozenset[str]:
    """Return the words that policies of the contract take on the other side than the rule's."""
    return frozenset(
        word.strip().lower()
        for column, comparison, _, word in (each.parts() for each in contract.policy)
        if column == "score" and (comparison in {">", ">="}) != rule.word_flags
    )


def usual_other_word(connection: duckdb.DuckDBPyConnection, rows: KpiRows, rule: ValueRule) -> str:
    """Return what the log mostly says of rows that the rule's word is not for; empty for nothing.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    found = kpi_relation(replace(rows, maturity="none"), {"decision", "flagged"})
    if found is None:
        return ""
    said, flagged = f"lower(trim({found.columns['decision']}))", found.columns["flagged"]
    query = f"""
        SELECT said FROM (
            SELECT {said} AS said {found.source} AND {found.period} >= 0
                AND ({flagged}) = {not rule.word_flags!s} AND {said} <> ''
                AND {said} <> {quoted(rule.word)}
        ) GROUP BY said ORDER BY count(*) DESC, said LIMIT 1
    """  # noqa: S608 - names, numbers and quoted literals
    with connection.cursor() as cursor, stale_files():
        row = cursor.execute(query).fetchone()
    return "" if row is None else str(row[0])


@dataclass(frozen=True, slots=True)
class KeySql:
    """The keys of a cell, over names that :func:`kpi_relation` knows."""

    rule: ValueRule
    cut_offs: tuple[CutOff, ...]
    by_score: bool

    def columns(self, found: Relation) -> str:
        """Return the SQL of the keys."""
        score, flagged = found.columns["score"], found.columns["flagged"]
        cell = score_cell_sql(score) if self.by_score else "0"
        reached = " + ".join(
            f"CAST({score} {'>=' if cut.included else '>'} {float(cut.value)!r}::DOUBLE AS INTEGER)"
            for cut in self.cut_offs
        )
        return (
            f"{found.period} AS period, {cell} AS cell, {reached or '0'} AS reached,"
            f" CAST({flagged} AS INTEGER) AS flagged, {self._final(found)} AS final,"
            f" {held_sql(self.rule, found)} AS held"
        )

    def condition(self, found: Relation) -> str:
        """Return the SQL of whether a row has keys: nothing is said of a row without a score."""
        flagged = found.columns["flagged"]
        return f"{usable_score_sql(found.columns['score'])} AND ({flagged}) IS NOT NULL"

    def _final(self, found: Relation) -> str:
        if not self.rule.word:
            return f"{UNDECIDED:d}"
        said = f"lower(trim({found.columns['final_decision']}))"
        others = ", ".join(quoted(each) for each in sorted(self.rule.others))
        other = f"{said} IN ({others})" if others else f"{said} <> ''"
        flags = int(self.rule.word_flags)
        return (
            f"CASE WHEN {said} = {quoted(self.rule.word)} THEN {flags:d}"
            f" WHEN {other} THEN {1 - flags:d} ELSE {UNDECIDED:d} END"
        )


def key_sql(rule: ValueRule, cut_offs: Sequence[CutOff], *, by_score: bool) -> KeySql:
    """Return the keys of cells parted at cut-offs."""
    return KeySql(rule, tuple(cut_offs), by_score)


def _counted(
    cursor: duckdb.DuckDBPyConnection, found: Relation | None, keys: KeySql
) -> pd.DataFrame:
    if found is None:
        return pd.DataFrame(columns=[*_KEYS, "n", "reviewed"])
    query = f"""
        SELECT {", ".join(_KEYS)}, count(*) AS n, count(*) FILTER (by_person) AS reviewed FROM (
            SELECT {keys.columns(found)}, {found.columns["reviewed"]} AS by_person
            {found.source} AND {keys.condition(found)}
        ) WHERE period >= 0 GROUP BY {", ".join(_KEYS)}
    """  # noqa: S608 - names, numbers and quoted literals
    return cursor.execute(query).df()


def _summed(
    cursor: duckdb.DuckDBPyConnection,
    found: Relation | None,
    keys: KeySql,
    rule: ValueRule,
    timezone: str,
) -> pd.DataFrame:
    if found is None:
        return pd.DataFrame(columns=[*_KEYS, *_NUMBERS[1:], *_VALUES[1:]])
    query = f"""
        WITH row AS (
            SELECT {keys.columns(found)}, {found.columns["label"]} AS label,
                   {found.columns["score"]} AS score,
                   {money_sql(rule, rule.flagged, found, timezone)} AS a,
                   {money_sql(rule, rule.not_flagged, found, timezone)} AS b
            {found.source} AND {keys.condition(found)}
        )
        SELECT {", ".join(_KEYS)}, {_SUMS}
        FROM (SELECT *, a - b AS gap FROM row WHERE period >= 0)
        GROUP BY {", ".join(_KEYS)}
    """  # noqa: S608 - names, numbers and quoted literals
    return cursor.execute(query).df()


def money_sql(rule: ValueRule, expression: RowExpression, found: Relation, timezone: str) -> str:
    """Return the SQL of what a row is worth, converted if the rule says so; NULL if unknown."""
    sql = row_sql(expression.node, found.columns)
    if rule.rates is not None:
        sql = f"(({sql}) * {rate_sql(rule.rates, 'r.time', timezone)})"
    return finite_sql(sql)


def held_sql(rule: ValueRule, found: Relation) -> str:
    """Return the SQL of 1 for a row of the hold-out, else 0."""
    if rule.hold_out is None:
        return "0"
    test = row_sql(rule.hold_out.node, found.columns)
    return f"CAST(coalesce({test}, FALSE) AS INTEGER)"


def finite_sql(sql: str) -> str:
    """Return the SQL of a number; NULL where it is infinite or not a number."""
    return f"CASE WHEN isfinite({sql}) THEN {sql} END"


def _cells(found: pd.DataFrame) -> ValueCells:
    def whole(name: str) -> Integers:
        return found[name].to_numpy().astype(np.int64)

    def number(name: str) -> Floats:
        return found[name].to_numpy().astype(np.float64)

    return ValueCells(
        period=whole("period"),
        cell=whole("cell"),
        reached=whole("reached"),
        flagged=whole("flagged"),
        final=whole("final"),
        held=whole("held"),
        n=number("n"),
        labelled=number("labelled"),
        positives=number("positives"),
        score=number("score"),
        reviewed=number("reviewed"),
        valued=number("valued"),
        sums=ValueSums(*(number(name) for name in _VALUES)),
    )


def _read(expression: RowExpression | None) -> frozenset[str]:
    return frozenset() if expression is None else expression.columns
