"""Hooks on the page of serving systems: what rules may call, and the newest calls."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, note, plain, static_table
from app.components.one_time import keep_secret, show_secret
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from app.screens.sending import failure_words
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import N_, Translator
from core.services import hooks
from core.services.hooks import HookState
from core.store.alerts.hooks import HookCall

_SHOWN_ONCE = "serving_hook"
_KINDS = {"webhook": N_("address"), "command": N_("program")}
_CALLS = {"queued": N_("waiting"), "done": N_("done"), "given_up": N_("given up")}
PURPOSES = {
    "notify": N_("tell"),
    "retrain": N_("retrain"),
    "suspend": N_("suspend"),
    "rollback": N_("roll back"),
}
"""What hooks are told that they are called for."""

_MOST_CALLS = 20
_NOTHING = "–"


def sees_calls(actor: Actor) -> bool:
    """Whether the reader is told what was called: like alerts, for all jurisdictions only."""
    return allows(actor, Permission.alert_view) and actor.jurisdictions is None


def show_hooks(ctx: PageContext, models: Sequence[str]) -> None:
    """Show the hooks to who manages them, and the newest calls to who sees alerts."""
    t = ctx.t
    manages = allows(ctx.actor, Permission.hook_manage)
    if manages:
        _show_managed(ctx, models)
    calls = hooks.list_calls(ctx.workspace, actor=ctx.actor, limit=_MOST_CALLS)
    if calls:
        frame = call_frame(ctx, calls, outputs=manages)
        static_table(t, *frame, caption=t("Newest calls, the newest first"))
    elif not manages:
        note(t("Nothing has been called yet."))


def _show_managed(ctx: PageContext, models: Sequence[str]) -> None:
    t = ctx.t
    kept = hooks.list_hooks(ctx.workspace, actor=ctx.actor)
    show_secret(
        t, _SHOWN_ONCE, said=N_("Secret of {name}, shown only now:"), done=t("I have stored it")
    )
    if kept:
        static_table(t, *hook_frame(ctx, kept), caption=t("Hooks by name"))
        _choices(ctx, kept)
    else:
        note(t("No hook is set up: rules call nothing."))
    with st.expander(t("Set a hook up"), key="serving_open_hook"):
        _add_form(ctx, models)


def hook_frame(ctx: PageContext, kept: Sequence[HookState]) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of hooks and its columns."""
    t = ctx.t
    rows = [
        {
            "name": each.name,
            "kind": t(_KINDS[each.kind]),
            "shown": each.shown,
            "models": t("all") if each.models is None else t.items(*each.models),
            "state": t("on") if each.enabled else t("off"),
            "done": each.done,
            "waiting": each.waiting,
            "given_up": each.given_up,
        }
        for each in kept
    ]
    columns = [
        Column("name", t("Hook")),
        Column("kind", t("Kind")),
        Column("shown", t("Leads to")),
        Column("models", t("Models")),
        Column("state", t("State")),
        Column("done", t("Done"), kind="count"),
        Column("waiting", t("Waiting"), kind="count"),
        Column("given_up", t("Given up"), kind="count"),
    ]
    return pd.DataFrame(rows), columns


def call_frame(
    ctx: PageContext, calls: Sequence[HookCall], *, outputs: bool
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of calls and its columns; what came back only where it is told."""
    t = ctx.t
    names = {model.id: model.name for model in ctx.models}
    rows = [
        {
            "at": t.instant(each.created_at, ctx.filters.timezone),
            "hook": each.hook_name,
            "model": names.get(each.model_id or "", each.model_id) or t("a test"),
            "purpose": t(PURPOSES[each.purpose]),
            "state": t(_CALLS[each.state]),
            "attempts": each.attempts,
            "answer": _answer(t, each),
            "output": " ".join(each.output.split())[:80] or _NOTHING,
        }
        for each in calls
    ]
    columns = [
        Column("at", t("When")),
        Column("hook", t("Hook")),
        Column("model", t("Model")),
        Column("purpose", t("What for")),
        Column("state", t("State")),
        Column("attempts", t("Attempts"), kind="count"),
        Column("answer", t("Answer")),
        *([Column("output", t("What came back"))] if outputs else []),
    ]
    return pd.DataFrame(rows), columns


def _answer(t: Translator, call: HookCall) -> str:
    """Return how a call ended; only a program that succeeded has the status 0."""
    if call.error or call.status is None:
        return failure_words(t, call.error) if call.error else _NOTHING
    return t("exit code {code}", code=0) if call.status == 0 else f"HTTP {call.status}"


def _choices(ctx: PageContext, kept: Sequence[HookState]) -> None:
    t, workspace = ctx.t, ctx.workspace
    states = {each.name: each.enabled for each in kept}
    with st.container(horizontal=True, vertical_alignment="bottom", key="serving_hooks"):
        name = str(st.selectbox(t("Hook"), list(states), key="serving_hook_choice"))
        on = not states.get(name, False)

        def switch(actor: Actor) -> None:
            hooks.switch_hook(workspace, name, on=on, actor=actor)

        def remove(actor: Actor) -> None:
            hooks.remove_hook(workspace, name, actor=actor)

        def call(actor: Actor) -> None:
            hooks.try_hook(workspace, name, actor=actor)

        steps = (
            ("test", t("Test"), call, t("The hook was called; the answer stands below.")),
            (
                "switch",
                t("Switch on") if on else t("Switch off"),
                switch,
                t("The hook is on.") if on else t("The hook is off."),
            ),
            ("remove", t("Remove the hook"), remove, t("The hook is removed.")),
        )
        for key, label, action, done in steps:
            st.button(
                plain(label),
                key=f"serving_hook_{key}",
                on_click=attempt,
                args=(ctx, action),
                kwargs={"done": done},
            )


def _add_form(ctx: PageContext, models: Sequence[str]) -> None:
    t = ctx.t
    with st.form("serving_hook", border=False, clear_on_submit=True):
        left, right = st.columns([2, 1], gap="small")
        name = left.text_input(t("Name"), key="serving_hook_name", max_chars=60)
        seconds = right.number_input(
            t("Seconds to answer"), 1, 60, value=10, step=1, key="serving_hook_seconds"
        )
        url = st.text_input(
            t("Address, which begins with https://"), key="serving_hook_url", type="password"
        )
        command = st.text_area(
            t("Or a program: its absolute path, then one argument a line"),
            key="serving_hook_command",
            height=80,
        )
        named = st.multiselect(
            t("Models; none named means all"),
            list(models),
            key="serving_hook_models",
            placeholder=t("all"),
        )
        pressed = st.form_submit_button(t("Set the hook up"))
    if pressed:

        def add(actor: Actor) -> None:
            made = hooks.add_hook(
                ctx.workspace,
                name,
                actor=actor,
                url=url.strip(),
                argv=command.strip().splitlines(),
                models_of=named or None,
                timeout_s=int(seconds),
            )
            keep_secret(_SHOWN_ONCE, made.name, made.secret)

        attempt_and_rerun(ctx, add)
