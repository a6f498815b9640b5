"""Why can't I?: which rule keeps a reader, or somebody else, from doing something."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components import Column, forbidden, note, plain, static_table
from app.components.text import error_text
from app.context import PageContext
from app.nav import Entry
from app.words import ROLE_NAMES
from core.auth.policy import POLICY, allows
from core.domain.identity import Permission, Role
from core.errors import HarbourlightError
from core.i18n import Translator
from core.services import access_explain
from core.services.access_explain import MESSAGES, REMEDIES, Explanation


def refused_page(ctx: PageContext, entry: Entry) -> None:
    """Say that the reader may not open a page, why, and where to ask about more."""
    t = ctx.t
    forbidden(t)
    note(_explained(ctx, ctx.actor.username, entry.permission, None))
    account = ctx.pages.get("account")
    if account is not None:
        with st.container(key="hl_go_why", width="content"):
            st.page_link(account, label=t("Why can't I?"))


def show_why(ctx: PageContext) -> None:
    """Let the reader ask about a permission: their own, or with access.explain anybody's."""
    t = ctx.t
    others = allows(ctx.actor, Permission.access_explain)
    left, middle, right = st.columns(3, gap="small")
    username = ctx.actor.username
    if others:
        typed = left.text_input(t("User name"), value=username, key="why_user", max_chars=200)
        username = typed.strip() or username
    else:
        left.text_input(t("User name"), value=username, key="why_user", disabled=True)
    permission = middle.selectbox(
        t("Permission"),
        list(Permission),
        format_func=lambda each: each,
        key="why_permission",
    )
    names = {"": t("any model"), **{model.id: model.name for model in ctx.models}}
    model = right.selectbox(
        t("For the model"),
        list(names),
        format_func=lambda each: names[each],
        key="why_model",
    )
    note(_explained(ctx, username, Permission(str(permission)), model or None))


def show_matrix(ctx: PageContext) -> None:
    """Show what each role may do, from the policy itself."""
    t = ctx.t
    rows = [
        {
            "permission": permission,
            **{role: "✓" if permission in POLICY[role] else "" for role in Role},
        }
        for permission in Permission
    ]
    columns = [
        Column("permission", t("Permission")),
        *(Column(role, t(ROLE_NAMES[role])) for role in Role),
    ]
    title = t("What each role may do")
    with st.expander(plain(title)):
        static_table(t, pd.DataFrame(rows), columns, caption=title)


def explanation_text(t: Translator, found: Explanation) -> str:
    """Return what decided, and what can be done about it."""
    words = {
        "username": found.username,
        "permission": str(found.permission),
        "roles": _roles(t, found.roles),
        "holders": _roles(t, found.holders),
        "model": found.model or "",
        "jurisdiction": found.jurisdiction or "",
    }
    parts = [t(MESSAGES[found.rule], **words)]
    if REMEDIES[found.rule]:
        parts.append(t(REMEDIES[found.rule], **words))
    return t.sentences(*parts)


def _explained(ctx: PageContext, username: str, permission: Permission, model: str | None) -> str:
    try:
        found = access_explain.explain(
            ctx.workspace, username, permission, actor=ctx.actor, model=model
        )
    except HarbourlightError as error:
        return error_text(ctx.t, error)
    return explanation_text(ctx.t, found)


def _roles(t: Translator, roles: Sequence[Role]) -> str:
    return t.items(*(t(ROLE_NAMES[role]) for role in roles)) if roles else "–"
