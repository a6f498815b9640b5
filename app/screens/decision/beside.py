"""Beside a decision: others' values, similar past cases, how it was found, and what was kept."""

import pandas as pd
import streamlit as st

from app.components import Column, Definition, facts, note, panels, plain, static_table
from app.components.step_up import attempt
from app.context import PageContext
from app.screens.case.evidence import similar_panel, values_beside_others
from app.screens.decision.words import SOURCES
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.looking import DecisionView

_SHORT = 12


def show_others(ctx: PageContext, view: DecisionView) -> None:
    """Show the values beside those decided alike, and similar past cases."""
    t = ctx.t
    note(
        t("What is usual among those decided alike, and what became of people like this one."),
    )
    table = values_beside_others(t, view.contract, view.values, own=t("This decision"))
    left, right = st.columns([56, 44], gap="medium")
    with left:
        panels.show(panels.panel(t("Values beside others"), table))
    with right:
        panels.show(similar_panel(t, view.contract, view.similar))


def show_origin(ctx: PageContext, view: DecisionView) -> None:
    """Show what the explanation was made with, so that it can be made again."""
    t, record = ctx.t, view.record
    background, artefact = record.background, record.artefact
    found = {
        t("Code book"): t("none in force") if record.code_book is None else str(record.code_book)
    }
    if artefact is not None:
        found[t("Fitted model (SHA-256)")] = artefact.sha256[:_SHORT]
        found[t("Training data (SHA-256)")] = artefact.training_sha256[:_SHORT]
    if background is not None:
        found[t("Rows compared with")] = t(
            "{rows} of {pool}, drawn of {total} by seed {seed}",
            rows=background.rows, pool=background.pool, total=background.total,
            seed=str(background.seed),
        )  # fmt: skip
        found[t("Id of these rows")] = background.id[:_SHORT]
    with st.expander(plain(t("What it was found with")), key="decision_origin"):
        facts(found)


def show_kept(ctx: PageContext, view: DecisionView, prediction: str) -> None:
    """Show what was kept of the decision, and let who may keep it now."""
    t = ctx.t
    note(
        t("A kept explanation is sealed, and its hash stands in the audit trail."),
    )
    if view.kept:
        zone = view.contract.timezone
        rows = [
            {
                "number": str(each.number),
                "at": t.instant(each.made_at, zone),
                "by": view.names.get(each.made_by, each.made_by),
                "source": t(SOURCES[each.source]),
                "hash": each.sha256,
            }
            for each in view.kept
        ]
        columns = [
            Column("number", t("Number")),
            Column("at", t("Kept at")),
            Column("by", t("By")),
            Column("source", t("Explained from")),
            Column("hash", "SHA-256"),
        ]
        static_table(t, pd.DataFrame(rows), columns, caption=t("Kept, the newest first"))
    else:
        note(t("None yet."))
    if allows(ctx.actor, Permission.explanation_make):
        st.button(
            plain(t("Keep this explanation")),
            key="decision_keep",
            on_click=_keep,
            args=(ctx, view.contract.id, prediction),
        )


def _keep(ctx: PageContext, model: str, prediction: str) -> None:
    def keep(actor: Actor) -> None:
        keep_explanation(ctx.workspace, model, prediction, actor=actor)

    attempt(ctx, keep, done=ctx.t("The explanation is kept, on record."))


def definitions(t: Translator) -> list[Definition]:
    """Return what the words of the page mean."""
    return [
        Definition(
            t("What a field adds"),
            t("How far the person's own value moves the score away from the mean of the rows that "
              "it is compared with, averaged over all orders in which fields could be made known "
              "(Shapley value). All fields together make the difference exactly."),
        ),
        Definition(
            t("Log odds"),
            t("ln(p / (1 − p)) of a score p: 0 is one half, and larger is more likely. What fields "
              "add can be summed on this scale, which it could not as percentages."),
        ),
        Definition(
            t("What this page cannot say"),
            t("It says what the model did with the inputs that the log has: nothing about causes "
              "in the world, nor whether the inputs were right."),
        ),
    ]  # fmt: skip
