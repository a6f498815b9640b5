"""Training-serving skew: the inputs that are farthest from what the model was fitted on."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from app.components import Column, note, section, static_table
from app.components.text import error_text
from app.context import PageContext
from app.screens.words import column_label
from core.domain.status import Status
from core.errors import Forbidden, NotComputable, SignedOut
from core.i18n import Translator
from core.services.drift.skew import NO_TRAINING, ColumnSkew, Skew, VersionSkew, skew

_SEVERITY = (Status.not_enough_data, Status.in_range, Status.watch, Status.act)


@dataclass(frozen=True, slots=True, eq=False)
class _Newest:
    """A feature of a version in the newest chunk that has rows of that version."""

    version: VersionSkew
    column: ColumnSkew
    chunk: int

    @property
    def value(self) -> float:
        """The figure; NaN if there is none."""
        return float(self.column.result.value[self.chunk])

    @property
    def status(self) -> Status:
        """How it stands."""
        return self.column.status_at(self.chunk)


def show_skew(ctx: PageContext) -> None:
    """Show the inputs of each version beside its training set, the farthest first."""
    t = ctx.t
    if ctx.filters.model is None:
        return
    section(
        t("Training-serving skew"),
        t("How far the logged inputs are from the training set of their version."),
    )
    question = replace(ctx.filters.question(), slice=None)
    try:
        found = skew(ctx.workspace, question, actor=ctx.actor)
    except SignedOut:
        raise
    except (NotComputable, Forbidden) as error:  # no training set, no reference, limited scope
        note(error_text(t, error))
        return
    for version in found.versions:
        if version.missing is not None:
            why = t(NO_TRAINING[version.missing])
            note(t("Version {version}: {why}", version=version.version, why=why))
    frame, columns = ranking(t, found)
    if not frame.empty:
        static_table(t, frame, columns, caption=t("Inputs by their distance from training"))


def ranking(t: Translator, found: Skew) -> tuple[pd.DataFrame, list[Column]]:
    """Return every input of every version in its newest chunk, the farthest first."""
    newest = [
        _Newest(version, column, int(filled[-1]))
        for version in found.versions
        for column in version.columns
        if (filled := np.flatnonzero(column.result.n_cur)).size
    ]
    newest.sort(key=lambda each: (_SEVERITY.index(each.status), np.nan_to_num(each.value)))
    rows = [
        {
            "label": column_label(t, found.view.contract, each.column.column),
            "version": each.version.version,
            "status": each.status,
            "value": each.value,
            "period": found.chunks[each.chunk].key,
            "rows": int(each.column.result.n_cur[each.chunk]),
            "trained": int(each.column.result.n_ref.reshape(-1)[0]),
        }
        for each in reversed(newest)
    ]
    columns = [
        Column("label", t("Input")),
        Column("version", t("Version")),
        Column("status", t("Status"), kind="status"),
        Column("value", t("Skew (population stability index)"), kind="number", digits=3),
        Column("period", t("Period")),
        Column("rows", t("Rows"), kind="count"),
        Column("trained", t("Rows of the training set"), kind="count"),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns
