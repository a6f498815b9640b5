"""What is answered when somebody asks why a KPI changed."""

from dataclasses import dataclass

from core.contract import ModelContract
from core.contract.kpi_definitions import KpiDefinition
from core.contract.kpi_names import needs_outcome
from core.i18n import Translator
from core.metrics.decomposition import Cause, Player, ThreeFold
from core.services.kpi_changes.periods import Periods
from core.services.kpi_changes.sentence import Told, cause_name, change_sentence
from core.services.kpis.answer import KpiFigure
from core.services.questions import View


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of what a cause added, with its interval.

    Parameters
    ----------
    label : str
        The segment's value as readers see it.
    value, low, high : float
        In the KPI's unit.
    """

    label: str
    value: float
    low: float
    high: float

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class PlayerPart:
    """One of several things that a cause is made of, with its interval."""

    player: Player
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a cause added to the change.

    Parameters
    ----------
    cause : Cause
        Which.
    value, low, high : float
        In the KPI's unit; the intervals of all causes hold together in 95 of 100 cases.
    parts : tuple of Part
        The same by segment value; they add up to it.
    players : tuple of PlayerPart
        What it is made of, where that is more than one thing; they add up to it.
    """

    cause: Cause
    value: float
    low: float
    high: float
    parts: tuple[Part, ...] = ()
    players: tuple[PlayerPart, ...] = ()

    @property
    def beyond_chance(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True)
class KpiChange:
    """Why a KPI changed between two periods.

    Parameters
    ----------
    view : View
        The question made exact.
    definition : KpiDefinition
        The KPI.
    periods : Periods
        What was compared.
    before, after : KpiFigure
        The KPI in either period.
    change, low, high : float
        Their difference with a 95 % interval.
    contributions : tuple of Contribution
        They add up to the change. ``volume`` is among them for totals only.
    segment : str
        Name of the segment that "who" is told by; empty if all rows are one.
    three_fold : ThreeFold
        The same change after Kitagawa, Oaxaca and Blinder.
    comparable : float
        Share of the rows in cells which both periods have.
    new_version : bool
        Whether a model version decides that did not in the period before.
    rows : tuple of int
        Rows of either period that count; a figure may have fewer behind it, such as those approved.
    not_final : tuple of int
        Rows of either period that are left out because they are not old enough yet.
    without_result : tuple of int
        Rows of either period that are old enough, and left out because no result of them is known,
        such as loans that were declined.
    stale_days : int
        Days of both periods of which money was converted at a rate more than ten days old.
    """

    view: View
    definition: KpiDefinition
    periods: Periods
    before: KpiFigure
    after: KpiFigure
    change: float
    low: float
    high: float
    contributions: tuple[Contribution, ...]
    segment: str
    three_fold: ThreeFold
    comparable: float
    new_version: bool
    rows: tuple[int, int]
    not_final: tuple[int, int]
    without_result: tuple[int, int] = (0, 0)
    stale_days: int = 0

    @property
    def beyond_chance(self) -> bool:
        """Whether the KPI changed beyond chance."""
        return self.low > 0 or self.high < 0

    def sentence(self, t: Translator) -> str:
        """Return the change and its causes in one sentence, with what limits it after that."""
        return change_sentence(self._told(t), t)

    def cause_name(self, cause: Cause, t: Translator) -> str:
        """Return what a cause is called in a table or a chart."""
        return cause_name(self._told(t), cause, t)

    def _told(self, t: Translator) -> Told:
        contract = self.view.contract
        young, unknown = sum(self.not_final), sum(self.without_result)
        every = max(young + unknown + sum(self.rows), 1)
        return Told(
            name=self.definition.name.get(t.locale),
            unit=self.definition.unit,
            currency=self.definition.currency or "",
            change=self.change,
            beyond_chance=self.beyond_chance,
            causes=tuple((e.cause, e.value, e.beyond_chance) for e in self.contributions),
            applicants=is_about_applicants(contract),
            outcomes=waits_for_outcomes(contract, self.definition),
            policy=bool(contract.policy),
            new_version=self.new_version,
            comparable=self.comparable,
            young=young / every,
            aged=self.definition.age is not None,
            unknown=unknown / every,
            over=self.after.complete,
            stale_days=self.stale_days,
        )


def is_about_applicants(contract: ModelContract) -> bool:
    """Whether the rows are people or firms who applied for something."""
    return contract.kpi_set is not None and contract.kpi_set.name == "bank_credit"


def waits_for_outcomes(contract: ModelContract, definition: KpiDefinition) -> bool:
    """Whether a KPI counts what became of rows."""
    expression = definition.expression
    return expression is not None and needs_outcome(expression.columns, contract)
