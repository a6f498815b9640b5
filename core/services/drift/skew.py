"""Training–serving skew: how far the logged inputs are from what a version was fitted on.

Drift compares the log with its own reference, so it says nothing of a model that was fitted on
other rows than it ever met. Skew compares the rows of each version with the training set that is
registered with it, in the bins of the reference in force.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import Chunk
from core.errors import HarbourlightError, InvalidInput, NothingYet
from core.i18n import N_
from core.lake.training import TrainingCounts, training_counts
from core.metrics.binning import FeatureBins, NumericBins, count_rows
from core.metrics.drift import DriftResult, evaluate
from core.metrics.registry import METRICS, metric
from core.services import access
from core.services.figures import FigureRow, chunk_entry
from core.services.personal.names import masked_bins
from core.services.questions import Question, View, resolve
from core.services.reference.counts import FeatureCounts, calendar_only, feature_counts, live_bins
from core.services.registry import artefacts
from core.services.registry.versions import require_known_version, versions_seen
from core.services.reproduce.models import registered_file
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import models
from core.store.models import Artefact

DEFAULT_METHOD = "psi"


class NoTraining(StrEnum):
    """Why a version's training set cannot be compared with."""

    not_registered = "training_not_registered"
    gone = "training_gone"
    differs = "training_differs"
    unreadable = "training_unreadable"


NO_TRAINING: Mapping[NoTraining, str] = {
    NoTraining.not_registered: N_("No training set is registered with this version."),
    NoTraining.gone: N_("The file of the training set is gone."),
    NoTraining.differs: N_(
        "The file of the training set is not the one registered: its hash differs."
    ),
    NoTraining.unreadable: N_("The file of the training set cannot be read."),
}


@dataclass(frozen=True, slots=True)
class SkewRow(FigureRow):
    """A feature of a version in a chunk by a method, beside the version's training set."""

    version: str
    training_sha256: str | None
    statistic: float
    p_value: float
    n_training: int
    bins_id: str | None


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSkew:
    """Skew of one feature of one version by one method in all chunks.

    Parameters
    ----------
    column : str
        Feature name.
    counts : FeatureCounts
        Its bins, the training set as ``reference``, and the chunks of the log.
    result : DriftResult
        Values, statuses and reasons, one a chunk.
    """

    column: str
    counts: FeatureCounts
    result: DriftResult

    def status_at(self, chunk: int) -> Status:
        """Return the status in one chunk."""
        return Status(str(self.result.status[chunk]))


@dataclass(frozen=True, slots=True, eq=False)
class VersionSkew:
    """Skew of one model version.

    Parameters
    ----------
    version : str
        Which.
    training_sha256 : str, optional
        Hash of its registered training set.
    columns : tuple of ColumnSkew
        Features × methods; empty if ``missing`` says why.
    missing : NoTraining, optional
        Why there is nothing to compare with.
    """

    version: str
    training_sha256: str | None
    columns: tuple[ColumnSkew, ...]
    missing: NoTraining | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Skew:
    """Skew of every version asked for, in the same chunks."""

    view: View
    chunks: tuple[Chunk, ...]
    versions: tuple[VersionSkew, ...]

    def rows(self) -> list[SkewRow]:
        """Return every figure as a row: versions first, then features, then chunks."""
        found: list[SkewRow] = []
        for each in self.versions:
            found += [
                _row(self.view, each, column, chunk, index)
                for column in each.columns
                for index, chunk in enumerate(self.chunks)
            ]
            if each.missing is not None:
                found.append(_missing_row(self.view, each))
        return found


def skew(
    workspace: Workspace,
    question: Question,
    *,
    actor: Actor,
    methods: Sequence[str] = (DEFAULT_METHOD,),
    columns: Iterable[str] | None = None,
) -> Skew:
    """Measure how far logged inputs are from the training set of their version.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, calendar chunks and version; not a slice, because a training set has
        no slices, and a part of the log differs from the whole of it by its nature.
    actor : Actor
        Needs ``drift.view`` for the model, and a scope of all jurisdictions: a training set does
        not say where its rows are from.
    methods : sequence of str
        Ids of drift metrics; a method that does not apply to a feature is left out of it, unless
        none of the methods does.
    columns : iterable of str, optional
        Only these features.

    Raises
    ------
    InvalidInput
        If a method, feature or version does not exist, or a slice is asked for.
    Forbidden
        If the actor's scope is limited to some jurisdictions.
    NothingYet
        If there are no predictions, the reference is not complete, or no version has a training
        set.
    """
    access.require(actor, Permission.drift_view, model=question.model)
    access.require_every_jurisdiction(actor)
    if question.slice:
        raise InvalidInput(
            "A training set has no slices to compare with.", remedy="Ask for all rows."
        )
    for method in methods:
        metric(method, "drift")
    return _skew(workspace, question, actor, tuple(methods), columns)


@retry_when_stale
def _skew(
    workspace: Workspace,
    question: Question,
    actor: Actor,
    methods: tuple[str, ...],
    columns: Iterable[str] | None,
) -> Skew:
    view = resolve(workspace, question, Permission.drift_view, actor=actor)
    require_known_version(workspace, view)
    wanted = tuple(_columns(view, columns))
    with workspace.store.read() as conn:
        files = models.artefacts(conn, view.contract.id)
    versions = view.versions or tuple(version.id for version in view.contract.versions)
    sets = {name: registered_file(files, view.contract, name, "training") for name in versions}
    if not view.versions and not all(sets.values()):
        # What decided nothing and has no training set has nothing to be compared.
        served = {each.version for each in versions_seen(workspace, view)}
        sets = {name: file for name, file in sets.items() if file is not None or name in served}
    if not any(sets.values()):
        raise NothingYet(
            "No training set is registered with {model}.",
            remedy="Run 'harbourlight model register SPEC --training FILE'.",
            model=view.contract.id,
        )
    calendar_only(view)  # chunks of N rows of one version are not those of another
    live_bins(workspace, view)  # says how much of the reference is there
    key = ("skew", view.key, methods, wanted, tuple(file and file.sha256 for file in sets.values()))
    return workspace.memo.get(key, lambda: _measure(workspace, view, sets, methods, wanted))


def _columns(view: View, asked: Iterable[str] | None) -> list[str]:
    known = [feature.name for feature in view.contract.features]
    names = known if asked is None else list(asked)
    for name in names:
        if name not in known:
            raise InvalidInput(
                "{model} has no feature {feature}.",
                remedy="Choose from: {features}.",
                model=view.contract.id,
                feature=name,
                features=", ".join(known),
            )
    return names


def _measure(
    workspace: Workspace,
    view: View,
    sets: Mapping[str, Artefact | None],
    methods: Sequence[str],
    wanted: Sequence[str],
) -> Skew:
    found = []
    for version, file in sets.items():
        trained = _training(workspace, view, file)
        if isinstance(trained, NoTraining):
            found.append(VersionSkew(version, file.sha256 if file else None, (), trained))
            continue
        own = replace(view, versions=(version,))
        served = feature_counts(workspace, own, wanted)
        measured = [
            _column(view, name, trained.get(name) or _nothing(counts.bins), counts, method)
            for name, counts in served.columns.items()
            for method in _applicable(methods, counts)
        ]
        found.append(VersionSkew(version, file.sha256 if file else None, tuple(measured)))
    return Skew(view, view.chunks, tuple(found))


def _training(
    workspace: Workspace, view: View, file: Artefact | None
) -> Mapping[str, TrainingCounts] | NoTraining:
    """Return a training set's counts, once for its hash and the bins; or why there are none."""
    if file is None:
        return NoTraining.not_registered
    path = workspace.settings.home / file.path
    if not path.is_file():
        return NoTraining.gone
    if artefacts.sha256_of(path) != file.sha256:
        return NoTraining.differs
    bins = live_bins(workspace, view)
    try:
        return workspace.memo.get(
            ("training", view.contract.id, view.spec_sha256, file.sha256, view.bins_id),
            lambda: training_counts(workspace.duck, path, view.contract, bins),
        )
    except HarbourlightError:
        return NoTraining.unreadable


def _column(
    view: View, name: str, trained: TrainingCounts, served: FeatureCounts, method: str
) -> ColumnSkew:
    bins = served.bins
    if isinstance(bins, NumericBins):
        # Wasserstein is told in standard deviations of the training set, which stands as reference.
        bins = replace(bins, deviation=trained.deviation)
    own = view.contract.thresholds.get(method)
    result = evaluate(
        method,
        bins,
        trained.counts,
        served.current,
        watch=own.watch if own else None,
        act=own.act if own else None,
        minimum_n=own.minimum_n if own else None,
    )
    shown = masked_bins(view.contract, name, bins)
    return ColumnSkew(name, FeatureCounts(shown, trained.counts, served.current), result)


def _nothing(bins: FeatureBins) -> TrainingCounts:
    """Return the counts of a feature that the training set does not have."""
    return TrainingCounts(count_rows(bins, np.empty(0)), np.nan)


def _applicable(methods: Sequence[str], counts: FeatureCounts) -> list[str]:
    kind = "numeric" if isinstance(counts.bins, NumericBins) else "categorical"
    fitting = [method for method in methods if kind in METRICS[method].applies_to]
    return fitting or list(methods[:1])


def _row(view: View, version: VersionSkew, column: ColumnSkew, chunk: Chunk, index: int) -> SkewRow:
    result = column.result
    return SkewRow(
        metric="skew",
        method=result.method,
        column=column.column,
        slice=None,
        chunk=chunk_entry(chunk, float(result.n_cur[index])),
        value=float(result.value[index]),
        threshold=result.act,
        alert=column.status_at(index) is Status.act,
        status=str(result.reason[index]),
        level=str(result.status[index]),
        version=version.version,
        training_sha256=version.training_sha256,
        statistic=float(result.statistic[index]),
        p_value=float(result.p_value[index]),
        n_training=int(np.asarray(result.n_ref).reshape(-1)[0]) if result.n_ref.size else 0,
        bins_id=view.bins_id,
    )


def _missing_row(view: View, version: VersionSkew) -> SkewRow:
    whole = Chunk(0, "all", view.window.start, view.window.end)
    return SkewRow(
        metric="skew",
        method="",
        column="",
        slice=None,
        chunk=chunk_entry(whole, 0),
        value=np.nan,
        threshold=None,
        alert=False,
        status=str(version.missing),
        level=str(Status.not_enough_data),
        version=version.version,
        training_sha256=version.training_sha256,
        statistic=np.nan,
        p_value=np.nan,
        n_training=0,
        bins_id=view.bins_id,
    )
