"""Lines of defence: who owns, develops, validates or reviews which model."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from app.components import note, plain
from app.components.step_up import attempt, attempt_and_rerun
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.services.identity.people import Person
from core.services.registry import assignments
from core.services.registry.assignments import KIND_NAMES, AssignedPerson


def assignment_list(ctx: PageContext, found: Sequence[AssignedPerson]) -> None:
    """Show who stands where, each with a button that takes it back."""
    t = ctx.t
    if not found:
        note(t("Nobody has a place yet."))
    may = allows(ctx.actor, Permission.assignment_manage)
    for each in found:
        place = each.assignment
        with st.container(
            horizontal=True,
            vertical_alignment="center",
            key=f"hl_row_{place.model_id}_{place.kind}_{place.user_id}",
        ):
            st.markdown(plain(_line(ctx, each)))
            if may:
                st.button(
                    t("Take the assignment back"),
                    key=f"place_{place.model_id}_{place.kind}_{place.user_id}",
                    on_click=attempt,
                    args=(ctx, _taking_back(ctx, each)),
                    kwargs={"done": t("The place is taken back.")},
                )


def assignment_form(ctx: PageContext, people: Sequence[Person]) -> None:
    """Show the form that gives somebody a place."""
    t = ctx.t
    names = {person.user.username: person.user.display_name for person in people}
    models = {each.id: each.name for each in ctx.models}
    if not models:
        note(t("No model is registered yet."))
        return
    with st.form("people_assign", border=False):
        left, middle, right = st.columns(3, gap="small")
        name = left.selectbox(
            t("Person"),
            list(names),
            format_func=lambda each: names[each],
            key="assign_person",
        )
        model = middle.selectbox(
            t("Model"),
            list(models),
            format_func=lambda each: models[each],
            key="assign_model",
        )
        kind = right.selectbox(
            t("Place"),
            list(KIND_NAMES),
            format_func=lambda each: t(KIND_NAMES[each]),
            key="assign_kind",
        )
        pressed = st.form_submit_button(t("Assign"))
    if pressed:

        def assign(actor: Actor) -> None:
            assignments.assign(ctx.workspace, name, model, kind, actor=actor)

        attempt_and_rerun(ctx, assign, done=t("The place is given."))


def _line(ctx: PageContext, each: AssignedPerson) -> str:
    place = each.assignment
    model = next((m.name for m in ctx.models if m.id == place.model_id), place.model_id)
    return " · ".join((model, _kind(ctx.t, place.kind), each.display_name or each.username))


def _kind(t: Translator, kind: str) -> str:
    return next((t(label) for name, label in KIND_NAMES.items() if name == kind), kind)


def _taking_back(ctx: PageContext, each: AssignedPerson) -> Any:
    place = each.assignment

    def take_back(actor: Actor) -> None:
        kind = next(name for name in KIND_NAMES if name == place.kind)
        assignments.unassign(ctx.workspace, each.username, place.model_id, kind, actor=actor)

    return take_back
