"""The fairness screen: which groups fare worse, by how much, and who is not shown."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from app.components import Column, FileOffer, Prepared, offer_files, publish_csv
from app.context import PageContext
from app.screens.fairness.words import REASONS, WHOSE_WORDS
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.metrics.fairness import FOUR_FIFTHS
from core.metrics.intervals import Interval
from core.metrics.registry import METRICS
from core.services.fairness.attributes import WHOSE
from core.services.fairness.figures import AttributeFairness
from core.services.fairness.measure import FairnessTable
from core.services.fairness.rows import csv_table
from core.services.fairness.words import attribute_label, group_label
from core.services.safe_csv import csv_bytes

MOST_PAIRS = 12
_WHOSE = "fairness_whose"


def choose_whose(ctx: PageContext) -> None:
    """Let the reader choose whose decisions are compared; it holds from the next run on."""
    t = ctx.t
    st.segmented_control(
        t("Whose decisions"),
        WHOSE,
        default=WHOSE[0],
        format_func=lambda each: t(WHOSE_WORDS[each]),
        key=_WHOSE,
        required=True,
    )


def chosen_whose() -> str:
    """Return whose decisions the reader compares."""
    return str(st.session_state.get(_WHOSE) or WHOSE[0])


def ranking(t: Translator, table: FairnessTable) -> tuple[pd.DataFrame, list[Column]]:
    """Return the attributes, the lowest ratio first, and the columns; the index is their name."""
    rest = [each for each in table.attributes if each not in table.judged]
    order = [*table.judged, *rest]
    rows = [
        {
            "label": attribute_label(t, each.attribute),
            "status": each.ratio.status,
            "ratio": each.ratio.value,
            "interval": _range(t, _three(t), each.ratio.low, each.ratio.high),
            "worst": group_label(t, each.attribute, each.ratio.worst) or "–",
            "best": group_label(t, each.attribute, each.ratio.best) or "–",
            "others": np.nan if each.others is None else float(each.others.ratio.value[1]),
            "n": each.n,
            "beside": each.beside,
            "moved": _moved(t, each),
            "note": _note(t, each),
        }
        for each in order
    ]
    columns = [
        Column("label", t("Attribute")),
        Column("status", t("Status"), kind="status"),
        Column("ratio", t("Lowest ratio"), kind="number", digits=3),
        Column("interval", t("95% interval")),
        Column("worst", t("Lowest rate")),
        Column("best", t("Highest rate")),
        Column("others", t("All others"), kind="number", digits=3),
        Column("n", t("Rows"), kind="count"),
        Column("beside", t("Not shown"), kind="count"),
        Column("moved", t("Over time")),
        Column("note", t("Remark")),
    ]
    return pd.DataFrame(rows, index=[each.attribute.column for each in order]), columns


def _moved(t: Translator, found: AttributeFairness) -> str:
    if not any(np.isfinite(each.p_value) for each in found.stability.values()):
        return "–"
    return t("changed") if found.moved else t("steady")


def _note(t: Translator, found: AttributeFairness) -> str:
    parts = [t(REASONS[found.reason])] if found.reason else []
    if found.ratio.by_chance:
        parts.append(t("may be chance"))
    if found.attribute.is_input:
        parts.append(t("Also an input of the model"))
    return t.items(*parts)


def group_frame(t: Translator, found: AttributeFairness) -> tuple[pd.DataFrame, list[Column]]:
    """Return every figure of an attribute's groups, and the columns."""
    figures = found.overall
    rows = [
        {
            "group": group_label(t, found.attribute, key),
            "n": int(figures.counts.n[place]),
            "rate": _interval(t, t.percent, figures.selection.rate, place),
            "ratio": _interval(t, _three(t), figures.selection.ratio, place),
            "flag": flag(t, figures.selection.ratio, place),
            "recall": _interval(t, t.percent, figures.opportunity.rate, place),
            "false": _interval(t, t.percent, figures.false_positives.rate, place),
            "precision": _interval(t, t.percent, figures.parity.rate, place),
            "gap": _interval(t, t.percent, figures.calibration, place),
            "score": _interval(t, _three(t), figures.scores, place),
        }
        for place, key in enumerate(figures.counts.groups)
    ]
    columns = [
        Column("group", t("Group")),
        Column("n", t("Rows"), kind="count"),
        Column("rate", t(METRICS["selection_rate"].label)),
        Column("ratio", t("Ratio")),
        Column("flag", t("Four fifths")),
        Column("recall", t(METRICS["true_favourable_rate"].label)),
        Column("false", t(METRICS["false_favourable_rate"].label)),
        Column("precision", t(METRICS["favourable_precision"].label)),
        Column("gap", t(METRICS["calibration_gap"].label)),
        Column("score", t(METRICS["mean_score"].label)),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def summary_frame(t: Translator, found: AttributeFairness) -> tuple[pd.DataFrame, list[Column]]:
    """Return how far the groups of an attribute lie apart, figure by figure."""
    rows = [
        {
            "figure": t(METRICS[metric].label),
            "status": each.status,
            "value": t.number(each.value, 3),
            "interval": _range(t, _three(t), each.low, each.high),
            "groups": "–"
            if not each.worst
            else t(
                "{one} and {other}",
                one=group_label(t, found.attribute, each.worst),
                other=group_label(t, found.attribute, each.best),
            ),
            "n": each.n,
        }
        for metric, each in found.summaries.items()
    ]
    columns = [
        Column("figure", t("Figure")),
        Column("value", t("Value")),
        Column("interval", t("95% interval")),
        Column("status", t("Status"), kind="status"),
        Column("groups", t("Between")),
        Column("n", t("Rows"), kind="count"),
    ]
    return pd.DataFrame(rows), columns


def pair_frame(t: Translator, table: FairnessTable) -> tuple[pd.DataFrame, list[Column]]:
    """Return the lowest cells of every two attributes together, and the columns."""
    rows = []
    for pair in table.pairs:
        selection = pair.overall.selection
        for place, (one, two) in enumerate(pair.groups):
            rows.append(
                {
                    "pair": " × ".join(
                        attribute_label(t, each) for each in (pair.first, pair.second)
                    ),
                    "cell": " × ".join(
                        (group_label(t, pair.first, one), group_label(t, pair.second, two))
                    ),
                    "n": int(selection.rate.n[place]),
                    "rate": _interval(t, t.percent, selection.rate, place),
                    "ratio": _interval(t, _three(t), selection.ratio, place),
                    "order": float(selection.ratio.value[place]),
                    "flag": flag(t, selection.ratio, place),
                }
            )
    columns = [
        Column("cell", t("Group")),
        Column("pair", t("Attributes")),
        Column("n", t("Rows"), kind="count"),
        Column("rate", t(METRICS["selection_rate"].label)),
        Column("ratio", t("Ratio to the best of the two attributes")),
        Column("flag", t("Four fifths")),
    ]
    frame = pd.DataFrame(rows, columns=[*(column.name for column in columns), "order"])
    return frame.sort_values("order", kind="stable").head(MOST_PAIRS), columns


def show_download(ctx: PageContext, table: FairnessTable) -> None:
    """Let the reader take every figure away, with what was asked in each line."""
    offer_files(
        ctx,
        FileOffer(
            ctx.t("Prepare the figures (CSV)"),
            lambda actor: _prepared(ctx, actor, table),
            key="fairness_prepare",
            permission=Permission.fairness_view,
            asked=(table.view.key, table.rule.source),
        ),
    )


def _prepared(ctx: PageContext, actor: Actor, table: FairnessTable) -> Prepared:
    model = table.view.contract.id
    header, rows = csv_table(
        table.view, table.judging.minimum, table.rows(), whose=table.rule.source
    )
    return publish_csv(
        ctx,
        actor,
        csv_bytes(header, rows),
        permission=Permission.fairness_view,
        name=f"fairness-{model}-{table.view.as_of:%Y%m%d}.csv",
        text=ctx.t("Download {n} figures with their filters (CSV)", n=len(rows)),
        model=model,
    )


def flag(t: Translator, ratio: Interval, place: int) -> str:
    """Say whether a ratio is below four fifths, and whether that may be chance."""
    if not ratio.value[place] < FOUR_FIFTHS:
        return "–"
    return t("below; may be chance") if ratio.high[place] >= 1 else t("below")


def _three(t: Translator) -> Callable[[float], str]:
    return lambda value: t.number(value, 3)


def _interval(t: Translator, write: Callable[[float], str], figure: Interval, place: int) -> str:
    """Write a figure with its interval; a dash where there is none."""
    value = float(figure.value[place])
    if np.isnan(value):
        return "–"
    low, high = float(figure.low[place]), float(figure.high[place])
    if low == high == value:
        return write(value)
    return t("{name} ({text})", name=write(value), text=_range(t, write, low, high))


def _range(t: Translator, write: Callable[[float], str], low: float, high: float) -> str:
    if np.isnan(low) or np.isnan(high):
        return "–"
    return t.between(write(low), write(high))
