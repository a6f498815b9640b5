"""Cases and requests with a clock, for tests of the calendar and of the people of the queue."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.services.review import sla
from core.store.tables import review_case, rights_request
from tests.support.monitoring import MODEL


def put_case(conn: Connection, number: int, made: datetime, **changes: Any) -> int:
    """Keep an open case of the loans model; return its id."""
    days = changes.pop("days", 5)
    row: dict[str, Any] = {
        "model_id": MODEL,
        "prediction_id": f"L{number:06d}",
        "occasion": "routing",
        "kind": "routed",
        "subject_id": f"s-{number}",
        "jurisdiction": "HK",
        "version": "1",
        "predicted_at": made,
        "decision": "decline",
        "score": 0.51,
        "rules_sha256": "aa",
        "rule": "near_cut_off",
        "rules": ["near_cut_off"],
        "tier": "normal",
        "priority": 50,
        "score_shown": "at_once",
        "in_check_sample": False,
        "state": "open",
        "revision": 0,
        "created_at": made,
        "due_at": sla.due_at(conn, days, "normal", made),
    }
    found = conn.execute(insert(review_case).values(**row | changes).returning(review_case.c.id))
    return int(found.scalar_one())


def put_request(conn: Connection, received: datetime, due_on: date, by: str) -> int:
    """Keep a customer's request for access; return its id."""
    row = {
        "kind": "access",
        "channel": "letter",
        "language": "en",
        "subject_id": "s-1",
        "words": "",
        "received_at": received,
        "due_on": due_on,
        "state": "received",
        "revision": 0,
        "taken_by": by,
    }
    made = conn.execute(insert(rights_request).values(**row).returning(rights_request.c.id))
    return int(made.scalar_one())


def set_case(conn: Connection, case_id: int, **values: Any) -> None:
    """Change a case past its services."""
    conn.execute(update(review_case).where(review_case.c.id == case_id).values(**values))


def column_of(conn: Connection, case_id: int, name: str) -> Any:
    """Return one column of a case."""
    query = select(review_case.c[name]).where(review_case.c.id == case_id)
    return conn.execute(query).scalar_one()
