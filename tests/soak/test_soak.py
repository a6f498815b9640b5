"""The replay tells the story that is written down, and nothing fails on the way."""

from datetime import date
from pathlib import Path

import pytest

from core.config import PROJECT_ROOT
from tests.soak.page import concept_by_month, final_in, page
from tests.soak.replay import MonthChecked, replay


def checked(tmp_path: Path, last: date) -> list[MonthChecked]:
    return list(replay(tmp_path / "home", last=last))


@pytest.mark.slow
def test_the_first_months_are_quiet_until_the_reference_is_there(tmp_path: Path) -> None:
    months = checked(tmp_path, date(2006, 7, 1))
    assert months[0].month == "2006-01"
    assert all(not month.failures for month in months)
    # The reference is complete with June: until then nothing can be judged against it.
    kinds = {alarm.kind for month in months[:5] for alarm in month.alarms}
    assert not kinds & {"drift", "drift_beyond_chance"}
    assert sum(month.predictions for month in months) == 46_131  # loans of seven months, counted
    july = {alarm.chunk_key for alarm in months[-1].alarms if alarm.kind == "drift_beyond_chance"}
    assert july <= {"2006-07"}


@pytest.mark.slow
def test_eight_years_tell_the_story_that_is_written_down(tmp_path: Path) -> None:
    months = checked(tmp_path, date(2013, 12, 1))
    assert len(months) == 96
    assert all(not month.failures for month in months)
    assert sum(month.predictions for month in months) == 211_519
    by_month = {month.month: month for month in months}
    # A month's loans are final three years on: no check may know earlier, and none knew later.
    raised = concept_by_month(months)
    assert all(check == final_in(loans) for loans, (check, _) in raised.items())
    # Loans of 2007 default at several times their score: every month of them has to be named.
    assert [loans for loans in sorted(raised) if loans.startswith("2007")] == [
        f"2007-{month:02d}" for month in range(1, 13)
    ]
    assert by_month["2010-12"].predictions > 0
    assert by_month["2011-01"].predictions == 0
    written = (PROJECT_ROOT / "docs" / "soak.md").read_text(encoding="utf-8")
    assert page(months) == written
