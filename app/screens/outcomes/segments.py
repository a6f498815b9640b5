"""One KPI by the values of a segment: who stands worst, and what changed there."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from app.chosen import value_word
from app.components import Column
from app.screens.outcomes.words import STATUS_OF_LEVEL, change_text, measure_of, value_text
from core.domain.kpi_level import ENOUGH_ROWS, KpiLevel
from core.domain.status import Status
from core.i18n import Translator
from core.services.kpi_changes import KpiChange
from core.services.kpis import KpiDefinition, KpiFigure
from core.services.kpis.words import change_between

_MOST_PLACES = 3


def segment_frame(
    t: Translator,
    definition: KpiDefinition,
    parts: Sequence[KpiFigure],
    before: Mapping[str, KpiFigure],
    names: tuple[str, str],
) -> tuple[pd.DataFrame, list[Column]]:
    """Return a row for each value of a segment, the worst first; the index is the value.

    Parameters
    ----------
    definition : KpiDefinition
        The KPI.
    parts : sequence of KpiFigure
        Its figure by value in the period shown.
    before : mapping of str to KpiFigure
        The same in the period compared with.
    names : (str, str)
        What the segment and the period compared with are called; the second is empty without one.
    """
    measure = measure_of(definition)
    order = sorted(parts, key=lambda each: _place(definition, each))
    rows = []
    for each in order:
        rows.append(
            {
                "label": value_word(t, each.part),
                "status": _status(each),
                "value": value_text(t, measure, each.value),
                "change": change_between(t, measure, before.get(each.part), each),
                "n": each.n,
            }
        )
    columns = [
        Column("label", names[0]),
        Column("status", t("Status"), kind="status", words=STATUS_OF_LEVEL),
        Column("value", definition.name.get(t.locale)),
        Column("change", t("Against {period}", period=names[1])),
        Column("n", t("Decisions"), kind="count"),
    ]
    if not names[1]:
        columns = [column for column in columns if column.name != "change"]
    if all(each.target is None for each in parts):
        columns = [column for column in columns if column.name != "status"]
    return pd.DataFrame(rows, index=[each.part for each in order]), columns


def where_text(t: Translator, change: KpiChange) -> str:
    """Return in which values of a segment the largest cause was at work; empty if in none.

    Only values where it is beyond chance, and moved the figure the way of the whole cause.
    """
    contract = change.view.contract
    open_to_all = any(
        each.name == change.segment and each.source not in contract.protected
        for each in contract.segments
    )
    cause = max(change.contributions, key=lambda each: abs(each.value), default=None)
    if cause is None or not open_to_all:
        return ""
    moved = [
        each for each in cause.parts if each.beyond_chance and (each.value > 0) == (cause.value > 0)
    ]
    if not moved:
        return ""
    measure = measure_of(change.definition)
    largest = sorted(moved, key=lambda each: -abs(each.value))[:_MOST_PLACES]
    return t(
        "{cause}: most of it from {places}.",
        cause=change.cause_name(cause.cause, t),
        places=t.items(
            *(
                t(
                    "{place} ({change})",
                    place=value_word(t, each.label),
                    change=change_text(t, measure, each.value),
                )
                for each in largest
            )
        ),
    )


def _status(figure: KpiFigure) -> Status:
    few = math.isnan(figure.value) or figure.n < ENOUGH_ROWS
    return Status.not_enough_data if few else figure.level.status


def _place(definition: KpiDefinition, figure: KpiFigure) -> tuple[int, float]:
    """Return where a value stands in the table: what nothing can be said of comes last."""
    few = figure.n < ENOUGH_ROWS or figure.level is KpiLevel.not_enough_data
    if few or math.isnan(figure.value):
        return 1, -float(figure.n)
    if definition.direction == "higher_is_better":
        return 0, figure.value
    if definition.direction == "lower_is_better":
        return 0, -figure.value
    return 0, -float(figure.n)
