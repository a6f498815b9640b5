"""The way to Evidently's own report: ordered here, made by the worker, fetched from here."""

from collections.abc import Callable

import streamlit as st

from app.components import download_link, follow_job, note
from app.components.text import failure_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.services import exports, reports
from core.services.questions import Question
from core.store.jobs import Job


def show_report(ctx: PageContext) -> None:
    """Show the button, the progress of the newest report, or its link."""
    if not allows(ctx.actor, Permission.report_create) or ctx.filters.model is None:
        return
    t, model = ctx.t, ctx.filters.model
    question = ctx.filters.question("all")
    st.button(
        t("Open full Evidently report"),
        key="drift_report",
        help=plain(t("Made in the background from up to {n} rows a side.", n=reports.SAMPLE_ROWS)),
        on_click=_order,
        args=(ctx, question),
    )
    job = reports.newest_report(ctx.workspace, model, actor=ctx.actor)
    if job is None:
        return
    if job.is_active:
        follow_job(t, _newest(ctx, model), t("Making the report"))
    elif job.state == "failed":
        note(t("The report could not be made: {reason}", reason=failure_text(t, job)))
    else:
        _link(ctx, model)


def _order(ctx: PageContext, question: Question) -> None:
    reports.order_report(ctx.workspace, question, actor=ctx.actor)


def _newest(ctx: PageContext, model: str) -> Callable[[], Job | None]:
    return lambda: reports.newest_report(ctx.workspace, model, actor=ctx.actor)


def _link(ctx: PageContext, model: str) -> None:
    t = ctx.t
    job = reports.newest_report(ctx.workspace, model, actor=ctx.actor)
    path = reports.report_file(ctx.workspace, job, actor=ctx.actor) if job else None
    if job is None or path is None:
        return
    key = f"_hl_report_{job.id}"
    if key not in st.session_state:
        st.session_state[key] = exports.publish(
            ctx.workspace,
            path.read_bytes(),
            actor=ctx.actor,
            permission=Permission.report_create,
            name=path.name,
            media_type="text/html",
            model=model,
        ).url
    text = t(
        "Download the report of {date} (HTML)",
        date=t.instant(job.finished_at, ctx.filters.timezone),
    )
    download_link(t, st.session_state[key], text)
    left_out = job.result.get("left_out") if job.result else None
    if isinstance(left_out, list) and left_out:
        names = t.items(*(str(name) for name in left_out))
        note(t("Left out, because a report would quote personal values: {columns}", columns=names))
