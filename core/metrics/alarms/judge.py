"""Which figures of a month raise an alarm: those that are significant and large enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.alarms.family import Check, FamilyNull, Member, measure_of
from core.metrics.alarms.series import Counts, Series

ROWS_MESSAGE = N_("The rows of {name} are not those that the thresholds were drawn for.")


class Outcome(StrEnum):
    """What became of a figure."""

    alarm = "alarm"
    small = "small"
    chance = "chance"
    not_computable = "not_computable"


OUTCOMES: Mapping[Outcome, str] = {
    Outcome.alarm: N_("More than chance, and large enough to matter."),
    Outcome.small: N_("More than chance, but too small to matter."),
    Outcome.chance: N_("Within what chance explains."),
    Outcome.not_computable: N_("This figure cannot be computed, or never varies."),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure of one check, and whether it is an alarm.

    Parameters
    ----------
    member : Member
        The figure.
    check : str
        The look at the data.
    outcome : Outcome
        Alarm or not, and why not.
    effect : float
        The figure, with its sign if it is a difference.
    statistic : float
        The same without sign, which the threshold applies to.
    threshold, minimum_effect : float
        Both must be passed.
    p_value, single_p_value : float
        How often, if nothing changed, any figure of the month, or this one, is as far out.
    n_ref, n_cur : float
        Rows on either side.
    """

    member: Member
    check: str
    outcome: Outcome
    effect: float
    statistic: float
    threshold: float
    minimum_effect: float
    p_value: float
    single_p_value: float
    n_ref: float
    n_cur: float

    @property
    def alarm(self) -> bool:
        """Whether it is one."""
        return self.outcome is Outcome.alarm


def check_of(key: str, first: int, days: int, current: Mapping[str, Counts]) -> Check:
    """Return the check that fits current data.

    Parameters
    ----------
    key : str
        Name of the check.
    first, days : int
        Its place in the month, see :class:`Check`.
    current : mapping of str to Counts, shape (C,)
        Counts of each series.
    """
    return Check(key, first, days, {name: int(side.rows) for name, side in current.items()})


def judge(
    family: FamilyNull,
    reference: Mapping[str, Series],
    current: Mapping[str, Mapping[str, Counts]],
) -> tuple[Verdict, ...]:
    """Hold the current data of one or more checks of a month against chance.

    Parameters
    ----------
    family : FamilyNull
        What :func:`draw_family` returned for the same reference and checks.
    reference : mapping of str to Series
        The reference, day by day.
    current : mapping of str to mapping of str to Counts
        Counts of shape (C,) by check and series; checks still to come are left out.

    Returns
    -------
    tuple of Verdict
        One a figure and check, those that are furthest out first.

    Raises
    ------
    core.errors.InvalidInput
        If a check is not of the family, or has other rows than it was drawn for.
    """
    merged = {name: series.counts.merged() for name, series in reference.items()}
    rows = {check.key: check.rows for check in family.checks}
    verdicts = []
    for key, sides in current.items():
        for member in family.members:
            if member.series not in sides:
                continue
            side, series = sides[member.series], reference[member.series]
            if key not in rows or rows[key].get(member.series) != int(side.rows):
                raise InvalidInput(ROWS_MESSAGE, name=member.series)
            effect = float(measure_of(member).effect(series.bins, merged[member.series], side))
            verdicts.append(_verdict(family, member, key, effect, merged[member.series], side))
    return tuple(sorted(verdicts, key=_distance))


def _verdict(
    family: FamilyNull,
    member: Member,
    check: str,
    effect: float,
    reference: Counts,
    current: Counts,
) -> Verdict:
    statistic, smallest = abs(effect), family.minimum_effect(member)
    threshold = family.threshold(member, check)
    if np.isnan(statistic) or np.isnan(threshold):
        outcome = Outcome.not_computable
    elif not statistic > threshold:
        outcome = Outcome.chance
    else:
        outcome = Outcome.alarm if statistic >= smallest else Outcome.small
    return Verdict(
        member=member,
        check=check,
        outcome=outcome,
        effect=effect,
        statistic=statistic,
        threshold=threshold,
        minimum_effect=smallest,
        p_value=family.p_value(member, check, statistic),
        single_p_value=family.single_p_value(member, check, statistic),
        n_ref=float(reference.rows),
        n_cur=float(current.rows),
    )


def _distance(verdict: Verdict) -> tuple[bool, bool, float, float]:
    out = verdict.statistic / verdict.threshold if verdict.threshold > 0 else 0.0
    missing = verdict.outcome is Outcome.not_computable
    return missing, not verdict.alarm, verdict.p_value, -out
