"""The lead's view of a team of reviewers: people, what is late, days on which offices were shut."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app.components import Column, Definition, Kpi, kpi_row, note, plain, static_table
from app.components.step_up import attempt_and_rerun
from app.context import PageContext
from core.domain.status import Status
from core.i18n import N_, Translator
from core.i18n.locales import LOCALES, native_name
from core.services.review import closures, team
from core.services.review.team import Member
from core.services.review.team_view import ENOUGH_CHECKERS, TeamView
from core.store.tables.review import CLOSURE_KINDS

KINDS: Mapping[str, str] = {
    "gale": N_("Gale signal no. 8 or above"),
    "black_rain": N_("Black rainstorm"),
    "other": N_("Other closure"),
}
LATE = (
    N_("up to one day"),
    N_("one to three days"),
    N_("three to seven days"),
    N_("more than seven days"),
)
_NONE = "–"


def summary(t: Translator, view: TeamView) -> str:
    """Return the sentence of the page."""
    waiting = sum(each.load.total for each in view.members) + view.unassigned
    parts = [t.n("One case waits for a person.", "{n} cases wait for a person.", waiting)]
    if view.counts.overdue:
        parts.append(t.n("One is overdue.", "{n} are overdue.", view.counts.overdue))
    if view.counts.due_today:
        parts.append(t.n("One is due today.", "{n} are due today.", view.counts.due_today))
    if view.away:
        parts.append(t.n("One person is away.", "{n} people are away.", len(view.away)))
    if view.untrained:
        parts.append(
            t.n(
                "The training of one person has run out.",
                "The training of {n} people has run out.",
                len(view.untrained),
            )
        )
    return t.sentences(*parts)


def few_checkers(t: Translator, view: TeamView, names: Mapping[str, str]) -> str:
    """Return the warning of models in the loop where a disagreement may never end; or nothing.

    Parameters
    ----------
    t : Translator
        The reader's language.
    view : TeamView
        The team, with the models for which too few may check.
    names : mapping of str to str
        What the reader knows models by, by their ids.
    """
    if not view.few_checkers:
        return ""
    listed = t.items(
        *(
            t("{model} ({n})", model=names.get(each.model_id, each.model_id), n=each.people)
            for each in view.few_checkers
        )
    )
    return t(
        "Fewer than {enough} people may check cases of these models in the loop: {models}. "
        "Where two of them differ, nobody is left to settle it, and the prediction stays held.",
        enough=ENOUGH_CHECKERS,
        models=listed,
    )


def show_few_checkers(ctx: PageContext, view: TeamView) -> None:
    """Warn of models in the loop for which too few may check."""
    names = {each.id: each.name for each in ctx.models}
    if warned := few_checkers(ctx.t, view, names):
        note(warned)


def status_of(view: TeamView) -> Status:
    """Return the state to show: act while a case is overdue."""
    if view.counts.overdue:
        return Status.act
    watched = view.counts.due_today or view.untrained or view.few_checkers
    return Status.watch if watched else Status.in_range


def show_figures(t: Translator, view: TeamView) -> None:
    """Show how many cases lie where."""
    held = sum(each.load.held for each in view.members)
    assigned = sum(each.load.assigned for each in view.members)
    kpi_row(
        t,
        [
            Kpi(t("For whoever is next"), t.number(view.unassigned, 0)),
            Kpi(t("Assigned, not begun"), t.number(assigned, 0)),
            Kpi(t("In hand now"), t.number(held, 0)),
            Kpi(t("To check"), t.number(view.counts.proposed, 0)),
            Kpi(t("Due today"), t.number(view.counts.due_today, 0)),
            Kpi(t("Overdue"), t.number(view.counts.overdue, 0)),
        ],
    )


def team_frame(t: Translator, view: TeamView) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of the team and its columns."""
    names = {each.user.id: each.name for each in view.members}
    rows = [
        {
            "name": each.name,
            "held": each.load.held,
            "assigned": each.load.assigned,
            "today": each.load.due_before,
            "overdue": each.load.overdue,
            "presence": _presence(t, each, names),
            "training": _training(t, each),
            "languages": _languages(t, each),
            "skills": t.items(*each.profile.skills)
            if each.profile and each.profile.skills
            else _NONE,
        }
        for each in view.members
    ]
    columns = [
        Column("name", t("Person")),
        Column("held", t("In hand"), kind="count"),
        Column("assigned", t("Assigned"), kind="count"),
        Column("today", t("Due today"), kind="count"),
        Column("overdue", t("Overdue"), kind="count"),
        Column("presence", t("Presence")),
        Column("training", t("Trained until")),
        Column("languages", t("Languages")),
        Column("skills", t("Skills")),
    ]
    return pd.DataFrame(rows), columns


def show_member(ctx: PageContext, view: TeamView, member: Member) -> None:
    """Show the form that notes what a person knows, and an absence."""
    t, held = ctx.t, member.profile
    names = {each.user.id: each.name for each in view.members if each is not member}
    known = sorted(
        {skill for each in view.members if each.profile for skill in each.profile.skills}
    )
    key = f"review_member_{member.user.id}"
    with (
        st.expander(plain(t("What is noted of {name}", name=member.name)), expanded=False),
        st.form(key, border=False),
    ):
        left, middle, right = st.columns(3, gap="medium")
        languages = left.multiselect(
            t("Languages"),
            list(LOCALES),
            default=list(held.languages) if held else [],
            format_func=native_name,
            key=f"{key}_languages",
            placeholder=t("all"),
        )
        skills = middle.multiselect(
            t("Skills"),
            known,
            default=list(held.skills) if held else [],
            format_func=plain,
            key=f"{key}_skills",
            placeholder=t("Choose or write"),
            accept_new_options=True,
        )
        limit = right.number_input(
            t("Most cases at a time"),
            min_value=1,
            max_value=team.MOST_OPEN,
            value=held.open_limit if held else None,
            key=f"{key}_limit",
        )
        until = left.date_input(
            t("Trained until"),
            value=held.competent_until if held else None,
            key=f"{key}_until",
            format="YYYY-MM-DD",
        )
        first = middle.date_input(
            t("Away from"),
            value=held.away_from if held else None,
            key=f"{key}_from",
            format="YYYY-MM-DD",
        )
        last = right.date_input(
            t("Away until"),
            value=held.away_until if held else None,
            key=f"{key}_last",
            format="YYYY-MM-DD",
        )
        deputies = [None, *names]
        deputy = left.selectbox(
            t("Deputy"),
            deputies,
            index=deputies.index(held.deputy_id) if held and held.deputy_id in names else 0,
            format_func=lambda each: plain(names[each]) if each else t("nobody"),
            key=f"{key}_deputy",
        )
        note(t("While a person is away, the deputy gets what is assigned to that person."))
        pressed = st.form_submit_button(t("Save"))
    if pressed:
        values: dict[str, Any] = {
            "languages": languages,
            "skills": skills,
            "open_limit": None if limit is None else int(limit),
            "competent_until": until,
            "away_from": first,
            "away_until": last,
            "deputy_id": deputy,
        }
        attempt_and_rerun(
            ctx,
            lambda actor: team.set_profile(ctx.workspace, member.user.id, actor=actor, **values),
            done=t("Saved."),
        )


def show_late(t: Translator, view: TeamView) -> None:
    """Show how many cases are late by how much."""
    if not sum(view.late):
        note(t("No case is overdue."))
        return
    rows = [
        {"age": t(label), "cases": number} for label, number in zip(LATE, view.late, strict=True)
    ]
    columns = [Column("age", t("Overdue by")), Column("cases", t("Cases"), kind="count")]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Overdue cases by age"))


def show_closures(ctx: PageContext, view: TeamView) -> None:
    """Show days of closure and the holidays ahead, and let the lead change the former."""
    t = ctx.t
    if view.holidays:
        days = t.items(*(t.date(day) for day in view.holidays))
        note(t("Public holidays ahead: {days}", days=days))
    if view.closures:
        rows = [
            {"day": t.date(each.day), "kind": t(KINDS[each.kind]), "note": each.note or _NONE}
            for each in view.closures
        ]
        columns = [
            Column("day", t("Day")),
            Column("kind", t("Why")),
            Column("note", t("Note"), wide=True),
        ]
        static_table(t, pd.DataFrame(rows), columns, caption=t("Days of closure"))
    else:
        note(t("No day of closure is entered."))
    left, right = st.columns(2, gap="medium")
    with left.expander(t("Enter a day of closure")):
        _add_form(ctx)
    with left.expander(t("Enter days of closure from a file")):
        _import_form(ctx)
    if view.closures:
        with right.expander(t("Take a day of closure out")):
            _remove_form(ctx, view)


def definitions(t: Translator) -> list[Definition]:
    """Return what the words of the page mean."""
    return [
        Definition(
            t("Working day"),
            t("Monday to Friday, without public holidays of Hong Kong and days of closure."),
        ),
        Definition(
            t("Due"),
            t("At 18:00 Hong Kong time of the last working day; the first day does not count."),
        ),
        Definition(
            t("By rule"),
            t("Of those who are here and may work on a case, whoever has the fewest gets it."),
        ),
    ]


def _add_form(ctx: PageContext) -> None:
    t = ctx.t
    with st.form("review_closure_add", border=False, clear_on_submit=True):
        day = st.date_input(t("Day"), value=None, key="review_closure_day", format="YYYY-MM-DD")
        kind = st.selectbox(
            t("Why"),
            CLOSURE_KINDS,
            format_func=lambda each: t(KINDS[each]),
            key="review_closure_kind",
        )
        words = st.text_input(
            t("Note: no names"), key="review_closure_note", max_chars=closures.LONGEST_NOTE
        )
        pressed = st.form_submit_button(t("Enter the closure"))
    if pressed and isinstance(day, date):
        attempt_and_rerun(
            ctx,
            lambda actor: closures.add_closure(
                ctx.workspace, day, str(kind), actor=actor, note=words
            ),
            done=t("Entered; clocks that counted the day have moved."),
        )


def _import_form(ctx: PageContext) -> None:
    t = ctx.t
    with st.form("review_closure_import", border=False, clear_on_submit=True):
        given = st.file_uploader(
            plain(t("CSV with the columns day, kind and note: all rows, or none")),
            type=["csv"],
            key="review_closure_file",
        )
        pressed = st.form_submit_button(t("Enter the file"))
    if pressed and given is not None:
        content = given.getvalue()
        attempt_and_rerun(
            ctx,
            lambda actor: closures.import_closures(ctx.workspace, content, actor=actor),
            done=t("Entered; clocks that counted the days have moved."),
        )


def _remove_form(ctx: PageContext, view: TeamView) -> None:
    t = ctx.t
    with st.form("review_closure_remove", border=False):
        day = st.selectbox(
            t("Day"),
            [each.day for each in view.closures],
            format_func=lambda each: t.date(each),
            key="review_closure_gone",
        )
        pressed = st.form_submit_button(t("Remove the day"))
    if pressed and day is not None:
        attempt_and_rerun(
            ctx,
            lambda actor: closures.remove_closure(ctx.workspace, day, actor=actor),
            done=t("Taken out; the clocks have moved back."),
        )


def _presence(t: Translator, member: Member, names: Mapping[str, str]) -> str:
    held = member.profile
    if held is None or held.away_from is None or held.away_until is None:
        return t("here")
    deputy = names.get(held.deputy_id or "")
    if not member.is_away:
        if held.away_until < held.away_from:
            return t("here")
        return t("here; away {first} to {last}", first=t.date(held.away_from),
                 last=t.date(held.away_until))  # fmt: skip
    until = t.date(held.away_until)
    if deputy is None:
        return t("away until {day}", day=until)
    return t("away until {day}; {name} stands in", day=until, name=deputy)


def _training(t: Translator, member: Member) -> str:
    until = member.profile.competent_until if member.profile else None
    if until is None:
        return t("not noted")
    return t.date(until) if member.is_trained else t("run out on {day}", day=t.date(until))


def _languages(t: Translator, member: Member) -> str:
    known = member.profile.languages if member.profile else ()
    return t.items(*(native_name(each) for each in known)) if known else t("all")
