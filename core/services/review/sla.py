"""The clocks of reviews and of customers' requests, on the working days of Hong Kong."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from core.domain import working_days
from core.domain.review import Action
from core.domain.rights import STATUTORY_DAYS
from core.domain.working_days import local_day, start_of_day
from core.services.review.calendar import DaysOff, days_off
from core.store.review import closures, steps
from core.store.review.records import CaseRecord


class TierDays(Protocol):
    """Working days by tier, as a contract's ``review.sla_days`` says them."""

    @property
    def normal(self) -> int:
        """Of most cases."""

    @property
    def high(self) -> int:
        """Of pressing cases."""


def due_at(conn: Connection, days: TierDays | int, tier: str, start: datetime) -> datetime:
    """Return when a case is due: at 18:00 Hong Kong time of its last working day.

    Parameters
    ----------
    conn : Connection
        Any transaction; it knows the closures.
    days : TierDays or int
        Working days by tier, or just their number.
    tier : {"normal", "high"}
        How pressing the case is.
    start : datetime
        When its clock starts; that day in Hong Kong is not counted.
    """
    if not isinstance(days, int):
        days = days.high if tier == "high" else days.normal
    return working_days.due_at(start, days, days_off(conn))


def due_after_pause(
    conn: Connection, due: datetime, paused: datetime, resumed: datetime
) -> datetime:
    """Return when a case is due whose clock stood still while the customer was asked.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    due : datetime
        When it was due.
    paused, resumed : datetime
        When the customer was asked, and answered.
    """
    return working_days.due_after_pause(due, paused, resumed, days_off(conn))


def due_after_question(conn: Connection, found: CaseRecord, at: datetime) -> datetime:
    """Return when a case is due that was put to its customer and is taken up again now."""
    asked = steps.newest(conn, found.id, Action.ask_customer)
    return found.due_at if asked is None else due_after_pause(conn, found.due_at, asked.at, at)


def statutory_due_on(conn: Connection, received_at: datetime, days: int = STATUTORY_DAYS) -> date:
    """Return the last day on which a customer's request is answered in time.

    The day of receipt is not counted; where offices are shut on the last day, it is the working
    day before. That is this product's convention, not a reading of the law.
    """
    return working_days.statutory_due_on(local_day(received_at), days_off(conn), days=days)


def lose_day(conn: Connection, day: date) -> int:
    """Move the clocks of waiting cases over a closure just entered; return how many moved.

    A clock that counted the day gets the next working day in its place. Call it in the transaction
    that entered the closure, behind it.
    """
    off = days_off(conn)
    if not _counted(day, off):
        return 0
    return _move(conn, day, day, lambda due: working_days.after_closing(due, off))


def win_day(conn: Connection, day: date) -> int:
    """Move the clocks of waiting cases back over a closure just removed; return how many moved."""
    off = days_off(conn)
    if not _counted(day, off):
        return 0
    following = day + timedelta(days=1)
    return _move(conn, day, following, lambda due: working_days.after_opening(due, off))


def _counted(day: date, off: DaysOff) -> bool:
    return working_days.is_working_day(day, DaysOff(off.closures - {day}))


def _move(
    conn: Connection, day: date, due_from: date, moved: Callable[[datetime], datetime]
) -> int:
    made_before = start_of_day(day)
    running = closures.clocks_running(
        conn, created_before=made_before, due_from=start_of_day(due_from)
    )
    plan = [(due, moved(due)) for due in running]
    # Away from the others' instants first: a group that is moved may not be moved again with them.
    if plan and plan[0][1] > plan[0][0]:
        plan.reverse()
    return sum(
        closures.move_clocks(conn, created_before=made_before, due=due, to=to) for due, to in plan
    )


def move_requests(conn: Connection, day: date, before: DaysOff, *, today: date) -> int:
    """Move the last days of customers' requests after a closure came or went; return how many.

    Parameters
    ----------
    conn : Connection
        The transaction that changed the closure.
    day : date
        The day of closure.
    before : DaysOff
        The calendar as it was. Only a last day that follows from it by the product's convention
        is changed; one that somebody set otherwise stays.
    today : date
        When it is known. A closure that nobody could foresee makes no request late: a last day is
        never moved to before this one.
    """
    now, moved = days_off(conn), 0
    first = working_days.previous_working_day(day, before)
    for request_id, received_at, due_on in closures.requests_due(conn, due_from=first):
        received = local_day(received_at)
        if working_days.statutory_due_on(received, before, days=STATUTORY_DAYS) == due_on:
            to = working_days.statutory_due_on(received, now, days=STATUTORY_DAYS)
            to = max(to, min(due_on, today))
            if to != due_on:
                closures.move_request(conn, request_id, to)
                moved += 1
    return moved
