"""What became of the cases that people upheld and overturned, and the money in it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from core.contract import ModelContract
from core.i18n import LOCALES
from core.metrics.oversight import cells_shown
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
    known_is_shown : bool
        The same of the cases whose outcome is final: if not, ``right`` and ``wrong`` are 0 and the
        sums empty.
    """

    verdict: str
    right: int
    wrong: int
    early: int
    silent: int
    money_right: dict[str, float]
    money_wrong: dict[str, float]
    is_shown: bool = True
    known_is_shown: bool = True


@dataclass(frozen=True, slots=True)
class VerdictOutcomes:
    """Both verdicts, and each column of money: its currency, and its label in each language."""

    rows: tuple[OutcomesOfVerdict, ...]
    currencies: dict[str, str]
    labels: dict[str, dict[str, str]]


def verdict_outcomes(
    contract: ModelContract, rows: Sequence[VerdictRow], material: Material, now: datetime
) -> VerdictOutcomes:
    """Return what became of live cases, by verdict."""
    until = matured_before(contract, now)
    outcome = contract.outcome
    money = tuple(each for each in (outcome.columns if outcome else ()) if each.type == "amount")
    currencies = {each.name: each.currency or "" for each in money}
    parts = [[row for row in rows if row.verdict == verdict] for verdict in VERDICTS]
    known = [[row for row in part if row.prediction_id in material.outcomes] for part in parts]
    found = tuple(
        _kept_back(_of_verdict(verdict, part, material, until), is_shown, known_is_shown)
        for verdict, part, is_shown, known_is_shown in zip(
            VERDICTS, parts, _shown(parts), _shown(known), strict=True
        )
    )
    labels = {
        each.name: {str(locale): each.label_in(locale) for locale in LOCALES} for each in money
    }
    return VerdictOutcomes(found, currencies, labels)


def _shown(parts: Sequence[Sequence[VerdictRow]]) -> list[bool]:
    """Return which parts may be shown; of one without cases that there is none."""
    counts = [{name: len(mine) for name, mine in by_person(part).items()} for part in parts]
    told = cells_shown(counts)
    return [is_shown or not part for is_shown, part in zip(told, parts, strict=True)]


def _kept_back(found: OutcomesOfVerdict, is_shown: bool, known_is_shown: bool) -> OutcomesOfVerdict:
    if is_shown and known_is_shown:
        return found
    none = replace(found, right=0, wrong=0, money_right={}, money_wrong={}, known_is_shown=False)
    return none if is_shown else replace(none, early=0, silent=0, is_shown=False)


def _of_verdict(
    verdict: str, rows: Sequence[VerdictRow], material: Material, until: datetime
) -> OutcomesOfVerdict:
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
