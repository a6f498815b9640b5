"""Drift of every input, the score and the decision, chunk by chunk, against the reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from core.contract import ModelContract
from core.domain.comparison import REFERENCE, Comparison
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk, Window
from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.binning import NumericBins
from core.metrics.drift import DriftResult, Reason, evaluate, evaluate_each
from core.metrics.registry import METRICS, metric
from core.services.comparisons import Compared, compared_counts
from core.services.drift.exact import from_raw_values
from core.services.drift.limits import DriftLimits, constants_of, limits_of
from core.services.figures import FigureRow, chunk_entry
from core.services.personal.names import masked_bins
from core.services.questions import Question, View, resolve
from core.services.reference.counts import Counted, FeatureCounts, feature_counts, slice_labels
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

DEFAULT_METHOD = "psi"
OUTPUTS = ("@score", "@prediction", "@decision")
OUTPUT_LABELS = {
    "@score": N_("Score"),
    "@prediction": N_("Prediction"),
    "@decision": N_("Decision"),
}


@dataclass(frozen=True, slots=True)
class DriftRow(FigureRow):
    """A column in a chunk by a method, with what a test of significance says of it.

    ``against`` names what the chunk is compared with, and ``compared_from`` and ``compared_to``
    (UTC, excluded) its period, if there is one.
    """

    statistic: float
    p_value: float
    n_reference: int
    bins_id: str | None
    against: str = str(REFERENCE)
    compared_from: datetime | None = None
    compared_to: datetime | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ColumnDrift:
    """Drift of one column by one method in all chunks.

    Parameters
    ----------
    column : str
        Feature name, or ``@score``, ``@prediction``, ``@decision``.
    counts : FeatureCounts
        What it was computed from.
    result : DriftResult
        Values, statuses and reasons, one a chunk.
    limits : DriftLimits
        Where its thresholds come from.
    """

    column: str
    counts: FeatureCounts
    result: DriftResult
    limits: DriftLimits

    @property
    def is_output(self) -> bool:
        """Whether it is the score, prediction or decision rather than an input."""
        return self.column in OUTPUTS

    def status_at(self, chunk: int) -> Status:
        """Return the status in one chunk."""
        return Status(str(self.result.status[chunk]))


@dataclass(frozen=True, slots=True, eq=False)
class DriftTable:
    """All columns × chunks of one question, by one method or several.

    Parameters
    ----------
    view : View
        The question made exact.
    chunks : tuple of Chunk
        The periods.
    columns : tuple of ColumnDrift
        Columns × methods.
    against : Comparison
        What every chunk is compared with.
    periods : tuple of Window or None
        The period that a chunk is compared with, one a chunk; empty with the fixed reference.
    """

    view: View
    chunks: tuple[Chunk, ...]
    columns: tuple[ColumnDrift, ...]
    against: Comparison = REFERENCE
    periods: tuple[Window | None, ...] = ()

    def compared_period(self, chunk: int) -> Window | None:
        """Return the period that a chunk is compared with, if there is one."""
        return self.periods[chunk] if self.periods else self.view.reference_window

    @property
    def inputs(self) -> tuple[ColumnDrift, ...]:
        """The features, without score, prediction and decision."""
        return tuple(column for column in self.columns if not column.is_output)

    @property
    def outputs(self) -> tuple[ColumnDrift, ...]:
        """Score, prediction and decision, as far as they are logged."""
        return tuple(column for column in self.columns if column.is_output)

    def column(self, name: str) -> ColumnDrift:
        """Return the drift of one column, or raise ``KeyError``."""
        for column in self.columns:
            if column.column == name:
                return column
        raise KeyError(name)

    def rows(self) -> list[DriftRow]:
        """Return every figure as a row, columns first, then chunks."""
        return [
            _row(self, column, chunk, index)
            for column in self.columns
            for index, chunk in enumerate(self.chunks)
        ]


def drift(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    methods: Sequence[str] = (DEFAULT_METHOD,),
    columns: Iterable[str] | None = None,
    exact: bool = False,
    against: Comparison = REFERENCE,
) -> DriftTable:
    """Measure drift.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice, version, and what was known when.
    actor : Actor
        Needs ``drift.view`` for the model.
    methods : sequence of str
        Ids of drift metrics; a method that does not apply to a column is left out of it, unless
        none of the methods does.
    columns : iterable of str, optional
        Only these features; all and the outputs by default.
    exact : bool
        Count raw rows even where day counts would do, and take Kolmogorov–Smirnov and
        Wasserstein from raw values instead of bins.
    against : Comparison
        What each chunk is compared with; the reference by default.

    Raises
    ------
    InvalidInput
        If a method, column or version does not exist, or another comparison than with the
        reference is asked for exactly, or by the calendar in chunks of a number of rows.
    NothingYet
        If there are no predictions, or the reference is not complete.
    """
    return measure_drift(
        workspace,
        question,
        Permission.drift_view,
        actor=actor,
        methods=methods,
        columns=columns,
        exact=exact,
        against=against,
    )


@retry_when_stale
def measure_drift(
    workspace: Workspace,
    question: Question,
    permission: Permission,
    *,
    actor: Actor,
    methods: Sequence[str] = (DEFAULT_METHOD,),
    columns: Iterable[str] | None = None,
    exact: bool = False,
    against: Comparison = REFERENCE,
) -> DriftTable:
    """Do what :func:`drift` does under another permission: the overview shows the worst input.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice and version.
    permission : Permission
        What the actor needs.
    actor : Actor
        Who asks.
    methods, columns, exact, against
        As :func:`drift` takes them.
    """
    view = resolve(workspace, question, permission, actor=actor)
    require_known_version(workspace, view)
    for method in methods:
        metric(method, "drift")
    if exact and not against.is_fixed:
        raise InvalidInput(
            "Raw values are compared with the reference only.",
            remedy="Leave out 'exact', or compare with the reference.",
        )
    wanted = tuple(_columns(view.contract, columns))
    return workspace.memo.get(
        ("drift", view.key, tuple(methods), wanted, exact, against),
        lambda: _measure(workspace, view, tuple(methods), wanted, against, exact=exact),
    )


def _measure(
    workspace: Workspace,
    view: View,
    methods: Sequence[str],
    wanted: Sequence[str],
    against: Comparison,
    *,
    exact: bool,
) -> DriftTable:
    counted = feature_counts(workspace, view, wanted, exact=exact)
    if not against.is_fixed:
        compared = compared_counts(workspace, view, counted, against)
        measured = _each_compared(view.contract, methods, counted, compared)
        return DriftTable(view, counted.chunks, tuple(measured), against, compared.periods)
    measured = [
        _measured_column(name, method, counts, limits_of(workspace, view, method, name))
        for name, counts in counted.columns.items()
        for method in _applicable(methods, counts)
    ]
    if exact:
        measured = [
            replace(
                each,
                result=from_raw_values(workspace, view, each.column, each.result, counted.chunks),
            )
            for each in measured
        ]
    shown = (_shown(view.contract, each) for each in measured)
    return DriftTable(view, counted.chunks, tuple(shown))


def _each_compared(
    contract: ModelContract, methods: Sequence[str], counted: Counted, compared: Compared
) -> list[ColumnDrift]:
    """Measure every column with each chunk beside what it is compared with."""
    found = []
    for name, counts in counted.columns.items():
        beside = replace(counts, reference=compared.counts[name])
        for method in _applicable(methods, counts):
            limits = constants_of(contract, method, name)
            column = _measured_column(name, method, beside, limits, compared.missing)
            found.append(_shown(contract, column))
    return found


def _shown(contract: ModelContract, column: ColumnDrift) -> ColumnDrift:
    """Return a column without the names of personal categories."""
    bins = masked_bins(contract, column.column, column.counts.bins)
    if bins is column.counts.bins:
        return column
    return replace(column, counts=replace(column.counts, bins=bins))


@retry_when_stale
def slice_questions(
    workspace: Workspace, question: Question, segment: str, *, actor: Actor
) -> tuple[Question, ...]:
    """Return one question for each value of a segment, the pooled rest and the missing last.

    Raises
    ------
    InvalidInput
        If the model has no such segment.
    NothingYet
        If the reference, which fixes the values, is not complete.
    """
    view = resolve(workspace, replace(question, slice=None), Permission.drift_view, actor=actor)
    values = slice_labels(workspace, view)
    if segment not in values:
        raise InvalidInput(
            "{text!r} is not a slice of {model}.",
            remedy="Write NAME or NAME=VALUE with one of: {names}.",
            text=segment,
            model=view.contract.id,
            names=", ".join(values) or "–",
        )
    return tuple(replace(question, slice=f"{segment}={value}") for value in values[segment])


def _columns(contract: ModelContract, asked: Iterable[str] | None) -> list[str]:
    known = [feature.name for feature in contract.features]
    mapping = contract.log.mapping()
    outputs = [name for name in OUTPUTS if name[1:] in mapping]
    if asked is None:
        return [*known, *outputs]
    names = [f"@{name}" if f"@{name}" in outputs and name not in known else name for name in asked]
    for name in names:
        if name not in known and name not in outputs:
            raise InvalidInput(
                "{model} has no feature {feature}.",
                remedy="Choose from: {features}.",
                model=contract.id,
                feature=name,
                features=", ".join([*known, *(output[1:] for output in outputs)]),
            )
    return names


def _applicable(methods: Sequence[str], counts: FeatureCounts) -> list[str]:
    kind = "numeric" if isinstance(counts.bins, NumericBins) else "categorical"
    fitting = [method for method in methods if kind in METRICS[method].applies_to]
    return fitting or list(methods[:1])


def _measured_column(
    name: str,
    method: str,
    counts: FeatureCounts,
    limits: DriftLimits,
    missing: Sequence[Reason | None] | None = None,
) -> ColumnDrift:
    watch, act, minimum_n = limits.watch, limits.act, limits.minimum_n
    sides = method, counts.bins, counts.reference, counts.current
    result = (
        evaluate(*sides, watch=watch, act=act, minimum_n=minimum_n)
        if missing is None
        else evaluate_each(*sides, missing=missing, watch=watch, act=act, minimum_n=minimum_n)
    )
    return ColumnDrift(name, counts, result, limits)


def _row(table: DriftTable, column: ColumnDrift, chunk: Chunk, index: int) -> DriftRow:
    result, beside = column.result, table.compared_period(index)
    return DriftRow(
        metric="drift",
        method=result.method,
        column=column.column,
        slice=table.view.slice_text,
        chunk=chunk_entry(chunk, float(result.n_cur[index])),
        value=float(result.value[index]),
        threshold=result.act,
        alert=column.status_at(index) is Status.act,
        status=str(result.reason[index]),
        level=str(result.status[index]),
        statistic=float(result.statistic[index]),
        p_value=float(result.p_value[index]),
        n_reference=int(result.n_ref[index]),
        bins_id=table.view.bins_id,
        against=str(table.against),
        compared_from=beside.start if beside else None,
        compared_to=beside.end if beside else None,
    )


def first_of_run(column: ColumnDrift, chunks: Sequence[Chunk]) -> datetime | None:
    """Return when the newest unbroken run of chunks outside the range began, if it lasts still.

    Chunks without enough data neither end a run nor begin one.
    """
    since: datetime | None = None
    for chunk, status in zip(reversed(chunks), reversed(column.result.status), strict=True):
        if status == Status.not_enough_data:
            continue
        if status == Status.in_range:
            break
        since = chunk.start
    return since


def newest_judged(column: ColumnDrift) -> int | None:
    """Return the index of the newest chunk with enough data, if there is one."""
    judged = np.flatnonzero(np.asarray(column.result.status) != Status.not_enough_data.value)
    return int(judged[-1]) if judged.size else None
