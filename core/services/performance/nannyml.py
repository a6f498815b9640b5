"""Performance by NannyML's conventions, on raw rows: for readers who compare the two."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pyarrow as pa

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk, Window
from core.errors import InvalidInput, NotComputable, NothingYet
from core.lake.labels.chunk_samples import labelled_log
from core.lake.labels.flagged import flagged_sql
from core.lake.labels.rows import LabelledRows
from core.lake.row_filter import RowFilter
from core.metrics.arrays import Floats
from core.metrics.estimation import Calibrator
from core.metrics.estimation.nannyml import (
    CompatEstimates,
    compat_rows,
    estimates,
    fit_compat_calibrator,
)
from core.metrics.estimation.nannyml_figures import FIGURES, Rows
from core.services.drift.nannyml import NAME, spans
from core.services.performance.counting import matured_before
from core.services.performance.measure import NO_OUTCOME, NO_OUTCOME_REMEDY
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CompatRow:
    """One figure of one chunk, by NannyML's conventions.

    Parameters
    ----------
    metric : str
        Name of the figure: those of NannyML, of which the cells of the matrix are counts.
    method : str
        ``nannyml``.
    part : {"reference", "analysis"}
        Which rows.
    chunk : dict
        ``key``, the number of the chunk; ``start``, ``end`` and ``n``.
    realised : float
        From the labels that are known, however few; NaN without.
    estimated, lower, upper, sampling_error : float
        Without labels, its band of three sampling errors, and one of them.
    lower_threshold, upper_threshold : float
        Mean and three deviations of the realised figure of the reference's own chunks.
    value : float
        The same as ``estimated``, as in the rows of drift.
    alert : bool
        Whether the estimate lies outside the thresholds.
    status, level : str
        ``ok`` or ``not_computable``; ``act`` or ``in_range``.
    """

    metric: str
    method: str
    part: str
    chunk: dict[str, object]
    realised: float
    estimated: float
    lower: float
    upper: float
    sampling_error: float
    lower_threshold: float
    upper_threshold: float
    value: float
    alert: bool
    status: str
    level: str


@dataclass(frozen=True, slots=True)
class CompatPerformance:
    """The rows of an answer, reference chunks first, and the view they belong to."""

    view: View
    rows: list[CompatRow]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """When a chunk was, and its rows."""

    start: datetime
    end: datetime
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Parts:
    """The calibration of the reference, its chunks and those of the analysis."""

    calibrator: Calibrator
    reference: Sequence[_Chunk]
    analysis: Sequence[_Chunk]


@retry_when_stale
def compat_performance(
    workspace: Workspace,
    question: Question,
    compat: str,
    *,
    actor: Actor,
    metrics: Sequence[str] | None = None,
) -> CompatPerformance:
    """Estimate the performance of a binary model as NannyML's CBPE does.

    The reference is the contract's ``performance_reference`` if that is a period, else its
    ``reference``; of its rows those with a label count. Rows after it are the analysis.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period and chunks, also ``rows:N``; no slice.
    compat : str
        ``nannyml``.
    actor : Actor
        Who asks.
    metrics : sequence of str, optional
        Only these figures.

    Raises
    ------
    InvalidInput
        If ``compat`` names another product, the model is not binary, a slice is asked for, or
        there is no such figure.
    NothingYet
        If no row of the reference has a label.
    NotComputable
        If the contract names no outcome with a label.
    """
    view = resolve(workspace, question, Permission.performance_view, actor=actor)
    if compat != NAME or question.slice or view.contract.task != "binary_classification":
        raise InvalidInput(
            "There are no conventions of {name} for this question.",
            remedy="Use --compat nannyml with a binary model, without --slice.",
            name=compat,
        )
    if view.contract.outcome is None or view.contract.outcome.label is None:
        raise NotComputable(NO_OUTCOME, remedy=NO_OUTCOME_REMEDY, model=view.contract.id)
    wanted = _chosen(view, metrics)
    period = _reference_period(view.contract)
    # As everywhere, a version narrows the current rows and not the reference.
    table = _read(workspace, replace(view, versions=None), period)
    labelled = table.filter(pa.array(np.isfinite(_column(table, "label"))))
    if not labelled.num_rows:
        raise NothingYet(
            "No row of the reference period of {model} has a label.",
            remedy="Ingest its outcomes first.",
            model=view.contract.id,
        )
    start = max(view.window.start, period.end)
    after = _read(workspace, view, replace(view.window, start=start))
    parts = _Parts(
        fit_compat_calibrator(_column(labelled, "score"), _column(labelled, "label")),
        _part(view, labelled),
        _part(view, after),
    )
    rows = [row for name in wanted for row in _rows(name, _estimated(view, name, parts), parts)]
    return CompatPerformance(view, rows)


def _chosen(view: View, asked: Sequence[str] | None) -> list[str]:
    known = [
        name
        for name in FIGURES
        if name != "business_value" or view.contract.confusion_values is not None
    ]
    for name in asked or ():
        if name not in known:
            raise InvalidInput(
                "There is no metric called {id}.",
                remedy="Choose from: {known}.",
                id=name,
                known=", ".join(known),
            )
    return [name for name in known if asked is None or name in asked]


def _reference_period(contract: ModelContract) -> Window:
    named = contract.performance_reference
    if named is not None and named.start is not None and named.end is not None:
        return Window.of_days(named.start, named.end, contract.timezone)
    return Window.of_days(contract.reference.start, contract.reference.end, contract.timezone)


def _read(workspace: Workspace, view: View, window: Window) -> pa.Table:
    """Return time, score, flag and label of all rows of a window, in the order of time."""
    chunks = (Chunk(0, "all", window.start, window.end),) if window.start < window.end else ()
    wanted = LabelledRows(
        contract=view.contract,
        resolved=tuple(workspace.lake_paths(view.data_files("resolved"))),
        chunks=chunks,
        rows=RowFilter(view.versions, view.jurisdictions, None, view.as_of),
        as_of=view.as_of,
        matured_before=matured_before(view),
    )
    predictions = workspace.lake_paths(view.data_files("predictions"))
    return labelled_log(workspace.duck, wanted, predictions, flagged_sql(view.contract))


def _part(view: View, table: pa.Table) -> list[_Chunk]:
    columns = [_column(table, each) for each in ("score", "flagged", "label")]
    return [
        _Chunk(start, end, compat_rows(*(column[rows] for column in columns)))
        for start, end, rows in spans(view, table)
    ]


def _column(table: pa.Table, name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(), dtype=np.float64)


def _labelled(rows: Rows) -> Rows:
    """Return the rows of a chunk whose label is known; no label at all without any."""
    if rows.labels is None or not np.isfinite(rows.labels).any():
        return replace(rows, labels=None)
    known = np.isfinite(rows.labels)
    return compat_rows(rows.scores[known], rows.flagged[known], rows.labels[known])


def _estimated(view: View, name: str, parts: _Parts) -> CompatEstimates:
    """Return one figure of every chunk; realised from the rows whose label is known."""
    worth = view.contract.confusion_values
    values = (
        [[worth.true_negative, worth.false_positive], [worth.false_negative, worth.true_positive]]
        if worth is not None
        else None
    )
    reference = [chunk.rows for chunk in parts.reference]
    bare = [replace(chunk.rows, labels=None) for chunk in parts.analysis]
    known = [_labelled(chunk.rows) for chunk in parts.analysis]
    with np.errstate(divide="ignore", invalid="ignore"):  # few rows do not give every figure
        found = estimates(name, reference, [*bare, *known], parts.calibrator, values=values)
    chunks = len(reference) + len(bare)
    came = np.concatenate([found.realised[: len(reference)], found.realised[chunks:]])
    return replace(
        found,
        value=found.value[:chunks],
        sampling_error=found.sampling_error[:chunks],
        lower=found.lower[:chunks],
        upper=found.upper[:chunks],
        realised=came,
        alert=found.alert[:chunks],
    )


def _rows(name: str, found: CompatEstimates, parts: _Parts) -> list[CompatRow]:
    return [
        CompatRow(
            metric=name,
            method=NAME,
            part="reference" if index < len(parts.reference) else "analysis",
            chunk={
                "key": str(index),
                "start": chunk.start,
                "end": chunk.end,
                "n": chunk.rows.scores.size,
            },
            realised=float(found.realised[index]),
            estimated=float(found.value[index]),
            lower=float(found.lower[index]),
            upper=float(found.upper[index]),
            sampling_error=float(found.sampling_error[index]),
            lower_threshold=found.lower_threshold,
            upper_threshold=found.upper_threshold,
            value=float(found.value[index]),
            alert=bool(found.alert[index]),
            status="ok" if np.isfinite(found.value[index]) else "not_computable",
            level="act" if found.alert[index] else "in_range",
        )
        for index, chunk in enumerate([*parts.reference, *parts.analysis])
    ]
