"""Where alerts are sent, on the page Alerts: how sending goes, a form that adds, and removing."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, section, static_table
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from app.screens.sending import failure_words
from core.domain.identity import Actor
from core.i18n import LOCALES, N_, Translator
from core.i18n.locales import native_name
from core.services.alerts import channels
from core.services.alerts.channels import ChannelState

_LEAST = {"act": N_("only what asks somebody to act"), "watch": N_("all alerts")}
_EXAMPLES = "mailtos://  workflows://  slack://  jsons://"
_ADDRESS = "alert_channel_address"
_NOTHING = "–"


def show_channels(ctx: PageContext) -> None:
    """Show where alerts are sent, let one be added, and one be removed."""
    t = ctx.t
    section(
        t("Where alerts are sent"),
        t("Nothing is sent until there is a channel. An address is sealed and never shown again."),
    )
    found = channels.list_channels(ctx.workspace, actor=ctx.actor)
    if found:
        static_table(t, *channel_frame(ctx, found), caption=t("Channels, and how sending goes"))
        _remove_form(ctx, found)
    else:
        note(t("Alerts are not sent anywhere."))
    with st.expander(t("Add a channel"), key="alert_channel_edit"):
        _add_form(ctx)


def channel_frame(
    ctx: PageContext, found: Sequence[ChannelState]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of channels and its columns."""
    t, zone = ctx.t, ctx.filters.timezone
    names = {model.id: model.name for model in ctx.models}
    rows = [
        {
            "name": each.name,
            "shown": each.shown,
            "models": t("all")
            if each.models is None
            else t.items(*(names.get(model, model) for model in each.models)),
            "least": t(_LEAST[each.severity]),
            "language": native_name(each.language),
            "sent": each.sent,
            "waiting": each.waiting,
            "given_up": each.given_up,
            "newest": newest_text(t, each, zone),
        }
        for each in found
    ]
    columns = [
        Column("name", t("Name")),
        Column("shown", t("Goes to")),
        Column("models", t("Models")),
        Column("least", t("What is sent")),
        Column("language", t("Language")),
        Column("sent", t("Sent"), kind="count"),
        Column("waiting", t("Waiting"), kind="count"),
        Column("given_up", t("Given up"), kind="count"),
        Column("newest", t("Newest message"), wide=True),
    ]
    return pd.DataFrame(rows), columns


def newest_text(t: Translator, channel: ChannelState, zone: str) -> str:
    """Return what became of the newest message of a channel."""
    if channel.last_error:
        return t("not delivered: {error}", error=failure_words(t, channel.last_error))
    if channel.last_sent is not None:
        return t("sent {moment}", moment=t.instant(channel.last_sent, zone))
    return t("on its way") if channel.waiting else _NOTHING


def _remove_form(ctx: PageContext, found: Sequence[ChannelState]) -> None:
    t = ctx.t
    with st.container(horizontal=True, vertical_alignment="bottom", key="alert_channel_remove"):
        chosen = st.selectbox(
            t("Channel"),
            [each.name for each in found],
            key="alert_channel_choice",
            width=320,
        )

        def remove(actor: Actor) -> None:
            channels.remove_channel(ctx.workspace, str(chosen), actor=actor)

        st.button(
            t("Remove the channel"),
            key="alert_channel_remove_button",
            on_click=attempt,
            args=(ctx, remove),
            kwargs={"done": t("Nothing more is sent there.")},
        )


def _add_form(ctx: PageContext) -> None:
    t, names = ctx.t, {model.id: model.name for model in ctx.models}
    with st.form("alert_channel", border=False, clear_on_submit=True):
        left, right = st.columns(2, gap="small")
        name = left.text_input(t("Name"), key="alert_channel_name", max_chars=60)
        address = right.text_input(
            t("Address, as Apprise writes it"),
            type="password",
            placeholder=_EXAMPLES,
            key=_ADDRESS,
            autocomplete="off",
        )
        left, right = st.columns(2, gap="small")
        chosen = left.multiselect(
            t("Models; none named means all"),
            list(names),
            format_func=lambda model: names[model],
            placeholder=t("all"),
            key="alert_channel_models",
        )
        least = right.selectbox(
            t("What is sent"),
            list(_LEAST),
            format_func=lambda each: t(_LEAST[each]),
            key="alert_channel_least",
        )
        language = st.selectbox(
            t("Language of the messages"),
            list(LOCALES),
            index=list(LOCALES).index(t.locale),
            format_func=native_name,
            key="alert_channel_language",
            width=320,
        )
        pressed = st.form_submit_button(t("Add the channel"), type="primary")
    if pressed:

        def add(actor: Actor) -> None:
            channels.add_channel(
                ctx.workspace,
                name,
                address,
                models_of=chosen or None,
                severity=least,
                language=language,
                actor=actor,
            )

        st.session_state.pop(_ADDRESS, None)  # it is a secret, and nobody sees it again
        attempt_and_rerun(ctx, add, done=t("Alerts are sent there from the next one on."))
