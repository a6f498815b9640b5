"""How far groups lie apart: one figure a metric, with its interval and status."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.contract import ModelContract
from core.domain.status import Status
from core.metrics.fairness import (
    Compared,
    GroupCounts,
    Spread,
    calibration_gaps,
    false_positive_rates,
    largest_spread,
    mean_scores,
    precisions,
    selection_rates,
    true_positive_rates,
)
from core.metrics.intervals import Interval
from core.services.thresholds import thresholds_of

_EITHER = 0.975


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure of an attribute: how far the groups lie apart.

    Parameters
    ----------
    value, low, high : float
        Figure and 95 % interval, which holds although the two groups were picked from all for
        lying furthest apart; NaN where it cannot be computed.
    n : int
        Rows of the groups that it compares.
    worst, best : str
        Keys of the two groups; empty without a figure.
    status : Status
        Of the figure; a difference that may be chance is one step milder.
    by_chance : bool
        Whether the interval holds "no difference".
    """

    value: float
    low: float
    high: float
    n: int
    worst: str
    best: str
    status: Status
    by_chance: bool


@dataclass(frozen=True, slots=True)
class Judging:
    """What figures are judged by: the contract, the fewest rows, and what people hope for."""

    contract: ModelContract
    minimum: int
    event_is_favourable: bool


@dataclass(frozen=True, eq=False)
class Figures:
    """Every figure of some groups of people, each computed when it is asked for.

    Rates are those of the favourable side: of the people whose outcome was what they hoped for,
    how many were predicted so.

    Parameters
    ----------
    counts : GroupCounts
        The groups that may be shown; arrays are in their order.
    judging : Judging
        Fewest rows, and what people hope for.
    """

    counts: GroupCounts
    judging: Judging

    @cached_property
    def selection(self) -> Compared:
        """Shares of favourable decisions."""
        return selection_rates(self.counts, minimum=self.judging.minimum)

    @cached_property
    def opportunity(self) -> Compared:
        """True favourable rates."""
        return true_positive_rates(self._hoped, minimum=self.judging.minimum)

    @cached_property
    def false_positives(self) -> Compared:
        """False favourable rates."""
        return false_positive_rates(self._hoped, minimum=self.judging.minimum)

    @cached_property
    def parity(self) -> Compared:
        """Precision of what was predicted favourable."""
        return precisions(self._hoped, minimum=self.judging.minimum)

    @cached_property
    def scores(self) -> Interval:
        """Mean scores."""
        return mean_scores(self.counts, minimum=self.judging.minimum)

    @cached_property
    def calibration(self) -> Interval:
        """Outcome rates less mean scores."""
        return calibration_gaps(self.counts, minimum=self.judging.minimum)

    @property
    def _hoped(self) -> GroupCounts:
        return _hoped(self.counts, self.judging)


def summaries(overall: Figures) -> Mapping[str, Summary]:
    """Return how far groups lie apart, by metric."""
    judging, names = overall.judging, overall.counts.groups
    counts, least = overall.counts, judging.minimum
    gaps = largest_spread(lambda level: calibration_gaps(counts, minimum=least, confidence=level))
    means = largest_spread(lambda level: mean_scores(counts, minimum=least, confidence=level))
    return {
        "selection_rate_ratio": selection_ratio(overall),
        "equal_opportunity_difference": _difference(
            "equal_opportunity_difference", overall.opportunity, names, judging
        ),
        "equalised_odds_difference": _difference(
            "equalised_odds_difference", _odds(counts, judging), names, judging
        ),
        "predictive_parity_difference": _difference(
            "predictive_parity_difference", overall.parity, names, judging
        ),
        "calibration_gap_difference": _spread("calibration_gap_difference", gaps, names, judging),
        "mean_score_difference": _spread("mean_score_difference", means, names, judging),
    }


def _hoped(counts: GroupCounts, judging: Judging) -> GroupCounts:
    return counts if judging.event_is_favourable else counts.turned()


def _odds(counts: GroupCounts, judging: Judging) -> Compared | None:
    """Return the rates that differ more, true or false favourable ones; ``None`` without both.

    The larger of two is picked, so each has half the chance of being wrong (Bonferroni).
    """
    hoped, least = _hoped(counts, judging), judging.minimum
    both = [
        rates(hoped, minimum=least, together=_EITHER)
        for rates in (true_positive_rates, false_positive_rates)
    ]
    if not np.isfinite([each.largest_difference for each in both]).all():
        return None
    return max(both, key=lambda each: each.largest_difference)


def _nothing() -> Summary:
    nan = float("nan")
    return Summary(nan, nan, nan, 0, "", "", Status.not_enough_data, by_chance=False)


def selection_ratio(overall: Figures) -> Summary:
    """Return the selection rate of the group that fares worst over that of the best."""
    compared, names, judging = overall.selection, overall.counts.groups, overall.judging
    worst = compared.worst
    if worst < 0 or not np.isfinite(compared.ratio.value[worst]):
        return _nothing()
    value, high = float(compared.ratio.value[worst]), float(compared.ratio.high[worst])
    n = int(compared.rate.n[worst] + compared.rate.n[compared.best])
    chance = high >= 1
    return Summary(
        value=value,
        low=float(compared.ratio.low[worst]),
        high=high,
        n=n,
        worst=names[worst],
        best=names[compared.best],
        status=_judged(judging.contract, "selection_rate_ratio", value, n, chance),
        by_chance=chance,
    )


def _difference(
    metric: str, compared: Compared | None, names: tuple[str, ...], judging: Judging
) -> Summary:
    if compared is None or (worst := compared.worst) < 0:
        return _nothing()
    value = -float(compared.difference.value[worst])
    n = int(compared.rate.n[worst] + compared.rate.n[compared.best])
    chance = bool(compared.difference.high[worst] >= 0)
    return Summary(
        value=value,
        low=-float(compared.difference.high[worst]),
        high=-float(compared.difference.low[worst]),
        n=n,
        worst=names[worst],
        best=names[compared.best],
        status=_judged(judging.contract, metric, value, n, chance),
        by_chance=chance,
    )


def _spread(metric: str, found: Spread, names: tuple[str, ...], judging: Judging) -> Summary:
    if found.top < 0:
        return _nothing()
    chance = not found.low > 0  # limits that are not known rule nothing out
    return Summary(
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
        worst=names[found.top],
        best=names[found.bottom],
        status=_judged(judging.contract, metric, found.value, found.n, chance),
        by_chance=chance,
    )


_MILDER = {Status.act: Status.watch, Status.watch: Status.in_range}


def _judged(contract: ModelContract, metric: str, value: float, n: int, chance: bool) -> Status:
    status = thresholds_of(contract, metric).status(value, n)
    return _MILDER.get(status, status) if chance else status
