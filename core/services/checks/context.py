"""What every source of a check is given, and what it hands back."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from core.contract import ModelContract
from core.domain.identity import Actor
from core.domain.windows import Chunk
from core.services.figures import FigureRow
from core.services.questions import Question, View
from core.store.alerts.checks import MetricResult

Severity = Literal["watch", "act"]


@dataclass(frozen=True, slots=True)
class CheckContext:
    """One check of one model at one moment.

    Parameters
    ----------
    actor : Actor
        On whose behalf; every source asks for its own permission.
    view : View
        The model's whole log by month, as known at the moment.
    as_of : datetime
        The moment that the check is kept under: as asked, or the end of the local day for a log
        that is fed day by day, or the newest event of a log that was loaded long afterwards.
    now : datetime
        Up to when silence is counted.
    known : str or None
        The same moment as questions take it.
    slices : tuple of str
        ``name=value`` of the slices that rules of this model name.
    """

    actor: Actor
    view: View
    as_of: datetime
    now: datetime
    known: str | None
    slices: tuple[str, ...] = ()

    @property
    def contract(self) -> ModelContract:
        """The contract in force."""
        return self.view.contract

    def question(
        self, *, by: str = "month", last: str | None = None, slice_: str | None = None
    ) -> Question:
        """Return a question about the model as known at the moment."""
        return Question(self.contract.id, last=last, by=by, as_of=self.known, slice=slice_)

    def questions(self, *, last: str | None = None) -> tuple[Question, ...]:
        """Return the question about all rows, and about each slice that a rule names."""
        return tuple(self.question(last=last, slice_=each) for each in (None, *self.slices))


@dataclass(frozen=True, slots=True)
class NewAlarm:
    """What a source found to be wrong; see :class:`core.store.alerts.alarms.Alarm`.

    Parameters
    ----------
    kind : str
        Name of the source.
    severity : {"watch", "act"}
        How much it matters.
    chunk : Chunk
        The period.
    method, column, version, slice : str
        What is wrong with what.
    statistic, p_value, effect, minimum_effect, threshold : float, optional
        The test, and what it was held against; NaN counts as nothing.
    n_reference, n_current : int, optional
        Rows on both sides.
    bins_id : str, optional
        The reference's bins.
    evidence : mapping
        JSON from which a person can derive it again.
    """

    kind: str
    severity: Severity
    chunk: Chunk
    method: str = ""
    column: str = ""
    version: str = ""
    slice: str = ""
    statistic: float | None = None
    p_value: float | None = None
    effect: float | None = None
    minimum_effect: float | None = None
    threshold: float | None = None
    n_reference: int | None = None
    n_current: int | None = None
    bins_id: str | None = None
    evidence: Mapping[str, object] = field(default_factory=dict)


def finite(value: object) -> float | None:
    """Return a number that a database and JSON can keep; ``None`` for NaN and infinity."""
    if not isinstance(value, int | float):
        return None
    return float(value) if math.isfinite(value) else None


def figure_results(rows: Iterable[FigureRow]) -> list[MetricResult]:
    """Return the newest period with rows of each figure as it is kept."""
    newest: dict[tuple[str, str, str], FigureRow] = {}
    for row in rows:
        if _count(row.chunk["n"]):
            newest[row.method, row.column, row.slice or ""] = row
    return [
        MetricResult(
            metric=row.metric,
            method=row.method,
            column=row.column,
            version="",
            slice=row.slice or "",
            chunk_key=str(row.chunk["key"]),
            chunk_start=instant(row.chunk["start"]),
            chunk_end=instant(row.chunk["end"]),
            n=_count(row.chunk["n"]),
            value=finite(row.value),
            threshold=finite(row.threshold),
            status=row.status,
            level=row.level,
        )
        for row in newest.values()
    ]


def chunk_of(entry: Mapping[str, object], chunks: Sequence[Chunk] = ()) -> Chunk:
    """Return the chunk that a row is about."""
    known = next((chunk for chunk in chunks if chunk.key == entry["key"]), None)
    return known or Chunk(0, str(entry["key"]), instant(entry["start"]), instant(entry["end"]))


def instant(value: object) -> datetime:
    """Return an instant that a row carries, as such or in ISO 8601."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _count(value: object) -> int:
    return int(str(value))
