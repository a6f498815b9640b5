"""Which version of a model should serve: rolling back at once, going forward by two people."""

import pandas as pd
import streamlit as st

from app.components import Column, note, plain, static_table
from app.components.step_up import attempt
from app.context import PageContext
from app.screens.audit.words import person_name
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services.serving import rollback
from core.services.serving.rollback import VersionChoices
from core.store.serving import VersionChange

_NOTHING = "–"


def show_versions(ctx: PageContext, model: str) -> None:
    """Show which version should serve, who said so and why, and let the reader change it."""
    t = ctx.t
    choices = rollback.version_choices(ctx.workspace, model, actor=ctx.actor)
    history = rollback.version_history(ctx.workspace, model, actor=ctx.actor)
    note(version_text(t, choices, named=bool(history)))
    if history:
        static_table(t, *_frame(ctx, history), caption=t("Changes of version, the newest first"))
    if choices.back and allows(ctx.actor, Permission.model_rollback):
        _back_form(ctx, model, choices)
    if choices.forward and allows(ctx.actor, Permission.model_resume):
        _forward_form(ctx, model, choices)


def version_text(t: Translator, choices: VersionChoices, *, named: bool) -> str:
    """Return which version should serve, as a sentence."""
    if choices.now is None:
        return t("The contract lists no version.")
    if named:
        return t("Version {version} is to serve.", version=choices.now)
    return t(
        "Nobody has rolled the model back: its newest version, {version}, counts as in use.",
        version=choices.now,
    )


def _frame(
    ctx: PageContext, history: tuple[tuple[VersionChange, str], ...]
) -> tuple[pd.DataFrame, list[Column]]:
    t = ctx.t
    rows = [
        {
            "at": t.instant(change.changed_at, ctx.filters.timezone),
            "before": change.from_version or _NOTHING,
            "after": change.version,
            "who": person_name(t, who),
            "why": change.reason,
        }
        for change, who in history
    ]
    columns = [
        Column("at", t("When")),
        Column("before", t("From version")),
        Column("after", t("To version")),
        Column("who", t("Who")),
        Column("why", t("Why")),
    ]
    return pd.DataFrame(rows), columns


def _back_form(ctx: PageContext, model: str, choices: VersionChoices) -> None:
    t = ctx.t
    asked = _form(ctx, "back", model, t("Roll the model back"), choices.back)
    if asked is None:
        return

    def roll_back(actor: Actor) -> None:
        rollback.rollback(ctx.workspace, model, to=asked[0], reason=asked[1], actor=actor)

    attempt(ctx, roll_back, done=t("The model is rolled back."))
    st.rerun()


def _forward_form(ctx: PageContext, model: str, choices: VersionChoices) -> None:
    t = ctx.t
    asked = _form(ctx, "forward", model, t("Propose a later version"), choices.forward)
    if asked is None:
        return

    def propose(actor: Actor) -> None:
        rollback.propose_forward(ctx.workspace, model, to=asked[0], reason=asked[1], actor=actor)

    attempt(ctx, propose, done=t("Proposed. Somebody else approves it on the page Approvals."))
    st.rerun()


def _form(
    ctx: PageContext, name: str, model: str, title: str, versions: tuple[str, ...]
) -> tuple[str, str] | None:
    """Return the version and the reason once the button is pressed."""
    t, key = ctx.t, f"serving_{name}_{model}"
    with (
        st.expander(plain(title), key=f"{key}_open"),
        st.form(key, border=False, clear_on_submit=True),
    ):
        left, right = st.columns([1, 3], gap="small")
        to = left.selectbox(t("To version"), list(versions), key=f"{key}_to")
        reason = right.text_input(
            t("Reason, which names no person"), key=f"{key}_reason", max_chars=1000
        )
        pressed = st.form_submit_button(plain(title))
    return (str(to), reason) if pressed else None
