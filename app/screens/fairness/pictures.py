"""The charts of the page Fairness: groups beside each other, and since when."""

from collections.abc import Sequence

import numpy as np

from app.charts import Chart, Look, Mark, Series, interval_rows, labels_for, lines
from app.screens.fairness.words import lowest_label
from core.metrics.fairness import FOUR_FIFTHS
from core.metrics.registry import METRICS
from core.services.fairness.figures import AttributeFairness
from core.services.fairness.measure import FairnessTable
from core.services.fairness.words import attribute_label, group_label

MOST_LINES = 4


def ratio_chart(look: Look, table: FairnessTable) -> Chart:
    """Return the lowest ratio of each attribute with its interval, against four fifths."""
    t = look.t
    first, last = table.view.window.days(table.view.timezone)
    judged = table.judged
    return interval_rows(
        look,
        labels_for(
            t,
            title=t("Lowest group of each attribute beside the highest"),
            x=t(METRICS["selection_rate_ratio"].label),
            y=t("Group"),
            n=table.n,
            first=first,
            last=last,
        ),
        rows=[lowest_label(t, each) for each in judged],
        values=np.asarray([each.ratio.value for each in judged]),
        low=np.asarray([each.ratio.low for each in judged]),
        high=np.asarray([each.ratio.high for each in judged]),
        n=[each.ratio.n for each in judged],
        limit=FOUR_FIFTHS,
        limit_word=t("four fifths"),
        write=t.number,
        interval_word=t("95% interval"),
    )


def rate_chart(look: Look, table: FairnessTable, found: AttributeFairness) -> Chart:
    """Return the favourable rates of an attribute's groups, against four fifths of the best."""
    t, selection = look.t, found.overall.selection
    first, last = table.view.window.days(table.view.timezone)
    best = float(selection.rate.value[selection.best])
    return interval_rows(
        look,
        labels_for(
            t,
            title=t(
                "Favourable rate by {attribute}", attribute=attribute_label(t, found.attribute)
            ),
            x=t(METRICS["selection_rate"].label),
            y=t("Group"),
            n=int(selection.rate.n.sum()),
            first=first,
            last=last,
        ),
        rows=[group_label(t, found.attribute, key) for key in found.overall.counts.groups],
        values=selection.rate.value,
        low=selection.rate.low,
        high=selection.rate.high,
        n=[int(count) for count in selection.rate.n],
        limit=FOUR_FIFTHS * best,
        limit_word=t("four fifths of the highest"),
        write=t.percent,
        interval_word=t("95% interval"),
    )


def course_chart(
    look: Look, table: FairnessTable, found: AttributeFairness, marks: Sequence[Mark] = ()
) -> Chart:
    """Return the ratio of the lowest groups to the best one over time."""
    t, view = look.t, table.view
    first, last = view.window.days(view.timezone)
    names, best = found.overall.counts.groups, found.ratio.best
    order = np.argsort(found.overall.selection.rate.value)
    shown = [names[place] for place in order if names[place] != best][:MOST_LINES]
    chunks = [chunk for chunk, _ in found.chunks]
    return lines(
        look,
        labels_for(
            t,
            title=t(
                "{attribute}: favourable rate over that of {best}, over time",
                attribute=attribute_label(t, found.attribute),
                best=group_label(t, found.attribute, best),
            ),
            x=t("Period"),
            y=t("Ratio to {best}", best=group_label(t, found.attribute, best)),
            n=int(found.overall.counts.n.sum()),
            first=first,
            last=last,
        ),
        at=view.local_starts(chunks),
        series=[
            Series(group_label(t, found.attribute, key), _ratios(found, key, best)) for key in shown
        ],
        marks=marks,
        limit=(FOUR_FIFTHS, t("four fifths")),
    )


def has_gaps(found: AttributeFairness) -> bool:
    """Whether in some period one of the two groups of the attribute's ratio is not shown."""
    return bool(np.isnan(_ratios(found, found.ratio.worst, found.ratio.best)).any())


def _ratios(
    found: AttributeFairness, key: str, best: str
) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Return a group's ratio to another by chunk; NaN where either is not shown."""
    values = []
    for _, figures in found.chunks:
        names, rate = figures.counts.groups, figures.selection.rate.value
        both = key in names and best in names and rate[names.index(best)] > 0
        ratio = rate[names.index(key)] / rate[names.index(best)] if both else np.nan
        values.append(float(ratio))
    return np.asarray(values, dtype=np.float64)
