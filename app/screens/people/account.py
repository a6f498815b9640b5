"""The account screen: password, second factor, recovery codes, sessions, history."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import segno
import streamlit as st

from app.components import Column, escape, note, plain, say, static_table
from app.components.step_up import attempt
from app.components.text import refusal_text
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError, SignedOut
from core.i18n import LOCALES, N_, Translator
from core.i18n.locales import native_name
from core.services.identity import accounts, sessions
from core.services.identity.accounts import Account, NewFactor
from core.services.identity.sessions import SessionView
from core.services.identity.sign_in import AttemptView

_CODES, _NEW_FACTOR = "_hl_codes", "_hl_new_factor"
_OUTCOMES = {
    "accepted": N_("signed in"),
    "wrong": N_("wrong password"),
    "unknown": N_("unknown name"),
    "locked": N_("locked, not heard"),
    "disabled": N_("disabled user"),
    "second_factor": N_("second factor asked or wrong"),
}


def summary(t: Translator, account: Account, count: int) -> str:
    """Return the sentence of the page."""
    protected = (
        t("A second factor protects your account.")
        if account.has_second_factor
        else t("Your account has no second factor.")
    )
    open_ = t.n(
        "You are signed in with one browser.", "You are signed in with {n} browsers.", count
    )
    return t.sentences(open_, protected)


def password_form(ctx: PageContext, *, asks_current: bool = True) -> None:
    """Show the form for a new password; all other sessions end with it."""
    t = ctx.t
    place = st.container(key="account_password")
    with place, st.form("account_password_form", border=False, clear_on_submit=True):
        current = (
            st.text_input(
                t("Password so far"),
                type="password",
                key="account_current",
                autocomplete="current-password",
            )
            if asks_current
            else None
        )
        new = st.text_input(
            t("New password"), type="password", key="account_new", autocomplete="new-password"
        )
        again = st.text_input(
            t("New password once more"),
            type="password",
            key="account_again",
            autocomplete="new-password",
        )
        note(
            t(
                "At least {count} characters, of any kind: several words are easier to keep in "
                "mind than signs.",
                count=12,
            )
        )
        pressed = st.form_submit_button(t("Change the password"), type="primary")
    if not pressed:
        return
    if new != again:
        alert(t("The two new passwords differ."))
        return
    try:
        accounts.change_password(ctx.workspace, new, actor=ctx.actor, current=current)
    except SignedOut:
        raise
    except HarbourlightError as error:
        alert(refusal_text(t, error))
    else:
        say(t("The password is changed; your other sessions have ended."))
        if ctx.actor.duty is not None:
            st.rerun()


def second_factor(ctx: PageContext, account: Account) -> None:
    """Show the second factor: set it up, take it away, make new recovery codes."""
    t = ctx.t
    if _CODES in st.session_state:
        _show_codes(t)
    elif account.has_second_factor:
        note(
            t.n(
                "You have one recovery code left.",
                "You have {n} recovery codes left.",
                account.recovery_codes,
            )
        )
        with st.container(horizontal=True, gap="small"):
            st.button(
                t("Make new recovery codes"),
                key="account_codes",
                on_click=attempt,
                args=(ctx, lambda actor: _make_codes(ctx, actor)),
            )
            if not account.needs_second_factor:
                st.button(
                    t("Remove the second factor"),
                    key="account_remove_factor",
                    on_click=attempt,
                    args=(
                        ctx,
                        lambda actor: accounts.remove_second_factor(ctx.workspace, actor=actor),
                    ),
                    kwargs={"done": t("The second factor is removed.")},
                )
    elif _NEW_FACTOR in st.session_state:
        _show_new(ctx, st.session_state[_NEW_FACTOR])
    else:
        note(
            t(
                "An authenticator app on your phone shows a code that changes every 30 seconds. "
                "Whoever learns your password cannot sign in without it."
            )
        )
        st.button(
            t("Set up an authenticator app"),
            key="account_add_factor",
            on_click=attempt,
            args=(ctx, lambda actor: _begin(ctx, actor)),
        )


def has_codes() -> bool:
    """Whether recovery codes wait to be looked at."""
    return _CODES in st.session_state


def session_list(ctx: PageContext, views: Sequence[SessionView], *, named: bool = False) -> None:
    """Show sessions, each with a button that ends it."""
    t, may_end = ctx.t, allows(ctx.actor, Permission.session_manage)
    for view in views:
        each = view.session
        where = t("this browser") if view.is_own else browser_name(t, each.agent)
        parts = [
            *([view.username] if named else []),
            *([where] if where else []),
            each.source,
            t("since {moment}", moment=t.instant(each.created_at, ctx.filters.timezone)),
            t("last used {moment}", moment=t.instant(each.last_seen_at, ctx.filters.timezone)),
        ]
        with st.container(horizontal=True, vertical_alignment="center", key=f"hl_row_{each.id}"):
            st.markdown(plain(" · ".join(parts)))
            if not view.is_own and (not named or may_end):
                st.button(
                    t("End the session"),
                    key=f"session_end_{each.id}",
                    on_click=attempt,
                    args=(ctx, _ending(ctx, each.id)),
                    kwargs={"done": t("The session has ended.")},
                )


def sign_out_everywhere(ctx: PageContext) -> None:
    """Offer to end all own sessions, this one too."""
    st.button(
        ctx.t("Sign out everywhere"),
        key="account_everywhere",
        on_click=_end_everywhere,
        args=(ctx,),
    )


def history_table(
    t: Translator, found: Sequence[AttemptView], timezone: str, *, caption: str, named: bool = False
) -> None:
    """Show attempts to sign in, the newest first."""
    frame = pd.DataFrame(
        [
            {
                "at": t.instant(view.attempt.at, timezone),
                "name": view.username or "–",
                "outcome": t(_OUTCOMES[view.attempt.outcome]),
                "source": view.attempt.source,
            }
            for view in found
        ],
        columns=["at", "name", "outcome", "source"],
    )
    names = [Column("name", t("User name"))] if named else []
    columns = [
        Column("at", t("When")),
        *names,
        Column("outcome", t("Outcome")),
        Column("source", t("Address")),
    ]
    static_table(t, frame, columns, caption=caption)


def language_form(ctx: PageContext, account: Account) -> None:
    """Offer the language in which the app greets the reader."""
    t, choices = ctx.t, ["", *LOCALES]
    st.selectbox(
        t("Language after signing in"),
        choices,
        index=choices.index(account.user.language) if account.user.language in choices else 0,
        format_func=lambda each: native_name(each) if each else t("as the browser asks"),
        key="account_language",
        on_change=_choose_language,
        args=(ctx,),
    )


def browser_name(t: Translator, agent: str) -> str:
    """Return the browser and system that a user agent names; empty if it names none."""
    browsers = ("Edg", "OPR", "Firefox", "Chrome", "Safari")
    systems = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")
    shown = {"Edg": "Edge", "OPR": "Opera", "Mac OS X": "macOS"}
    found = [
        next((shown.get(name, name) for name in names if name in agent), "")
        for names in (browsers, systems)
    ]
    return t.items(*filter(None, found))


def alert(text: str) -> None:
    """Say why something was refused."""
    st.html(f'<p class="hl-alert" role="alert">{escape(text)}</p>')


def _show_new(ctx: PageContext, new: NewFactor) -> None:
    t = ctx.t
    picture = segno.make(new.uri, error="m").svg_data_uri(
        scale=5, border=3, dark="#16202A", light="#FFFFFF"
    )
    alt = t("Picture for the authenticator app")
    grouped = " ".join(new.secret[i : i + 4] for i in range(0, len(new.secret), 4))
    st.html(
        f'<div class="hl-factor"><img src="{escape(picture)}" alt="{escape(alt)}">'
        f"<div><p>{escape(t('Scan the picture with the app, or type this key into it:'))}</p>"
        f"<code>{escape(grouped)}</code></div></div>"
    )
    with st.form("account_confirm_factor", border=False):
        code = st.text_input(
            t("Code that the app shows"), key="account_code", autocomplete="one-time-code"
        )
        pressed = st.form_submit_button(t("Continue"), type="primary")
    if not pressed:
        return
    try:
        codes = accounts.confirm_second_factor(ctx.workspace, code, actor=ctx.actor)
    except SignedOut:
        raise
    except HarbourlightError as error:
        alert(refusal_text(t, error))
        return
    st.session_state.pop(_NEW_FACTOR, None)
    st.session_state[_CODES] = codes
    st.rerun()


def _show_codes(t: Translator) -> None:
    codes: Sequence[str] = st.session_state[_CODES]
    note(
        t(
            "Keep these recovery codes where you find them without the phone. Each opens the "
            "account once in place of a code; they are shown only now."
        )
    )
    st.code("\n".join(codes), language=None)
    st.button(
        t("I have kept them"),
        key="account_codes_kept",
        type="primary",
        on_click=lambda: st.session_state.pop(_CODES, None),
    )


def _begin(ctx: PageContext, actor: Actor) -> None:
    st.session_state[_NEW_FACTOR] = accounts.begin_second_factor(ctx.workspace, actor=actor)


def _make_codes(ctx: PageContext, actor: Actor) -> None:
    st.session_state[_CODES] = accounts.make_recovery_codes(ctx.workspace, actor=actor)


def _ending(ctx: PageContext, session_id: str) -> Any:
    return lambda actor: sessions.revoke(ctx.workspace, session_id, actor=actor)


def _end_everywhere(ctx: PageContext) -> None:
    sessions.end_everywhere(ctx.workspace, ctx.actor.user_id, actor=ctx.actor)


def _choose_language(ctx: PageContext) -> None:
    chosen = str(st.session_state["account_language"])
    accounts.choose_language(ctx.workspace, chosen, actor=ctx.actor)
    st.session_state["lang"] = ""
    st.session_state.pop("_hl_language", None)
