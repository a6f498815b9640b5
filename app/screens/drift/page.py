"""The drift screen: what moved, since when, and what the change looks like."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from app.charts import (
    Chart,
    Look,
    Mark,
    drawn_rows,
    heat_map,
    labels_for,
    trend,
)
from app.components import Column
from app.screens.compared import (
    comparison_text,
    nothing_compared,
    with_comparison,
)
from app.screens.words import (
    column_label,
    column_unit,
    group_phrase,
    named_group,
)
from core.domain.status import Status, worst
from core.i18n import Translator
from core.metrics.drift import contributions, largest_move
from core.metrics.registry import METRICS
from core.services.drift.measure import ColumnDrift, DriftTable, first_of_run, newest_judged

_SEVERITY = {
    Status.act: 3,
    Status.watch: 2,
    Status.in_range: 1,
    Status.not_enough_data: 0,
}


def current_status(column: ColumnDrift) -> Status:
    """Return the status of the newest chunk with enough data."""
    newest = newest_judged(column)
    return Status.not_enough_data if newest is None else column.status_at(newest)


def ranked(table: DriftTable) -> list[ColumnDrift]:
    """Return the columns, the one that moved most first."""

    def rank(column: ColumnDrift) -> tuple[int, float]:
        newest = newest_judged(column)
        value = -1.0 if newest is None else float(column.result.value[newest])
        return _SEVERITY[current_status(column)], value

    return sorted(table.columns, key=rank, reverse=True)


def summary(t: Translator, table: DriftTable) -> tuple[str, Status]:
    """Return the sentence of the page and the status it stands for."""
    order = [column for column in ranked(table) if not column.is_output]
    statuses = [current_status(column) for column in order]
    moved = [
        column
        for column, status in zip(order, statuses, strict=True)
        if status in {Status.watch, Status.act}
    ]
    if all(status is Status.not_enough_data for status in statuses):
        if nothing := nothing_compared(t, table):
            return nothing, worst([])
        return t("There are too few rows in this period to say whether inputs moved."), worst([])
    if not moved:
        return t("No input has moved beyond its watch level."), Status.in_range
    largest = moved[0]
    contract = table.view.contract
    since = first_of_run(largest, table.chunks)
    day = "" if since is None else t.date(since, table.view.timezone)
    words = {"feature": column_label(t, contract, largest.column), "date": day}
    if len(moved) == 1:
        text = t("One input has moved: {feature}, since {date}.", **words)
    else:
        text = t(
            "{n} inputs have moved; the largest move is {feature}, since {date}.",
            n=len(moved),
            **words,
        )
    return t.sentences(text, cause(t, table, largest)), worst(statuses)


def cause(t: Translator, table: DriftTable, column: ColumnDrift) -> str:
    """Return one sentence on which values became more or less frequent."""
    newest = newest_judged(column)
    if newest is None:
        return ""
    move = largest_move(
        contributions(
            column.result.method,
            column.counts.bins,
            column.counts.reference_at(newest),
            column.counts.current_at(newest),
        )
    )
    if move is None:
        return ""
    contract = table.view.contract
    words = {
        "group": group_phrase(
            t,
            named_group(t, contract, column.column, move.group),
            column_unit(t, contract, column.column),
        ),
        "before": t.percent(move.reference_share),
        "after": t.percent(move.current_share),
    }
    if not table.against.is_fixed:
        if move.moved > 0:
            return t("The share of {group} rose from {before} to {after}.", **words)
        return t("The share of {group} fell from {before} to {after}.", **words)
    if move.moved > 0:
        return t("The share of {group} rose from {before} in the reference to {after}.", **words)
    return t("The share of {group} fell from {before} in the reference to {after}.", **words)


def map_chart(
    look: Look, table: DriftTable, selected: str | None, marks: Sequence[Mark] = ()
) -> Chart:
    """Return the heat map of inputs and outputs over time."""
    t, contract = look.t, table.view.contract
    first, last = table.view.window.days(table.view.timezone)
    order = ranked(table)
    values = np.vstack([_judged_values(column) for column in order])
    # A measure for numbers leaves categories to another one.
    name = " / ".join(dict.fromkeys(t(METRICS[column.result.method].label) for column in order))
    return heat_map(
        look,
        labels_for(
            t,
            title=with_comparison(t, t("Drift by input and period"), table.against),
            x=t("Period"),
            y=t("Input"),
            n=_rows(table),
            unit=name,
            first=first,
            last=last,
        ),
        rows=[column_label(t, contract, column.column) for column in order],
        columns=chunk_labels(t, table),
        ticks=_chunk_ticks(table),
        at=table.view.local_starts(table.chunks),
        marks=marks,
        values=values,
        threshold=float(order[0].result.act or 1.0),
        selected=None if selected is None else column_label(t, contract, selected),
    )


def left_out(t: Translator, table: DriftTable) -> str:
    """Say that the map does not draw every row, if its chunks are too many for that."""
    values = np.vstack([column.result.value for column in table.columns])
    drawn = len(drawn_rows(values))
    if drawn == len(values):
        return ""
    return t(
        "Only the {n} inputs and outputs that moved most fit into the picture; the tables have "
        "all.",
        n=drawn,
    )


def ranking(t: Translator, table: DriftTable) -> tuple[pd.DataFrame, list[Column]]:
    """Return the ranked table and its columns; its index holds the column names."""
    rows = []
    for column in ranked(table):
        newest = newest_judged(column)
        since = first_of_run(column, table.chunks)
        rows.append(
            {
                "label": column_label(t, table.view.contract, column.column),
                "status": current_status(column),
                "value": np.nan if newest is None else column.result.value[newest],
                "method": t(METRICS[column.result.method].label),
                "since": "" if since is None else t.date(since, table.view.timezone),
                "cause": cause(t, table, column),
                "trend": [round(float(v), 4) for v in np.nan_to_num(column.result.value)],
            }
        )
    frame = pd.DataFrame(rows, index=[column.column for column in ranked(table)])
    columns = [
        Column("label", t("Input")),
        Column("status", t("Status"), kind="status"),
        Column("value", t("Newest value"), kind="number", digits=3),
        Column("since", t("Outside since")),
        Column("trend", t("Course"), kind="trend"),
        Column("cause", t("What changed"), wide=True),
    ]
    return frame, columns


def trend_chart(
    look: Look, table: DriftTable, column: ColumnDrift, marks: Sequence[Mark] = ()
) -> Chart:
    """Return one column's drift over time with its thresholds and the reference period."""
    t, view = look.t, table.view
    first, last = view.window.days(view.timezone)
    reference = view.contract.reference
    zone = view.contract.zone
    shaded = None
    if not table.periods and table.chunks[0].start.astimezone(zone).date() <= reference.end:
        window = view.reference_window
        shaded = (window.start.astimezone(zone), window.end.astimezone(zone))
    return trend(
        look,
        labels_for(
            t,
            title=with_comparison(
                t,
                t("Drift of {feature}", feature=column_label(t, view.contract, column.column)),
                table.against,
            ),
            x=t("Period"),
            y=t(METRICS[column.result.method].label),
            n=int(column.result.n_cur.sum()),
            first=first,
            last=last,
        ),
        at=view.local_starts(table.chunks),
        values=_judged_values(column),
        watch=column.result.watch,
        act=column.result.act,
        marks=marks,
        reference=shaded,
    )


def _judged_values(column: ColumnDrift) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return the values, NaN where too few rows stand behind them."""
    judged = np.asarray(column.result.status) != Status.not_enough_data.value
    return np.where(judged, column.result.value, np.nan)


def _rows(table: DriftTable) -> int:
    return int(max((column.counts.current.row_count.sum() for column in table.columns), default=0))


def one_method(table: DriftTable, method: str) -> DriftTable:
    """Keep one row a column: the method asked for, or the one that applies to the column."""
    kept: dict[str, ColumnDrift] = {}
    for column in table.columns:
        if column.column not in kept or column.result.method == method:
            kept[column.column] = column
    return replace(table, columns=tuple(kept.values()))


def _chunk_ticks(table: DriftTable) -> list[str]:
    """Return the chunks' names for an axis: chunks of rows by the month that they begin in."""
    if table.view.rows_per_chunk is None:
        return [chunk.key for chunk in table.chunks]
    return [f"{start:%Y-%m}" for start in table.view.local_starts(table.chunks)]


def chunk_labels(t: Translator, table: DriftTable) -> list[str]:
    """Return the chunks' names: those of the calendar, or number and first day."""
    if table.view.rows_per_chunk is None:
        return [chunk.key for chunk in table.chunks]
    return [f"{chunk.key} · {t.date(chunk.start, table.view.timezone)}" for chunk in table.chunks]


def reference_text(t: Translator, table: DriftTable) -> str:
    """Return what is compared with: which days it is, and how many rows stand in it."""
    if not table.against.is_fixed:
        return comparison_text(t, table)
    reference = table.view.contract.reference
    rows = max((int(column.counts.reference.row_count) for column in table.columns), default=0)
    return t(
        "{period}, {n} rows; bins {bins}.",
        period=t.period(reference.start, reference.end),
        n=rows,
        bins=table.view.bins_id or "–",
    )


def threshold_text(t: Translator, table: DriftTable) -> str:
    """Return the thresholds in force and the rows needed."""
    result = table.columns[0].result
    return t(
        "Watch from {watch}, act from {act}; a period needs {n} rows on both sides to be judged.",
        watch=t.number(result.watch),
        act=t.number(result.act),
        n=result.required_n,
    )


def sources(t: Translator, table: DriftTable) -> list[str]:
    """Return where the figures come from."""
    return [
        t("counted now, lake generation {number}", number=str(table.view.generation)),
        t("bins {bins}", bins=table.view.bins_id or "–"),
    ]
