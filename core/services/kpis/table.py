"""KPIs as plain rows, for the command line and for files to take away."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.contract import Target
from core.domain.kpi_level import KpiLevel
from core.services.figures import FigureRow, chunk_entry
from core.services.kpis.answer import KpiAnswer, KpiFigure, KpiMaturity, KpiSeries

WHOLE = "all"


@dataclass(frozen=True, slots=True)
class KpiRow(FigureRow):
    """One KPI in one period, or over all of them: its chunk's key is then ``all``.

    Parameters
    ----------
    part : str
        Value of the segment, version or decider; empty for all rows.
    low, high : float
        95 % interval; NaN where there is none.
    unit : str
        As the contract says it; ``money`` is in ``currency``.
    currency : str, optional
        Of money.
    maturity : {"matured", "partial", "none"}
        Whether what the figure waits for is all known.
    complete : bool
        Whether the period is over and wholly in the log.
    target : dict, optional
        ``value``, ``set_on`` and ``set_by`` of what it should reach then.
    standing : KpiLevel
        How it stands: on track, at risk, missed.
    set_after_go_live : bool
        Whether the target was set after the first prediction.
    stale_rate_days : int
        Days of the period of which money was converted at a rate more than ten days old.
    """

    part: str
    low: float
    high: float
    unit: str
    currency: str | None
    maturity: KpiMaturity
    complete: bool
    target: dict[str, object] | None
    standing: KpiLevel
    set_after_go_live: bool
    stale_rate_days: int


def rows_of(answer: KpiAnswer) -> list[KpiRow]:
    """Return every figure: of each KPI the whole window, its periods, then the parts."""
    return [row for series in answer.kpis for row in _rows(answer, series)]


def _rows(answer: KpiAnswer, series: KpiSeries) -> Iterator[KpiRow]:
    for figure in (series.whole, *series.periods, *series.parts):
        yield _row(answer, series, figure)


def _row(answer: KpiAnswer, series: KpiSeries, figure: KpiFigure) -> KpiRow:
    definition, view = series.definition, answer.view
    window = view.window
    whole: dict[str, object] = {
        "key": WHOLE, "start": window.start, "end": window.end, "n": figure.n,
    }  # fmt: skip
    reason = definition.unavailable.text if definition.unavailable else figure.why
    return KpiRow(
        metric="kpi",
        method=definition.id,
        column="",
        slice=_slice(answer, figure),
        chunk=whole if figure.chunk is None else chunk_entry(figure.chunk, figure.n),
        value=figure.value,
        threshold=definition.act,
        alert=figure.level is KpiLevel.missed,
        status=reason or "ok",
        level=str(figure.level.status),
        part=figure.part,
        low=figure.low,
        high=figure.high,
        unit=definition.unit,
        currency=definition.currency,
        maturity=figure.maturity,
        complete=figure.complete,
        target=_target(figure.target),
        standing=figure.level,
        set_after_go_live=definition.set_after_go_live,
        stale_rate_days=figure.stale_days,
    )


def _slice(answer: KpiAnswer, figure: KpiFigure) -> str | None:
    """Return the rows that a figure is of: those of the question, and of the part."""
    own = answer.view.question.slice
    if not answer.by or not figure.part:
        return own
    part = f"{answer.segment or answer.by}={figure.part}"
    return f"{own},{part}" if own else part


def _target(target: Target | None) -> dict[str, object] | None:
    if target is None:
        return None
    return {"value": target.value, "set_on": target.set_on, "set_by": target.set_by}
