"""The page Portfolio: all models beside each other, one of them closer, and files to take away."""

import math
from datetime import date

import pandas as pd
import streamlit as st

from app.components import Column, FileOffer, Kpi, Prepared, note, offer_files, section
from app.components.text import plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.i18n import N_, Translator
from core.reports.portfolio import PortfolioLine, PortfolioReport
from core.services import exports, monthly
from core.services.portfolio import (
    PORTFOLIO_FORMATS,
    Portfolio,
    PortfolioFormat,
    PortfolioRow,
    portfolio_file,
)
from core.store.jobs import Job

_PREPARE: dict[PortfolioFormat, str] = {
    "xlsx": N_("Prepare the portfolio (Excel)"),
    "pdf": N_("Prepare the board pack (PDF)"),
}
_TAKE: dict[PortfolioFormat, str] = {
    "xlsx": N_("Download the portfolio (Excel)"),
    "pdf": N_("Download the board pack (PDF)"),
}
_LINKS = {
    "outcomes": N_("See the outcomes"),
    "value": N_("See the value"),
    "alerts": N_("See the alerts"),
    "model_card": N_("See the model card"),
}
_FORMAT_NAMES = {"pdf": "PDF", "xlsx": "Excel", "html": "HTML"}
_MOST_MONTHS = 60


def figures(report: PortfolioReport) -> list[Kpi]:
    """Return the figures over all models."""
    return [Kpi(name, number.text) for name, number in report.figures]


def table(report: PortfolioReport) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table: a row for each model; it fits the page, the rest is told beneath."""
    w = report.words
    frame = pd.DataFrame(
        {
            "name": [line.name for line in report.lines],
            "status": [line.status for line in report.lines],
            "gain": [_whole(line.gain.value) for line in report.lines],
            "lost": [_whole(line.lost.value) for line in report.lines],
            "targets": [line.targets for line in report.lines],
            "to_act": [line.to_act.value for line in report.lines],
        }
    )
    columns = [
        Column("name", w["model"]),
        Column("status", w["status"], "status"),
        Column("gain", w["gain"], "count"),
        Column("lost", w["lost"], "count"),
        Column("targets", w["targets"]),
        Column("to_act", w["to_act"], "count"),
    ]
    return frame, columns


def _whole(amount: float) -> float:
    """Return an amount without its cents; NaN as it is."""
    return float(round(amount)) if math.isfinite(amount) else amount


def show_model(ctx: PageContext, line: PortfolioLine) -> None:
    """Show one model closer: what its value is held against, what to know, and where to go."""
    t = ctx.t
    section(line.name, t("Owner: {owner}.", owner=line.owner) if line.owner else "")
    told = [
        t("{name}: {text}", name=t("Period"), text=line.period),
        t("{name}: {text}", name=t("Value over baseline"), text=_joined(t, line)),
        t("{name}: {text}", name=t("Targets"), text=line.targets),
        t("{name}: {text}", name=t("Alerts"), text=line.alerts),
    ]
    for text in (*told, *line.remarks):
        note(text)
    links = [key for key in _LINKS if key in ctx.pages]
    for column, key in zip(st.columns(max(len(links), 1)), links, strict=False):
        with column:
            st.page_link(
                ctx.pages[key], label=plain(t(_LINKS[key])), query_params={"model": line.id}
            )


def _joined(t: Translator, line: PortfolioLine) -> str:
    gain = line.gain.text
    if line.interval:
        gain = t("{name} ({text})", name=gain, text=line.interval)
    return t.sentences(gain, line.baseline)


def may_export(ctx: PageContext) -> bool:
    """Whether the reader may take files away."""
    return allows(ctx.actor, Permission.kpi_export)


def show_files(ctx: PageContext) -> None:
    """Let the reader take the board pack and the Excel file."""
    with st.container(key="hl_portfolio_files"):
        offer_files(ctx, *(_offer(ctx, kind) for kind in PORTFOLIO_FORMATS))


def _offer(ctx: PageContext, kind: PortfolioFormat) -> FileOffer:
    t = ctx.t

    def make(actor: Actor) -> Prepared:
        made = portfolio_file(ctx.workspace, kind, actor=actor, language=t.locale)
        return _published(ctx, actor, made, t(_TAKE[kind]))

    return FileOffer(
        t(_PREPARE[kind]), make, key=f"portfolio_{kind}", permission=Permission.kpi_export
    )


def _published(
    ctx: PageContext,
    actor: Actor,
    made: monthly.ReportFile,
    text: str,
    model: str | None = None,
) -> Prepared:
    found = exports.publish(
        ctx.workspace,
        made.content,
        actor=actor,
        permission=Permission.kpi_export,
        name=made.name,
        media_type=made.media_type,
        model=model,
    )
    return Prepared(found.url, text)


def show_monthly(ctx: PageContext, found: Portfolio) -> None:
    """Let the reader have the report of a month, and those that were made by themselves."""
    t = ctx.t
    known = {row.model.id: row for row in found.rows if row.view is not None}
    if known:
        _show_form(ctx, known)
    jobs = [job for job in monthly.list_reports(ctx.workspace, actor=ctx.actor) if job.result]
    if monthly.get_plan(ctx.workspace, actor=ctx.actor) is None and not jobs:
        note(
            t(
                "No report is made by itself. Run 'harbourlight reports schedule' to have them "
                "every month."
            )
        )
    for job in jobs:
        files = job.result.get("files") if job.result else None
        for name in sorted(files) if isinstance(files, dict) else ():
            offer_files(ctx, _of_a_month(ctx, job, name))


def _of_a_month(ctx: PageContext, job: Job, name: str) -> FileOffer:
    """Return the offer of a report that was made by itself."""
    t = ctx.t

    def make(actor: Actor) -> Prepared | None:
        made = monthly.hand_over(ctx.workspace, job, name, actor=actor)
        return None if made is None else Prepared(made.url, t("Download {file}", file=name))

    return FileOffer(
        t("Prepare {file}", file=name),
        make,
        key=f"portfolio_fetch_{job.id}_{name}",
        permission=Permission.kpi_export,
        nothing=t("The report is no longer there."),
    )


def _show_form(ctx: PageContext, known: dict[str, PortfolioRow]) -> None:
    t = ctx.t
    names = {key: row.model.contract.name.get(t.locale) for key, row in known.items()}
    left, middle, right = st.columns(3)
    with left:
        model = st.selectbox(
            plain(t("Model")),
            list(known),
            format_func=lambda each: names[each],
            key="portfolio_model",
        )
    row = known[model]
    options = _months(row)
    with middle:
        month = st.selectbox(
            plain(t("Month")),
            options,
            index=_newest_final(row, options),
            format_func=lambda each: t.month(date.fromisoformat(f"{each}-01")),
            key="portfolio_month",
        )
    with right:
        kind = st.selectbox(
            plain(t("Format")),
            monthly.FORMATS,
            format_func=_FORMAT_NAMES.__getitem__,
            key="portfolio_format",
        )
    format_name = _FORMAT_NAMES[kind]

    def make(actor: Actor) -> Prepared:
        made = monthly.monthly_report(
            ctx.workspace, model, month, actor=actor, format=kind, language=t.locale
        )
        return _published(ctx, actor, made, t("Download {file}", file=made.name), model)

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the report ({format})", format=format_name),
            make,
            key="portfolio_report",
            permission=Permission.kpi_export,
            asked=(model, month, kind),
        ),
    )


def _months(row: PortfolioRow) -> list[str]:
    """Return the months of a model's log, the newest first."""
    view = row.view
    if view is None:
        return []
    first = local_day(view.first_prediction, view.timezone)
    last = local_day(view.last_prediction, view.timezone)
    start, end = (day.year * 12 + day.month - 1 for day in (first, last))
    found = [date(each // 12, each % 12 + 1, 1) for each in range(end, start - 1, -1)]
    return [f"{day:%Y-%m}" for day in found[:_MOST_MONTHS]]


def _newest_final(row: PortfolioRow, options: list[str]) -> int:
    """Return the place of the newest month whose results are final."""
    view = row.view
    if view is None:
        return 0
    last = f"{view.window.days(view.timezone)[1]:%Y-%m}"
    return options.index(last) if last in options else 0
