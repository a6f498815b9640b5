"""Drift of every input, the score and the decision, chunk by chunk, against the reference."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.binning import NumericBins
from core.metrics.drift import DriftResult, evaluate
from core.metrics.registry import METRICS, metric
from core.services.counts import FeatureCounts, feature_counts, slice_labels
from core.services.exact_drift import from_raw_values
from core.services.figures import FigureRow, chunk_entry
from core.services.personal_names import masked_bins
from core.services.questions import Question, View, resolve
from core.services.stale import retry_when_stale
from core.services.versions import require_known_version
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
    """A column in a chunk by a method, with what a test of significance says of it."""

    statistic: float
    p_value: float
    n_reference: int
    bins_id: str | None


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
    """

    column: str
    counts: FeatureCounts
    result: DriftResult

    @property
    def is_output(self) -> bool:
        """Whether it is the score, prediction or decision rather than an input."""
        return self.column in OUTPUTS

    def status_at(self, chunk: int) -> Status:
        """Return the status in one chunk."""
        return Status(str(self.result.status[chunk]))


@dataclass(frozen=True, slots=True, eq=False)
class DriftTable:
    """All columns × chunks of one question, by one method or several."""

    view: View
    chunks: tuple[Chunk, ...]
    columns: tuple[ColumnDrift, ...]

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
            _row(self.view, column, chunk, index)
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

    Raises
    ------
    InvalidInput
        If a method, column or version does not exist.
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
) -> DriftTable:
    """Do what :func:`drift` does under another permission: the overview shows the worst input."""
    view = resolve(workspace, question, permission, actor=actor)
    require_known_version(workspace, view)
    for method in methods:
        metric(method, "drift")
    wanted = tuple(_columns(view.contract, columns))
    return workspace.memo.get(
        ("drift", view.key, tuple(methods), wanted, exact),
        lambda: _measure(workspace, view, tuple(methods), wanted, exact=exact),
    )


def _measure(
    workspace: Workspace,
    view: View,
    methods: Sequence[str],
    wanted: Sequence[str],
    *,
    exact: bool,
) -> DriftTable:
    counted = feature_counts(workspace, view, wanted, exact=exact)
    measured = [
        ColumnDrift(name, counts, _evaluate(view.contract, method, counts))
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


def _evaluate(contract: ModelContract, method: str, counts: FeatureCounts) -> DriftResult:
    own = contract.thresholds.get(method)
    return evaluate(
        method,
        counts.bins,
        counts.reference,
        counts.current,
        watch=own.watch if own else None,
        act=own.act if own else None,
        minimum_n=own.minimum_n if own else None,
    )


def _row(view: View, column: ColumnDrift, chunk: Chunk, index: int) -> DriftRow:
    result = column.result
    return DriftRow(
        metric="drift",
        method=result.method,
        column=column.column,
        slice=view.slice_text,
        chunk=chunk_entry(chunk, float(result.n_cur[index])),
        value=float(result.value[index]),
        threshold=result.act,
        alert=column.status_at(index) is Status.act,
        status=str(result.reason[index]),
        level=str(result.status[index]),
        statistic=float(result.statistic[index]),
        p_value=float(result.p_value[index]),
        n_reference=int(np.asarray(result.n_ref).reshape(-1)[0]) if result.n_ref.size else 0,
        bins_id=view.bins_id,
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
