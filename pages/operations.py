"""Operations: whether the model is called, answers, and how fast."""

import streamlit as st

from app.components import (
    footer,
    kpi_row,
    note,
    page_header,
    section,
    sentence,
    show_chart,
)
from app.context import page_context
from app.screens import operations as screen
from app.screens.marks import version_marks
from app.screens.measures import measured_by
from core.metrics.registry import METRICS
from core.services.operations import operations

ctx = page_context()
t = ctx.t
found = operations(ctx.workspace, ctx.filters.question(), actor=ctx.actor)
page_header(ctx, t("Operations"), as_of=found.view.as_of)
marks = version_marks(ctx, found.view)
sentence(ctx, *screen.summary(t, found))
if any(name in found.view.contract.simulated for name in ("latency_ms", "status")):
    note(t("Latency and status of this log are simulated; the contract says so."))
kpi_row(t, screen.figures(t, found))

section(t("Volume and errors"))
show_chart(t, screen.volume_chart(ctx.look, found, marks), key="operations_volume")
if found.has_status:
    section(t("Availability"), t("Share of the hours with traffic in which an answer was ok."))
    show_chart(t, screen.availability_chart(ctx.look, found, marks), key="operations_availability")
if found.latency:
    section(t("Latency"))
    show_chart(t, screen.latency_chart(ctx.look, found, marks), key="operations_latency")
if found.resources:
    section(t("Resources"))
    for place, name in zip(st.columns(2, gap="medium"), found.resources, strict=False):
        with place:
            resource = screen.resource_chart(ctx.look, found, name, marks)
            show_chart(t, resource, key=f"operations_{name}")

footer(
    ctx,
    definitions=[measured_by(t, name) for name in found.figures() if name in METRICS],
    sources=[t("counted now, lake generation {number}", number=str(found.view.generation))],
)
