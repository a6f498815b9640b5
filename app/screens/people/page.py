"""The people screen: who may sign in, in which roles and scope, and helping them back in."""

from collections.abc import Callable, Sequence
from datetime import datetime

import pandas as pd
import streamlit as st

from app.components import Column, note, plain
from app.components.one_time import keep_secret, show_secret
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from app.words import ROLE_NAMES
from core.auth.policy import allows
from core.domain.identity import Actor, Permission, Role
from core.i18n import N_, Translator
from core.services.identity import account_changes, people, sessions, users
from core.services.identity.people import Locks, Person

_SHOWN_ONCE = "people_password"
_STATES = {"active": N_("active"), "disabled": N_("disabled"), "locked": N_("locked")}


def summary(t: Translator, found: Sequence[Person]) -> str:
    """Return the sentence of the page."""
    active = sum(not person.user.disabled for person in found)
    locked = sum(person.locked_until is not None for person in found)
    bare = sum(not person.has_second_factor and not person.user.disabled for person in found)
    parts = [t.n("One person may sign in.", "{n} people may sign in.", active)]
    if locked:
        parts.append(
            t.n(
                "One is locked out after failed attempts.",
                "{n} are locked out after failed attempts.",
                locked,
            )
        )
    if bare:
        parts.append(t.n("One has no second factor.", "{n} have no second factor.", bare))
    return t.sentences(*parts)


def people_frame(t: Translator, found: Sequence[Person]) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of people and its columns."""
    rows = [
        {
            "name": person.user.username,
            "full": person.user.display_name,
            "roles": t.items(*(t(ROLE_NAMES[role]) for role in sorted(person.user.roles))),
            "models": limit_text(t, person.user.models),
            "jurisdictions": limit_text(t, person.user.jurisdictions),
            "factor": t("yes") if person.has_second_factor else t("no"),
            "state": t(_STATES[state_of(person)]),
        }
        for person in found
    ]
    columns = [
        Column("name", t("User name")),
        Column("full", t("Full name")),
        Column("roles", t("Roles")),
        Column("models", t("Models")),
        Column("jurisdictions", t("Jurisdictions")),
        Column("factor", t("Second factor")),
        Column("state", t("State")),
    ]
    return pd.DataFrame(rows), columns


def state_of(person: Person) -> str:
    """Return whether somebody can sign in now."""
    if person.user.disabled:
        return "disabled"
    return "active" if person.locked_until is None else "locked"


def limit_text(t: Translator, limit: frozenset[str] | None) -> str:
    """Return a scope in words."""
    if limit is None:
        return t("all")
    return t.items(*sorted(limit)) or t("none")


def person_detail(ctx: PageContext, person: Person) -> None:
    """Show one person, with what an administrator can do about the person."""
    t = ctx.t
    if person.locked_until is not None:
        until = t.instant(person.locked_until, ctx.filters.timezone)
        note(t("Locked after failed attempts, until {moment}.", moment=until))
    if not allows(ctx.actor, Permission.user_manage):
        note(t("Only administrators change people."))
        return
    if person.user.id == ctx.actor.user_id:
        note(t("This is you. Nobody changes their own roles."))
    else:
        _access_form(ctx, person)
    _buttons(ctx, person)


def add_form(ctx: PageContext) -> None:
    """Show the form that adds a person."""
    t = ctx.t
    with st.form("people_add", border=False, clear_on_submit=True):
        left, middle, right = st.columns(3, gap="small")
        name = left.text_input(t("User name"), key="people_add_name")
        full = middle.text_input(t("Full name"), key="people_add_full")
        roles = right.multiselect(
            t("Roles"),
            list(Role),
            format_func=lambda role: plain(t(ROLE_NAMES[role])),
            key="people_add_roles",
            placeholder=t("Choose"),
        )
        models, jurisdictions = _scope_inputs(t, "people_add", None, None)
        pressed = st.form_submit_button(t("Add the person"))
    if pressed:

        def add(actor: Actor) -> None:
            made, password = users.add_user(
                ctx.workspace,
                name,
                actor=actor,
                roles=roles,
                display_name=full,
                models=_limit(models),
                jurisdictions=_limit(jurisdictions),
            )
            if password is not None:
                keep_secret(_SHOWN_ONCE, made.username, password)

        attempt_and_rerun(ctx, add, done=t("The person is added."))


def show_new_password(t: Translator) -> None:
    """Show the password that was just made for somebody, until it is passed on."""
    show_secret(
        t,
        _SHOWN_ONCE,
        said=N_("Password of {name} for one sign-in, shown only now:"),
        done=t("I have passed it on"),
    )


def lock_list(ctx: PageContext, locks: Locks) -> None:
    """Show the addresses that are locked, with a button that lifts the lock."""
    t = ctx.t
    if not locks.sources and not locks.unknown_names:
        note(t("Nothing is locked."))
        return
    may = allows(ctx.actor, Permission.user_manage)
    for source, until in locks.sources:
        _lock_row(ctx, source, until, may=may)
    if locks.unknown_names:
        note(
            t.n(
                "One name that nobody has is locked, too.",
                "{n} names that nobody has are locked, too.",
                locks.unknown_names,
            )
        )


def _lock_row(ctx: PageContext, source: str, until: datetime, *, may: bool) -> None:
    t = ctx.t
    moment = t.instant(until, ctx.filters.timezone)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(t("{source}, until {moment}", source=source, moment=moment)))
        if may:
            st.button(
                t("Lift the lock"),
                key=f"people_lift_{source}",
                on_click=attempt,
                args=(
                    ctx,
                    lambda actor: people.unlock_source(ctx.workspace, source, actor=actor),
                ),
                kwargs={"done": t("The lock is lifted.")},
            )


def _access_form(ctx: PageContext, person: Person) -> None:
    t, user = ctx.t, person.user
    key = f"people_access_{user.id}"
    with st.form(key, border=False):
        roles = st.multiselect(
            t("Roles"),
            list(Role),
            default=sorted(user.roles),
            format_func=lambda role: plain(t(ROLE_NAMES[role])),
            key=f"{key}_roles",
            placeholder=t("Choose"),
        )
        models, jurisdictions = _scope_inputs(t, key, user.models, user.jurisdictions)
        pressed = st.form_submit_button(t("Save roles and scope"))
    if not pressed:
        return

    def save(actor: Actor) -> None:
        if frozenset(roles) != user.roles:
            people.set_roles(ctx.workspace, user.id, roles, actor=actor)
        if (_limit(models), _limit(jurisdictions)) != (user.models, user.jurisdictions):
            people.set_scope(
                ctx.workspace,
                user.id,
                actor=actor,
                models=_limit(models),
                jurisdictions=_limit(jurisdictions),
            )

    attempt_and_rerun(ctx, save, done=t("Saved. The person's sessions have ended."))


def _scope_inputs(
    t: Translator, key: str, models: frozenset[str] | None, jurisdictions: frozenset[str] | None
) -> tuple[str, str]:
    left, right = st.columns(2, gap="small")
    hint = t("Parted by commas; * means all, empty means none.")
    return (
        left.text_input(t("Models"), value=_written(models), help=plain(hint), key=f"{key}_models"),
        right.text_input(
            t("Jurisdictions"),
            value=_written(jurisdictions),
            help=plain(hint),
            key=f"{key}_jurisdictions",
        ),
    )


def _buttons(ctx: PageContext, person: Person) -> None:
    t, user, workspace = ctx.t, person.user, ctx.workspace
    with st.container(horizontal=True, gap="small", key="hl_person_actions"):
        if user.disabled:
            _button(
                ctx,
                t("Enable"),
                "enable",
                lambda actor: people.enable(workspace, user.id, actor=actor),
                t("The person may sign in again."),
            )
        elif user.id != ctx.actor.user_id:
            _button(
                ctx,
                t("Disable"),
                "disable",
                lambda actor: people.disable(workspace, user.id, actor=actor),
                t("The person is disabled and signed out."),
            )
        if person.locked_until is not None:
            _button(
                ctx,
                t("Lift the lock"),
                "unlock",
                lambda actor: people.unlock(workspace, user.id, actor=actor),
                t("The lock is lifted."),
            )
        two = account_changes.takes_two(workspace, user.id, actor=ctx.actor)
        if user.id != ctx.actor.user_id and not two:
            _button(
                ctx,
                t("Reset the password"),
                "reset",
                lambda actor: _reset(ctx, person, actor),
                "",
            )
        if person.has_second_factor and not two:
            _button(
                ctx,
                t("Reset the second factor"),
                "factor",
                lambda actor: people.reset_second_factor(workspace, user.id, actor=actor),
                t("The second factor is removed."),
            )
        _button(
            ctx,
            t("End all sessions"),
            "sessions",
            lambda actor: sessions.end_everywhere(workspace, user.id, actor=actor),
            t("All sessions of the person have ended."),
        )
    if two:
        _proposals(ctx, person)


def _proposals(ctx: PageContext, person: Person) -> None:
    """Let somebody who decides about others back in: proposed here, confirmed by another."""
    t, user, workspace = ctx.t, person.user, ctx.workspace
    key = f"people_reason_{user.id}"
    note(t("This person decides about others: a new password takes a second person."))
    st.text_input(t("Why, for whoever confirms it; it names no person"), key=key, max_chars=1000)
    done = t("Proposed. It counts once somebody else has confirmed it.")

    def password(actor: Actor) -> None:
        _, made = account_changes.propose_password(
            workspace, user.id, actor=actor, reason=st.session_state[key]
        )
        keep_secret(_SHOWN_ONCE, user.username, made)

    def factor(actor: Actor) -> None:
        account_changes.propose_second_factor(
            workspace, user.id, actor=actor, reason=st.session_state[key]
        )

    with st.container(horizontal=True, gap="small", key="hl_person_proposals"):
        _button(ctx, t("Propose a new password"), "propose", password, done)
        if person.has_second_factor:
            label = t("Propose to take the second factor away")
            _button(ctx, label, "propose_factor", factor, done)


def _button(
    ctx: PageContext, label: str, key: str, action: Callable[[Actor], object], done: str
) -> None:
    st.button(
        label, key=f"people_{key}", on_click=attempt, args=(ctx, action), kwargs={"done": done}
    )


def _reset(ctx: PageContext, person: Person, actor: Actor) -> None:
    user = person.user
    password = people.reset_password(ctx.workspace, user.id, actor=actor)
    keep_secret(_SHOWN_ONCE, user.username, password)


def _limit(text: str) -> frozenset[str] | None:
    """Return the scope that a text names: ``*`` for no limit."""
    names = frozenset(part.strip() for part in text.split(",") if part.strip())
    return None if "*" in names else names


def _written(limit: frozenset[str] | None) -> str:
    return "*" if limit is None else ", ".join(sorted(limit))
