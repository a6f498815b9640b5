"""Words of the segments screen: names of slices, figures, findings, and the page's sentence."""

import math
from collections.abc import Mapping

from app.chosen import value_word
from app.screens import figures as units
from core.contract import ModelContract
from core.domain.status import Status
from core.i18n import N_, Translator
from core.metrics.registry import METRICS
from core.services.personal.names import MASK
from core.services.segments import COUNTED, SegmentTable, SliceRow

DAMAGE: Mapping[str, str] = {
    "calibration_gap": N_("More positives"),
    "precision": N_("More false alarms"),
    "recall": N_("More missed"),
    "specificity": N_("More false alarms"),
    "accuracy": N_("More errors"),
}
_DAMAGE_SENTENCES: Mapping[str, str] = {
    "calibration_gap": N_(
        "That is {count} more positive outcomes than if scores kept their word there as elsewhere."
    ),
    "precision": N_("That is {count} more false alarms than at the precision of the rest."),
    "recall": N_("That is {count} more positives missed than at the recall of the rest."),
    "specificity": N_("That is {count} more false alarms than at the specificity of the rest."),
    "accuracy": N_("That is {count} more wrong predictions than at the accuracy of the rest."),
}
DAMAGE_MEANING = N_(
    "Rows that the figure is of times the difference: how much of it there would be less, if the "
    "slice were like the rest."
)


def slice_label(t: Translator, contract: ModelContract, row: SliceRow) -> str:
    """Return what a slice is called: "State: FL", two segments joined by "and"."""
    return t.items(
        *(
            t(
                "{segment}: {value}",
                segment=contract.segment(name).label_in(t.locale),
                value=value_word(t, value),
            )
            for name, value in row.slice
        )
    )


def figure_text(t: Translator, table: SegmentTable, name: str, value: float) -> str:
    """Write a figure in its unit."""
    if math.isnan(value):
        return t.number(value)
    if name in COUNTED:
        return t.percent(value, 1)
    metric = METRICS[name]
    if metric.unit == "none":
        return t.number(value, 3)
    return units.figure_text(t, metric, value, currency=table.view.contract.currency)


def finding(t: Translator, row: SliceRow) -> str:
    """Say what may be said of a slice."""
    if row.status != "ok":
        return t("not judged")
    if not row.significant:
        return t("may be chance")
    return t("worse") if row.damage > 0 else t("better")


def summary(t: Translator, table: SegmentTable, name: str) -> tuple[str, Status | None]:
    """Return the sentence of the page, and the status it stands for."""
    judged, found = table.judged(name), table.found(name)
    if not judged:
        return t("No slice has enough final outcomes to be judged by this figure."), None
    if not found:
        return (
            t.n(
                "One slice was judged, and is not worse than the rest beyond chance.",
                "Of {n} slices judged, none is worse than the rest beyond chance.",
                len(judged),
            ),
            None,
        )
    worst = found[0]
    parts = [
        t(
            "The worst slice is {slice} (n = {n}): {figure} {value}, against {rest} in the rest.",
            slice=slice_label(t, table.view.contract, worst),
            figure=t(METRICS[name].label),
            value=figure_text(t, table, name, worst.value),
            rest=figure_text(t, table, name, worst.rest),
            n=worst.n,
        )
    ]
    if name in _DAMAGE_SENTENCES:
        parts.append(t(_DAMAGE_SENTENCES[name], count=round(worst.damage)))
    parts.append(
        t.n(
            "One slice is worse than the rest beyond chance, of {judged} judged.",
            "{n} slices are worse than the rest beyond chance, of {judged} judged.",
            len(found),
            judged=len(judged),
        )
    )
    return t.sentences(*parts), Status.watch


def masked_text(t: Translator, table: SegmentTable) -> str:
    """Say why values of personal columns have numbers, where the table has such."""
    rows = (row for each in table.figures.values() for row in each)
    if not any(value.startswith(MASK) for row in rows for _, value in row.slice):
        return ""
    return t.sentences(
        t("Values of personal columns are numbered, the frequent first."),
        t("Whoever may see protected groups compares them by name on the page Fairness."),
    )


def family_text(t: Translator, table: SegmentTable) -> str:
    """Say for how many comparisons the p-values are adjusted, and who is not judged."""
    text = t(
        "P-values are adjusted for all {n} comparisons of this page, of every figure (Holm): the "
        "chance of one false finding or more among them is at most {level}.",
        n=table.comparisons,
        level=t.percent(table.level, 0),
    )
    if not table.small:
        return text
    return t.sentences(
        text,
        t.n(
            "One of {slices} slices has fewer than {minimum} rows with final outcomes, so nothing "
            "is said of it.",
            "{n} of {slices} slices have fewer than {minimum} rows with final outcomes, so nothing "
            "is said of them.",
            table.small,
            slices=table.slices,
            minimum=table.minimum_n,
        ),
    )
