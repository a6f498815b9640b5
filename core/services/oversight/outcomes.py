"""What became of the cases that people upheld and overturned, and the money in it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from core.contract import ModelContract
from core.metrics.oversight import team_is_shown
from core.services.oversight.known import matured_before
from core.services.oversight.measures import Material, by_person
from core.store.review.verdict_rows import VerdictRow

VERDICTS = ("uphold", "overturn")


@dataclass(frozen=True, slots=True)
class OutcomesOfVerdict:
    """What became of the cases with one verdict.

    Parameters
    ----------
    verdict : {"uphold", "overturn"}
        Which.
    right, wrong : int
        Those that the final outcome bears out, and those that it speaks against.
    early, silent : int
        Those too young for a final outcome, and those old enough of which none is logged.
    money_right, money_wrong : mapping of str to float
        Sums of the outcome's columns of money over both.
    is_shown : bool
        Whether they are more than one person's few; counts are 0 and sums empty if not.
    """

    verdict: str
    right: int
    wrong: int
    early: int
    silent: int
    money_right: dict[str, float]
    money_wrong: dict[str, float]
    is_shown: bool = True


@dataclass(frozen=True, slots=True)
class VerdictOutcomes:
    """Both verdicts, and the currency of each column of money."""

    rows: tuple[OutcomesOfVerdict, ...]
    currencies: dict[str, str]


def verdict_outcomes(
    contract: ModelContract, rows: Sequence[VerdictRow], material: Material, now: datetime
) -> VerdictOutcomes:
    """Return what became of live cases, by verdict."""
    until = matured_before(contract, now)
    outcome = contract.outcome
    currencies = {
        each.name: each.currency or ""
        for each in (outcome.columns if outcome else ())
        if each.type == "amount"
    }
    found = tuple(
        _of_verdict(verdict, [row for row in rows if row.verdict == verdict], material, until)
        for verdict in VERDICTS
    )
    return VerdictOutcomes(found, currencies)


def _of_verdict(
    verdict: str, rows: Sequence[VerdictRow], material: Material, until: datetime
) -> OutcomesOfVerdict:
    counts = {person: len(mine) for person, mine in by_person(rows).items()}
    if rows and not team_is_shown(counts):
        return OutcomesOfVerdict(verdict, 0, 0, 0, 0, {}, {}, is_shown=False)
    counted = {True: 0, False: 0}
    money: dict[bool, dict[str, float]] = {True: defaultdict(float), False: defaultdict(float)}
    early = silent = 0
    for row in rows:
        outcome = material.outcomes.get(row.prediction_id)
        if outcome is None:
            early, silent = early + (row.predicted_at > until), silent + (row.predicted_at <= until)
            continue
        right = material.expected(row) == row.verdict
        counted[right] += 1
        for name, amount in outcome.amounts.items():
            money[right][name] += amount
    return OutcomesOfVerdict(
        verdict, counted[True], counted[False], early, silent, dict(money[True]), dict(money[False])
    )
