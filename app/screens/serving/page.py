"""The serving screen: states of models, suspending and resuming, one prediction, how to ask."""

from collections.abc import Sequence
from urllib.parse import urlsplit

import pandas as pd
import streamlit as st

from app.components import Column, Definition, note, plain, static_table
from app.components.step_up import attempt_and_rerun
from app.components.text import error_text
from app.context import PageContext
from app.filters import ModelChoice
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.services.serving import releases
from core.services.serving import state as model_state
from core.services.serving.release_answer import Release
from core.services.serving.state import ModelState

STATES = {"production": N_("in production"), "suspended": N_("suspended")}
RELEASES = {"held": N_("held"), "released": N_("released"), "stopped": N_("stopped")}
REASONS = {
    "decided": N_("a person decided"),
    "reviewed": N_("the verdict of its case is final"),
    "in_review": N_("a case of it waits for people"),
    "case_withdrawn": N_("its case was withdrawn: a person releases it, or nobody"),
    "opted_out": N_("the customer opted out: only a final verdict releases it"),
    "not_routed": N_("it is not known yet whether people review it"),
    "oversight_level": N_("by the oversight level of its version"),
    "undeclared": N_("the contract states no oversight level for its version"),
    "unknown": N_("it has not been ingested"),
    "suspended": N_("the model is suspended"),
    "not_serving": N_("the model was rolled back to another version"),
}
LEVELS = {
    "in_the_loop": N_("in the loop"),
    "in_command": N_("in command"),
    "out_of_the_loop": N_("out of the loop"),
}
_NOTHING = "–"


def summary(t: Translator, states: Sequence[ModelState], models: Sequence[ModelChoice]) -> str:
    """Return the sentence of the page."""
    if not states:
        return t("No model is registered yet.")
    names = {model.id: model.name for model in models}
    suspended = [names.get(s.model_id, s.model_id) for s in states if s.suspended]
    if not suspended:
        return t.n("The model is in production.", "All {n} models are in production.", len(states))
    return t.sentences(
        t.n(
            "One model is suspended: {names}.",
            "{n} models are suspended: {names}.",
            len(suspended),
            names=t.items(*suspended),
        ),
        t("Nothing new of it takes effect until two people take it back into production."),
    )


def state_frame(
    ctx: PageContext, states: Sequence[ModelState]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of states and its columns."""
    t = ctx.t
    names = {model.id: model.name for model in ctx.models}
    rows = [
        {
            "model": names.get(each.model_id, each.model_id),
            "state": t(STATES.get(each.state, each.state)),
            "fallback": each.fallback_version or _NOTHING,
            "version": each.serving_version or _NOTHING,
            "since": t.instant(each.since, ctx.filters.timezone) if each.since else _NOTHING,
        }
        for each in states
    ]
    columns = [
        Column("model", t("Model")),
        Column("state", t("State")),
        Column("fallback", t("Fall-back version")),
        Column("version", t("Version that should serve")),
        Column("since", t("Since")),
    ]
    return pd.DataFrame(rows), columns


def show_model(ctx: PageContext, state: ModelState) -> None:
    """Show why one model is suspended or resumed, and what can be done about it now."""
    if state.reason:
        note(ctx.t("Reason: {reason}", reason=state.reason))
    if state.suspended and allows(ctx.actor, Permission.model_resume):
        _resume_form(ctx, state)
    if allows(ctx.actor, Permission.model_suspend):
        _suspend_form(ctx, state)
    else:
        note(ctx.t("Your roles do not let you suspend a model."))


def _suspend_form(ctx: PageContext, state: ModelState) -> None:
    t, model = ctx.t, state.model_id
    versions = model_state.fallback_choices(ctx.workspace, model, actor=ctx.actor)
    title = t("Change the suspension") if state.suspended else t("Suspend the model")
    with (
        st.expander(plain(title), key=f"serving_open_{model}"),
        st.form(f"serving_suspend_{model}", border=False, clear_on_submit=True),
    ):
        left, right = st.columns([1, 3], gap="small")
        fallback = left.selectbox(
            t("Fall-back version"),
            ["", *versions],
            format_func=lambda version: version or t("none: nothing decides by itself"),
            key=f"serving_fallback_{model}",
        )
        reason = right.text_input(
            t("Reason, which names no person"), key=f"serving_reason_{model}", max_chars=1000
        )
        pressed = st.form_submit_button(plain(title))
    if pressed:

        def suspend(actor: Actor) -> None:
            model_state.suspend(
                ctx.workspace,
                model,
                reason=reason,
                fallback_version=fallback or None,
                actor=actor,
            )

        attempt_and_rerun(ctx, suspend, done=t("The model is suspended."))


def _resume_form(ctx: PageContext, state: ModelState) -> None:
    t, model = ctx.t, state.model_id
    title = t("Propose to take it back into production")
    with (
        st.expander(plain(title), key=f"serving_open_resume_{model}"),
        st.form(f"serving_resume_{model}", border=False, clear_on_submit=True),
    ):
        reason = st.text_input(
            t("Reason, which names no person"), key=f"serving_why_{model}", max_chars=1000
        )
        pressed = st.form_submit_button(plain(title))
    if pressed:

        def propose(actor: Actor) -> None:
            model_state.propose_resume(ctx.workspace, model, reason=reason, actor=actor)

        attempt_and_rerun(
            ctx, propose, done=t("Proposed. Somebody else approves it on the page Approvals.")
        )


def show_release(ctx: PageContext, model: str) -> None:
    """Let the reader look a prediction up, and decide about it."""
    t = ctx.t
    wanted = st.text_input(
        t("Id of the prediction"), key=f"serving_prediction_{model}", max_chars=200
    ).strip()
    if not wanted:
        return
    try:
        found = releases.release_state(ctx.workspace, model, wanted, actor=ctx.actor)
    except HarbourlightError as error:
        note(error_text(t, error))
        return
    static_table(t, *_release_frame(ctx, found), caption=t("Prediction {id}", id=wanted))
    if found.version is not None and allows(ctx.actor, Permission.release_decide):
        _decide_form(ctx, found)


def _release_frame(ctx: PageContext, found: Release) -> tuple[pd.DataFrame, list[Column]]:
    t = ctx.t
    level = found.oversight_level
    decided = found.decided_at
    row = {
        "state": t(RELEASES[found.state]),
        "why": t(REASONS[found.reason]),
        "version": found.version or _NOTHING,
        "level": t(LEVELS[level]) if level else _NOTHING,
        "decided": t.instant(decided, ctx.filters.timezone) if decided else _NOTHING,
    }
    columns = [
        Column("state", t("State")),
        Column("why", t("Why")),
        Column("version", t("Version")),
        Column("level", t("Oversight level")),
        Column("decided", t("Decided")),
    ]
    return pd.DataFrame([row]), columns


def _decide_form(ctx: PageContext, found: Release) -> None:
    t, key = ctx.t, f"serving_decide_{found.model_id}"
    with st.form(key, border=False, clear_on_submit=True):
        reason = st.text_input(t("Reason"), key=f"{key}_reason", max_chars=1000)
        with st.container(horizontal=True, gap="small"):
            released = st.form_submit_button(t("Release the prediction"))
            stopped = st.form_submit_button(t("Stop the prediction"))
    if not (released or stopped):
        return
    decide = releases.release if released else releases.stop

    def act(actor: Actor) -> None:
        decide(ctx.workspace, found.model_id, found.prediction_id, reason=reason, actor=actor)

    done = t("The prediction is released.") if released else t("The prediction is stopped.")
    attempt_and_rerun(ctx, act, done=done)


def show_how(ctx: PageContext, model: str) -> None:
    """Show the two questions as commands."""
    scheme, host, *_ = urlsplit(str(st.context.url or ""))
    address = f"{scheme}://{host}" if host else "http://127.0.0.1:8501"
    header = "--header 'Authorization: Bearer '\"$TOKEN\""
    lines = [
        f"curl --fail --max-time 2 {header} \\\n  {address}/api/v1/models/{model}/{path}"
        for path in ("state", "release/PREDICTION")
    ]
    st.code("\n".join(lines), language=None, wrap_lines=True)
    note(ctx.t("The answers, field by field, are in docs/api.md."))


def definitions(t: Translator) -> tuple[Definition, ...]:
    """Return what the words of the page mean."""
    return (
        Definition(
            t("held"),
            t(
                "It must not take effect yet. So is every prediction of a version in the loop or "
                "in command, what has not been ingested, and everything new of a suspended model."
            ),
        ),
        Definition(t("released"), t("It may take effect.")),
        Definition(t("stopped"), t("A person decided that it never takes effect.")),
        Definition(
            t("suspended"),
            t(
                "The model must not decide. One person suspends it at once; two take it back into "
                "production."
            ),
        ),
        Definition(t("fall-back version"), t("The version that decides while it is suspended.")),
        Definition(
            t("version that should serve"),
            t(
                "Named once a model was ever rolled back. Predictions of other versions are held "
                "from then on, unless a person decides about them."
            ),
        ),
        Definition(
            t("hook"),
            t(
                "A program or an address that a rule of alerts calls, to retrain a model for "
                "instance; each call is signed, tried again, and kept."
            ),
        ),
    )
