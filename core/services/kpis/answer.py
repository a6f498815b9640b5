"""What is answered about KPIs: definitions, and figures by period and part."""

from dataclasses import dataclass
from typing import Literal

from core.contract import Target
from core.contract.kpi_definitions import KpiDefinition
from core.domain.kpi_level import KpiLevel
from core.domain.windows import Chunk
from core.services.performance.maturity import ChunkMaturity
from core.services.questions import View

KpiMaturity = Literal["matured", "partial", "none"]


@dataclass(frozen=True, slots=True)
class KpiFigure:
    """One figure of a KPI.

    Parameters
    ----------
    chunk : Chunk or None
        Its period; ``None`` for the whole window.
    part : str
        Value of the segment, version or decider as readers see it; empty for all rows.
    n : int
        Rows behind it.
    value, low, high : float
        The figure and its 95 % interval; NaN where there is none.
    maturity : {"matured", "partial", "none"}
        Whether what it waits for is all known.
    complete : bool
        Whether the period is over and wholly in the log.
    target : Target or None
        What it should reach then.
    level : KpiLevel
        How it stands.
    why : str
        Why there is no value: a message of the catalogues; empty if there is one.
    stale_days : int
        Days of its period of which money was converted at a rate more than ten days old.
    """

    chunk: Chunk | None
    part: str
    n: int
    value: float
    low: float
    high: float
    maturity: KpiMaturity
    complete: bool
    target: Target | None
    level: KpiLevel
    why: str = ""
    stale_days: int = 0

    @property
    def is_final(self) -> bool:
        """Whether the figure will not change any more."""
        return self.complete and self.maturity == "matured"


@dataclass(frozen=True, slots=True)
class KpiSeries:
    """A KPI over a window.

    Parameters
    ----------
    definition : KpiDefinition
        What is computed.
    whole : KpiFigure
        Of the window.
    periods : tuple of KpiFigure
        Of its chunks.
    parts : tuple of KpiFigure
        Of each part over the window, then of each part in each chunk; empty if not asked for.
    note : str
        What else is to be said, such as why it is in its own money: a message; mostly empty.
    """

    definition: KpiDefinition
    whole: KpiFigure
    periods: tuple[KpiFigure, ...]
    parts: tuple[KpiFigure, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class KpiAnswer:
    """The KPIs of a model.

    Parameters
    ----------
    view : View
        What was asked.
    kpis : tuple of KpiSeries
        In the order of the contract.
    segment : str or None
        The segment whose values are the parts.
    by : {"", "segment", "version", "source"}
        What the parts are.
    maturity : tuple of ChunkMaturity
        How far the labels of each chunk are; empty for a model without outcome.
    """

    view: View
    kpis: tuple[KpiSeries, ...]
    segment: str | None = None
    by: Literal["", "segment", "version", "source"] = ""
    maturity: tuple[ChunkMaturity, ...] = ()
