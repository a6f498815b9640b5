"""The decisions behind a figure: some of them, masked, and what each adds to it."""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from app.chosen import value_word
from app.components import Column
from core.i18n import N_, Translator
from core.services.kpis_drill import KpiDrill

_NAMES = {
    "amount": N_("Amount"),
    "score": N_("Score"),
    "decision": N_("Decision"),
    "final_decision": N_("Final decision"),
    "decided_by": N_("Decided by"),
    "label": N_("Actual result"),
    "version": N_("Model version"),
}
_DECIDERS = {
    "model": N_("the model"),
    "policy": N_("the rules"),
    "human": N_("a person"),
    "appeal": N_("an appeal"),
}


def drill_frame(
    t: Translator, drill: KpiDrill, labels: Mapping[str, str]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the rows to show and their columns; ``labels`` are names of features and columns."""
    zone = drill.view.timezone
    rows = [
        {
            "prediction": row.prediction,
            "at": t.instant(row.at, zone),
            "version": row.version,
            **{
                f"v{place}": _written(t, name, row.values[place], zone)
                for place, name in enumerate(drill.names)
            },
            **{
                f"p{place}": "–" if added is None else t.number(added)
                for place, added in enumerate(row.adds)
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
            Column(f"p{place}", t("Adds to {part}", part=part))
            for place, part in enumerate(drill.parts)
        ),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def _written(t: Translator, name: str, value: object, zone: str) -> str:
    if value is None:
        return "–"
    if name == "decided_by":
        return t(_DECIDERS[str(value)]) if str(value) in _DECIDERS else str(value)
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, datetime):
        return t.instant(value, zone)
    if isinstance(value, int | float):
        return t.number(value)
    return value_word(t, str(value))
