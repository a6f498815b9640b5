"""Drift of all inputs together, on samples drawn from the log by a fixed seed.

Two answers. :func:`reconstruction` says for each chunk how badly the main directions of the
reference describe its rows; :func:`separation` whether rows of one chunk can be told from rows of
the reference, and by which inputs. Nothing of them shows a value of a column.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Integers
from core.metrics.multivariate import (
    BlockErrors,
    DomainDrift,
    Limits,
    domain_classifier,
    fit_reconstruction,
    limits_of,
    mean_error,
    out_of_sample,
    three_deviations,
)
from core.services.drift.input_samples import (
    SEED,
    InputSample,
    both_sides,
    chunk_inputs,
    reference_inputs,
)
from core.services.figures import FigureRow, chunk_entry
from core.services.questions import Question, View, resolve
from core.services.reference.counts import calendar_only, feature_counts, live_bins
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.thresholds import thresholds_of
from core.services.workspace import Workspace

RECONSTRUCTION, SEPARATION = "pca_reconstruction_error", "domain_classifier_auc"
BLOCKS = 10
"""Stretches of the reference with equally many rows, from which the limits are learned."""

REFERENCE_ROWS = 10_000
ROWS_IN_ALL = 100_000
SEPARATED_ROWS = 5_000

FEW_REFERENCE_ROWS = N_("The reference has too few rows to learn how its inputs hang together.")
NO_CHUNK = N_("No period has enough rows to tell them from the reference.")


@dataclass(frozen=True, slots=True)
class ChunkError:
    """The reconstruction error of one chunk.

    Parameters
    ----------
    chunk : Chunk
        Which.
    population : int
        Rows of the chunk.
    error : BlockErrors
        Of the rows that were drawn.
    limits : Limits
        Between which an unchanged chunk of as many rows lies, 99 times in 100.
    status : Status
        ``act`` outside the limits; not enough data with fewer rows than the metric needs.
    """

    chunk: Chunk
    population: int
    error: BlockErrors
    limits: Limits
    status: Status

    @property
    def reason(self) -> str:
        """Why there is no judgement; ``ok`` if there is one."""
        if self.status is not Status.not_enough_data:
            return "ok"
        return "too_few_rows" if self.error.n else "current_empty"


@dataclass(frozen=True, slots=True)
class MultivariateRow(FigureRow):
    """A figure of all inputs together, with its interval or limits, and what it was drawn from.

    ``low`` and ``high`` are the limits of an unchanged chunk for the reconstruction error, and the
    95 % interval for the domain classifier; ``low_3sd`` and ``high_3sd`` are NannyML's thresholds.
    """

    low: float
    high: float
    low_3sd: float
    high_3sd: float
    sampled: int
    n_reference: int
    seed: int
    separators: tuple[dict[str, object], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ReconstructionDrift:
    """Reconstruction errors of the chunks of a question.

    Parameters
    ----------
    view : View
        The question made exact.
    chunks : tuple of ChunkError
        One a chunk.
    reference : tuple of BlockErrors
        The blocks of the reference, each measured by the directions of the others.
    three_deviations : Limits
        Mean ± 3 standard deviations of the blocks, measured by directions that know them.
    directions, inputs : int
        Directions kept, of how many inputs.
    explained : float
        Share of the reference's variance that they explain.
    """

    view: View
    chunks: tuple[ChunkError, ...]
    reference: tuple[BlockErrors, ...]
    three_deviations: Limits
    directions: int
    inputs: int
    explained: float

    @property
    def n_reference(self) -> int:
        """Rows of the reference that were drawn."""
        return sum(block.n for block in self.reference)

    def rows(self) -> list[MultivariateRow]:
        """Return one row a chunk."""
        usual = self.three_deviations
        return [
            MultivariateRow(
                metric="multivariate",
                method=RECONSTRUCTION,
                column="",
                slice=self.view.slice_text,
                chunk=chunk_entry(each.chunk, each.population),
                value=each.error.mean,
                threshold=each.limits.high,
                alert=each.status is Status.act,
                status=each.reason,
                level=str(each.status),
                low=each.limits.low,
                high=each.limits.high,
                low_3sd=usual.low,
                high_3sd=usual.high,
                sampled=each.error.n,
                n_reference=self.n_reference,
                seed=SEED,
            )
            for each in self.chunks
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Separation:
    """How well rows of one chunk are told from rows of the reference."""

    view: View
    chunk: Chunk
    population: int
    found: DomainDrift
    status: Status

    def row(self) -> MultivariateRow:
        """Return the figure as a row."""
        found = self.found
        return MultivariateRow(
            metric="multivariate",
            method=SEPARATION,
            column="",
            slice=self.view.slice_text,
            chunk=chunk_entry(self.chunk, self.population),
            value=found.auc,
            threshold=thresholds_of(self.view.contract, SEPARATION).act,
            alert=self.status is Status.act,
            status="ok",
            level=str(self.status),
            low=found.low,
            high=found.high,
            low_3sd=np.nan,
            high_3sd=np.nan,
            sampled=found.n_current,
            n_reference=found.n_reference,
            seed=SEED,
            separators=tuple(
                {"feature": each.feature, "drop": each.drop} for each in found.separators
            ),
        )


@retry_when_stale
def reconstruction(
    workspace: Workspace, question: Question, *, actor: Actor
) -> ReconstructionDrift:
    """Measure how badly the reference's main directions describe each chunk.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, calendar chunks, slice and version, and what was known when.
    actor : Actor
        Needs ``drift.view`` for the model.

    Raises
    ------
    NothingYet
        If there are no predictions, or the reference is not complete.
    NotComputable
        If the reference has too few rows, or none of its inputs varies.
    InvalidInput
        If a filter cannot be read, or chunks of a number of rows are asked for.
    """
    view = resolve(workspace, question, Permission.drift_view, actor=actor)
    _require_chunks(workspace, view)
    return workspace.memo.get(
        ("reconstruction", view.key), lambda: _reconstruction(workspace, view)
    )


@retry_when_stale
def separation(
    workspace: Workspace,
    question: Question,
    chunk_key: str | None = None,
    *,
    actor: Actor,
    progress: Callable[[float], None] | None = None,
) -> Separation:
    """Train a classifier to tell rows of a chunk from rows of the reference.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        As for :func:`reconstruction`.
    chunk_key : str, optional
        Which chunk; the newest one with enough rows by default.
    actor : Actor
        Needs ``drift.view`` for the model.
    progress : callable, optional
        Told the share that is done.

    Raises
    ------
    NothingYet, NotComputable, InvalidInput
        As :func:`reconstruction`; and if there is no such chunk, or none with enough rows.
    """
    view = resolve(workspace, question, Permission.drift_view, actor=actor)
    _require_chunks(workspace, view)
    chunk = _chosen(workspace, view, chunk_key)
    key = ("separation", view.key, chunk.key)
    return workspace.memo.get(key, lambda: _separation(workspace, view, chunk, progress))


def _require_chunks(workspace: Workspace, view: View) -> None:
    """Refuse what has no calendar chunks, version or reference to compare."""
    require_known_version(workspace, view)
    calendar_only(view)
    live_bins(workspace, view)  # says how much of the reference is there


def _reconstruction(workspace: Workspace, view: View) -> ReconstructionDrift:
    numbers = thresholds_of(view.contract, RECONSTRUCTION).minimum_n
    reference = reference_inputs(workspace, view, REFERENCE_ROWS)
    if reference.n < numbers:
        raise NotComputable(FEW_REFERENCE_ROWS)
    block = _blocks(reference)
    categorical = _categorical(view)
    fitted = fit_reconstruction(reference.columns, categorical)
    apart = out_of_sample(reference.columns, categorical, block)
    own = fitted.errors(reference.columns)
    known = [mean_error(own[block == number]).mean for number in range(BLOCKS)]
    size = max(ROWS_IN_ALL // max(len(view.chunks), 1), numbers)
    drawn = chunk_inputs(workspace, view, view.chunks, min(size, REFERENCE_ROWS))
    errors = fitted.errors(drawn.columns)
    chunks = []
    for place, chunk in enumerate(view.chunks):
        found = mean_error(errors[drawn.period == place])
        limits = limits_of(apart, found.n)
        status = Status.not_enough_data
        if found.n >= numbers:
            status = Status.in_range if limits.contain(found.mean) else Status.act
        chunks.append(ChunkError(chunk, int(drawn.population[place]), found, limits, status))
    return ReconstructionDrift(
        view=view,
        chunks=tuple(chunks),
        reference=apart,
        three_deviations=three_deviations(known),
        directions=len(fitted.directions),
        inputs=len(reference.columns),
        explained=fitted.explained,
    )


def _separation(
    workspace: Workspace,
    view: View,
    chunk: Chunk,
    progress: Callable[[float], None] | None,
) -> Separation:
    judged = thresholds_of(view.contract, SEPARATION)
    reference, drawn = both_sides(workspace, view, chunk, SEPARATED_ROWS, fewest=judged.minimum_n)
    found = domain_classifier(
        reference.columns, drawn.columns, _categorical(view), seed=SEED, progress=progress
    )
    rows = min(found.n_reference, found.n_current)
    status = judged.status(found.auc, rows)
    if status in {Status.watch, Status.act} and not found.is_beyond_chance:
        status = Status.in_range
    return Separation(view, chunk, int(drawn.population[0]), found, status)


def _chosen(workspace: Workspace, view: View, chunk_key: str | None) -> Chunk:
    """Return the chunk that is asked for, or the newest one with enough rows."""
    if chunk_key is not None:
        for chunk in view.chunks:
            if chunk.key == chunk_key:
                return chunk
        raise InvalidInput(
            "There is no period {key}.",
            remedy="Choose one from {first} to {last}.",
            key=chunk_key,
            first=view.chunks[0].key,
            last=view.chunks[-1].key,
        )
    counted = feature_counts(workspace, view, [view.contract.features[0].name])
    rows = next(iter(counted.columns.values())).current.row_count
    enough = np.flatnonzero(rows >= thresholds_of(view.contract, SEPARATION).minimum_n)
    if not enough.size:
        raise NotComputable(NO_CHUNK)
    return view.chunks[int(enough[-1])]


def _blocks(reference: InputSample) -> Integers:
    """Deal rows into stretches of time with equally many rows."""
    place = np.empty(reference.n, dtype=np.int64)
    place[np.argsort(reference.at, kind="stable")] = np.arange(reference.n)
    return place * BLOCKS // reference.n


def _categorical(view: View) -> set[str]:
    return {each.name for each in view.contract.features if each.type == "categorical"}
