"""The tokens of serving systems: a table, a form that makes one, and taking one back."""

from collections.abc import Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.one_time import keep_secret, show_secret
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from core.domain.identity import Actor
from core.i18n import N_
from core.services.serving import tokens
from core.services.serving.tokens import ACTIONS, LONGEST_DAYS, PREFIX, USUAL_ACTIONS
from core.store.identity.tokens import ApiToken

_SHOWN_ONCE = "serving_token"
_ACTIONS = {
    "model.state": N_("states of models"),
    "release.read": N_("releases of predictions"),
    "opt_out.read": N_("who opted out"),
}
_STATES = {"counts": N_("counts"), "revoked": N_("revoked"), "expired": N_("expired")}


def show_tokens(ctx: PageContext, kept: Sequence[ApiToken], models: Sequence[str]) -> None:
    """Show the tokens, let one be taken back, and let one be made."""
    t = ctx.t
    now = ctx.workspace.clock()
    show_secret(
        t, _SHOWN_ONCE, said=N_("Token of {name}, shown only now:"), done=t("I have stored it")
    )
    if kept:
        static_table(t, *token_frame(ctx, kept, now), caption=t("Tokens, the newest first"))
        _revoke_form(ctx, [each for each in kept if state_of(each, now) == "counts"])
    else:
        note(t("No token has been made yet: no serving system can ask."))
    with st.expander(t("Make a token"), key="serving_open_token"):
        _make_form(ctx, models)


def state_of(token: ApiToken, now: datetime) -> str:
    """Return whether a token counts now."""
    if token.revoked_at is not None:
        return "revoked"
    return "expired" if token.expires_at <= now else "counts"


def token_frame(
    ctx: PageContext, kept: Sequence[ApiToken], now: datetime
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of tokens and its columns."""
    t, zone = ctx.t, ctx.filters.timezone
    rows = [
        {
            "name": each.name,
            "begins": f"{PREFIX}_{each.id}_…",
            "models": t("all") if each.models is None else t.items(*sorted(each.models)),
            "actions": t.items(*(t(_ACTIONS[action]) for action in sorted(each.actions))),
            "until": t.instant(each.expires_at, zone),
            "used": t.instant(each.last_used_at, zone) if each.last_used_at else t("never"),
            "state": t(_STATES[state_of(each, now)]),
        }
        for each in kept
    ]
    columns = [
        Column("name", t("System")),
        Column("begins", t("Begins with")),
        Column("models", t("Models")),
        Column("actions", t("May ask for")),
        Column("until", t("Until")),
        Column("used", t("Last used")),
        Column("state", t("State")),
    ]
    return pd.DataFrame(rows), columns


def _revoke_form(ctx: PageContext, counting: Sequence[ApiToken]) -> None:
    if not counting:
        return
    t = ctx.t
    names = {each.id: f"{each.name} ({PREFIX}_{each.id}_…)" for each in counting}
    with st.container(horizontal=True, vertical_alignment="bottom", key="serving_revoke"):
        chosen = st.selectbox(
            t("Token"),
            list(names),
            format_func=lambda token: names[token],
            key="serving_revoke_choice",
        )

        def revoke(actor: Actor) -> None:
            tokens.revoke_token(ctx.workspace, str(chosen), actor=actor)

        st.button(
            t("Revoke the token"),
            key="serving_revoke_button",
            on_click=attempt,
            args=(ctx, revoke),
            kwargs={"done": t("The token is revoked.")},
        )


def _make_form(ctx: PageContext, models: Sequence[str]) -> None:
    t = ctx.t
    with st.form("serving_token", border=False, clear_on_submit=True):
        left, right = st.columns([2, 1], gap="small")
        name = left.text_input(t("System that will use it"), key="serving_token_name", max_chars=80)
        days = right.number_input(
            t("Days it counts"), 1, LONGEST_DAYS, value=365, step=1, key="serving_token_days"
        )
        named = st.multiselect(
            t("Models; none named means all"),
            list(models),
            key="serving_token_models",
            placeholder=t("all"),
        )
        actions = st.multiselect(
            t("May ask for"),
            list(ACTIONS),
            default=list(USUAL_ACTIONS),
            format_func=lambda action: t(_ACTIONS[action]),
            key="serving_token_actions",
            placeholder=t("Choose"),
        )
        pressed = st.form_submit_button(t("Make the token"))
    if pressed:

        def make(actor: Actor) -> None:
            made = tokens.make_token(
                ctx.workspace,
                name,
                actor=actor,
                models_allowed=named or None,
                actions=actions,
                days=int(days),
            )
            keep_secret(_SHOWN_ONCE, made.token.name, made.text)

        attempt_and_rerun(ctx, make)
