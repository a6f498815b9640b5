"""How a model uses its fields as a whole: importance, curves, and what acts together."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from app.charts import Chart, CurvePoint, Labels, Look, dependence, ranked_bars
from app.components import facts, note, plain, section, show_chart, subsection
from app.components.panels import show, warned
from app.context import PageContext
from app.screens.decision.words import SCALES
from app.screens.model_card.global_words import (
    associated_sentence,
    curve_sentence,
    definitions,
    field_label,
    importance_sentence,
    pair_text,
    point_name,
    sample_facts,
    together_sentence,
    write_at,
)
from core.i18n import Translator
from core.metrics.global_view import Dependence
from core.services.explanation.global_view import GlobalView, global_view
from core.services.reproduce.models import score_columns

SHOWN, LISTED, BESIDE = 6, 8, 3


def show_global(ctx: PageContext, model_id: str, version: str | None = None) -> None:
    """Show how a version uses its fields as a whole, or say why that cannot be shown.

    Parameters
    ----------
    ctx : PageContext
        The page's context; the reader needs ``model.view``.
    model_id : str
        Which model.
    version : str, optional
        Which version; by default the one in use.
    """
    t = ctx.t
    with st.spinner(t("The model is asked about many rows …")):
        view = global_view(ctx.workspace, model_id, version, actor=ctx.actor)
    if view.score:
        view = _chosen_class(ctx, view, model_id, version)
    section(t("How the model uses its fields"), "" if view.why else importance_sentence(t, view))
    if view.why or view.sample is None:
        show(warned(t("This cannot be shown"), [t(view.why)]))
        return
    show_chart(t, importance_chart(ctx.look, view), key="global_importance")
    _show_curves(ctx, view)
    _show_together(ctx, view)
    with st.expander(t("How this was found, and what it cannot tell")):
        facts(sample_facts(t, view))
        for each in definitions(t):
            note(t("{name}: {text}", name=each.term, text=each.text))


def _chosen_class(
    ctx: PageContext, view: GlobalView, model_id: str, version: str | None
) -> GlobalView:
    """Let the reader choose the class whose score it is about."""
    places = range(len(score_columns(view.contract)))
    names = list(view.contract.log.scores)
    place = st.selectbox(
        plain(ctx.t("Score of the class")),
        places,
        format_func=lambda each: names[each],
        key="global_class",
    )
    return global_view(ctx.workspace, model_id, version, actor=ctx.actor, score=place)


def importance_chart(look: Look, view: GlobalView) -> Chart:
    """Return the fields with how far each moves the output, the greatest first."""
    t, listed = look.t, view.importance[:LISTED]
    return ranked_bars(
        look,
        _labels(t, view, t("How far each field moves the score"), t("Field"), _rows(view)),
        rows=[field_label(t, view, each.field) for each in listed],
        values=np.array([each.mean for each in listed]),
        errors=np.array([each.error for each in listed]),
        beside=[t.percent(each.share, 1) for each in listed],
        beside_word=t("Share"),
        write=t.number,
    )


def _rows(view: GlobalView) -> int:
    return 0 if view.sample is None else view.sample.rows


def _labels(t: Translator, view: GlobalView, title: str, rows: str, n: int) -> Labels:
    return Labels(
        title=title,
        x=t(SCALES[view.scale]),
        y=rows,
        unit="",
        n=n,
        period=t("training data of version {version}", version=view.version),
    )


def _show_curves(ctx: PageContext, view: GlobalView) -> None:
    t, shown = ctx.t, view.curves[:SHOWN]
    if not shown:
        return
    section(
        t("What the score is for each value"),
        t.sentences(
            t("The mean score of {rows} rows if this field had the value and all others stayed.",
              rows=shown[0].rows),
            t("The band holds eight of ten rows; dotted lines are fifths of the rows that the "
              "field moves alike, from a common start; grey bars say where there are rows."),
        ),
    )  # fmt: skip
    reach = reach_of(shown)
    for first in range(0, len(shown), BESIDE):
        columns = st.columns(BESIDE, gap="medium")
        for place, (column, curve) in enumerate(
            zip(columns, shown[first : first + BESIDE], strict=False), start=first
        ):
            with column:
                subsection(field_label(t, view, curve.field))
                chart = curve_chart(ctx.look, view, curve, reach)
                show_chart(t, chart, key=f"global_curve_{place}")
                note(curve_sentence(t, view, curve))
    if view.withheld:
        names = t.items(*(field_label(t, view, name) for name in view.withheld))
        note(t("Not shown, because the categories are personal: {fields}.", fields=names))


def reach_of(curves: Sequence[Dependence]) -> tuple[float, float]:
    """Return the ends of the axis that curves share: from zero on, unless outputs are negative."""
    low = min(0.0, *(value for each in curves for value in each.low))
    high = max(value for each in curves for value in (*each.high, *each.mean))
    room = 0.05 * ((high - low) or 1.0)
    return (low - room if low < 0 else 0.0), high + room


def curve_chart(
    look: Look, view: GlobalView, curve: Dependence, reach: tuple[float, float]
) -> Chart:
    """Return the curve of a field."""
    t, name = look.t, field_label(look.t, view, curve.field)
    labels = Labels(
        title=t("Score by {field}", field=name),
        x=name,
        y=t("Mean score"),
        unit="",
        n=curve.rows,
        period=t("training data"),
    )
    return dependence(
        look,
        labels,
        points=points_of(t, view, curve),
        reach=reach,
        write=t.number,
        write_at=write_at(t, view, curve.field),
        band_word=t("Eight of ten rows"),
        said=curve_sentence(t, view, curve),
    )


def points_of(t: Translator, view: GlobalView, curve: Dependence) -> list[CurvePoint]:
    """Return the values of a curve; groups of rows are drawn over numbers only."""
    groups = curve.groups if curve.is_number else ()
    return [
        CurvePoint(
            name=point_name(t, view, curve.field, value),
            at=value if isinstance(value, float) else None,
            mean=curve.mean[place],
            low=curve.low[place],
            high=curve.high[place],
            rows=curve.counts[place],
            groups=tuple(curve.mean[0] + each[place] for each in groups),
        )
        for place, value in enumerate(curve.values)
    ]


def _show_together(ctx: PageContext, view: GlobalView) -> None:
    t = ctx.t
    if not view.interactions:
        return
    section(t("Which fields act together"), together_sentence(t, view))
    show_chart(t, together_chart(ctx.look, view), key="global_together")
    if view.associations:
        note(associated_sentence(t, view))


def together_chart(look: Look, view: GlobalView) -> Chart:
    """Return the pairs of fields, the strongest first."""
    t, listed = look.t, view.interactions[:LISTED]
    return ranked_bars(
        look,
        _labels(t, view, t("How far two fields act together"), t("Pair"), listed[0].rows),
        rows=[pair_text(t, view, each) for each in listed],
        values=np.array([each.strength for each in listed]),
        beside=["–" if np.isnan(each.h2) else f"H² {t.percent(each.h2)}" for each in listed],
        beside_word="H²",
        write=t.number,
    )
