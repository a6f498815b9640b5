"""What the global view of a model says in words."""

from collections.abc import Callable
from functools import partial

import numpy as np

from app.components import Definition
from app.screens.decision.words import METHODS
from app.screens.words import value_text
from core.i18n import N_, Translator
from core.metrics.global_view import Dependence, Interaction, Point
from core.services.explanation.global_view import GlobalView

STRONG = 0.05
"""From this share on a pair is said to act together."""

_NAMED = 5  # pairs that go together, in a sentence

MISSING = N_("missing")
_DEFINITIONS = (
    (
        N_("Importance"),
        N_("Mean over rows of the absolute attribution of a field, with its standard error for "
           "the draw of the rows: (1/n) Σ |φ|. It says what the model reads, not what causes "
           "anything, and not whether reading it makes the model any better."),
    ),
    (
        N_("Partial dependence"),
        N_("Mean score of the background's rows with one field set to a value: (1/n) Σ f(v, rest "
           "of row i) (Friedman 2001). Where fields go closely together, it averages over "
           "combinations that hardly occur, and the model's answers there are of little worth."),
    ),
    (
        N_("Individual curves"),
        N_("The same for each row by itself (Goldstein et al. 2015). No row is shown alone: the "
           "band holds those from the 10th to the 90th percentile, dotted lines are means of a "
           "fifth of the rows. Lines that are not parallel mean that other fields matter to it."),
    ),
    (
        N_("Acting together"),
        N_("H²: share of the variance of two fields' joint partial dependence that is not the sum "
           "of their own (Friedman and Popescu 2008); its bar is the root mean square of that "
           "rest, on the scale of the model's output. 0 means that the two add up."),
    ),
    (
        N_("Going together in the data"),
        N_("Spearman's rank correlation of two numbers; Cramér's V of two categories; of a "
           "category and a number, the root of the share of ranks' variance between categories. "
           "What chance makes of categories is taken off. Named from 0.5 on."),
    ),
    (
        N_("What is left out"),
        N_("Numbers are rounded and reach from their 5th to their 95th percentile; a category "
           "needs 20 rows and at most twelve are shown; categories of personal fields are never "
           "named."),
    ),
)  # fmt: skip


def definitions(t: Translator) -> tuple[Definition, ...]:
    """Return what the figures are and what they cannot tell."""
    return tuple(Definition(t(term), t(text)) for term, text in _DEFINITIONS)


def field_label(t: Translator, view: GlobalView, field: str) -> str:
    """Return what people call a field."""
    return view.contract.feature(field).label_in(t.locale)


def point_name(t: Translator, view: GlobalView, field: str, value: Point) -> str:
    """Return a value of a field as people read it."""
    feature = view.contract.feature(field)
    if value is None:
        return t(MISSING)
    if isinstance(value, str):
        label = feature.value_in(value, t.locale)
        labels = [each.get(t.locale) for each in feature.value_labels.values()]
        return t("{name} ({text})", name=label, text=value) if labels.count(label) > 1 else label
    return value_text(t, value, feature.unit_in(t.locale))


def write_at(t: Translator, view: GlobalView, field: str) -> Callable[[float], str]:
    """Return what writes the numbers of a field."""
    return partial(_number, t, view.contract.feature(field).unit_in(t.locale))


def _number(t: Translator, unit: str, value: float) -> str:
    return value_text(t, value, unit)


def pair_text(t: Translator, view: GlobalView, pair: Interaction) -> str:
    """Return the names of two fields."""
    return f"{field_label(t, view, pair.first)} × {field_label(t, view, pair.second)}"


def importance_sentence(t: Translator, view: GlobalView) -> str:
    """Say which fields move the score most."""
    moving = [each for each in view.importance if each.mean > 0]
    if not moving:
        return t("No field moves the score of these rows.")
    first, *others = moving
    said = t(
        "{field} moves the score most: {share} of all that fields move it by.",
        field=field_label(t, view, first.field),
        share=t.percent(first.share, 0),
    )
    next_ones = t.items(
        *(
            t(
                "{name} ({text})",
                name=field_label(t, view, each.field),
                text=t.percent(each.share, 0),
            )
            for each in others[:2]
        )
    )
    still = [each for each in view.importance if each.mean == 0]
    unread = t.items(*(field_label(t, view, each.field) for each in still[:3]))
    return t.sentences(
        said,
        t("Then {fields}.", fields=next_ones) if others else "",
        t("Never moved by: {fields}.", fields=unread) if still else "",
    )


def curve_sentence(t: Translator, view: GlobalView, curve: Dependence) -> str:
    """Say from where to where a curve goes."""
    low, high = int(np.argmin(curve.mean)), int(np.argmax(curve.mean))
    said = t(
        "From {low} ({lowest}) to {high} ({highest}).",
        low=t.number(curve.mean[low]),
        lowest=point_name(t, view, curve.field, curve.values[low]),
        high=t.number(curve.mean[high]),
        highest=point_name(t, view, curve.field, curve.values[high]),
    )
    rest = t.n(
        "{n} rarer category is not shown.", "{n} rarer categories are not shown.", curve.left_out
    )
    return t.sentences(said, rest if curve.left_out else "")


def together_sentence(t: Translator, view: GlobalView) -> str:
    """Say whether any two fields act together, and which do most by share and by size."""
    known = [each for each in view.interactions if not np.isnan(each.h2)]
    most = max(known, key=lambda each: each.h2, default=None)
    if most is None or most.h2 < STRONG:
        return t(
            "The most important fields nearly add up: of no pair more than {share} of what both do "
            "is acting together.",
            share=t.percent(0.0 if most is None else most.h2),
        )
    said = t(
        "{pair}: {share} of what both do is not the sum of what each does.",
        pair=pair_text(t, view, most),
        share=t.percent(most.h2),
    )
    strongest = pair_text(t, view, view.interactions[0])
    if view.interactions[0] is most:
        return said
    return t.sentences(said, t("In size {pair} comes first.", pair=strongest))


def associated_sentence(t: Translator, view: GlobalView) -> str:
    """Name fields that go closely together in the data, and what that means for their curves."""
    named = t.items(
        *(
            t(
                "{name} ({text})",
                name=f"{field_label(t, view, each.first)} – {field_label(t, view, each.second)}",
                text=t.number(each.value, 2),
            )
            for each in view.associations[:_NAMED]
        )
    )
    rest = len(view.associations) - _NAMED
    return t.sentences(
        t("Closely together in the training data: {pairs}.", pairs=named),
        t.n("So is {n} other pair.", "So are {n} other pairs.", rest) if rest > 0 else "",
        t("Curves of these fields also average over combinations that hardly occur."),
    )


def sample_facts(t: Translator, view: GlobalView) -> dict[str, str]:
    """Return what the figures were made of."""
    sample = view.sample
    if sample is None:
        return {}
    return {
        t("Version"): view.version,
        t("Attributions"): t(METHODS[view.method]),
        t("Importance"): t(
            "mean over {rows} of {total} rows of the training data, each beside {beside} of them",
            rows=sample.rows,
            total=sample.total,
            beside=sample.beside,
        ),
        t("Curves"): t("mean over {rows} rows", rows=sample.beside),
        t("Acting together"): t("over {rows} rows", rows=sample.together),
        t("Seed"): str(sample.seed),
        t("Model file"): sample.artefact_sha256,
        t("Training data"): sample.training_sha256,
        t("Background"): sample.background_id,
    }
