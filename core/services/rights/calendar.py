"""When a request is due: forty days, by the calendar of Hong Kong that the workspace keeps."""

from datetime import date

from sqlalchemy import Connection

from core.domain.rights import STATUTORY_DAYS
from core.domain.working_days import statutory_due_on
from core.services.review.calendar import days_off


def due_day(conn: Connection, received_on: date) -> date:
    """Return the last day for an answer to what came in on a day."""
    return statutory_due_on(received_on, days_off(conn), days=STATUTORY_DAYS)
