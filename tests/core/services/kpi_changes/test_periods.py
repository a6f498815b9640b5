"""Which days are compared with which."""

import datetime as dt
from pathlib import Path

import pytest

from core.domain.identity import Permission
from core.errors import NotComputable
from core.services.kpi_changes.periods import periods_of
from core.services.questions import Question, View, resolve
from core.services.workspace import Workspace
from tests.support.builders import ADMIN
from tests.support.valued import build_valued

ZONE = "Asia/Hong_Kong"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home: Path = tmp_path_factory.mktemp("periods")
    return build_valued(home, reviews=False).workspace


def view(workspace: Workspace, start: str | None, end: str | None, by: str = "month") -> View:
    return resolve(
        workspace, Question("loans", start, end, by=by), Permission.kpi_view, actor=ADMIN
    )


def days(found: View, baseline: str = "previous") -> tuple[str, str]:
    first, last = periods_of(found, baseline).before.days(ZONE)
    return first.isoformat(), last.isoformat()


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2025-03-01", "2025-03-31", ("2025-02-01", "2025-02-28")),
        ("2025-04-01", "2025-06-30", ("2025-01-01", "2025-03-31")),
        ("2025-06-10", "2025-06-19", ("2025-05-31", "2025-06-09")),
        ("2025-06-01", "2025-06-15", ("2025-05-17", "2025-05-31")),
        ("2026-01-01", "2026-01-10", ("2025-12-22", "2025-12-31")),
    ],
)
def test_the_period_before_is_as_many_months_or_else_days(
    workspace: Workspace, start: str, end: str, before: tuple[str, str]
) -> None:
    assert days(view(workspace, start, end)) == before


def test_hours_have_as_many_hours_before(workspace: Workspace) -> None:
    found = periods_of(view(workspace, "2025-06-01T12:00", "2025-06-01T18:00"), "previous")
    assert found.after.start - found.before.start == dt.timedelta(hours=6)
    assert found.before.end == found.after.start


def test_a_year_earlier_and_days_of_ones_own(workspace: Workspace) -> None:
    found = view(workspace, "2026-01-01", "2026-01-10")
    assert days(found, "last-year") == ("2025-01-01", "2025-01-10")
    assert days(found, "2025-11-03..2025-11-05") == ("2025-11-03", "2025-11-05")


def test_a_later_period_may_be_compared_with(workspace: Workspace) -> None:
    found = periods_of(view(workspace, "2025-03-01", "2025-03-31"), "2025-05-01..2025-05-31")
    assert found.turned
    assert [chunk.start for chunk in found.chunks] == [found.after.start, found.before.start]


def test_without_days_it_is_the_newest_whole_chunk(workspace: Workspace) -> None:
    assert days(view(workspace, None, None)) == ("2025-11-01", "2025-11-30")
    assert days(view(workspace, None, None, "quarter")) == ("2025-07-01", "2025-09-30")
    final = dt.datetime(2025, 7, 15, tzinfo=dt.UTC)
    found = periods_of(view(workspace, None, None), "previous", final_until=final)
    assert found.after.days(ZONE)[0] == dt.date(2025, 6, 1)


def test_no_chunk_may_be_over(workspace: Workspace) -> None:
    early = dt.datetime(2025, 1, 15, tzinfo=dt.UTC)
    with pytest.raises(NotComputable, match="over and final"):
        periods_of(view(workspace, None, None), "previous", final_until=early)


@pytest.mark.parametrize("days", [("1900-01-01", "1900-01-03"), ("1900-01-01", "2199-12-31")])
@pytest.mark.parametrize("baseline", ["previous", "0001-01-03..0001-01-05"])
def test_before_the_log_there_is_nothing_to_compare_with(
    workspace: Workspace, days: tuple[str, str], baseline: str
) -> None:
    with pytest.raises(NotComputable, match="log begins"):
        periods_of(view(workspace, *days, "year"), baseline)
