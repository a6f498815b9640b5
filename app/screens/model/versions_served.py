"""Which version of a model should serve: rolling back at once, going forward by two people."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.components import Column, note, plain, static_table
from app.components.step_up import attempt_and_rerun
from app.context import PageContext
from app.screens.audit.words import person_name
from core.auth.policy import allows
from core.domain.identity import Permission
from core.i18n import Translator
from core.services.serving import rollback
from core.services.serving.rollback import VersionChoices
from core.store.serving import VersionChange

_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class _Change:
    """What is done with a chosen version, and what is said then."""

    make: Callable[..., object]
    done: str


def show_versions(ctx: PageContext, model: str) -> None:
    """Show which version should serve, who said so and why, and let the reader change it."""
    t = ctx.t
    choices = rollback.version_choices(ctx.workspace, model, actor=ctx.actor)
    history = rollback.version_history(ctx.workspace, model, actor=ctx.actor)
    note(version_text(t, choices, named=bool(history)))
    if history:
        static_table(t, *_frame(ctx, history), caption=t("Changes of version, the newest first"))
    if choices.back and allows(ctx.actor, Permission.model_rollback):
        back = _Change(rollback.rollback, t("The model is rolled back."))
        _show_form(ctx, "back", model, t("Roll the model back"), choices.back, back)
    if choices.forward and allows(ctx.actor, Permission.model_resume):
        said = t("Proposed. Somebody else approves it on the page Approvals.")
        forward = _Change(rollback.propose_forward, said)
        _show_form(ctx, "forward", model, t("Propose a later version"), choices.forward, forward)


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


def _show_form(
    ctx: PageContext, name: str, model: str, title: str, versions: tuple[str, ...], change: _Change
) -> None:
    """Let the reader choose one of these versions, with a reason, and make the change."""
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
    if pressed:
        attempt_and_rerun(
            ctx,
            lambda actor: change.make(ctx.workspace, model, to=str(to), reason=reason, actor=actor),
            done=change.done,
        )
