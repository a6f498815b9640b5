"""Measuring performance: realised figures period by period, and how far their labels are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.errors import NotComputable
from core.i18n import N_
from core.lake.exact_scores import exact_scores
from core.lake.labelled import LabelledCells
from core.lake.labelled_errors import class_cells, class_score_cells, error_cells
from core.metrics.arrays import Booleans, Floats
from core.metrics.intervals import Interval
from core.metrics.performance import CellValues
from core.metrics.registry import METRICS
from core.services.figures import chunk_entry
from core.services.performance.counting import labelled_of, labelled_rows, predicted_of
from core.services.performance.figures import (
    Figures,
    bounds_of_binary,
    of_binary,
    of_classes,
    of_regression,
    used_rows,
    with_exact,
)
from core.services.performance.label_state import maturity_of, without_limits
from core.services.performance.maturity import ChunkMaturity
from core.services.performance.rows import PerformanceRow
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.thresholds import Thresholds, thresholds_of
from core.services.versions import require_known_version
from core.services.workspace import Workspace

NO_OUTCOME = N_("The contract of {model} names no outcome, so nothing can be said of results.")
NO_OUTCOME_REMEDY = N_("Add 'outcome' to the contract, and ingest outcomes.")


@dataclass(frozen=True, slots=True, eq=False)
class Performance:
    """Realised performance of a view; arrays have one entry a chunk.

    Parameters
    ----------
    view : View
        The question made exact.
    predictions : ndarray
        All predictions.
    maturity : tuple of ChunkMaturity
        How far the labels are.
    figures : mapping of str to Interval
        By metric id; NaN where a period's rows do not give the figure.
    bounds : mapping of str to ndarray
        By metric id, how far a figure of counts can lie from that of the rows; NaN where nothing is
        stated. Figures that are not named are exact.
    """

    view: View
    predictions: Floats
    maturity: tuple[ChunkMaturity, ...]
    figures: Figures
    bounds: Mapping[str, Floats] = field(default_factory=dict)

    @property
    def chunks(self) -> tuple[Chunk, ...]:
        """The chunks of the view."""
        return self.view.chunks

    @property
    def matured(self) -> Booleans:
        """Chunks whose labels are final, shape (chunks,)."""
        return np.asarray([each.state == "matured" for each in self.maturity], dtype=np.bool_)

    def newest_matured(self) -> int | None:
        """Return the index of the newest chunk whose labels are final."""
        found = np.flatnonzero(self.matured)
        return int(found[-1]) if found.size else None

    def thresholds(self, name: str) -> Thresholds:
        """Return what a metric is held against in this model."""
        return thresholds_of(self.view.contract, name)

    def bound_of(self, name: str, chunk: int) -> float:
        """Return how far a figure can lie from that of the rows; 0 is exact, NaN not stated."""
        return float(self.bounds[name][chunk]) if name in self.bounds else 0.0

    def status_of(self, name: str, chunk: int) -> Status:
        """Return how a figure stands in one chunk; a partial one is not judged."""
        if self.maturity[chunk].state != "matured":
            return Status.not_enough_data
        value = float(self.figures[name].value[chunk])
        return self.thresholds(name).status(value, self.maturity[chunk].used)

    def rows(self, estimates: Mapping[str, Interval] | None = None) -> list[PerformanceRow]:
        """Return every figure of every chunk as a row, beside its estimate."""
        return [
            self._row(name, index, (estimates or {}).get(name))
            for name in self.figures
            for index in range(len(self.chunks))
        ]

    def _row(self, name: str, index: int, estimate: Interval | None) -> PerformanceRow:
        figure, far = self.figures[name], self.maturity[index]
        value, level = float(figure.value[index]), self.status_of(name, index)
        return PerformanceRow(
            metric=name,
            method="realised",
            column="",
            slice=self.view.slice_text,
            version=self.view.question.version or None,
            chunk=chunk_entry(self.chunks[index], far.n),
            realised=value,
            realised_low=float(figure.low[index]),
            realised_high=float(figure.high[index]),
            estimated=_at(estimate, "value", index),
            lower=_at(estimate, "low", index),
            upper=_at(estimate, "high", index),
            labelled_share=far.labelled_share,
            maturity=far.state,
            basis=far.basis,
            warnings=tuple(far.warnings),
            n=far.used,
            value=value,
            threshold=self.thresholds(name).act,
            alert=level is Status.act,
            status=_reason(value, far),
            level=str(level),
            unit=_unit(name, self.view.contract.currency),
            bound=self.bound_of(name, index),
        )


@retry_when_stale
def performance(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    bootstrap: bool = False,
    exact: bool = False,
) -> Performance:
    """Measure what the labels say of a model, chunk by chunk.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, version and slice, as known when.
    actor : Actor
        Who asks.
    bootstrap : bool
        Whether figures without an analytic interval get one by drawing the counts again.
    exact : bool
        Whether figures of the order of scores come from raw rows instead of counts; then they
        have no drawn intervals.

    Raises
    ------
    NothingYet
        If there are no predictions, or a slice is asked for before the reference is complete.
    NotComputable
        If the contract names no outcome with a label.
    InvalidInput
        If the chunks are not calendar chunks, or the version is unknown.
    """
    view = resolve(workspace, question, Permission.performance_view, actor=actor)
    require_known_version(workspace, view)
    if view.contract.outcome is None or view.contract.outcome.label is None:
        raise NotComputable(NO_OUTCOME, remedy=NO_OUTCOME_REMEDY, model=view.contract.id)
    return workspace.memo.get(
        ("performance", view.key, bootstrap, exact),
        lambda: _measure(workspace, view, bootstrap=bootstrap, exact=exact),
    )


def _measure(workspace: Workspace, view: View, *, bootstrap: bool, exact: bool) -> Performance:
    labelled, predicted = labelled_of(workspace, view), predicted_of(workspace, view)
    maturity = maturity_of(workspace, view, labelled, predicted)
    early = np.asarray([each.basis == "early" for each in maturity], dtype=np.bool_)
    figures = _figures(workspace, view, labelled, early, bootstrap)
    bounds = _bounds(view, labelled, early)
    if exact and view.contract.task == "binary_classification":
        found = exact_scores(workspace.duck, labelled_rows(workspace, view))
        figures, bounds = with_exact(figures, found, len(view.chunks)), {}
    return Performance(
        view=view,
        predictions=np.asarray([each.n for each in maturity], dtype=np.float64),
        maturity=maturity,
        figures=without_limits(figures, maturity),
        bounds=bounds,
    )


def _bounds(view: View, labelled: LabelledCells, early: Booleans) -> Mapping[str, Floats]:
    """Return how far figures can lie from those of the rows.

    Of several classes, nothing is stated of the area under their ROC curves.
    """
    periods = len(view.chunks)
    if view.contract.task == "binary_classification":
        used = labelled.where(used_rows(labelled.period, labelled.matured, early))
        return bounds_of_binary(used, periods)
    if view.contract.task == "regression":
        return {}
    return {"roc_auc": np.full(periods, np.nan)}


def _figures(
    workspace: Workspace, view: View, labelled: LabelledCells, early: Booleans, bootstrap: bool
) -> Figures:
    periods, task = len(view.chunks), view.contract.task
    if task == "binary_classification":
        used = labelled.where(used_rows(labelled.period, labelled.matured, early))
        return of_binary(used, periods, cell_values(view), bootstrap=bootstrap)
    wanted = labelled_rows(workspace, view)
    if task == "regression":
        errors = error_cells(workspace.duck, wanted)
        return of_regression(errors, used_rows(errors.period, errors.matured, early), periods)
    scores = {
        name: class_score_cells(workspace.duck, wanted, place)
        for place, name in enumerate(view.contract.log.scores)
    }
    return of_classes(class_cells(workspace.duck, wanted), scores, early)


def cell_values(view: View) -> CellValues | None:
    """Return what a row of each cell of the confusion matrix is worth, if the contract says."""
    worth = view.contract.confusion_values
    if worth is None:
        return None
    return CellValues(
        worth.true_positive, worth.false_positive, worth.false_negative, worth.true_negative
    )


def _unit(name: str, currency: str) -> str:
    """Return a figure's unit as the registry names it; money by its currency."""
    unit = METRICS[name].unit
    return currency if unit == "money" else unit


def _at(interval: Interval | None, part: str, index: int) -> float:
    return math.nan if interval is None else float(getattr(interval, part)[index])


def _reason(value: float, far: ChunkMaturity) -> str:
    if far.n == 0:
        return "silent"
    if far.state == "none":
        return "no_labels"
    if math.isnan(value):
        return "not_computable"
    return "ok" if far.state == "matured" else "partial"
