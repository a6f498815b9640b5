"""A team's figures give nobody away: not to the others, and not to whoever knows their own."""

from collections.abc import Iterator
from datetime import timedelta
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from core.services.oversight.quality import individual_figures, oversight_quality
from core.services.workspace import Workspace
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    a_site,
    actor,
    decided,
    put_decided,
)

DAY = timedelta(days=1)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    yield made
    made.store.close()


def many(
    site: Workspace, by: str, count: int, *, start: int, hours: int = 0, **changes: Any
) -> None:
    with site.store.begin() as conn:
        for number in range(start, start + count):
            put_decided(conn, number, by=by, at=NOW - DAY + timedelta(hours=hours), **changes)


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


def a_team(site: Workspace, **changes: Any) -> None:
    """Put verdicts of three people, of which figures may be shown."""
    many(site, "ada", 120, start=1000, **changes)
    many(site, "bo", 60, start=2000, **changes)
    many(site, "chun", 60, start=3000, **changes)


def test_a_small_arm_of_a_comparison_keeps_both_back(site: Workspace) -> None:
    a_team(site, score_shown="at_once")
    many(site, "chun", 4, start=4000, verdict="overturn", score_shown="never")
    lee = actor(site, "lee")
    found = oversight_quality(site, MODEL, actor=lee)
    assert found.measure("override").hits == 4  # the whole team's may be told
    anchoring = found.measure("anchoring")
    assert (anchoring.is_withheld, anchoring.n, anchoring.parts) == (True, 4, ())
    assert isnan(anchoring.value)


def test_both_arms_are_shown_where_each_is_of_enough(site: Workspace) -> None:
    a_team(site, score_shown="at_once")
    for name, start in (("ada", 4000), ("bo", 5000), ("chun", 6000)):
        many(site, name, 50, start=start, score_shown="never")
    found = oversight_quality(site, MODEL, actor=actor(site, "lee")).measure("anchoring")
    assert found.parts == ((1.0, 240), (1.0, 150))


def test_one_arm_of_a_person_tells_of_no_colleague(site: Workspace) -> None:
    for arm, start in (("at_once", 1000), ("never", 2000)):
        many(site, "ada", 110, start=start, score_shown=arm)
    many(site, "bo", 30, start=3000, score_shown="never")  # all others' hidden scores are Bo's
    people = individual_figures(site, MODEL, actor=actor(site, "lee"))
    ada = next(each for each in people if each.name == "Ada")
    assert next(each for each in ada.measures if each.id == "anchoring").is_withheld


def known(site: Workspace, name: str, verdict: str, count: int) -> None:
    """Put live verdicts on loans whose outcome is final."""
    with site.store.begin() as conn:
        for place in range(count):
            put_decided(
                conn, place, verdict, by=name, at=NOW - DAY, kind="request",
                occasion=f"request:{name}:{verdict}:{count}",
            )  # fmt: skip


def test_few_cases_with_an_outcome_are_kept_back_beside_many_without(site: Workspace) -> None:
    a_team(site)  # of no loan that has an outcome
    many(site, "ada", 60, start=4000, verdict="overturn")
    many(site, "bo", 60, start=5000, verdict="overturn")
    many(site, "chun", 60, start=6000, verdict="overturn")
    for name in ("ada", "bo", "chun"):
        known(site, name, "uphold", 60)
    known(site, "chun", "overturn", 4)
    upheld, overturned = oversight_quality(site, MODEL, actor=actor(site, "lee")).outcomes.rows
    assert upheld.is_shown
    assert overturned.is_shown
    assert upheld.early + upheld.silent == 240
    for each in (upheld, overturned):  # borne out less the upheld ones would be Chun's four
        assert (each.known_is_shown, each.right, each.wrong, each.money_wrong) == (False, 0, 0, {})
    for name in ("ada", "bo", "chun"):
        known(site, name, "overturn", 56)
    upheld, overturned = oversight_quality(site, MODEL, actor=actor(site, "lee")).outcomes.rows
    assert (upheld.right + upheld.wrong, overturned.right + overturned.wrong) == (180, 172)


def test_the_pace_of_one_person_is_not_that_of_an_hour(site: Workspace) -> None:
    many(site, "ada", 120, start=1000, seconds=0)  # not given on the page
    many(site, "bo", 60, start=2000, seconds=0)
    many(site, "chun", 60, start=3000, seconds=30)
    hour = oversight_quality(site, MODEL, actor=actor(site, "lee")).hours[1]
    assert hour.overturned.n == 240
    assert not isnan(hour.overturned.value)
    assert isnan(hour.seconds)


def test_an_hour_of_few_is_put_to_its_neighbour(site: Workspace) -> None:
    a_team(site)  # at ten o'clock
    decided(site, 9000, "overturn", by="chun", at=NOW - DAY + timedelta(hours=5))
    for name, start in (("ada", 10_000), ("bo", 20_000), ("chun", 30_000)):
        many(site, name, 51, start=start, hours=7)
    hours = oversight_quality(site, MODEL, actor=actor(site, "lee")).hours
    told = {(each.first, each.last): each.overturned for each in hours if each.overturned.n}
    # Chun's verdict of three o'clock is told with those of five, not alone, nor by what is left.
    assert {span: (each.hits, each.n) for span, each in told.items()} == {
        (9, 12): (0, 240),
        (14, 18): (1, 154),
    }
    assert [(each.first, each.last) for each in hours] == [
        (0, 9), (9, 12), (12, 14), (14, 18), (18, 20), (20, 24),
    ]  # fmt: skip


def test_long_rows_of_one_person_are_put_to_the_short_ones(site: Workspace) -> None:
    a_team(site)  # all at one instant: a row of more than forty each
    for number in range(3):
        decided(site, 9000 + number, "overturn", by="chun", at=NOW - (2 + number) * DAY)
    (only,) = oversight_quality(site, MODEL, actor=actor(site, "lee")).streaks
    assert (only.first, only.last, only.overturned.hits, only.overturned.n) == (1, None, 3, 243)
