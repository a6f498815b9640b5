"""Rows of two periods counted in cells, with the sums of a KPI, to tell why it changed.

One pass of the rows groups them by who (a segment), model version, score band, automated decision
and final decision, and by a random group of rows from which intervals are drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import duckdb
import numpy as np
import pandas as pd

from core.contract import ModelContract
from core.contract.cut_offs import EVEN, CutOff, cut_offs
from core.contract.kpi_names import FLAGGED, kpi_names
from core.domain.expression import Atom
from core.domain.expression.tree import columns_of
from core.domain.windows import Chunk, start_of_day
from core.lake.kpis.expression_sql import row_sql
from core.lake.kpis.rows import KpiRows, Relation, group_sql, kpi_relation
from core.lake.profiles.segments import SliceValues
from core.lake.profiles.slice_codes import slice_code_sql
from core.lake.row_filter import instant_literal
from core.lake.rows import stale_files
from core.metrics.arrays import AnyArray, Integers
from core.metrics.decomposition import Cells
from core.metrics.kpi.plan import GROUPS

MOST_BANDS = 10
ROWS_A_CELL = 20
"""Rows that a score band of a segment value should have in the smaller period, on average."""

_KEYS = ("segment", "version", "band", "automated", "final")


@dataclass(frozen=True, slots=True)
class CellRows:
    """Which rows to count, and how to tell them apart.

    Parameters
    ----------
    rows : KpiRows
        Whose two chunks are the periods, in the order of time.
    atoms : tuple of Atom
        Sums and counts over the rows.
    segment : SliceValues, optional
        Who: one segment; ``None`` takes all rows for one.
    turned : bool
        Whether the second chunk is the period before.
    """

    rows: KpiRows
    atoms: tuple[Atom, ...]
    segment: SliceValues | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class KpiCells:
    """The cells of two periods.

    Parameters
    ----------
    cells : Cells
        By group of rows; the first key is a place among the segment's labels.
    edges : tuple of float
        Scores at which a band begins, but the first.
    paired : bool
        Whether a group is the same subjects in both periods.
    """

    cells: Cells
    edges: tuple[float, ...]
    paired: bool


def kpi_cells(connection: duckdb.DuckDBPyConnection, wanted: CellRows) -> KpiCells | None:
    """Count rows in cells.

    Returns
    -------
    KpiCells or None
        ``None`` if a period has no row that counts.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    names = _names(wanted)
    reads = _reads(wanted)
    relation = kpi_relation(wanted.rows, names, reads=reads)
    every = kpi_relation(replace(wanted.rows, maturity="none"), (), reads=("score",))
    if relation is None or every is None:
        return None
    by_subject = "subject" in reads
    with connection.cursor() as cursor, stale_files():
        edges = _edges(cursor, wanted, every)
        if edges is None:
            return None
        query = _query(wanted, relation, edges, by_subject=by_subject)
        found = cursor.execute(query).df()
    if not found["period"].isin([0, 1]).any() or found["period"].nunique() < 2:
        return None
    return KpiCells(_cells(found, wanted), edges, by_subject)


def rows_of_periods(
    connection: duckdb.DuckDBPyConnection, rows: KpiRows, final_until: datetime
) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return how many predictions both chunks have, whatever is known of them.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    rows : KpiRows
        Whose two chunks are the periods.
    final_until : datetime
        Up to when predictions are old enough to count.

    Returns
    -------
    tuple of (int, int)
        Of each chunk: those old enough, and those younger.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    relation = kpi_relation(replace(rows, maturity="none"), ())
    if relation is None:
        return (0, 0), (0, 0)
    old = f"count(*) FILTER (r.time <= {instant_literal(final_until)})"
    query = f"SELECT {relation.period}, {old}, count(*) - {old} {relation.source} GROUP BY 1"
    with connection.cursor() as cursor, stale_files():
        found = {
            int(place): (int(n), int(young)) for place, n, young in cursor.execute(query).fetchall()
        }
    return found.get(0, (0, 0)), found.get(1, (0, 0))


def band_edges(scores: Sequence[float], cuts: Sequence[CutOff]) -> tuple[float, ...]:
    """Return where score bands begin: at some scores, and wherever a cut-off lies.

    A row belongs to the band of the last edge that its score reaches, so a cut-off which flags only
    what is above it begins a band at the next number.
    """
    limits = [cut.value if cut.included else float(np.nextafter(cut.value, np.inf)) for cut in cuts]
    return tuple(sorted({*map(float, scores), *limits}))


def cuts_in_force(contract: ModelContract, chunks: Sequence[Chunk]) -> tuple[CutOff, ...]:
    """Return the cut-offs that hold for some row of some chunks; an even chance without policy."""
    found = cut_offs(contract)
    if not found.by_version and not found.by_day:
        return (CutOff(EVEN),) if contract.task == "binary_classification" else ()
    cuts = [cut for _, cut in found.by_version]
    ends: datetime | None = None  # of the policy that is looked at: the newest goes on
    for day, cut in found.by_day:
        starts = start_of_day(day, contract.timezone)
        if any(starts < each.end and (ends is None or ends > each.start) for each in chunks):
            cuts.append(cut)
        ends = starts
    return tuple(dict.fromkeys(cuts))


def _names(wanted: CellRows) -> set[str]:
    nodes = [part for atom in wanted.atoms for part in (atom.value, atom.where)]
    named = set(columns_of(*nodes))
    known = kpi_names(wanted.rows.contract)
    decided = {"final_decision", "decided_by", "reviewed"}
    return named | decided | ({"decision", FLAGGED} & set(known))


def _reads(wanted: CellRows) -> tuple[str, ...]:
    found = ["version", "score", "prediction_id"]
    if wanted.segment is not None:
        found.append(wanted.segment.column)
    if wanted.rows.contract.log.subject is not None:
        found.append("subject")
    return tuple(found)


def _edges(
    cursor: duckdb.DuckDBPyConnection, wanted: CellRows, relation: Relation
) -> tuple[float, ...] | None:
    """Return where score bands begin; ``None`` if a period has no row.

    The relation is that of all predictions of both periods, of which the rows that count are some:
    so nothing is joined for it.
    """
    tenths = [number / MOST_BANDS for number in range(1, MOST_BANDS)]
    score = "(CASE WHEN isfinite(r.score) THEN r.score END)"
    query = (
        "SELECT count(*) FILTER (WHERE period = 0), count(*) FILTER (WHERE period = 1)"  # noqa: S608
        f", quantile_disc(score, {tenths!r}) FROM (SELECT {relation.period} AS period,"
        f" {score} AS score {relation.source})"
    )
    row = cursor.execute(query).fetchone()
    if row is None or not row[0] or not row[1]:
        return None
    values = len(wanted.segment.labels) if wanted.segment is not None else 1
    bands = min(MOST_BANDS, max(1, min(row[0], row[1]) // (ROWS_A_CELL * values)))
    scores = row[2] or []
    places = {round(MOST_BANDS * place / bands) for place in range(1, bands)}
    kept = [float(found) for place, found in enumerate(scores, 1) if place in places]
    return band_edges(kept, cuts_in_force(wanted.rows.contract, wanted.rows.chunks))


def _query(
    wanted: CellRows, relation: Relation, edges: tuple[float, ...], *, by_subject: bool
) -> str:
    contract, columns = wanted.rows.contract, relation.columns
    segment = "0" if wanted.segment is None else slice_code_sql(contract, (wanted.segment,))
    reached = " + ".join(
        ["0", *(f"(r.score >= {float(edge)!r}::DOUBLE)::INTEGER" for edge in edges)]
    )
    band = f"CASE WHEN isfinite(r.score) THEN {reached} ELSE -1 END"
    automated = _columns(columns, "a", "decision", FLAGGED, *_policy(wanted))
    final = _columns(columns, "f", "final_decision", "decided_by", "reviewed")
    keys = (
        f"{relation.period} AS period, {group_sql(by_subject=by_subject)} AS part,"
        f" {segment} AS segment, coalesce(r.version, '') AS version, {band} AS band"
    )
    sums = ", ".join(
        f"{_sum_sql(atom, relation)} AS s{place}" for place, atom in enumerate(wanted.atoms)
    )
    parted = ", ".join([keys, *automated, *final])
    grouped = f"SELECT {parted}, count(*) AS n, {sums} {relation.source} GROUP BY ALL"
    kept = ", ".join(["period, part, segment, version, band, n", *_sum_names(wanted)])
    # Texts are put together of groups, which are few, and not of rows.
    return (
        f"SELECT {kept}, {_text('a', len(automated))} AS automated,"  # noqa: S608
        f" {_text('f', len(final))} AS final FROM ({grouped})"
    )


def _sum_names(wanted: CellRows) -> list[str]:
    return [f"s{place}" for place in range(len(wanted.atoms))]


def _policy(wanted: CellRows) -> tuple[str, ...]:
    """Return the name of the policy if the figure is about it: it acts through decisions else."""
    nodes = [part for atom in wanted.atoms for part in (atom.value, atom.where)]
    return ("policy_version",) if "policy_version" in columns_of(*nodes) else ()


def _columns(columns: Mapping[str, str], mark: str, *names: str) -> list[str]:
    """Return the SQL of some columns, named by a mark and their place; the missing are left out."""
    known = [columns[name] for name in names if name in columns]
    return [f"({sql}) AS {mark}{place}" for place, sql in enumerate(known)]


def _text(mark: str, count: int) -> str:
    """Return the SQL of one text of the columns with a mark."""
    parts = [f"coalesce({mark}{place}::VARCHAR, '')" for place in range(count)]
    return " || '|' || ".join(parts) if parts else "''"


def _sum_sql(atom: Atom, relation: Relation) -> str:
    which = "" if atom.where is None else f" FILTER (WHERE {row_sql(atom.where, relation.columns)})"
    if atom.value is None:
        return f"(count(*){which})::DOUBLE"
    return f"coalesce(sum({row_sql(atom.value, relation.columns)}){which}, 0)::DOUBLE"


def _cells(found: pd.DataFrame, wanted: CellRows) -> Cells:
    keys = np.stack([_codes(found[name]) for name in _KEYS], axis=1)
    period = found["period"].to_numpy(dtype=np.int64)
    sums: AnyArray = found[_sum_names(wanted)].to_numpy(dtype=np.float64)
    return Cells.by_group(
        keys,
        1 - period if wanted.turned else period,
        found["part"].to_numpy(dtype=np.int64),
        found["n"].to_numpy(dtype=np.float64),
        sums,
        groups=GROUPS,
    )


def _codes(column: "pd.Series[str]") -> Integers:
    """Return numbers as they are, and texts by their place in the alphabet."""
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=np.int64)
    codes, _ = pd.factorize(column, sort=True)
    return np.asarray(codes, dtype=np.int64)
