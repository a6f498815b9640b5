"""The policy replayed: from a score to the decision that its rule makes of it."""

import math
import operator
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np

from core.contract import ModelContract
from core.contract.governance import PolicyVersion
from core.domain.windows import local_day
from core.lake.sample_rows import LoggedDecision
from core.lake.streams import stream_columns
from core.metrics.arrays import Booleans, Floats
from core.services.reproduce.result import Mismatch
from core.services.reproduce.rows import Drawn, example

AUTOMATIC = frozenset({"model", "policy"})
BY_PEOPLE = frozenset({"human", "appeal"})
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class Replayed(StrEnum):
    """What came of replaying the policy on one row."""

    agrees = "agrees"
    differs = "differs"
    by_people = "by_people"
    not_logged = "not_logged"


@dataclass(frozen=True, slots=True)
class DecisionCheck:
    """One row's decision beside its policy's.

    Parameters
    ----------
    outcome : Replayed
        ``by_people`` where the log has no automatic decision but one of a person that differs.
    found : str
        The decision that was held against the policy.
    expected : str
        What the rule says: its decision, or ``not`` and its decision.
    overridden : bool
        Whether a person decided other than the policy says.
    """

    outcome: Replayed
    found: str
    expected: str
    overridden: bool


@dataclass(frozen=True, slots=True)
class DecisionsJudged:
    """The decisions of some rows: how many were held against which policies, and those that differ.

    ``mismatches`` holds each with its place in the draw.
    """

    judged: int
    overridden: int
    not_judged: int
    policies: tuple[str, ...]
    mismatches: tuple[tuple[int, Mismatch], ...]


def policy_of(contract: ModelContract, version: str, day: date) -> PolicyVersion | None:
    """Return the policy that a version ran under on a day.

    The one that the version names; for a version that names none, the newest one that began on
    or before the day.
    """
    named = next((each.policy for each in contract.versions if each.id == version), None)
    if named is not None:
        return next(each for each in contract.policy if each.version == named)
    begun = [each for each in contract.policy if each.start <= day]
    return max(begun, key=lambda each: each.start, default=None)


def applies(policy: PolicyVersion, value: float) -> bool:
    """Whether a policy's rule makes its decision of a value; never of NaN."""
    _, comparison, limit, _ = policy.parts()
    return _COMPARISONS[comparison](value, limit)


def rule_column(contract: ModelContract, policy: PolicyVersion) -> str | None:
    """Return the lake column that a policy's rule reads; ``None`` if the log has no such number."""
    types = stream_columns(contract, "predictions")
    try:
        column = contract.alias(policy.parts()[0])
    except KeyError:
        return None
    return column if types[column] in {"DOUBLE", "BIGINT"} else None


def replay(
    policy: PolicyVersion,
    values: Sequence[float],
    logged: str | None,
    decided: Sequence[LoggedDecision],
) -> DecisionCheck:
    """Hold what was decided about a row against its policy.

    Parameters
    ----------
    policy : PolicyVersion
        The row's policy.
    values : sequence of float
        Values that the rule may have seen: the one logged, and, if that is a rounded one, the
        same before rounding. A decision agrees if it is the rule's for any of them.
    logged : str, optional
        The decision in the predictions stream.
    decided : sequence of LoggedDecision
        The decisions stream of the row, the oldest first. The newest automatic one counts, or
        else the one of the predictions stream.
    """
    name = policy.parts()[3]
    said = {applies(policy, value) for value in values}
    expected = name if applies(policy, values[0]) else f"not {name}"
    automatic = [each.decision for each in decided if each.kind in AUTOMATIC]
    by_people = [each.decision for each in decided if each.kind in BY_PEOPLE]
    overridden = any((decision == name) not in said for decision in by_people)
    found = automatic[-1] if automatic else logged
    if found is None:
        outcome = Replayed.not_logged
    elif (found == name) in said:
        outcome = Replayed.agrees
    elif not automatic and found in by_people:
        outcome = Replayed.by_people
    else:
        outcome = Replayed.differs
    return DecisionCheck(outcome, found or "", expected, overridden)


def judge_decisions(
    contract: ModelContract,
    version: str,
    drawn: Drawn,
    logged: Floats,
    again: Floats,
    same: Booleans,
) -> DecisionsJudged:
    """Replay the policy on rows of one version; rows without a score are left out.

    Parameters
    ----------
    contract, version, drawn : ModelContract, str, Drawn
        The rows and whose they are.
    logged, again : ndarray, shape (rows, scores)
        Logged scores, and those recomputed.
    same : ndarray of bool, shape (rows,)
        Rows whose scores agree: there the score before rounding may have decided.
    """
    outcomes: Counter[Replayed] = Counter()
    mismatches: list[tuple[int, Mismatch]] = []
    policies: set[str] = set()
    overridden = not_judged = 0
    for place in np.flatnonzero(np.isfinite(logged).all(axis=1)).tolist():
        row = drawn.rows[place]
        policy = policy_of(contract, version, local_day(row["time"], contract.timezone))
        values = _seen(contract, policy, drawn, place, again[place] if same[place] else None)
        if policy is None or not values:
            not_judged += 1
            continue
        made = replay(policy, values, row["decision"], drawn.decisions(place))
        outcomes[made.outcome] += 1
        policies.add(policy.version)
        overridden += made.overridden
        if made.outcome is Replayed.differs:
            shown = example(
                contract,
                drawn,
                place,
                "decision",
                made.found,
                made.expected,
                policy=policy.version,
            )
            mismatches.append((drawn.places[place], shown))
    judged = outcomes[Replayed.agrees] + outcomes[Replayed.differs]
    not_judged += outcomes[Replayed.not_logged] + outcomes[Replayed.by_people]
    return DecisionsJudged(
        judged, overridden, not_judged, tuple(sorted(policies)), tuple(mismatches)
    )


def _seen(
    contract: ModelContract,
    policy: PolicyVersion | None,
    drawn: Drawn,
    place: int,
    again: Floats | None,
) -> list[float]:
    """Return the values that the rule may have seen; none if the log has no such number."""
    column = rule_column(contract, policy) if policy is not None else None
    value = drawn.rows[place][column] if column is not None else None
    if value is None or math.isnan(value):
        return []
    return [float(value), *([float(again[0])] if column == "score" and again is not None else [])]
