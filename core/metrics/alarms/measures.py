"""The figures that alarms watch, for many pairs of counts at once, and their minimum effects."""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.alarms.series import Counts
from core.metrics.arrays import Floats, shares
from core.metrics.binning import CODE_OFFSET, CategoricalBins, FeatureBins, NumericBins
from core.metrics.drift.chi2 import cramers_v_terms
from core.metrics.drift.groups import group_counts
from core.metrics.drift.hellinger import hellinger_terms
from core.metrics.drift.jensen_shannon import jensen_shannon_terms
from core.metrics.drift.normal_scores import normal_score_shift
from core.metrics.drift.psi import psi_terms
from core.metrics.drift.total_variation import share_differences
from core.metrics.drift.wasserstein import areas_under
from core.metrics.performance.ranking import average_precision, kolmogorov_smirnov_of_score
from core.metrics.performance.roc import roc_auc_from_counts

Effect = Callable[[FeatureBins | None, Counts, Counts], Floats]
UNKNOWN_MEASURE = N_("Alarms do not know the figure {id} of {kind} data.")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that compares two sides.

    Parameters
    ----------
    id : str
        Id of a drift or performance metric, or of a rate.
    kinds : frozenset of str
        ``numeric``, ``categorical``, ``score``.
    effect : callable
        (bins, reference, current) → effect of shape (...): a distance, or the current figure less
        that of the reference.
    minimum_effect : float
        Smaller effects raise no alarm, however significant.
    order : int
        1 if the effect is in proportion to a small change, 2 if to its square.
    second_of : frozenset of str
        Kinds of series of which it is a second opinion: it sees what another figure sees less
        sharply, and more besides, so it takes a smaller part of the family's rate.
    """

    id: str
    kinds: frozenset[str]
    effect: Effect
    minimum_effect: float
    order: int = 1
    second_of: frozenset[str] = frozenset()

    @property
    def signed(self) -> bool:
        """Whether the effect is a difference, not a distance."""
        return "score" in self.kinds or self.is_share or self.id == "normal_score_shift"

    @property
    def is_share(self) -> bool:
        """Whether it is a share of rows that are not as they should be."""
        return self.id.endswith("_share")


def _grouped(terms: Callable[[Floats, Floats], Floats], rooted: bool = True) -> Effect:
    def effect(bins: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
        total = terms(_groups(bins, reference), _groups(bins, current)).sum(axis=-1)
        return np.asarray(np.sqrt(np.clip(total, 0.0, 1.0))) if rooted else np.asarray(total)

    return effect


def _groups(bins: FeatureBins | None, counts: Counts) -> Floats:
    if bins is None:
        raise InvalidInput(N_("Drift needs the bins of the feature."))
    return group_counts(bins, counts.n)


def _largest_difference(bins: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
    gaps = share_differences(_groups(bins, reference), _groups(bins, current))
    return np.asarray(gaps.max(axis=-1))


def _total_variation(reference: Floats, current: Floats) -> Floats:
    return share_differences(reference, current) / 2


def _kolmogorov_smirnov(_: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
    sides = [np.cumsum(shares(side.n[..., CODE_OFFSET:]), axis=-1) for side in (reference, current)]
    return np.asarray(np.minimum(np.abs(sides[0] - sides[1]).max(axis=-1), 1.0))


def _wasserstein(bins: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
    if not isinstance(bins, NumericBins):
        raise InvalidInput(N_("The Wasserstein distance is for numbers."))
    unit = bins.deviation if bins.deviation > 0 else np.nan
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        areas = [
            areas_under(side.n[..., CODE_OFFSET:], side.sums[0][..., CODE_OFFSET:], bins.edge_array)
            for side in (reference, current)
        ]
        found = np.abs(areas[0] - areas[1]).sum(axis=-1) / unit
    return np.where(np.isfinite(found), found, np.nan)


def _shift(bins: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
    if not isinstance(bins, NumericBins):
        raise InvalidInput(N_("Ranks are for numbers."))
    before, after = (side.n[..., CODE_OFFSET:] for side in (reference, current))
    return normal_score_shift(before, after)


def _rate(columns: Callable[[FeatureBins], list[int]]) -> Effect:
    def effect(bins: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
        if bins is None:
            raise InvalidInput(N_("Drift needs the bins of the feature."))
        places = columns(bins)
        before, after = (shares(side.n)[..., places].sum(axis=-1) for side in (reference, current))
        return np.asarray(after - before)

    return effect


def _unseen(bins: FeatureBins) -> list[int]:
    return [bins.unseen_code + CODE_OFFSET] if isinstance(bins, CategoricalBins) else []


def _outside(bins: FeatureBins) -> list[int]:
    return [CODE_OFFSET, len(bins.edges) + CODE_OFFSET] if isinstance(bins, NumericBins) else []


def _performance(figure: Callable[[Counts], Floats]) -> Effect:
    def effect(_: FeatureBins | None, reference: Counts, current: Counts) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(figure(current) - figure(reference))

    return effect


def _classes(side: Counts) -> tuple[Floats, Floats]:
    half = side.n.shape[-1] // 2
    return side.n[..., :half], side.n[..., half:]


def _roc_auc(side: Counts) -> Floats:
    return roc_auc_from_counts(*_classes(side)).value


def _average_precision(side: Counts) -> Floats:
    return average_precision(*_classes(side))


def _separation(side: Counts) -> Floats:
    return kolmogorov_smirnov_of_score(*_classes(side))


def _positive_rate(side: Counts) -> Floats:
    return np.asarray(_classes(side)[0].sum(axis=-1) / side.rows)


def _mean_score(side: Counts) -> Floats:
    return np.asarray(side.sums[0].sum(axis=-1) / side.rows)


def _calibration_gap(side: Counts) -> Floats:
    return _positive_rate(side) - _mean_score(side)


def _brier(side: Counts) -> Floats:
    half = side.n.shape[-1] // 2
    hits = side.n[..., :half].sum(axis=-1) - 2 * side.sums[0][..., :half].sum(axis=-1)
    return np.asarray((hits + side.sums[1].sum(axis=-1)) / side.rows)


_NUMERIC = frozenset({"numeric"})
_CATEGORICAL = frozenset({"categorical"})
_FEATURE = _NUMERIC | _CATEGORICAL
_SCORE = frozenset({"score"})

_ALL = (
    Measure("psi", _FEATURE, _grouped(psi_terms, rooted=False), 0.01, order=2),
    Measure("jensen_shannon", _FEATURE, _grouped(jensen_shannon_terms), 0.04, second_of=_NUMERIC),
    Measure("hellinger", _FEATURE, _grouped(hellinger_terms), 0.03),
    Measure("l_infinity", _FEATURE, _largest_difference, 0.02),
    Measure("total_variation", _FEATURE, _grouped(_total_variation, rooted=False), 0.03),
    Measure("chi2", _FEATURE, _grouped(cramers_v_terms), 0.05),
    Measure("kolmogorov_smirnov", _NUMERIC, _kolmogorov_smirnov, 0.03),
    Measure("wasserstein", _NUMERIC, _wasserstein, 0.08, second_of=_NUMERIC),
    Measure("normal_score_shift", _NUMERIC, _shift, 0.08),
    Measure("missing_share", _FEATURE, _rate(lambda _: [0, 1]), 0.01),
    Measure("unseen_share", _CATEGORICAL, _rate(_unseen), 0.005),
    Measure("outside_share", _NUMERIC, _rate(_outside), 0.005),
    Measure("roc_auc", _SCORE, _performance(_roc_auc), 0.02),
    Measure("average_precision", _SCORE, _performance(_average_precision), 0.02),
    Measure("kolmogorov_smirnov_of_score", _SCORE, _performance(_separation), 0.03),
    Measure("positive_rate", _SCORE, _performance(_positive_rate), 0.02),
    Measure("mean_score", _SCORE, _performance(_mean_score), 0.02),
    Measure("calibration_gap", _SCORE, _performance(_calibration_gap), 0.02),
    Measure("brier", _SCORE, _performance(_brier), 0.01),
)

MEASURES = MappingProxyType({entry.id: entry for entry in _ALL})
"""Every figure that an alarm can watch, by its id."""


def measure(measure_id: str, kind: str) -> Measure:
    """Return a figure that applies to a kind of series.

    Raises
    ------
    core.errors.InvalidInput
        If there is none.
    """
    found = MEASURES.get(measure_id)
    if found is None or kind not in found.kinds:
        raise InvalidInput(UNKNOWN_MEASURE, id=measure_id, kind=kind)
    return found
