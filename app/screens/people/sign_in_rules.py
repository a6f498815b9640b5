"""The form for how long sessions last and who needs a second factor."""

import streamlit as st

from app.components import note
from app.components.step_up import attempt_and_rerun
from app.context import PageContext
from app.words import ROLE_NAMES
from core.auth.policy import allows
from core.domain.identity import Permission, Role
from core.services.identity.sign_in_settings import SignInSettings, change_settings


def rules_form(ctx: PageContext, rules: SignInSettings) -> None:
    """Show the rules; administrators change them."""
    t = ctx.t
    if not allows(ctx.actor, Permission.user_manage):
        names = t.items(*(t(ROLE_NAMES[role]) for role in sorted(rules.second_factor_roles)))
        note(
            t(
                "A session ends after {idle} minutes unused and after {longest} hours at most. "
                "A second factor is asked of: {roles}.",
                idle=rules.session_idle_minutes,
                longest=rules.session_longest_hours,
                roles=names or t("nobody"),
            )
        )
        return
    with st.form("people_rules", border=False):
        left, middle, right = st.columns(3, gap="small")
        idle = left.number_input(
            t("Unused sessions end after (minutes)"),
            5,
            720,
            rules.session_idle_minutes,
            key="rules_idle",
        )
        longest = middle.number_input(
            t("Every session ends after (hours)"),
            1,
            72,
            rules.session_longest_hours,
            key="rules_longest",
        )
        again = right.number_input(
            t("A password given again counts for (minutes)"),
            1,
            60,
            rules.step_up_minutes,
            key="rules_step_up",
        )
        roles = st.multiselect(
            t("Roles that need a second factor"),
            list(Role),
            default=sorted(rules.second_factor_roles),
            format_func=lambda role: t(ROLE_NAMES[role]),
            key="rules_roles",
            placeholder=t("Choose"),
        )
        pressed = st.form_submit_button(t("Save the rules"))
    if pressed:
        wanted = SignInSettings(int(idle), int(longest), int(again), frozenset(roles))
        attempt_and_rerun(
            ctx,
            lambda actor: change_settings(ctx.workspace, wanted, actor=actor),
            done=t("The rules are saved."),
        )
