"""Oversight quality: whether review is real, in measures that each say what they cannot show."""

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, section, static_table
from app.components.text import plain
from app.context import PageContext
from app.screens.oversight_quality.words import (
    KEPT_BACK,
    MEASURE_WORDS,
    NOTHING,
    VERDICTS,
    counted_text,
    figure_text,
    interval_text,
    is_told,
    team_text,
)
from core.i18n import Translator
from core.services.oversight.measures import Measure
from core.services.oversight.outcomes import OutcomesOfVerdict
from core.services.oversight.quality import (
    DAYS,
    PersonFigures,
    Quality,
    individual_figures,
    oversight_quality,
)

_CHOICES = (90, DAYS, 3_660)
_COUNTS = ("right", "wrong", "early", "silent")
_DAYS, _OPENED = "oversight_days", "oversight_opened"


def choose_days(ctx: PageContext) -> int:
    """Let the reader choose how far back to look; return the days."""
    t = ctx.t
    names = {
        90: t("90 days"),
        DAYS: t("12 months"),
        3_660: t("10 years"),
    }
    chosen = st.segmented_control(
        t("Verdicts of the last"),
        _CHOICES,
        default=DAYS,
        format_func=lambda days: names[days],
        key=_DAYS,
        required=True,
    )
    return int(chosen or DAYS)


def read_quality(ctx: PageContext, days: int) -> Quality:
    """Return the team's figures for the model that the filters name."""
    return oversight_quality(ctx.workspace, ctx.filters.named_model(), actor=ctx.actor, days=days)


def summary(t: Translator, found: Quality) -> str:
    """Return the sentence of the page."""
    if not found.verdicts:
        return t(
            "Nobody has decided a case of this model in this time, so nothing is measured yet."
        )
    people = t.n("One person", "{n} people", found.reviewers)
    parts = [
        t(
            "{people} decided {cases} cases.",
            people=people,
            cases=t.number(found.verdicts),
        )
    ]
    override, caught = found.measure("override"), found.measure("controls_caught")
    if is_told(override):
        parts.append(
            t(
                "They overturned the model in {share} of them ({interval}).",
                share=t.percent(override.value),
                interval=interval_text(t, override),
            )
        )
    if is_told(caught):
        parts.append(
            t(
                "Of {n} blind controls that turned out against the model they caught {hits}.",
                n=t.number(caught.n),
                hits=t.number(caught.hits),
            )
        )
    elif not caught.n:
        parts.append(t("No blind control is decided yet."))
    parts.append(_anchoring_text(t, found.measure("anchoring")))
    if found.simulated:
        parts.append(
            t.n(
                "One verdict is simulated: nobody gave it.",
                "{n} verdicts are simulated: nobody gave them.",
                found.simulated,
            )
        )
    return t.sentences(*parts)


def _anchoring_text(t: Translator, found: Measure) -> str:
    if not is_told(found):
        return ""
    if found.low > 0:
        return t("Where they see the score, they agree with the model more often.")
    if found.high < 0:
        return t("Where they see the score, they agree with the model less often.")
    return t("Whether they see the score makes no difference beyond chance.")


def show_measures(ctx: PageContext, found: Quality) -> None:
    """Show every measure with n, interval, what it shows and what it cannot."""
    t = ctx.t
    section(
        t("Every measure"),
        t("None of them says by itself that somebody does not look; read them together."),
    )
    known = {each.id: each for each in found.measures}
    rows = [
        {
            "name": t(words.name),
            "figure": team_text(t, known[name]),
            "interval": interval_text(t, known[name]),
            "n": counted_text(t, known[name]),
            "shows": t(words.shows) if known[name].n else t(words.first),
            "limits": t(words.limits),
        }
        for name, words in MEASURE_WORDS.items()
    ]
    columns = [
        Column("name", t("Measure")),
        Column("figure", t("Figure of the team")),
        Column("interval", t("95% interval")),
        Column("n", t("Cases")),
        Column("shows", t("What it shows, or what has to come first"), wide=True),
        Column("limits", t("What it cannot show"), wide=True),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Measures of the whole team"))
    for told in (asked_text(t, found), watched_text(t, found)):
        if told:
            note(told)


def watched_text(t: Translator, found: Quality) -> str:
    """Return how many verdicts on blind cases do not count, for who gave them is not blind."""
    if not found.watched:
        return ""
    return t.n(
        "{n} verdict on a blind case does not count: who gave it can see which cases are blind.",
        "{n} verdicts on blind cases do not count: who gave them can see which cases are blind.",
        found.watched,
    )


def asked_text(t: Translator, found: Quality) -> str:
    """Return on how many blind cases a reviewer asked the customer."""
    controls, seconds = found.plan.blind.asked, found.plan.seconds.asked
    told = []
    if controls:
        told.append(
            t.n(
                "On {n} blind control a reviewer asked the customer.",
                "On {n} blind controls a reviewer asked the customer.",
                controls,
            )
        )
    if seconds:
        told.append(
            t.n(
                "On {n} second review a reviewer asked the customer.",
                "On {n} second reviews a reviewer asked the customer.",
                seconds,
            )
        )
    return t.sentences(*told) if told else ""


def show_outcomes(ctx: PageContext, found: Quality) -> None:
    """Show what became of the cases, and the money in it."""
    t = ctx.t
    section(
        t("What became of the cases"),
        t("An outcome counts once it is final by the contract; until then it is not known."),
    )
    currencies = found.outcomes.currencies
    rows = [_outcome_row(t, each, currencies) for each in found.outcomes.rows]
    columns = [
        Column("verdict", t("Verdict")),
        Column("right", t("Outcome speaks for it"), "figure"),
        Column("wrong", t("Outcome speaks against it"), "figure"),
        Column("early", t("Not known yet"), "figure"),
        Column("silent", t("Old enough, but no outcome logged"), "figure"),
        *(
            Column(name, t("{column}: spoken for / against", column=labels[t.locale]))
            for name, labels in found.outcomes.labels.items()
        ),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Live cases by verdict and outcome"))


def _outcome_row(
    t: Translator, found: OutcomesOfVerdict, currencies: Mapping[str, str]
) -> dict[str, str]:
    verdict = {"verdict": t(VERDICTS[found.verdict])}
    if not found.is_shown:
        return verdict | dict.fromkeys((*_COUNTS, *currencies), t(KEPT_BACK))
    counts = {name: t.number(getattr(found, name)) for name in _COUNTS}
    if not found.known_is_shown:
        return verdict | counts | dict.fromkeys(("right", "wrong", *currencies), t(KEPT_BACK))
    money = {
        name: _money_text(t, currency, found.money_right.get(name), found.money_wrong.get(name))
        for name, currency in currencies.items()
    }
    return verdict | counts | money


def _money_text(t: Translator, currency: str, right: float | None, wrong: float | None) -> str:
    sums = [NOTHING if each is None else t.money(each, currency) for each in (right, wrong)]
    return " / ".join(sums)


def show_people(ctx: PageContext, found: Quality, days: int) -> None:
    """Let the lead open single people's figures; that is on record, once for each opening."""
    t = ctx.t
    section(
        t("Single reviewers"),
        t("For a talk with the person. A figure of fewer than 100 cases stays with the team."),
    )
    asked = (ctx.actor.user_id, found.model_id, days)
    opened = st.session_state.get(_OPENED)
    if opened is None or opened[0] != asked:
        note(t("Opening them is noted in the audit trail. Nobody is ranked."))

        def open_figures() -> None:
            people = individual_figures(ctx.workspace, found.model_id, actor=ctx.actor, days=days)
            st.session_state[_OPENED] = (asked, people)

        st.button(
            plain(t("Open figures of single reviewers")),
            key="oversight_open",
            on_click=open_figures,
        )
        return
    people: Sequence[PersonFigures] = opened[1]
    if not people:
        note(t("Nobody has decided a case in this time."))
        return
    place = st.selectbox(
        t("Whose figures"),
        range(len(people)),
        format_func=lambda each: people[each].name,
        key="oversight_person",
    )
    person = people[min(int(place or 0), len(people) - 1)]
    static_table(
        t,
        *person_frame(t, person, found),
        caption=t("Own figures of {name} beside the team's", name=person.name),
    )


def person_frame(
    t: Translator, person: PersonFigures, team: Quality
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of one person's figures beside the team's."""
    own = {each.id: each for each in person.measures}
    rows = [
        {
            "name": t(words.name),
            "figure": figure_text(t, own[name]),
            "interval": interval_text(t, own[name]),
            "n": counted_text(t, own[name]),
            "team": team_text(t, team.measure(name)),
        }
        for name, words in MEASURE_WORDS.items()
    ]
    columns = [
        Column("name", t("Measure")),
        Column("figure", t("Own figure")),
        Column("interval", t("95% interval")),
        Column("n", t("Cases")),
        Column("team", t("Figure of the team")),
    ]
    return pd.DataFrame(rows), columns
