"""Which alarms matter most: drift times the importance of the feature to the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

from core.errors import InvalidInput
from core.i18n import N_


@dataclass(frozen=True, slots=True)
class Ranked:
    """One feature in the order of what its drift may do to the model.

    Parameters
    ----------
    feature : str
        Name.
    drift : float
        Drift figure, in any unit that all features share.
    importance : float
        Share of all importance; the shares add up to 1.
    impact : float
        Drift times importance; NaN if the drift is.
    known : bool
        Whether the importance is known; otherwise it is taken to be the average of the others.
    """

    feature: str
    drift: float
    importance: float
    impact: float
    known: bool


def rank_by_importance(
    drift: Mapping[str, float], importance: Mapping[str, float]
) -> tuple[Ranked, ...]:
    """Order features by drift times importance, so that harmless drift sinks.

    Parameters
    ----------
    drift : mapping of str to float
        Drift figure of each feature by one method, or its statistic over its threshold; 0 or more,
        or NaN.
    importance : mapping of str to float
        Permutation importance, or the mean size of attributions, in any unit. What is negative
        counts as 0; a feature that is missing or NaN as the mean of the known ones.

    Returns
    -------
    tuple of Ranked
        The largest impact first, then the largest drift, then by name; without a drift figure last.

    Raises
    ------
    core.errors.InvalidInput
        If a drift figure is negative.
    """
    if any(value < 0 for value in drift.values()):
        raise InvalidInput(N_("A drift figure is 0 or more."))
    known = {
        name: max(importance[name], 0.0)
        for name in drift
        if name in importance and isfinite(importance[name])
    }
    average = sum(known.values()) / len(known) if known else 1.0
    weights = {name: known.get(name, average) for name in drift}
    total = sum(weights.values())
    rows = []
    for name, figure in drift.items():
        share = weights[name] / total if total > 0 else 1 / len(drift)
        rows.append(Ranked(name, figure, share, figure * share, name in known))
    return tuple(sorted(rows, key=_order))


def _order(row: Ranked) -> tuple[bool, float, float, str]:
    if not isfinite(row.impact):
        return True, 0.0, 0.0, row.feature
    return False, -row.impact, -row.drift, row.feature
