"""The decisions behind a figure: some of them, masked, and what each adds to it."""

from collections.abc import Callable, Mapping
from datetime import datetime

import pandas as pd

from app.chosen import value_word
from app.components import Column, Link
from app.screens.requests.dispute import mark
from core.i18n import N_, Translator
from core.services.kpis.drill import KpiDrill, KpiPart
from core.services.personal.names import MASK
from core.services.questions import View

_NAMES = {
    "amount": N_("Amount"),
    "score": N_("Score"),
    "decision": N_("Decision"),
    "final_decision": N_("Final decision"),
    "decided_by": N_("Decided by"),
    "label": N_("Actual result"),
    "version": N_("Model version"),
}
_ROLES = {
    "figure": N_("Adds to the figure"),
    "numerator": N_("Adds to the numerator"),
    "denominator": N_("Adds to the denominator"),
}
_DECIDERS = {
    "model": N_("the model"),
    "policy": N_("the rules"),
    "human": N_("a person"),
    "appeal": N_("an appeal"),
}


def drill_frame(
    t: Translator,
    drill: KpiDrill,
    labels: Mapping[str, str],
    address: Callable[[str], str] = lambda _: "",
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the rows to show and their columns.

    Parameters
    ----------
    t : Translator
        The reader's language.
    drill : KpiDrill
        The decisions behind a figure.
    labels : mapping of str to str
        Names of features and columns.
    address : callable
        Id of a prediction → address of its page; empty where the reader may not open it.
    """
    zone = drill.view.timezone
    rows = [
        {
            "prediction": _linked(mark(t, row.prediction, row.disputed), address(row.prediction)),
            "at": t.date(row.at, zone),
            "version": row.version,
            **{
                f"v{place}": _written(t, drill.view, name, row.values[place])
                for place, name in enumerate(drill.names)
            },
            **{
                f"p{place}": _added(t, part, added)
                for place, (part, added) in enumerate(zip(drill.parts, row.adds, strict=True))
            },
        }
        for row in drill.rows
    ]
    columns = [
        Column("prediction", t("Prediction")),
        Column("at", t("When")),
        Column("version", t("Model version")),
        *(
            Column(f"v{place}", t(_NAMES[name]) if name in _NAMES else labels.get(name, name))
            for place, name in enumerate(drill.names)
        ),
        *(
            Column(f"p{place}", _part_name(t, part, place))
            for place, part in enumerate(drill.parts)
        ),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def _linked(text: str, address: str) -> str | Link:
    return Link(text, address) if address else text


def rows_text(t: Translator, drill: KpiDrill) -> str:
    """Return how many decisions count, and which of them are shown; or why none is."""
    if drill.withheld:
        return t.sentences(t("{n} decisions count.", n=drill.counted), t(drill.withheld))
    if drill.by_weight:
        text = N_(
            "{shown} of {n} decisions that count, those that weigh most first. Personal values "
            "are masked."
        )
    else:
        text = N_(
            "{shown} of {n} decisions that count, the newest first. Personal values are masked."
        )
    return t(text, shown=len(drill.rows), n=drill.counted)


def parts_text(t: Translator, drill: KpiDrill) -> str:
    """Return what the sums are that the columns at the right belong to."""
    named = [
        t("{name}: {text}", name=_part_name(t, part, place), text=part.text)
        for place, part in enumerate(drill.parts)
    ]
    return t.sentences(t("Formula: {text}.", text=drill.definition.text), t.items(*named))


def _part_name(t: Translator, part: KpiPart, place: int) -> str:
    if part.role == "part":
        return t("Adds to part {number}", number=str(place + 1))
    return t(_ROLES[part.role])


def _added(t: Translator, part: KpiPart, added: float | None) -> str:
    if part.hidden:
        return MASK
    if added is None:
        return "–"
    return t("yes") if part.counts else t.number(added)


def _written(t: Translator, view: View, name: str, value: object) -> str:
    if value is None:
        return "–"
    if name == "label" and view.contract.task == "binary_classification":
        return t("yes") if value else t("no")
    if name == "amount" and isinstance(value, int | float):
        return t.money(value, view.contract.currency)
    if name == "decided_by":
        return t(_DECIDERS[str(value)]) if str(value) in _DECIDERS else str(value)
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, datetime):
        return t.instant(value, view.timezone)
    if isinstance(value, int | float):
        return t.number(value)
    return value_word(t, str(value))
