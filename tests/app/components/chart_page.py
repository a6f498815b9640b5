"""The page that the tests of a chart's files run."""

from datetime import date

import numpy as np
import streamlit as st

from app.charts import Look, distribution, labels_for
from app.charts.base import Chart
from app.context import PageContext
from app.filters import Filters, ModelChoice, SliceChoice
from app.palette import LIGHT
from core.domain.identity import Permission
from core.i18n import translator
from tests.support.serving import Serving

WORLD: list[Serving] = []
LANGUAGE: list[str] = ["en"]


def a_chart() -> Chart:
    """Return shares of two groups, one of which a spreadsheet would run."""
    look = Look(LIGHT, translator(LANGUAGE[-1]))
    labels = labels_for(
        look.t, title="Income", x="Income", y="Share", n=1200, unit="%",
        first=date(2024, 1, 1), last=date(2024, 1, 31),
    )  # fmt: skip
    shares = np.array([0.25, 0.75])
    groups = ["=HYPERLINK(1)", "high"]
    return distribution(
        look, labels, groups=groups, reference=shares, current=shares[::-1], current_n=7
    )


def context() -> PageContext:
    """Return a reader who looks at one slice of version 2."""
    district = SliceChoice("district", ("value 1", "value 2"), "District")
    return PageContext(
        workspace=WORLD[-1].workspace,
        actor=WORLD[-1]["data_scientist"],
        t=translator(LANGUAGE[-1]),
        filters=Filters(
            model="loans", version="2", slice="district", slice_value="value 2",
            parameters={"model": "loans", "version": "2"},
        ),
        models=(ModelChoice("loans", "Loans <b>", slices=(district,), generation=5),),
        palette=LIGHT,
        pages={},
        header=st.container(),
        permission=Permission.drift_view,
    )  # fmt: skip


def page() -> None:
    """Show one chart with its table open; Streamlit runs this as a script of its own."""
    from app.components import show_chart
    from app.context import remember_as_of, set_page_context
    from tests.app.components.chart_page import a_chart, context

    ctx = context()
    set_page_context(ctx)
    remember_as_of("31 Jan 2024, 09:00 HKT")
    show_chart(ctx.t, a_chart(), key="shares")
