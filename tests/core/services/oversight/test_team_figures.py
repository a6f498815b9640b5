"""A team's figures give nobody away: not to the others, and not to whoever knows their own."""

from collections.abc import Iterator
from datetime import timedelta
from math import isnan
from pathlib import Path

import pytest

from core.services.oversight.quality import oversight_quality
from core.services.workspace import Workspace
from tests.core.services.oversight.blind_cases import MODEL, NOW, a_site, actor, decided

DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    yield made
    made.store.close()


def many(site: Workspace, by: str, count: int, *, start: int) -> None:
    for number in range(start, start + count):
        decided(site, number, by=by, at=NOW - DAY)


def test_a_team_of_two_gives_no_figure(site: Workspace) -> None:
    many(site, "ada", 120, start=1000)
    first = decided(site, 1, "overturn", by="bo", at=NOW - DAY)  # one verdict, all but Ada's
    decided(
        site, 1, by="ada", kind="second", occasion=f"second:{first}", parent_id=first, at=NOW - DAY
    )
    found = oversight_quality(site, MODEL, actor=actor(site, "lee"))
    for name in ("override", "evidence_opened", "fast", "kappa"):
        assert found.measure(name).is_withheld, name
        assert found.measure(name).hits is None
    assert all(isnan(each.overturned.value) for each in found.hours)
    assert [each.is_shown for each in found.outcomes.rows] == [False, False]


def test_a_team_of_three_does_where_a_hundred_are_left_without_any_one(site: Workspace) -> None:
    many(site, "ada", 120, start=1000)
    many(site, "bo", 60, start=2000)
    many(site, "chun", 39, start=3000)
    lee = actor(site, "lee")
    assert oversight_quality(site, MODEL, actor=lee).measure("override").is_withheld
    many(site, "chun", 1, start=4000)
    found = oversight_quality(site, MODEL, actor=lee)
    assert (found.measure("override").hits, found.measure("override").n) == (0, 220)
    assert {each.first for each in found.hours if not isnan(each.overturned.value)} == {9}
