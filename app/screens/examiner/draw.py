"""Drawing a sample: the plan, how many decisions it would draw from, and the draw."""

from datetime import date

import streamlit as st

from app.components import note
from app.components.step_up import attempt
from app.components.text import error_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.sampling import METHODS, Method
from core.errors import HarbourlightError
from core.services.examiner.drawing import MOST, count_population, draw_sample
from core.services.examiner.frames import STRATA, Plan
from core.services.examiner.words import METHOD_NAMES, SEED_TOLD, STRATUM_NAMES, would_show

_COUNTED = "_hl_examiner_counted"
_STRATIFIED = ("proportional", "equal")


def may_work(ctx: PageContext) -> bool:
    """Whether the reader draws samples."""
    return allows(ctx.actor, Permission.examiner_work)


def show_form(ctx: PageContext) -> None:
    """Let the examiner plan a sample, count what it is drawn from, and draw."""
    t, plan = ctx.t, _plan(ctx)
    with st.container(horizontal=True):
        count = st.button(plain(t("Count what it is drawn from")), key="examiner_count")
        drawn = st.button(plain(t("Draw the sample")), key="examiner_draw", type="primary")
    if count:
        with st.spinner(t("The log is counted …")):
            st.session_state[_COUNTED] = (_frame_of(plan), _counted(ctx, plan))
    asked, said = st.session_state.get(_COUNTED, (None, ""))
    if said and asked == _frame_of(plan):
        note(said)
    note(t(SEED_TOLD))
    if drawn:

        def act(actor: Actor) -> None:
            draw_sample(ctx.workspace, plan, actor=actor)
            st.session_state.pop(_COUNTED, None)

        with st.spinner(t("The sample is drawn …")):
            attempt(ctx, act, done=t("Drawn, and on record."))
        st.rerun()


def _plan(ctx: PageContext) -> Plan:
    t = ctx.t
    left, middle, right = st.columns([3, 1, 2], gap="medium")
    method: Method = left.selectbox(
        plain(t("Method")),
        METHODS,
        format_func=lambda name: t(METHOD_NAMES[name]),
        key="examiner_method",
    )
    n = middle.number_input(
        plain(t("How many")), min_value=1, max_value=MOST, value=30, key="examiner_n"
    )
    stratum = ""
    if method in _STRATIFIED:
        stratum = right.selectbox(
            plain(t("Strata")),
            STRATA,
            format_func=lambda name: t(STRATUM_NAMES[name]),
            key="examiner_stratum",
        )
    first, last = _days(ctx)
    label = (
        t("Condition: all decisions that it holds for are taken")
        if method == "all_then_random"
        else t("Only decisions for which this holds; empty for all")
    )
    condition = st.text_input(
        plain(label), key="examiner_condition", max_chars=500, placeholder="decision = 'decline'"
    )
    left, right = st.columns(2, gap="medium")
    words = left.text_input(
        plain(t("Words of your own for the seed")), key="examiner_words", max_chars=200
    )
    reason = right.text_input(plain(t("Why, for the record")), key="examiner_why", max_chars=500)
    model = str(ctx.filters.model)
    return Plan(model, method, int(n), words, reason, first, last, condition, stratum)


def _days(ctx: PageContext) -> tuple[date | None, date | None]:
    t = ctx.t
    left, right = st.columns(2, gap="medium")
    label = t("First day; both empty for the whole log")
    first = left.date_input(plain(label), value=None, key="examiner_first")
    last = right.date_input(plain(t("Last day, included")), value=None, key="examiner_last")
    return first, last


def _frame_of(plan: Plan) -> tuple[object, ...]:
    """Return what a count depends on."""
    return (
        plan.model_id, plan.method, plan.n, plan.first, plan.last, plan.condition, plan.stratum,
    )  # fmt: skip


def _counted(ctx: PageContext, plan: Plan) -> str:
    """Return how many decisions a plan draws from, and what the sample could show."""
    t = ctx.t
    try:
        sizes = count_population(ctx.workspace, plan, actor=ctx.actor)
    except HarbourlightError as error:
        return error_text(t, error)
    total = sum(sizes.values())
    told = t.n("There is one decision.", "There are {n} decisions.", total)
    parts = [f"{name or '–'} {t.number(size, 0)}" for name, size in sorted(sizes.items())]
    strata = f"{t.items(*parts)}." if plan.stratum else ""
    return t.sentences(told, *filter(None, [strata]), *would_show(t, plan.method, sizes, plan.n))
