"""How sure the model is, over time and by slice: its scores, their entropy and margin.

And how many scores lie so near the cut-off that a little more or less would turn the decision.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.contract.cut_offs import CutOff, cut_offs
from core.domain.identity import Actor, Permission
from core.domain.status import NOT_JUDGED
from core.domain.windows import Chunk, local_day, start_of_day
from core.errors import InvalidInput, NotComputable
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, BinnedCounts, NumericBins
from core.metrics.confidence import (
    Bounded,
    bounded_counts,
    default_band,
    mean_entropy,
    mean_margin,
    near_share,
)
from core.metrics.quantiles import quantile_from_counts
from core.services.figures import FigureRow, chunk_entry
from core.services.questions import Question, View, resolve
from core.services.reference.counts import feature_counts
from core.services.registry.versions import require_known_version
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace

SCORE = "@score"
QUANTILES = {
    "score_p05": 0.05,
    "score_p25": 0.25,
    "score_p50": 0.5,
    "score_p75": 0.75,
    "score_p95": 0.95,
}


class Unsaid(StrEnum):
    """Why there is no figure."""

    current_empty = "current_empty"
    not_a_probability = "not_a_probability"
    no_cut_off = "no_cut_off"
    several_cut_offs = "several_cut_offs"


UNSAID: Mapping[Unsaid, str] = {
    Unsaid.current_empty: N_("There are no scores in this period."),
    Unsaid.not_a_probability: N_("The score is no probability between 0 and 1."),
    Unsaid.no_cut_off: N_("No policy sets a cut-off on the score."),
    Unsaid.several_cut_offs: N_("More than one cut-off was in force: choose a version or period."),
}


@dataclass(frozen=True, slots=True)
class ConfidenceRow(FigureRow):
    """A figure of the scores of a chunk, and between what the exact one lies."""

    lower: float
    upper: float
    cut_off: float | None
    band: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Confidence:
    """The scores of a view; arrays have one entry a chunk.

    Parameters
    ----------
    view : View
        The question made exact.
    chunks : tuple of Chunk
        The chunks.
    scores : ndarray
        Rows with a score.
    figures : mapping of str to Bounded
        ``score_mean``, the quantiles ``score_p05`` to ``score_p95``, ``entropy`` in bits,
        ``margin``, and ``near_cut_off``: the share of scores within the band.
    cut_offs : tuple of float or None
        The cut-off in force in each chunk, where there is one and the same.
    bands : tuple of float or None
        Half the width of the band around each.
    statuses : mapping of str to tuple of str
        ``ok``, or a value of :class:`Unsaid`, per figure and chunk.
    """

    view: View
    chunks: tuple[Chunk, ...]
    scores: Floats
    figures: Mapping[str, Bounded]
    cut_offs: tuple[float | None, ...]
    bands: tuple[float | None, ...]
    statuses: Mapping[str, tuple[str, ...]]

    def rows(self) -> list[ConfidenceRow]:
        """Return every figure of every chunk as a row."""
        return [
            self._row(name, figure, index, chunk)
            for name, figure in self.figures.items()
            for index, chunk in enumerate(self.chunks)
        ]

    def _row(self, name: str, figure: Bounded, index: int, chunk: Chunk) -> ConfidenceRow:
        status = self.statuses[name][index]
        near = name == "near_cut_off"
        return ConfidenceRow(
            metric="confidence",
            method=name,
            column=SCORE,
            slice=self.view.slice_text,
            chunk=chunk_entry(chunk, float(self.scores[index])),
            value=float(figure.value[index]),
            threshold=None,
            alert=False,
            status=status,
            level=NOT_JUDGED,
            lower=float(figure.lower[index]),
            upper=float(figure.upper[index]),
            cut_off=self.cut_offs[index] if near else None,
            band=self.bands[index] if near else None,
        )


@retry_when_stale
def confidence(
    workspace: Workspace, question: Question, *, actor: Actor, band: float | None = None
) -> Confidence:
    """Measure how sure the model is of its scores, chunk by chunk.

    Parameters
    ----------
    workspace : Workspace
        Where.
    question : Question
        Which model, period, chunks, slice and version.
    actor : Actor
        Needs ``drift.view`` for the model.
    band : float, optional
        Half the width of the band around the cut-off; by default a fifth of the way from the
        cut-off to 0 or 1, whichever is nearer.

    Raises
    ------
    NothingYet
        If there are no predictions, or the reference is not complete.
    NotComputable
        If the log has not one score a row, as that of a model of several classes.
    InvalidInput
        If the version is unknown, or the band no number from 0 on.
    """
    view = resolve(workspace, question, Permission.drift_view, actor=actor)
    require_known_version(workspace, view)
    if band is not None and not 0 <= band < math.inf:
        raise InvalidInput(
            N_("A band is a number from 0 on."),
            remedy=N_("Write it in the unit of the score, such as 0.05."),
        )
    return workspace.memo.get(
        ("confidence", view.key, band), lambda: _measure(workspace, view, band)
    )


def _measure(workspace: Workspace, view: View, band: float | None) -> Confidence:
    if view.contract.task == "multiclass_classification":
        raise NotComputable(
            "Confidence is measured from one score a row, and {model} gives one a class.",
            remedy="See how sure it is of each class on the page Performance, class by class.",
            model=view.contract.id,
        )
    counted = feature_counts(workspace, view, [SCORE])
    found = counted.columns.get(SCORE)
    if found is None or not isinstance(found.bins, NumericBins):
        raise NotComputable(
            "The log of {model} has not one score a row.",
            remedy="Name the score's column under 'log' in the contract.",
            model=view.contract.id,
        )
    bins, counts = found.bins, bounded_counts(found.bins, found.current)
    scores = np.asarray(counts.n[..., CODE_OFFSET:].sum(axis=-1))
    cuts = [_cut_off(view, chunk) for chunk in counted.chunks]
    bands = [
        (default_band(cut.value) if band is None else band) if isinstance(cut, CutOff) else None
        for cut in cuts
    ]
    figures = _figures(view, bins, counts) | {"near_cut_off": _near(bins, counts, cuts, bands)}
    return Confidence(
        view=view,
        chunks=counted.chunks,
        scores=scores,
        figures=figures,
        cut_offs=tuple(cut.value if isinstance(cut, CutOff) else None for cut in cuts),
        bands=tuple(bands),
        statuses={
            name: tuple(
                _status(name, figure, scores, cuts, index) for index in range(len(counted.chunks))
            )
            for name, figure in figures.items()
        },
    )


def _figures(view: View, bins: NumericBins, counts: BinnedCounts) -> dict[str, Bounded]:
    total = np.zeros_like(counts.n) if counts.total is None else counts.total
    n = counts.n[..., CODE_OFFSET:].sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, total[..., CODE_OFFSET:].sum(axis=-1) / n, np.nan)
    found = {"score_mean": Bounded(mean, mean, mean)}
    for name, share in QUANTILES.items():
        found[name] = Bounded(
            quantile_from_counts(bins, counts, share), *_around(bins, counts, share)
        )
    if view.contract.task == "binary_classification":
        found |= {"entropy": mean_entropy(bins, counts), "margin": mean_margin(bins, counts)}
    return found


def _around(bins: NumericBins, counts: BinnedCounts, share: float) -> tuple[Floats, Floats]:
    """Return the smallest and the largest value of the bin that holds a quantile."""
    if counts.low is None or counts.high is None:
        raise ValueError("the counts have no bounds")
    flat = [
        quantile_from_counts(bins, BinnedCounts(counts.n, counts.total, side, side), share)
        for side in (counts.low, counts.high)
    ]
    return flat[0], flat[1]


def _near(
    bins: NumericBins,
    counts: BinnedCounts,
    cuts: list[CutOff | Unsaid],
    bands: list[float | None],
) -> Bounded:
    parts = np.full((3, len(cuts)), np.nan)
    for index, (cut, band) in enumerate(zip(cuts, bands, strict=True)):
        if isinstance(cut, CutOff):
            chunk = BinnedCounts(
                counts.n[index],
                None if counts.total is None else counts.total[index],
                None if counts.low is None else counts.low[index],
                None if counts.high is None else counts.high[index],
            )
            found = near_share(bins, chunk, cut.value, band)
            parts[:, index] = float(found.value), float(found.lower), float(found.upper)
    return Bounded(parts[0], parts[1], parts[2])


def _cut_off(view: View, chunk: Chunk) -> CutOff | Unsaid:
    """Return the one cut-off that was in force throughout a chunk, or why there is none."""
    known, contract = cut_offs(view.contract), view.contract
    versions = view.versions or tuple(each.id for each in contract.versions) or ("",)
    zone = contract.timezone
    inside = [day for day, _ in known.by_day if chunk.start < start_of_day(day, zone) < chunk.end]
    days = (local_day(chunk.start, zone), *inside)
    found = {known.of(version, day) for version in versions for day in days}
    if len({(cut.value, cut.policy != "") for cut in found}) > 1:
        return Unsaid.several_cut_offs
    cut = next(iter(found))
    return cut if cut.policy else Unsaid.no_cut_off


def _status(
    name: str, figure: Bounded, scores: Floats, cuts: list[CutOff | Unsaid], index: int
) -> str:
    cut = cuts[index]
    if name == "near_cut_off" and isinstance(cut, Unsaid):
        return str(cut)
    if not scores[index]:
        return str(Unsaid.current_empty)
    return "ok" if np.isfinite(figure.value[index]) else str(Unsaid.not_a_probability)
