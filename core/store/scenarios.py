"""Scenarios: cut-offs that somebody tried out and kept; none of them changes production."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from core.errors import NotFound
from core.store.tables import scenario


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario as it was kept.

    Parameters
    ----------
    id, model_id, name : str
        Its key, whose it is, and what people call it.
    body : mapping
        The cut-off, the question that it was tried on, and the figures that were found then.
    made_by, made_at : str, datetime
        Who kept it (pseudonym), and when.
    proposed_at, approval_id : datetime, str, optional
        When it was proposed, and the approval that decides.
    """

    id: str
    model_id: str
    name: str
    body: Mapping[str, object]
    made_by: str
    made_at: datetime
    proposed_at: datetime | None = None
    approval_id: str | None = None


def put(conn: Connection, kept: Scenario) -> None:
    """Keep a new scenario."""
    conn.execute(insert(scenario).values(**asdict(kept) | {"body": dict(kept.body)}))


def get(conn: Connection, scenario_id: str) -> Scenario:
    """Return a scenario.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(scenario).where(scenario.c.id == scenario_id)).one_or_none()
    if row is None:
        raise NotFound(
            "There is no scenario {scenario}.",
            remedy="Look it up in the list.",
            scenario=scenario_id,
        )
    return _scenario(row)


def list_of(conn: Connection, model_id: str, *, limit: int = 50) -> tuple[Scenario, ...]:
    """Return the newest scenarios of a model, the newest first."""
    query = select(scenario).where(scenario.c.model_id == model_id)
    rows = conn.execute(query.order_by(scenario.c.made_at.desc(), scenario.c.id).limit(limit))
    return tuple(_scenario(row) for row in rows)


def mark_proposed(conn: Connection, scenario_id: str, *, approval_id: str, at: datetime) -> None:
    """Note which approval decides on a scenario."""
    conn.execute(
        update(scenario)
        .where(scenario.c.id == scenario_id)
        .values(proposed_at=at, approval_id=approval_id)
    )


def _scenario(row: Row[tuple[object, ...]]) -> Scenario:
    return Scenario(**row._mapping)
