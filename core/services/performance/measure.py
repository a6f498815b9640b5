"""Measuring performance: realised figures period by period, and how far their labels are."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import NOT_JUDGED, Status
from core.domain.windows import Chunk
from core.errors import NotComputable
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats
from core.metrics.estimation import TOTALS
from core.metrics.intervals import Interval
from core.metrics.registry import METRICS
from core.services.figures import chunk_entry
from core.services.performance.counting import labelled_of, predicted_of
from core.services.performance.figures import Figures
from core.services.performance.label_state import maturity_of, without_limits
from core.services.performance.maturity import ChunkMaturity
from core.services.performance.realised import realised
from core.services.performance.rows import PerformanceRow
from core.services.questions import Question, View, resolve
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.thresholds import Thresholds, thresholds_of
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
        By metric id; NaN where a period's rows do not give the figure. The business value is the
        mean of the labelled rows times all predictions of the chunk. ``n`` are the rows behind a
        figure: of the precision those that were flagged.
    comparable : mapping of str to Interval
        The same figures of the rows that an estimate speaks of alone: those with a usable score
        and a prediction.
    left_out : ndarray
        Labelled rows without a score that can be judged: missing, or no probability.
    bounds : mapping of str to ndarray
        By metric id, how far a figure of counts can lie from that of the rows; NaN where nothing is
        stated. Figures that are not named are exact.
    """

    view: View
    predictions: Floats
    maturity: tuple[ChunkMaturity, ...]
    figures: Figures
    comparable: Figures
    left_out: Floats
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
        return self.thresholds(name).status(value, self.rows_behind(name, chunk))

    def rows_behind(self, name: str, chunk: int) -> int:
        """Return how many labelled rows a figure of a chunk is computed from."""
        return int(np.nan_to_num(self.figures[name].n[chunk]))

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
            n=self.rows_behind(name, index),
            labelled=far.labelled,
            left_out=int(self.left_out[index]),
            value=value,
            threshold=self.thresholds(name).act,
            alert=level is Status.act,
            status=_reason(value, far),
            level=str(level) if self.thresholds(name).judges else NOT_JUDGED,
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
        Whether figures without an analytic interval get one by drawing the counts again, however
        many chunks there are; without it, where there are at most
        :data:`~core.services.performance.realised.DRAWN_PERIODS` of them.
    exact : bool
        Whether figures of the order of scores come from raw rows instead of counts in every
        period; they do by themselves where counts may lie more than
        :data:`~core.services.performance.crowding.EXACT_ENOUGH` off. Of raw rows there are no
        drawn intervals.

    Raises
    ------
    NothingYet
        If there are no predictions, or a slice is asked for before the reference is complete.
    NotComputable
        If the contract names no outcome with a label.
    InvalidInput
        If the chunks are not calendar chunks, or the version is unknown.
    """
    view = labelled_view(workspace, question, actor=actor)
    return workspace.memo.get(
        ("performance", view.key, bootstrap, exact),
        lambda: _measure(workspace, view, bootstrap=bootstrap, exact=exact),
    )


def labelled_view(workspace: Workspace, question: Question, *, actor: Actor) -> View:
    """Make a question exact that labels answer.

    Raises
    ------
    NotComputable
        If the contract names no outcome with a label.
    InvalidInput
        If the version is unknown.
    """
    view = resolve(workspace, question, Permission.performance_view, actor=actor)
    require_known_version(workspace, view)
    if view.contract.outcome is None or view.contract.outcome.label is None:
        raise NotComputable(NO_OUTCOME, remedy=NO_OUTCOME_REMEDY, model=view.contract.id)
    return view


def known_maturity(workspace: Workspace, view: View) -> tuple[ChunkMaturity, ...]:
    """Return how far the labels of a view are; remembered."""
    return workspace.memo.get(
        ("maturity", view.key),
        lambda: maturity_of(
            workspace, view, labelled_of(workspace, view), predicted_of(workspace, view)
        ),
    )


def _measure(workspace: Workspace, view: View, *, bootstrap: bool, exact: bool) -> Performance:
    labelled, maturity = labelled_of(workspace, view), known_maturity(workspace, view)
    early = np.asarray([each.basis == "early" for each in maturity], dtype=np.bool_)
    found = realised(workspace, view, labelled, early, bootstrap=bootstrap, exact=exact)
    predictions = np.asarray([each.n for each in maturity], dtype=np.float64)
    used = np.asarray([each.used for each in maturity], dtype=np.float64)
    return Performance(
        view=view,
        predictions=predictions,
        maturity=maturity,
        figures=without_limits(in_total(found.figures, predictions), maturity),
        comparable=in_total(found.comparable, predictions),
        bounds=found.bounds,
        left_out=used - found.counted,
    )


def in_total(figures: Figures, predictions: Floats) -> Figures:
    """Return figures in which what is worth so much a prediction is that of all predictions."""
    return {
        name: Interval(
            each.value * predictions, each.low * predictions, each.high * predictions, each.n
        )
        if name in TOTALS
        else each
        for name, each in figures.items()
    }


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
