"""The register of what was given to whom, and the examiner's own views."""

from datetime import date, datetime

import pandas as pd
import streamlit as st

from app import nav
from app.components import (
    Column,
    FileOffer,
    Prepared,
    empty,
    note,
    offer_files,
    plain,
    static_table,
)
from app.context import PageContext
from app.filters import DEFAULT_TIMEZONE
from core.domain.identity import Actor, Permission
from core.domain.windows import Window
from core.services.audit import trail as audit_trail
from core.services.examiner.register import (
    KINDS,
    Given,
    Wanted,
    export_register,
    read_register,
    recipient,
)
from core.services.examiner.views import SeenView, is_watched, own_views

_LINES, _HASH = 100, 12
_NOTHING = "–"


def show_register(ctx: PageContext) -> None:
    """Show the filters, the lines, and the way to take them away."""
    t, wanted = ctx.t, _ask(ctx)
    found = read_register(ctx.workspace, wanted, actor=ctx.actor, limit=_LINES)
    if not found.lines:
        empty(t("Nothing was given"), t("Choose another kind, recipient or period."))
        return
    names = {e.pseudonym: e.name for e in audit_trail.people(ctx.workspace, actor=ctx.actor)}
    rows = [_row(ctx, each, names) for each in found.lines]
    columns = [
        Column("at", t("When")),
        Column("what", t("What was given")),
        Column("about", t("About")),
        Column("to", t("To whom")),
        Column("by", t("By whom")),
        Column("why", t("Why"), wide=True),
        Column("sha256", "SHA-256"),
        Column("entry", t("Entry"), "count"),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("What was given, the newest first"))
    if found.is_cut:
        note(t("The newest {n}; the file has more.", n=_LINES))

    def make(actor: Actor) -> Prepared:
        made = export_register(ctx.workspace, wanted, t=t, actor=actor)
        return Prepared(made.url, t("Download the register (CSV)"))

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the register (CSV)"),
            make,
            key="examiner_register_file",
            permission=Permission.examiner_view,
            asked=wanted,
        ),
    )


def show_views(ctx: PageContext) -> None:
    """Show what the examiner opened, as it is on record."""
    t = ctx.t
    if not is_watched(ctx.actor):
        note(t("Your role is none whose views are on record; those of examiners are in the trail."))
        return
    found = own_views(ctx.workspace, actor=ctx.actor)
    rows = [_view(ctx, each) for each in found]
    columns = [
        Column("at", t("When")),
        Column("page", t("Page")),
        Column("about", t("About"), wide=True),
        Column("entry", t("Entry"), "count"),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Pages that you opened, newest first"))


def _ask(ctx: PageContext) -> Wanted:
    t = ctx.t
    first, second, third, fourth = st.columns([3, 2, 1, 1], gap="medium")
    kind = first.selectbox(
        plain(t("What was given")),
        ["", *KINDS],
        format_func=lambda each: t(KINDS[each]) if each else t("Everything"),
        key="examiner_kind",
    )
    to = second.text_input(plain(t("Recipient")), key="examiner_recipient", max_chars=200)
    begin = third.date_input(plain(t("First day")), value=None, key="examiner_since")
    end = fourth.date_input(plain(t("Last day")), value=None, key="examiner_until")
    every = st.toggle(plain(t("Of all models, and of none")), key="examiner_all_models")
    since, until = _period(begin, end)
    return Wanted(kind or None, None if every else ctx.filters.model, to, since, until)


def _period(begin: date | None, end: date | None) -> tuple[datetime | None, datetime | None]:
    since = Window.of_days(begin, begin, DEFAULT_TIMEZONE).start if begin else None
    until = Window.of_days(end, end, DEFAULT_TIMEZONE).end if end else None
    return since, until


def _row(ctx: PageContext, each: Given, names: dict[str, str]) -> dict[str, object]:
    t = ctx.t
    models = {model.id: model.name for model in ctx.models}
    about = " · ".join(filter(None, [models.get(each.model_id, each.model_id), each.decision]))
    what = t(KINDS[each.kind])
    return {
        "at": t.instant(each.at, DEFAULT_TIMEZONE),
        "what": t("{name} ({text})", name=what, text=each.what) if each.what else what,
        "about": about or _NOTHING,
        "to": recipient(t, each),
        "by": names.get(each.by, each.by),
        "why": each.why or _NOTHING,
        "sha256": f"{each.sha256[:_HASH]}…" if each.sha256 else _NOTHING,
        "entry": each.sequence,
    }


def _view(ctx: PageContext, each: SeenView) -> dict[str, object]:
    t = ctx.t
    titles = {entry.key: entry.title for entry in nav.ENTRIES}
    models = {model.id: model.name for model in ctx.models}
    about = [models.get(each.model_id, each.model_id), *each.about.values()]
    return {
        "at": t.instant(each.at, DEFAULT_TIMEZONE),
        "page": t(titles[each.page]) if each.page in titles else each.page,
        "about": " · ".join(filter(None, about)) or _NOTHING,
        "entry": each.sequence,
    }
