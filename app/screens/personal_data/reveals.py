"""Who looked at personal values: what an auditor asks first, filtered and to take away."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import (
    Column,
    FileOffer,
    Prepared,
    empty,
    offer_files,
    publish_csv,
    static_table,
)
from app.context import PageContext
from app.screens.audit.trail import period
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services.audit import trail as audit_trail
from core.services.audit.trail import Search
from core.services.personal import reveals
from core.services.personal.reveals import Reveal
from core.services.safe_csv import csv_bytes

MOST_ROWS = 10_000
_BEFORE = "_hl_reveals_before"


def show_reveals(ctx: PageContext) -> None:
    """Show the filters, the reveals that fit, and the way to a file of them."""
    t = ctx.t
    search = ask(ctx)
    before = st.session_state.get(_BEFORE)
    found = reveals.list_reveals(ctx.workspace, search, actor=ctx.actor, before=before)
    if not found:
        empty(
            t("Nobody revealed a personal value here"),
            t("Each look at values of personal columns appears here, with its reason."),
        )
    else:
        static_table(
            t, *reveals_frame(ctx, found), caption=t("Personal values revealed, the newest first")
        )
    with st.container(horizontal=True, gap="small"):
        if before is not None:
            st.button(t("Back to the newest"), key="reveals_newest", on_click=_from_the_newest)
        if len(found) == reveals.PAGE:
            last = found[-1].sequence
            st.button(
                t("Show older entries"), key="reveals_older", on_click=_go_behind, args=(last,)
            )
    if found:
        offer_files(
            ctx,
            FileOffer(
                t("Prepare the list (CSV)"),
                lambda actor: _prepared(ctx, actor, search),
                key="reveals_prepare",
                permission=Permission.audit_export,
                asked=search,
            ),
        )


def ask(ctx: PageContext) -> Search:
    """Show the filters and return what the reader looks for."""
    t = ctx.t
    people = {
        each.pseudonym: each.name for each in audit_trail.people(ctx.workspace, actor=ctx.actor)
    }
    names = {each.id: each.name for each in ctx.models}
    first, second, third, fourth = st.columns([3, 3, 1, 1], gap="medium")
    person = first.selectbox(
        t("Who looked"),
        ["", *people],
        format_func=lambda each: people[each] if each else t("Anybody"),
        key="reveals_person",
        on_change=_from_the_newest,
    )
    model = second.selectbox(
        t("Model"),
        ["", *names],
        format_func=lambda each: names[each] if each else t("all models"),
        key="reveals_model",
        on_change=_from_the_newest,
    )
    begin = third.date_input(
        t("First day"), value=None, key="reveals_from", on_change=_from_the_newest
    )
    end = fourth.date_input(t("Last day"), value=None, key="reveals_to", on_change=_from_the_newest)
    since, until = period(begin, end, ctx.filters.timezone)
    return Search(
        person=person or None,
        objects={"model": model} if model else None,
        since=since,
        until=until,
    )


def reveals_frame(ctx: PageContext, found: Sequence[Reveal]) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of reveals and its columns."""
    t, names = ctx.t, {each.id: each.name for each in ctx.models}
    rows = [
        {
            "person": each.person,
            "at": t.instant(each.at, ctx.filters.timezone),
            "model": names.get(each.model_id, each.model_id),
            "row": row_text(t, each),
            "columns": columns_text(t, each),
            "reason": reason_text(t, each),
            "sequence": each.sequence,
        }
        for each in found
    ]
    columns = [
        Column("person", t("Who looked")),
        Column("at", t("When")),
        Column("model", t("Model")),
        Column("row", t("Prediction or refused row")),
        Column("columns", t("Columns")),
        Column("reason", t("Reason"), wide=True),
        Column("sequence", t("Entry"), kind="count"),
    ]
    return pd.DataFrame(rows), columns


def row_text(t: Translator, found: Reveal) -> str:
    """Return which row it was."""
    if found.prediction_id is not None:
        return found.prediction_id
    return t(
        "Line {line} of {file}, refused in batch {batch}",
        line=str(found.line),
        file=found.file or "–",
        batch=found.batch_id or "–",
    )


def columns_text(t: Translator, found: Reveal) -> str:
    """Return the columns, as the log calls them."""
    whole = t("The whole line")
    return t.items(*(whole if name == "*" else name for name in found.columns))


def reason_text(t: Translator, found: Reveal) -> str:
    """Return the reason, or that it was erased with the person."""
    return t("[erased]") if found.reason is None else found.reason


def as_csv(t: Translator, found: Sequence[Reveal]) -> bytes:
    """Return reveals as CSV that a spreadsheet opens and does not calculate."""
    header = ("entry", "at", "person", "model", "jurisdiction", "row", "columns", "reason")
    return csv_bytes(
        header,
        (
            (
                each.sequence,
                each.at.isoformat(),
                each.person,
                each.model_id,
                each.jurisdiction,
                row_text(t, each),
                columns_text(t, each),
                reason_text(t, each),
            )
            for each in found
        ),
    )


def _prepared(ctx: PageContext, actor: Actor, search: Search) -> Prepared:
    found = reveals.list_reveals(ctx.workspace, search, actor=actor, limit=MOST_ROWS)
    return publish_csv(
        ctx,
        actor,
        as_csv(ctx.t, found),
        permission=Permission.audit_export,
        name="personal-values-revealed.csv",
        text=ctx.t.n("Download one reveal (CSV)", "Download {n} reveals (CSV)", len(found)),
    )


def _from_the_newest() -> None:
    st.session_state.pop(_BEFORE, None)


def _go_behind(sequence: int) -> None:
    st.session_state[_BEFORE] = sequence
