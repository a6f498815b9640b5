"""What predictions are held against when they are routed to human review."""

from dataclasses import dataclass, field
from datetime import datetime

from core.contract import ModelContract, ReviewRule
from core.contract.review_rules import OPTED_OUT, rule_condition
from core.domain.windows import start_of_day
from core.lake.routing.names import Surroundings
from core.lake.upkeep.keyed_hash import KeyedHash


@dataclass(frozen=True, slots=True)
class RoutingPlan:
    """What rows are held against.

    Parameters
    ----------
    contract : ModelContract
        Of the model; its rules are read from the part ``review``.
    around : Surroundings
        What is known beside the rows.
    key : KeyedHash
        What draws shares and samples.
    subjects : KeyedHash, optional
        What pseudonyms of customers are made with; a rule that names ``opted_out`` needs it.
    """

    contract: ModelContract
    around: Surroundings
    key: KeyedHash = field(repr=False)
    subjects: KeyedHash | None = field(default=None, repr=False)

    @property
    def parameters(self) -> dict[str, object]:
        """What queries may ask for."""
        return self.key.parameters | (self.subjects.second_parameters if self.subjects else {})

    @property
    def asks_who_opted_out(self) -> bool:
        """Whether some rule goes by the register of those who opted out."""
        return any(OPTED_OUT in rule_condition(self.contract, rule).columns for rule in self.rules)

    @property
    def rules(self) -> tuple[ReviewRule, ...]:
        """The rules, in the order of the contract."""
        return self.contract.review.rules if self.contract.review else ()

    @property
    def start(self) -> datetime | None:
        """From when on rows become cases."""
        first = self.contract.review.start if self.contract.review else None
        return None if first is None else start_of_day(first, self.contract.timezone)
