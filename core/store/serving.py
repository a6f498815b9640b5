"""Whether a model is in production and in which version; what a person released or stopped."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, RowMapping, func, insert, select, update

from core.store.rows import insert_if_absent
from core.store.tables import model, model_state, release, version_change

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
class VersionChange:
    """Which version of a model should serve from a moment on: instead of which, why, by whom."""

    model_id: str
    version: str
    from_version: str | None
    reason: str
    changed_at: datetime
    changed_by: str


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
    if lock:  # the model's row first, as whoever checks it or makes cases of it does
        of_model = select(model.c.id).where(model.c.id == model_id)
        conn.execute(of_model.with_for_update(key_share=True))
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


def add_version_change(conn: Connection, record: VersionChange) -> None:
    """Say which version of a model should serve from now on."""
    conn.execute(insert(version_change).values(**asdict(record)))


def version_changes(
    conn: Connection, model_id: str, *, limit: int = 50
) -> tuple[VersionChange, ...]:
    """Return what was said about the version that should serve, the newest first."""
    query = select(version_change).where(version_change.c.model_id == model_id)
    rows = conn.execute(query.order_by(version_change.c.id.desc()).limit(limit))
    return tuple(_version_change(row._mapping) for row in rows)


def newest_version_changes(conn: Connection) -> dict[str, VersionChange]:
    """Return model id → what was said last, of every model that anything was said about."""
    newest = select(func.max(version_change.c.id)).group_by(version_change.c.model_id)
    rows = conn.execute(select(version_change).where(version_change.c.id.in_(newest)))
    return {row.model_id: _version_change(row._mapping) for row in rows}


def _version_change(row: RowMapping) -> VersionChange:
    return VersionChange(**{str(name): value for name, value in row.items() if name != "id"})


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
