"""What is answered about the end of a period: an expected figure with its band, or why not."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from core.contract import Target
from core.contract.kpi_definitions import KpiDefinition
from core.domain.kpi_level import KpiLevel
from core.domain.windows import Chunk
from core.metrics.forecast import Backtest
from core.services.questions import View


@dataclass(frozen=True, slots=True)
class KpiForecast:
    """What a KPI should be at the end of the period that is not over.

    Parameters
    ----------
    definition : KpiDefinition
        The KPI.
    period : Chunk
        The whole period, up to its end in the calendar.
    known_until : date, optional
        The last day that counts as over; ``None`` if no day of the period is.
    last_day : date
        Of the period.
    final_on : date
        From which day on its figure is final: later than its end if it waits for results.
    so_far : float
        Figure of what is in the log; NaN if there is none.
    value, low, high : float
        Expected figure and its band; NaN where there is none.
    n : int
        Rows that the figure should be of.
    target : Target, optional
        What it should reach.
    level : KpiLevel
        How it should stand at the end.
    backtest : Backtest, optional
        What forecasts of past periods came to.
    why : str
        Why there is no forecast: a message of the catalogues; empty if there is one.
    params : mapping of str to object
        Values of its placeholders.
    """

    definition: KpiDefinition
    period: Chunk
    known_until: date | None
    last_day: date
    final_on: date
    so_far: float = math.nan
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    n: int = 0
    target: Target | None = None
    level: KpiLevel = KpiLevel.not_enough_data
    backtest: Backtest | None = None
    why: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether the figure is final only some days after the period."""
        return self.final_on > self.last_day

    @property
    def reason(self) -> str:
        """Why there is no forecast, in English; empty if there is one."""
        return self.why.format(**self.params)


@dataclass(frozen=True, slots=True)
class KpiForecasts:
    """The forecasts of a model's KPIs.

    Parameters
    ----------
    view : View
        What was asked, over the whole log.
    kpis : tuple of KpiForecast
        In the order of the contract; those whose newest period is over are left out.
    """

    view: View
    kpis: tuple[KpiForecast, ...]

    def of(self, kpi: str) -> KpiForecast | None:
        """Return the forecast of a KPI; ``None`` if its newest period is over."""
        return next((each for each in self.kpis if each.definition.id == kpi), None)
