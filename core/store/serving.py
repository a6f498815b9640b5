"""Whether a model is in production, and which predictions a person released or stopped."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, select, update

from core.store.rows import insert_if_absent
from core.store.tables import model_state, release

ModelStateName = Literal["production", "suspended"]
Decision = Literal["released", "stopped"]


@dataclass(frozen=True, slots=True)
class StateRecord:
    """The state of a model: what, why, since when and by whom."""

    model_id: str
    state: str
    reason: str
    changed_at: datetime
    changed_by: str
    fallback_version: str | None = None


@dataclass(frozen=True, slots=True)
class ReleaseRecord:
    """What a person decided about one prediction."""

    model_id: str
    prediction_id: str
    state: str
    reason: str
    decided_at: datetime
    decided_by: str


def find_state(conn: Connection, model_id: str, *, lock: bool = False) -> StateRecord | None:
    """Return the state of a model; ``None`` if it was never changed.

    Parameters
    ----------
    conn : Connection
        Any transaction; with ``lock`` one of ``Store.begin()``.
    model_id : str
        Whose state.
    lock : bool
        Keep others from changing it until the commit.
    """
    query = select(model_state).where(model_state.c.model_id == model_id)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    return None if row is None else StateRecord(**row._mapping)


def list_states(conn: Connection) -> dict[str, StateRecord]:
    """Return model id → state of every model whose state was ever changed."""
    rows = conn.execute(select(model_state))
    return {row.model_id: StateRecord(**row._mapping) for row in rows}


def put_state(conn: Connection, record: StateRecord) -> None:
    """Set the state of a model."""
    values = asdict(record)
    if not insert_if_absent(conn, model_state, values):
        conn.execute(
            update(model_state).where(model_state.c.model_id == record.model_id).values(**values)
        )


def find_release(conn: Connection, model_id: str, prediction_id: str) -> ReleaseRecord | None:
    """Return what was decided about a prediction; ``None`` if nobody decided."""
    row = conn.execute(
        select(release).where(
            release.c.model_id == model_id, release.c.prediction_id == prediction_id
        )
    ).one_or_none()
    return None if row is None else ReleaseRecord(**row._mapping)


def put_release(conn: Connection, record: ReleaseRecord) -> None:
    """Set what was decided about a prediction; a later decision replaces an earlier one."""
    values = asdict(record)
    if not insert_if_absent(conn, release, values):
        conn.execute(
            update(release)
            .where(
                release.c.model_id == record.model_id,
                release.c.prediction_id == record.prediction_id,
            )
            .values(**values)
        )
