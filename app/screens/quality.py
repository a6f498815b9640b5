"""The data-quality screen: which columns are missing, out of range or unseen."""

import numpy as np
import pandas as pd

from app.charts import Chart, Look, heat_map, labels_for, trend
from app.components import Column, Kpi
from app.screens.words import column_label
from core.domain.status import Status, worst
from core.i18n import N_, Translator
from core.metrics.registry import METRICS
from core.services.quality import SHARES, ColumnQuality, Quality

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


def worst_share(found: Quality, column: ColumnQuality) -> tuple[str, float]:
    """Return the defect that is worst in the newest chunk with rows, and its share."""
    filled = np.flatnonzero(column.current.rows)
    newest = int(filled[-1]) if filled.size else 0
    shares = [(name, float(column.share(name)[newest])) for name in SHARES]
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
        late = t(
            "The newest prediction is {age} older than the newest event.",
            age=t.duration(found.freshness),
        )
        text = t.sentences(text, late)
    return text, worst([status, *(entry[1] for entry in found.whole_log().values())])


def _of_columns(t: Translator, found: Quality) -> tuple[str, Status]:
    refused = found.ingest.rows_quarantined
    tail = (
        t("No row was quarantined.")
        if not refused
        else t.n("One row is in quarantine.", "{n} rows are in quarantine.", refused)
    )
    if not found.columns:
        return tail, Status.not_enough_data
    order = ranked(found)
    bad = [c for c in order if found.newest_status(c) in {Status.act, Status.watch}]
    if not bad:
        fine = t("Every input is as complete as in the reference.")
        return t.sentences(fine, tail), Status.in_range
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
    return shown


def ranking(t: Translator, found: Quality) -> tuple[pd.DataFrame, list[Column]]:
    """Return the ranked table; its index holds the column names."""
    rows = []
    for column in ranked(found):
        name, _ = worst_share(found, column)
        filled = np.flatnonzero(column.current.rows)
        newest = int(filled[-1]) if filled.size else 0
        shares = {key: float(column.share(key)[newest]) for key in SHARES}
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


def map_chart(look: Look, found: Quality, name: str, selected: str | None) -> Chart:
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
        values=np.vstack([column.share(name) for column in order]),
        threshold=float(METRICS[name].act or 1.0),
        selected=None if selected is None else column_label(t, contract, selected),
    )


def shares_shown(found: Quality) -> list[str]:
    """Return the shares that apply to at least one column."""
    return [
        name
        for name in SHARES
        if any(not np.isnan(column.share(name)).all() for column in found.columns)
    ]


def trend_chart(look: Look, found: Quality, column: ColumnQuality, name: str) -> Chart:
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
        watch=METRICS[name].watch,
        act=METRICS[name].act,
        as_share=True,
    )
