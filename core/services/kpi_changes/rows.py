"""The answer as flat rows, for tables, JSON and exports."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.services.kpi_changes.result import Contribution, KpiChange, Part, PlayerPart


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What a cause, or a piece of it, added to the change.

    Parameters
    ----------
    cause : str
        Which cause.
    by : str
        Empty for the cause as a whole; else what the piece is of: ``factor`` or a segment's name.
    part : str
        The factor, or the segment's value as readers see it.
    value, low, high : float
        In the KPI's unit.
    beyond_chance : bool
        Whether the interval leaves zero out.
    """

    cause: str
    by: str
    part: str
    value: float
    low: float
    high: float
    beyond_chance: bool


def rows_of_change(change: KpiChange) -> tuple[ChangeRow, ...]:
    """Return each cause, and after it what it is made of and its parts by segment value."""
    return tuple(_rows(change))


def _rows(change: KpiChange) -> Iterator[ChangeRow]:
    for each in change.contributions:
        yield _row(each, each, "", "")
        for player in each.players:
            yield _row(each, player, "factor", str(player.player))
        for part in each.parts:
            yield _row(each, part, change.segment, part.label)


def _row(
    whole: Contribution, each: Contribution | PlayerPart | Part, by: str, part: str
) -> ChangeRow:
    beyond = each.low > 0 or each.high < 0
    return ChangeRow(str(whole.cause), by, part, each.value, each.low, each.high, beyond)
