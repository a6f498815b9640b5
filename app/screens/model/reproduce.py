"""Whether production still runs what was approved: the last verdict, and a sample on demand."""

import secrets
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components import Column, note, section, show_status, static_table
from app.components.step_up import attempt
from app.components.text import plain
from app.context import PageContext
from app.screens.requests.dispute import mark
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.reproduce.history import PastReproduction, last_reproduction
from core.services.reproduce.models import REASONS
from core.services.reproduce.result import NO_DECISIONS, Reproduction
from core.services.reproduce.run import reproduce

SAMPLE = 1000
_SEEDS = 2**31
_KINDS: Mapping[str, str] = {"score": N_("Score"), "decision": N_("Decision")}


def show_reproduction(ctx: PageContext) -> None:
    """Show the last verdict on the chosen model, and let those who may draw a sample now."""
    t, model = ctx.t, ctx.filters.model
    if model is None:
        return
    section(
        t("Reproduced from the log"),
        t("A sample is scored again by the registered model, and the policy is replayed."),
    )
    past = last_reproduction(ctx.workspace, model, actor=ctx.actor)
    if past is None:
        note(t("No sample of this model has been reproduced yet."))
    else:
        text, status = verdict(t, past, ctx.filters.timezone)
        show_status(t, status)
        note(text)
    key = f"_hl_reproduced_{model}"
    if allows(ctx.actor, Permission.model_reproduce):
        st.button(
            plain(t("Reproduce {n} predictions", n=SAMPLE)),
            key="reproduce_now",
            help=plain(t("Drawn by chance; the verdict goes into the audit trail.")),
            on_click=_reproduce,
            args=(ctx, model, key),
        )
    found = st.session_state.get(key)
    if isinstance(found, Reproduction):
        _show(ctx, found)


def verdict(t: Translator, past: PastReproduction, timezone: str) -> tuple[str, Status]:
    """Return what the last sample showed, as a sentence, and how that stands."""
    drawn = t(
        "On {date}, {drawn} of {population} predictions were drawn.",
        date=t.instant(past.at, timezone),
        drawn=t.number(past.drawn, 0),
        population=t.number(past.population, 0),
    )
    if past.verdict == "nothing_compared":
        said = t("Nothing could be compared: none of them has a score or a decision.")
        return t.sentences(drawn, said), Status.watch
    if past.verdict == "scores_only":
        said = t("All scores reproduce: {scores}.", scores=t.number(past.scores, 0))
        return t.sentences(drawn, said, t(NO_DECISIONS)), Status.in_range
    if past.verdict == "passed":
        said = t(
            "Everything reproduces. Scores recomputed: {scores}; decisions replayed: {decisions}.",
            scores=t.number(past.scores, 0),
            decisions=t.number(past.decisions, 0),
        )
        return t.sentences(drawn, said), Status.in_range
    wrong = t(
        "Scores that differ: {scores}; decisions that differ: {decisions}; "
        "rows that cannot be reproduced: {lost}.",
        scores=t.number(past.score_mismatches, 0),
        decisions=t.number(past.decision_mismatches, 0),
        lost=t.number(past.not_reproducible, 0),
    )
    return t.sentences(drawn, wrong), Status.act


def version_table(t: Translator, found: Reproduction) -> tuple[pd.DataFrame, list[Column]]:
    """Return what was found in each version."""
    rows = [
        {
            "version": each.version or "–",
            "rows": each.rows,
            "scores": each.scores,
            "score_mismatches": each.score_mismatches,
            "decisions": each.decisions,
            "decision_mismatches": each.decision_mismatches,
            "overridden": each.overridden,
            "reasons": t.items(
                *(
                    t("{why} ({n})", why=t(REASONS[reason]), n=count)
                    for reason, count in (each.not_reproducible or {}).items()
                )
            )
            or "–",
        }
        for each in found.versions
    ]
    columns = [
        Column("version", t("Version")),
        Column("rows", t("Rows"), kind="count"),
        Column("scores", t("Scores recomputed"), kind="count"),
        Column("score_mismatches", t("Scores that differ"), kind="count"),
        Column("decisions", t("Decisions replayed"), kind="count"),
        Column("decision_mismatches", t("Decisions that differ"), kind="count"),
        Column("overridden", t("Decided otherwise by people"), kind="count"),
        Column("reasons", t("Not reproducible"), wide=True),
    ]
    return pd.DataFrame(rows), columns


def mismatch_table(
    t: Translator, found: Reproduction, timezone: str
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the first mismatches; ids and values that are personal are masked already."""
    rows = [
        {
            "prediction": mark(t, each.prediction, each.disputed),
            "time": t.instant(each.time, timezone),
            "kind": t(_KINDS[each.kind]),
            "logged": each.logged,
            "expected": each.expected,
        }
        for each in found.examples
    ]
    columns = [
        Column("prediction", t("Prediction")),
        Column("time", t("Time")),
        Column("kind", t("What differs")),
        Column("logged", t("In the log")),
        Column("expected", t("Reproduced")),
    ]
    return pd.DataFrame(rows), columns


def _reproduce(ctx: PageContext, model: str, key: str) -> None:
    def draw(actor: Actor) -> None:
        st.session_state[key] = reproduce(
            ctx.workspace,
            model,
            actor=actor,
            sample=SAMPLE,
            seed=secrets.randbelow(_SEEDS),
            version=ctx.filters.version,
        )

    attempt(ctx, draw)


def _show(ctx: PageContext, found: Reproduction) -> None:
    t = ctx.t
    static_table(t, *version_table(t, found), caption=t("The sample by version"))
    if found.examples:
        static_table(
            t,
            *mismatch_table(t, found, ctx.filters.timezone),
            caption=t("The first mismatches"),
        )
