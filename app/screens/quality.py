"""The data-quality screen: which columns are missing, out of range or unseen."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from app.charts import Chart, Look, Mark, heat_map, labels_for, trend
from app.components import Column, Kpi
from app.screens.words import column_label
from core.domain.status import Status, worst
from core.i18n import N_, Translator
from core.metrics.registry import METRICS
from core.services.quality import SHARES, ColumnQuality, Quality

_BATCH_FIGURES = ("type_error_share", "duplicate_share")

_SEVERITY = {
    Status.act: 3,
    Status.watch: 2,
    Status.in_range: 1,
    Status.not_enough_data: 0,
}


_DEFECTS = {
    "missing_share": N_("{share} of its rows have no value"),
    "out_of_range_share": N_("{share} of its values are out of range"),
    "unseen_share": N_("{share} of its values are in no category of the reference"),
}


def newest_share(column: ColumnQuality, name: str) -> float:
    """Return one share of a column in the newest chunk with rows; NaN if it does not apply."""
    return float(column.share(name)[_newest(column)])


def _newest(column: ColumnQuality) -> int:
    filled = np.flatnonzero(column.current.rows)
    return int(filled[-1]) if filled.size else 0


def worst_share(found: Quality, column: ColumnQuality) -> tuple[str, float]:
    """Return the defect that is worst in the newest chunk with rows, and its share."""
    newest = _newest(column)
    shares = [(name, newest_share(column, name)) for name in SHARES]
    known = [
        (_SEVERITY[found.statuses(column, name)[newest]], value, name)
        for name, value in shares
        if not np.isnan(value)
    ]
    if not known:
        return SHARES[0], np.nan
    _, value, name = max(known)
    return name, value


def ranked(found: Quality) -> list[ColumnQuality]:
    """Return the columns, the worst first."""

    def rank(column: ColumnQuality) -> tuple[int, float]:
        return _SEVERITY[found.newest_status(column)], float(
            np.nan_to_num(worst_share(found, column)[1])
        )

    return sorted(found.columns, key=rank, reverse=True)


def summary(t: Translator, found: Quality) -> tuple[str, Status]:
    """Return the sentence of the page and its status."""
    text, status = _of_columns(t, found)
    age = found.whole_log()["freshness"][1]
    if age in {Status.watch, Status.act}:
        text = t.sentences(text, _late(t, found))
    whole = worst(entry[1] for entry in found.whole_log().values())
    if status is Status.not_enough_data and whole is Status.in_range:
        return text, status  # a log in order says nothing of inputs that nobody could judge
    return text, worst([status, whole])


def _late(t: Translator, found: Quality) -> str:
    age = t.duration(found.freshness)
    if found.view.asked_as_of is not None:
        return t("The newest prediction is {age} older than the as-of time.", age=age)
    return t("The newest prediction is {age} older than the newest decision.", age=age)


def _refused(t: Translator, found: Quality) -> str:
    if found.ingest is None:
        return ""
    refused = found.ingest.rows_quarantined
    if not refused:
        return t("No row was quarantined.")
    return t.n("One row is in quarantine.", "{n} rows are in quarantine.", refused)


def _in_range(t: Translator, found: Quality) -> str:
    """Name the largest share although it is no reason to act, beside the same in the reference."""
    shares = [
        (value, column, name)
        for column in found.columns
        for name in SHARES
        if not np.isnan(value := newest_share(column, name))
    ]
    value, column, name = max(shares, key=lambda share: share[0])
    if value == 0:
        return t("No input is past its watch level; no value is missing, out of range or unseen.")
    return t(
        "No input is past its watch level; the largest share is {feature}: {measure} {share}, "
        "{reference} in the reference.",
        feature=column_label(t, found.view.contract, column.column),
        measure=t(METRICS[name].label),
        share=t.percent(value, 2),
        reference=t.percent(column.reference_share(name), 2),
    )


def _of_columns(t: Translator, found: Quality) -> tuple[str, Status]:
    tail = _refused(t, found)
    if not found.columns:
        return tail or t("The inputs cannot be judged yet."), Status.not_enough_data
    if all(found.newest_status(c) is Status.not_enough_data for c in found.columns):
        few = t("There are too few rows in this period to judge the inputs.")
        return t.sentences(few, tail), Status.not_enough_data
    order = ranked(found)
    bad = [c for c in order if found.newest_status(c) in {Status.act, Status.watch}]
    if not bad:
        return t.sentences(_in_range(t, found), tail), Status.in_range
    name, value = worst_share(found, bad[0])
    words = {
        "feature": column_label(t, found.view.contract, bad[0].column),
        "defect": t(_DEFECTS[name], share=t.percent(value)),
    }
    if len(bad) == 1:
        head = t("One input needs a look, {feature}: {defect}.", **words)
    else:
        head = t("{n} inputs need a look. The worst is {feature}: {defect}.", n=len(bad), **words)
    return t.sentences(head, tail), worst(found.newest_status(column) for column in bad)


def figures(t: Translator, found: Quality) -> list[Kpi]:
    """Return the figures of the log as a whole."""
    shown = []
    for name, (value, status) in found.whole_log().items():
        metric = METRICS[name]
        text = t.duration(found.freshness) if name == "freshness" else t.percent(value, 2)
        shown.append(Kpi(t(metric.label), text, status=status, definition=t(metric.meaning)))
    if found.ingest is None:
        hidden = t("not available in your scope")
        shown += [
            Kpi(t(METRICS[name].label), "–", note=hidden, definition=t(METRICS[name].meaning))
            for name in _BATCH_FIGURES
        ]
    return shown


def ranking(t: Translator, found: Quality) -> tuple[pd.DataFrame, list[Column]]:
    """Return the ranked table; its index holds the column names."""
    rows = []
    for column in ranked(found):
        name, _ = worst_share(found, column)
        shares = {key: newest_share(column, key) for key in SHARES}
        rows.append(
            {
                "label": column_label(t, found.view.contract, column.column),
                "status": found.newest_status(column),
                **shares,
                "reference": column.reference_share(name),
                "trend": [round(float(v), 5) for v in np.nan_to_num(column.share(name))],
            }
        )
    frame = pd.DataFrame(rows, index=[column.column for column in ranked(found)])
    columns = [
        Column("label", t("Input")),
        Column("status", t("Status"), kind="status"),
        *(Column(name, t(METRICS[name].label), kind="percent", digits=2) for name in SHARES),
        Column("reference", t("Same in the reference"), kind="percent", digits=2),
        Column("trend", t("Course"), kind="trend"),
    ]
    return frame, columns


def map_chart(
    look: Look, found: Quality, name: str, selected: str | None, marks: Sequence[Mark] = ()
) -> Chart:
    """Return one share by input and period."""
    t, contract = look.t, found.view.contract
    first, last = found.view.window.days(found.view.timezone)
    order = [column for column in ranked(found) if not np.isnan(column.share(name)).all()]
    return heat_map(
        look,
        labels_for(
            t,
            title=t("{measure} by input and period", measure=t(METRICS[name].label)),
            x=t("Period"),
            y=t("Input"),
            n=int(max((c.current.rows.sum() for c in order), default=0)),
            unit=t(METRICS[name].label),
            first=first,
            last=last,
        ),
        rows=[column_label(t, contract, column.column) for column in order],
        columns=[chunk.key for chunk in found.chunks],
        at=found.view.local_starts(found.chunks),
        marks=marks,
        as_share=True,
        values=np.vstack([column.share(name) for column in order]),
        threshold=float(found.thresholds(name).act or 1.0),
        selected=None if selected is None else column_label(t, contract, selected),
    )


def shares_shown(found: Quality) -> list[str]:
    """Return the shares that apply to at least one column."""
    return [
        name
        for name in SHARES
        if any(not np.isnan(column.share(name)).all() for column in found.columns)
    ]


def trend_chart(
    look: Look, found: Quality, column: ColumnQuality, name: str, marks: Sequence[Mark] = ()
) -> Chart:
    """Return one share of one column over time, with its thresholds."""
    t = look.t
    first, last = found.view.window.days(found.view.timezone)
    return trend(
        look,
        labels_for(
            t,
            title=t(
                "{measure} of {feature}",
                measure=t(METRICS[name].label),
                feature=column_label(t, found.view.contract, column.column),
            ),
            x=t("Period"),
            y=t(METRICS[name].label),
            n=int(column.current.rows.sum()),
            first=first,
            last=last,
        ),
        at=found.view.local_starts(found.chunks),
        values=column.share(name),
        watch=found.thresholds(name).watch,
        act=found.thresholds(name).act,
        marks=marks,
        as_share=True,
    )
