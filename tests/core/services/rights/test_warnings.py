"""Warnings at 25, 33 and 38 days, over Lunar New Year 2027 and a black rainstorm, by hand.

Lunar New Year falls on Saturday 6 February 2027; the second day is a Sunday, so the fourth, Tuesday
the 9th, is a holiday beside Monday the 8th. Offices are shut from the 6th to the 9th.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from core.domain.rights import clock
from core.i18n import translator
from core.services.alerts import channels
from core.services.jobs import tasks
from core.services.jobs.worker import run_one
from core.services.review import closures
from core.services.rights import desk as read
from core.services.rights import intake, warnings
from core.store import jobs
from core.store.audit import trail as audit
from core.store.rights import requests
from tests.support.desk import Desk

NEW_YEARS_EVE = date(2026, 12, 31)  # and 40 days: the 9th of February, a holiday
NEW_YEARS_DAY = date(2027, 1, 1)  # and 40 days: Wednesday the 10th
FRIDAY = date(2027, 2, 5)


def noon(day: date) -> datetime:
    """Return noon in Hong Kong."""
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def at(desk: Desk, day: date) -> None:
    desk.clock.now = noon(day)


def received(desk: Desk, day: date) -> int:
    at(desk, day)
    return desk.ask().id


def due(desk: Desk, number: int) -> date:
    return read.read_request(desk.workspace, number, actor=desk["connie"]).due_on


def levels(desk: Desk, number: int) -> list[object]:
    steps = read.list_steps(desk.workspace, number, actor=desk["connie"])
    return [each.body["level"] for each in steps if each.action == "warned"]


@pytest.mark.parametrize(
    ("day", "last"),
    [
        (date(2026, 12, 26), date(2027, 2, 4)),  # Thursday, open
        (date(2026, 12, 27), FRIDAY),
        (date(2026, 12, 28), FRIDAY),  # Saturday the 6th
        (date(2026, 12, 29), FRIDAY),  # Sunday
        (date(2026, 12, 30), FRIDAY),  # Monday, third day of the New Year
        (NEW_YEARS_EVE, FRIDAY),  # Tuesday, in place of the second day
        (NEW_YEARS_DAY, date(2027, 2, 10)),
    ],
)
def test_forty_days_end_before_lunar_new_year_never_in_it(
    desk: Desk, day: date, last: date
) -> None:
    assert due(desk, received(desk, day)) == last


@pytest.mark.parametrize(
    ("entered", "last"),
    [
        (date(2027, 2, 3), date(2027, 2, 4)),  # known before: the working day before it
        (date(2027, 2, 4), date(2027, 2, 4)),
        (FRIDAY, FRIDAY),  # rain that nobody foresaw makes nobody late
        (date(2027, 2, 10), FRIDAY),
    ],
)
def test_a_black_rainstorm_moves_a_last_day_but_makes_no_request_late_behind_its_back(
    desk: Desk, entered: date, last: date
) -> None:
    mine, other = received(desk, NEW_YEARS_EVE), received(desk, NEW_YEARS_DAY)
    at(desk, entered)
    changed = closures.add_closure(desk.workspace, FRIDAY, "black_rain", actor=desk["lydia"])
    assert changed.requests == (last != FRIDAY)
    assert (due(desk, mine), due(desk, other)) == (last, date(2027, 2, 10))
    closures.remove_closure(desk.workspace, FRIDAY, actor=desk["lydia"])
    assert due(desk, mine) == FRIDAY


def test_each_level_is_warned_of_once_on_its_day(desk: Desk) -> None:
    early, number = received(desk, NEW_YEARS_EVE), received(desk, NEW_YEARS_DAY)
    seen: dict[date, list[str]] = {}
    for days in range(20, 46):
        day = NEW_YEARS_DAY + timedelta(days=days)
        at(desk, day)
        before = len(levels(desk, number))
        warnings.warn_due(desk.workspace)
        assert warnings.warn_due(desk.workspace) == 0  # nothing twice
        new = [str(each) for each in levels(desk, number)[before:]]
        if new:
            seen[day] = new
    assert seen == {
        date(2027, 1, 26): ["first"],
        date(2027, 2, 3): ["second"],
        date(2027, 2, 8): ["third"],
        date(2027, 2, 11): ["overdue"],
    }
    # Due on the 5th, so day 38, the 7th, is over already.
    assert levels(desk, early) == ["first", "second", "overdue"]
    with desk.workspace.store.read() as conn:
        told = [each.body for each in audit.read(conn) if each.kind == "rights.warned"]
    assert len(told) == 7
    assert {"level": "third", "day": 38, "days_left": 2, "due_on": "2027-02-10"}.items() <= next(
        each for each in told if each["level"] == "third"
    ).items()


def test_a_closed_request_warns_nobody_and_a_late_look_warns_once(desk: Desk) -> None:
    closed, late = received(desk, NEW_YEARS_EVE), received(desk, NEW_YEARS_DAY)
    intake.withdraw(desk.workspace, closed, reason="Taken back", actor=desk["connie"])
    at(desk, date(2027, 2, 9))  # the worker was down for weeks
    assert warnings.warn_due(desk.workspace) == 1
    assert (levels(desk, closed), levels(desk, late)) == ([], ["third"])


def a_channel(desk: Desk, name: str, **more: object) -> None:
    channels.add_channel(
        desk.workspace, name, "json://localhost/desk", actor=desk["ada"], **more  # type: ignore[arg-type]
    )  # fmt: skip


def test_channels_that_take_a_warning_are_told_and_a_failure_is_tried_again(desk: Desk) -> None:
    a_channel(desk, "all", severity="watch", language="en")
    a_channel(desk, "serious", severity="act", language="zh-HK")
    number = received(desk, NEW_YEARS_DAY)
    said: list[str] = []

    def run(error: str = "") -> int:
        def send(_url: str, title: str, body: str) -> str:
            said.append(f"{title} | {body}")
            return error

        def handler(workspace: object, job: jobs.Job, progress: object) -> object:
            return warnings.warn_job(desk.workspace, job, lambda _s, _n: None, send)

        done = 0
        while run_one(desk.workspace, {warnings.WARN_JOB: handler}, owner="w"):  # type: ignore[dict-item]
            done += 1
        return done

    at(desk, date(2027, 1, 26))
    warnings.warn_due(desk.workspace)
    assert run("no route") == 1
    warnings.warn_due(desk.workspace)
    assert run() == 0  # a pause first
    desk.clock.advance(minutes=11)
    warnings.warn_due(desk.workspace)
    assert run() == 1
    desk.clock.advance(minutes=11)
    warnings.warn_due(desk.workspace)
    assert run() == 0  # told
    reference = f"RQ-{number:06d}"
    assert said == 2 * [
        f"{reference}: 25 days gone | Data access, 15 days left, due on 10 Feb 2027."
        " Open the page Customers' requests."
    ]
    said.clear()
    at(desk, date(2027, 2, 8))
    warnings.warn_due(desk.workspace)
    assert run() == 2
    assert any("已過 38 日" in each or "38" in each for each in said)
    assert warnings.WARN_JOB in tasks.HANDLERS


def test_a_message_names_no_customer(desk: Desk) -> None:
    number = received(desk, NEW_YEARS_DAY)
    with desk.workspace.store.read() as conn:
        found = requests.get(conn, number)
    at(desk, date(2027, 2, 8))
    for locale in ("en", "zh-HK", "zh-CN"):
        where = clock(NEW_YEARS_DAY, found.due_on, date(2027, 2, 8))
        text = " ".join(warnings.message(translator(locale), found, where))
        assert found.subject_id not in text
        assert found.words not in text
