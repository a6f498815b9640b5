"""Drift is measured in the shortest chunks that can be judged, and says so if none can."""

import pytest

from app.filters import Filters
from app.screens.readable import readable_drift
from core.domain.identity import Role
from core.domain.status import Status
from core.domain.windows import Window
from core.services.drift.measure import DriftTable, newest_judged
from tests.support.harbour import ZONE, Harbour


def measured(harbour: Harbour, first: str, last: str, sector: str | None = None) -> DriftTable:
    """Return the drift of some days, of all rows or of one sector's."""
    start, end = Window.parse(first, last, ZONE).days(ZONE)
    filters = Filters(
        model="loans",
        range="custom",
        first=start,
        last=end,
        slice="sector" if sector else None,
        slice_value=sector,
        timezone=ZONE,
    )
    actor = harbour[Role.compliance]
    return readable_drift(harbour.workspace, filters, ["psi"], actor=actor)


@pytest.mark.parametrize(
    ("first", "last", "sector", "first_key", "chunks"),
    [
        # 168 rows a week, 720 a month; 500 and 40 a group are needed.
        ("2024-01-01", "2024-12-31", None, "2024-01", 12),
        # Four in ten rows are of this sector: 290 a month, 870 a quarter.
        ("2024-01-01", "2024-12-31", "零售", "2024-Q1", 4),
        # Two months by days hold 24 rows each.
        ("2024-04-01", "2024-05-31", None, "2024-04", 2),
    ],
)
def test_the_shortest_chunks_that_hold_enough_rows(
    harbour: Harbour, first: str, last: str, sector: str | None, first_key: str, chunks: int
) -> None:
    table = measured(harbour, first, last, sector)
    assert (table.chunks[0].key, len(table.chunks)) == (first_key, chunks)
    assert any(newest_judged(column) is not None for column in table.inputs)


def test_a_period_that_is_too_short_is_shown_by_its_own_grain(harbour: Harbour) -> None:
    table = measured(harbour, "2024-05-01", "2024-05-10")
    assert (table.chunks[0].key, len(table.chunks)) == ("2024-05-01", 10)
    statuses = {column.status_at(chunk) for column in table.columns for chunk in range(10)}
    assert statuses == {Status.not_enough_data}
