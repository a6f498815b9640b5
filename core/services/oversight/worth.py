"""What overturned verdicts were worth beside what the model's decisions would have been."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import nan, sqrt
from statistics import variance

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.windows import Chunk
from core.errors import NotComputable
from core.lake.cases.worth import CaseWorth, case_worths
from core.metrics.intervals import normal_quantile
from core.metrics.oversight import team_is_shown
from core.services.oversight.known import matured_before
from core.services.oversight.measures import OVERTURN, by_person
from core.services.questions import Question, resolve
from core.services.stale import retry_when_stale
from core.services.value.cells import kpi_rows
from core.services.value.rates import lacks_rate, money_rates
from core.services.value.rule import simulated_parameters, value_rule
from core.services.workspace import Workspace
from core.store.review.verdict_rows import VerdictRow

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class VerdictWorth:
    """Money of the overturned live cases whose outcome tells it, decided the one way and the other.

    Parameters
    ----------
    n : int
        Cases.
    by_people, by_model : float
        What they were worth as people said, and would have been as the model had said; NaN if not
        shown.
    low, high : float
        95 % limits of the difference, for cases as independent draws.
    currency : str
        Of all of it.
    is_simulated : bool
        Whether a number of the contract that it is computed with is made up.
    is_shown : bool
        Whether it would tell of no single person.
    """

    n: int
    by_people: float
    by_model: float
    low: float
    high: float
    currency: str
    is_simulated: bool
    is_shown: bool = True

    @property
    def gain(self) -> float:
        """How much more the verdicts were worth."""
        return self.by_people - self.by_model


@retry_when_stale
def verdict_worth(
    workspace: Workspace,
    contract: ModelContract,
    rows: Sequence[VerdictRow],
    now: datetime,
    *,
    actor: Actor,
) -> VerdictWorth | None:
    """Return what overturned verdicts were worth; ``None`` where the contract or rates do not say.

    Parameters
    ----------
    workspace : Workspace
        Where.
    contract : ModelContract
        Of the model.
    rows : sequence of VerdictRow
        Live cases whose outcome is final.
    now : datetime
        What is known later counts for nothing.
    actor : Actor
        Needs ``oversight.view``.
    """
    view = resolve(workspace, Question(contract.id), Permission.oversight_view, actor=actor)
    block, overturned = contract.value, [row for row in rows if row.verdict == OVERTURN]
    if block is None or not overturned:
        return None
    try:
        rule = value_rule(contract)
    except NotComputable:
        return None
    times = [row.predicted_at for row in overturned]
    chunk = Chunk(0, "all", min(times), max(times) + _INSTANT)
    rates = money_rates(workspace, view, block, rule)
    if lacks_rate(rates, chunk.start, chunk.end, view.timezone):
        return None
    known = replace(
        kpi_rows(workspace, view, [chunk], rates),
        as_of=now,
        matured_before=matured_before(contract, now),
    )
    found = case_worths(
        workspace.duck, known, rule, sorted({row.prediction_id for row in overturned})
    )
    told = [row for row in overturned if row.prediction_id in found]
    made = _summed([found[row.prediction_id] for row in told], block.currency or contract.currency)
    made = replace(made, is_simulated=bool(simulated_parameters(contract)))
    if team_is_shown({person: len(mine) for person, mine in by_person(told).items()}):
        return made
    return replace(made, by_people=nan, by_model=nan, low=nan, high=nan, is_shown=False)


def _summed(cases: Sequence[CaseWorth], currency: str) -> VerdictWorth:
    gains = [each.overturned - each.by_model for each in cases]
    n = len(gains)
    reach = normal_quantile(0.95) * sqrt(n * variance(gains)) if n > 1 else nan
    people, model = sum(each.overturned for each in cases), sum(each.by_model for each in cases)
    gain = people - model
    return VerdictWorth(n, people, model, gain - reach, gain + reach, currency, False)
