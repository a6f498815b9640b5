"""The worklist of the explanations screen: how decisions differ, which they are, and a file."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import (
    Column,
    Definition,
    FileOffer,
    Link,
    Prepared,
    note,
    offer_files,
    static_table,
)
from app.components.text import plain
from app.context import PageContext
from app.screens.decision.page import decision_address
from core.domain.identity import Actor, Permission
from core.i18n import N_, Translator
from core.lake.decisions.unexpected_sql import WAYS, Way
from core.services.explanation.automated import MOST_DRAWN
from core.services.explanation.by_like_cases import FEWEST, NEAREST, WITHIN
from core.services.explanation.held_against import HeldAgainst, Otherwise
from core.services.explanation.worklist import Listed, Worklist
from core.services.explanation.worklist_file import publish_worklist, told_otherwise
from core.services.personal.names import MASK

_NOTHING = "–"
_WAY = "explanations_way"
WAY_WORDS: dict[Way, str] = {
    "policy": N_("the policy's rule"),
    "outcome": N_("what became known later"),
    "previous": N_("the version before"),
    "reviewers": N_("reviewers on like cases"),
}


def choose_way(ctx: PageContext) -> Way | None:
    """Let the reader choose which differences are listed; ``None`` for all."""
    t = ctx.t
    names: dict[str, str] = {"": t("all")} | {way: t(WAY_WORDS[way]) for way in WAYS}
    chosen = st.segmented_control(
        plain(t("Differs from")),
        list(names),
        default="",
        format_func=lambda way: names[way],
        key=_WAY,
        required=True,
    )
    return next((way for way in WAYS if way == chosen), None)


def show_ways(ctx: PageContext, found: Worklist) -> None:
    """Show what decisions were held against, and how many of them differ."""
    t = ctx.t
    rows = [
        {
            "way": t(WAY_WORDS[each.way]),
            "differing": each.differing if each.looked_at else None,
            "looked_at": each.looked_at,
            "share": each.differing / each.looked_at if each.looked_at else None,
            "note": _note(t, each),
        }
        for each in found.ways
    ]
    columns = [
        Column("way", t("Differs from")),
        Column("differing", t("Decisions that differ"), "count"),
        Column("looked_at", t("Held against it"), "count"),
        Column("share", t("Share"), "percent"),
        Column("note", t("How it was looked at"), wide=True),
    ]
    caption = t("Automated decisions beside what was expected of them")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)
    if found.verdicts:
        told = t("Reviewers' final verdicts used: {n}.", n=found.verdicts)
        if found.simulated:
            told = t.sentences(told, t("Simulated for the demo: {n}.", n=found.simulated))
        note(told)


def _note(t: Translator, each: HeldAgainst) -> str:
    """Return of which decisions a way says anything, and why not of others."""
    if not each.looked_at:
        return t(each.why) if each.why else t("Nothing can be said of any of them.")
    interval = each.interval
    if interval is None:
        return t("of all {n}", n=t.number(each.population, 0))
    low, high = (t.percent(value, 1) for value in interval)
    return t(
        "of {drawn} drawn at random from {n}; the share lies between {low} and {high}",
        drawn=t.number(each.drawn, 0),
        n=t.number(each.population, 0),
        low=low,
        high=high,
    )


def show_worklist(ctx: PageContext, found: Worklist, way: Way | None) -> None:
    """Show the decisions that differ, unexplained ones first, and let them be taken away."""
    t = ctx.t
    if not found.rows:
        note(t("No decision differs from what was expected."))
        return
    rows = [_row(ctx, found.model_id, each) for each in found.rows]
    columns = [
        Column("prediction", t("Decision")),
        Column("time", t("Decided at")),
        Column("version", t("Version")),
        Column("decision", t("What was decided")),
        Column("score", t("Score"), "number", digits=4),
        Column("amount", t("Amount"), "number", digits=0),
        Column("differs", t("Differs from"), wide=True),
        Column("explained", t("Explained")),
    ]
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("Decisions to look at, unexplained first")
    )
    of = found.differing if way is None else found.way(way).differing
    note(t("The first {shown} of {all}.", shown=len(rows), all=of))
    _show_file(ctx, found.model_id, way)


def _row(ctx: PageContext, model: str, listed: Listed) -> dict[str, object]:
    t, each = ctx.t, listed.row
    is_masked = each.prediction_id.startswith(MASK)
    address = "" if is_masked else decision_address(ctx, model, each.prediction_id)
    return {
        "prediction": Link(each.prediction_id, address) if address else each.prediction_id,
        "time": t.date(each.time, ctx.filters.timezone),
        "version": each.version or _NOTHING,
        "decision": each.decision or _NOTHING,
        "score": each.score,
        "amount": each.amount,
        "differs": t.items(*_differences(t, listed)),
        "explained": t("yes") if each.explained else t("no"),
    }


def _differences(t: Translator, listed: Listed) -> Sequence[str]:
    said: dict[Way, Otherwise | None] = {
        "previous": listed.previous,
        "reviewers": listed.reviewers,
    }
    return [
        told_otherwise(t, t(WAY_WORDS[way]), said.get(way))
        for way in WAYS
        if way in listed.row.ways
    ]


def _show_file(ctx: PageContext, model: str, way: Way | None) -> None:
    """Offer the list as a file."""
    t = ctx.t

    def make(actor: Actor) -> Prepared:
        words = {each: t(text) for each, text in WAY_WORDS.items()}
        made = publish_worklist(ctx.workspace, model, way=way, words=words, t=t, actor=actor)
        text = t("Download {shown} of {total} decisions (CSV)", shown=made.shown, total=made.total)
        return Prepared(made.url, text)

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the list (CSV)"),
            make,
            key="explanations_file",
            permission=Permission.explanation_view,
            asked=(model, way),
        ),
    )


def definitions(t: Translator) -> list[Definition]:
    """Return what the ways are, with the rule of each."""
    return [
        Definition(
            t("the policy's rule"),
            t(
                "The rule of the policy in force, applied to the logged score, gives another "
                "decision. A score within 0.000001 of the cut-off is left out, because logs round."
            ),
        ),
        Definition(
            t("what became known later"),
            t(
                "The outcome that became known is that of the other side of the cut-off. One such "
                "decision says nothing against a model: many of one kind do."
            ),
        ),
        Definition(
            t("the version before"),
            t(
                "The logged inputs, scored by the registered model of the version before, and the "
                "policy that stood for the decision applied to that score, give another decision. "
                "The version before is the one trained before, else the one that the contract "
                "lists before. A score within 0.000001 of the cut-off is left out."
            ),
        ),
        Definition(
            t("reviewers on like cases"),
            t(
                "Of the {nearest} reviewed cases most like it, those at a distance of at most "
                "{within} count. There are at least {fewest}, and more than half of them ended "
                "with another decision. The distance is the root of the mean squared difference "
                "over all features: numbers in standard deviations of the reference, at most "
                "three; another category counts one. Only final verdicts count, no blind ones.",
                nearest=NEAREST,
                within=WITHIN,
                fewest=FEWEST,
            ),
        ),
        Definition(
            t("Drawn at random"),
            t(
                "Of more than {most} automated decisions, those are looked at by a model or beside "
                "cases whose SHA-256 of the seed and the id comes first. The share has a 95% "
                "interval by Wilson.",
                most=t.number(MOST_DRAWN, 0),
            ),
        ),
    ]
