"""One model's story on one screen: what it decides, whether it is healthy, since when not."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.charts import Chart, Look, Mark
from app.components import Column, Layer, layer_line
from app.context import PageContext
from app.screens import operations as operations_screen
from app.screens.model.words import EVENTS, event_text, state_text
from app.screens.performance.page import course_chart
from app.screens.performance.words import figure_text, metric_label
from core.contract import ModelContract
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.model_story import FIGURE, Story, StoryEvent

_OVERSIGHT = {
    "in_the_loop": N_("in the loop"),
    "in_command": N_("in command"),
    "out_of_the_loop": N_("out of the loop"),
}


def model_facts(t: Translator, story: Story) -> dict[str, str]:
    """Return what the model is, as pairs of a name and a text."""
    contract = story.view.contract
    version = contract.versions[-1] if contract.versions else None
    found = {
        t("What it decides"): contract.purpose.get(t.locale),
        t("Owner"): contract.owner,
        t("State"): state_text(t, story),
        t("Versions in the log"): t.items(*(seen.version for seen in story.versions)),
        t("Policy in force"): _policy(contract),
        t("Predictions"): t.number(int(story.operations.rows.sum())),
    }
    if version is not None and version.oversight_level is not None:
        found[t("Human oversight")] = t(_OVERSIGHT[version.oversight_level])
    return {name: text for name, text in found.items() if text}


def _policy(contract: ModelContract) -> str:
    return contract.policy[-1].rule if contract.policy else ""


def layers(t: Translator, story: Story) -> list[tuple[Layer, str]]:
    """Return how each side of the model stands, and the page that shows more of it."""
    found = [(_running(t, story), "operations")]
    if story.drift is not None:
        found.append((_inputs(t, story), "drift"))
    if story.performance is not None:
        found.append((_outcomes(t, story), "performance"))
    return found


def _running(t: Translator, story: Story) -> Layer:
    text, status = operations_screen.summary(t, story.operations)
    return Layer(t("Does it run?"), status, text)


def _inputs(t: Translator, story: Story) -> Layer:
    moved = [event for event in story.events if event.kind == "input"]
    if not moved:
        return Layer(
            t("Are its inputs what they were?"),
            story.drift_status,
            t("No input has moved beyond its act level."),
        )
    first = min(moved, key=lambda event: event.at)
    return Layer(
        t("Are its inputs what they were?"),
        story.drift_status,
        t.n(
            "One input or output lies beyond its act level, since {date}.",
            "{n} inputs or outputs lie beyond their act level, the first since {date}.",
            len(moved),
            date=t.date(first.at, story.view.timezone),
        ),
    )


def _outcomes(t: Translator, story: Story) -> Layer:
    name = t("Do its scores keep their word?")
    found, departed = story.performance, story.departed
    newest = found.newest_matured() if found is not None else None
    if found is None or newest is None:
        return Layer(name, Status.not_enough_data, t("No period has final outcomes yet."))
    value = float(found.figures[FIGURE].value[newest]) if FIGURE in found.figures else math.nan
    text = ""
    if not math.isnan(value):
        text = t(
            "{figure} of {period}: {value}.",
            figure=metric_label(t, FIGURE),
            period=t.chunk(found.chunks[newest].key),
            value=figure_text(t, found, FIGURE, value),
        )
    if not departed:
        known = story.estimates is not None and FIGURE in story.estimates.figures
        return Layer(name, Status.in_range if known else Status.not_enough_data, text)
    return Layer(
        name,
        Status.act if departed[-1] == newest else Status.watch,
        t.sentences(
            text,
            t.n(
                "In {first} outcomes departed from what the scores promised.",
                "In {n} periods outcomes departed from what the scores promised, first in {first}.",
                len(departed),
                first=t.chunk(found.chunks[departed[0]].key),
            ),
        ),
    )


def show_card_link(ctx: PageContext) -> None:
    """Lead to the model's card."""
    if "model_card" in ctx.pages:
        st.page_link(ctx.pages["model_card"], label=ctx.t("See the model card"))


def show_layers(ctx: PageContext, story: Story) -> None:
    """Show how each side stands, with the way to its page."""
    t = ctx.t
    for layer, page in layers(t, story):
        with st.container(horizontal=True, vertical_alignment="center", key=f"model_{page}"):
            layer_line(t, layer)
            target = ctx.pages.get(page)
            if target is not None:
                st.page_link(target, label=t("Look closer"))


def overall(story: Story, t: Translator) -> Status:
    """Return the worst status of the sides."""
    statuses = [layer.status for layer, _ in layers(t, story)]
    order = (Status.act, Status.watch, Status.in_range)
    return next((each for each in order if each in statuses), Status.not_enough_data)


def timeline(t: Translator, story: Story) -> tuple[pd.DataFrame, list[Column]]:
    """Return what happened, the newest first."""
    zone = story.view.timezone
    rows = [
        {
            "date": t.date(event.at, zone),
            "what": event_text(t, story, event),
            "known": "" if event.known_at is None else t.date(event.known_at, zone),
        }
        for event in reversed(story.events)
    ]
    columns = [
        Column("date", t("Date")),
        Column("what", t("What happened"), wide=True),
        Column("known", t("Could first be known")),
    ]
    return pd.DataFrame(rows, columns=["date", "what", "known"]), columns


def story_chart(look: Look, story: Story, marks: Sequence[Mark] = ()) -> Chart | None:
    """Return outcomes against what the scores promised, with what happened as marks."""
    if story.performance is None or story.estimates is None:
        return None
    if FIGURE not in story.performance.figures:
        return None
    zone = story.view.contract.zone
    shown = [event for event in story.events if event.kind in EVENTS and _inside(story, event)]
    own = [
        Mark(event.at.astimezone(zone), look.t(EVENTS[event.kind], name=event.name), "version")
        for event in shown
    ]
    return course_chart(look, story.performance, story.estimates, FIGURE, [*own, *marks])


def _inside(story: Story, event: StoryEvent) -> bool:
    return story.view.window.start < event.at < story.view.window.end
