"""The parts of the page Outcomes that ask: the other period, the change, segments, decisions."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from app.charts import Mark
from app.chosen import value_word
from app.components import empty, note, plain, ranked_table, section, static_table
from app.context import PageContext
from app.screens.decision.page import decision_address
from app.screens.marks import version_marks
from app.screens.outcomes.drill import drill_frame, parts_text, rows_text
from app.screens.outcomes.page import Shown, first_to_tell
from app.screens.outcomes.periods import Sides, show_period
from app.screens.outcomes.segments import segment_frame
from app.screens.outcomes.words import measure_of, period_name, value_text
from app.screens.value.words import OTHER_WAYS
from core.auth.policy import allows
from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput, NotComputable, NotFound, NothingYet
from core.i18n import Translator
from core.services.kpi_changes import KpiChange, kpi_change
from core.services.kpis import KpiAnswer, KpiFigure, kpi_figures
from core.services.kpis.drill import decisions_behind
from core.services.portfolio import ModelMoney, money_of

if TYPE_CHECKING:
    from core.services.workspace import Workspace

_KPI, _SEGMENT, _WHICH = "kpi", "outcomes_segment", "outcomes_which"
_ALL, _OVERRIDDEN, _VALUE = "all", "overridden", "value"
_ROWS = 25


@dataclass(frozen=True, slots=True)
class Told:
    """Why a KPI changed, or why that cannot be told."""

    change: KpiChange | None
    reason: str = ""

    def sentence(self, t: Translator) -> str:
        """Return the change as a sentence; empty if there is none to tell."""
        return "" if self.change is None else self.change.sentence(t)


def choose_kpi(key: str) -> None:
    """Let the page tell of another KPI from its next run on."""
    st.session_state[_KPI] = key


def chosen_kpi(ctx: PageContext, kpis: Sequence[Shown]) -> Shown:
    """Return the KPI that the page tells of."""
    known = {each.series.definition.id: each for each in kpis}
    asked = ctx.filters.parameters.get(_KPI, "")
    return known[asked if asked in known else first_to_tell(kpis)]


def figures_beside(
    workspace: "Workspace", answer: KpiAnswer, sides: Sides, *, actor: Actor
) -> dict[str, KpiFigure]:
    """Return the figures of the period compared with, by KPI; nothing without one."""
    window, place = sides.baseline, sides.baseline_place
    if window is None:
        return {}
    if place is not None:
        return {each.definition.id: each.periods[place] for each in answer.kpis}
    found = kpi_figures(workspace, sides.question(window), actor=actor)
    return {each.definition.id: each.whole for each in found.kpis}


def change_of(ctx: PageContext, sides: Sides, kpi: Shown) -> Told:
    """Return why the KPI changed between the two periods."""
    t = ctx.t
    if sides.baseline is None:
        return Told(None, t("The log tells of no period to compare with. Choose another one."))
    if math.isnan(kpi.change):
        return Told(None, t("One of the two periods has no figure, so no change can be told."))
    try:
        found = kpi_change(
            ctx.workspace,
            sides.question(),
            kpi.series.definition.id,
            baseline=sides.against_text,
            actor=ctx.actor,
        )
    except (InvalidInput, NotComputable, NothingYet) as error:
        return Told(None, t.sentences(t(error.template, **error.params),
                                      t(error.remedy, **error.params)))  # fmt: skip
    return Told(found)


def money_sentence(ctx: PageContext, sides: Sides) -> str:
    """Say what the decisions of the period were worth beside the baseline; empty without a value.

    The same is shown with its interval, and beside other ways to decide, on the page Value.
    """
    t = ctx.t
    if not allows(ctx.actor, Permission.value_view):
        return ""
    try:
        money = money_of(ctx.workspace, sides.question(), actor=ctx.actor)
    except (NotComputable, NothingYet):
        return ""
    simulated = t("Some of the amounts are simulated.") if money.simulated else ""
    return t.sentences(money_text(t, money), simulated)


def money_text(t: Translator, money: ModelMoney) -> str:
    """Write what decisions were worth beside the contract's baseline, in one short sentence."""
    found = money.gain
    if found.why or not money.valued:
        return t("What the decisions earned is not known yet.")
    words = {
        "other": t(OTHER_WAYS[found.other]),
        "gain": t.compact_money(abs(found.gain), money.currency),
    }
    if found.sure and found.low > 0:
        return t("The decisions earned {gain} more than {other}.", **words)
    if found.sure and found.high < 0:
        return t("The decisions earned {gain} less than {other}.", **words)
    return t("Nobody can tell whether the decisions earned more than {other}.", **words)


def marks_of(ctx: PageContext, sides: Sides) -> list[Mark]:
    """Return what happened when, for the course."""
    return version_marks(ctx, sides.view)


def show_worst(ctx: PageContext, sides: Sides, kpi: Shown) -> None:
    """Say in which period the KPI was furthest on the wrong side of its target, and lead there."""
    t, definition = ctx.t, kpi.series.definition
    place = worst_place(kpi)
    if place is None or place == sides.place:
        return
    figure, chunk = kpi.series.periods[place], sides.view.chunks[place]
    name = period_name(t, chunk, sides.grain, sides.view.timezone)
    measure = measure_of(definition)
    with st.container(horizontal=True, vertical_alignment="center", key="hl_outcomes_worst"):
        note(
            t(
                "{name} was furthest from its target in {period}: {value}.",
                name=definition.name.get(t.locale),
                period=name,
                value=value_text(t, measure, figure.value),
            )
        )
        st.button(
            plain(t("Show {period}", period=name)),
            key="outcomes_worst",
            type="tertiary",
            on_click=show_period,
            args=(chunk.key,),
        )


def worst_place(kpi: Shown) -> int | None:
    """Return the period whose figure lies furthest on the wrong side of its target."""
    sign = {"higher_is_better": 1.0, "lower_is_better": -1.0}.get(
        str(kpi.series.definition.direction), 0.0
    )
    short = [
        sign * (each.target.value - each.value) if each.target is not None else math.nan
        for each in kpi.series.periods
    ]
    far = [(value, place) for place, value in enumerate(short) if value > 0]
    return max(far)[1] if far else None


def offered_segments(contract: ModelContract, locale: str) -> dict[str, str]:
    """Return the names of the segments that a KPI is split by, with what they are called.

    Groups of protected columns are compared on the page Fairness, which hides small ones.
    """
    return {
        each.name: each.label_in(locale)
        for each in contract.segments
        if each.source not in contract.protected
    }


def show_segments(ctx: PageContext, sides: Sides, kpi: Shown) -> tuple[str, str] | None:
    """Show the KPI by the values of a segment, and return the one that the reader picks."""
    t, contract = ctx.t, sides.view.contract
    labels = offered_segments(contract, t.locale)
    if not labels:
        return None
    section(t("Where it comes from"), t("Pick a line to see the decisions behind it."))
    if len(labels) > 1:
        name = st.segmented_control(
            t("Split by"),
            list(labels),
            format_func=lambda each: plain(labels[each]),
            default=next(iter(labels)),
            key=f"{_SEGMENT}_{contract.id}",
            required=True,
        )
    else:
        name = next(iter(labels))
    segment = str(name or next(iter(labels)))
    try:
        parts, before = by_segment(
            ctx.workspace, sides, kpi.series.definition.id, segment, actor=ctx.actor
        )
    except (NotComputable, NothingYet) as error:
        note(t.sentences(t(error.template, **error.params), t(error.remedy, **error.params)))
        return None
    if not parts:
        note(t("There is no decision in this period."))
        return None
    frame, columns = segment_frame(
        t, kpi.series.definition, parts, before, (labels[segment], sides.beside(t))
    )
    place = ranked_table(
        t,
        frame,
        columns,
        key=f"outcomes_segment_rows_{segment}",
        alt=t("{name} by {segment}", name=columns[2].label, segment=labels[segment]),
    )
    return segment, str(frame.index[place or 0])


def by_segment(
    workspace: "Workspace", sides: Sides, kpi: str, segment: str, *, actor: Actor
) -> tuple[Sequence[KpiFigure], dict[str, KpiFigure]]:
    """Return a KPI by the values of a segment in the period shown, and in the one beside it."""
    found: list[list[KpiFigure]] = []
    for span in (sides.chunk, sides.baseline):
        if span is None:
            found.append([])
            continue
        answer = kpi_figures(
            workspace, sides.question(span), actor=actor, ids=(kpi,), segment=segment
        )
        parts = answer.kpis[0].parts if answer.kpis else ()
        found.append([each for each in parts if each.chunk is None])
    return found[0], {each.part: each for each in found[1]}


def show_decisions(
    ctx: PageContext, sides: Sides, kpi: Shown, value: tuple[str, str] | None
) -> None:
    """Show some of the decisions behind the KPI's figure, when they are asked for."""
    t = ctx.t
    drawer = st.expander(
        plain(t("The decisions behind it")), key="outcomes_decisions", on_change="rerun"
    )
    if not drawer.open:
        return
    with drawer:
        which = _which(ctx, sides, value)
        try:
            drill = decisions_behind(
                ctx.workspace,
                sides.question(),
                kpi.series.definition.id,
                actor=ctx.actor,
                segment=value if which == _VALUE else None,
                overridden=which == _OVERRIDDEN,
                limit=_ROWS,
            )
        except (InvalidInput, NotFound, NothingYet) as error:
            note(t.sentences(t(error.template, **error.params), t(error.remedy, **error.params)))
            return
        if drill.withheld:
            note(rows_text(t, drill))
            return
        if not drill.rows:
            empty(t("No decisions"), t("None counts in this figure. Choose others above."))
            return
        note(rows_text(t, drill))
        contract = sides.view.contract
        labels = {each.name: each.label_in(t.locale) for each in contract.features}
        labels |= contract.outcome.labels_in(t.locale) if contract.outcome else {}
        static_table(
            t,
            *drill_frame(t, drill, labels, lambda each: decision_address(ctx, contract.id, each)),
            caption=t("Decisions of {period}", period=sides.name(t)),
        )
        note(parts_text(t, drill))


def _which(ctx: PageContext, sides: Sides, value: tuple[str, str] | None) -> str:
    """Return which decisions the reader wants to see."""
    t = ctx.t
    names = {_ALL: t("All of {period}", period=sides.name(t))}
    if value is not None:
        names[_VALUE] = value_word(t, value[1])
    if sides.view.data_files("decisions"):
        names[_OVERRIDDEN] = t("Decided otherwise by people")
    chosen = st.segmented_control(
        t("Which decisions"),
        list(names),
        format_func=lambda each: plain(names[each]),
        default=_VALUE if value is not None else _ALL,
        key=f"{_WHICH}_{sides.view.contract.id}",
        required=True,
    )
    return str(chosen or _ALL)
