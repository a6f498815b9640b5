"""Reference profiles of models: their bins, and which one is in force.

The state ``live`` is unique per model by an index, so there is one answer to "which bins".
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, select, update

from core.errors import Conflict, NotFound
from core.store.rows import insert_if_absent
from core.store.tables import reference


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference profile.

    Parameters
    ----------
    model_id, bins_id : str
        Whose it is, and the hash of its bins.
    state : {"building", "live", "retired"}
        Files are being profiled under it; it is in force; it was.
    bins_json : str
        The bins.
    window_from, window_to : datetime
        Half-open interval of the reference rows.
    rows : int
        Number of those rows.
    made_at, made_by : datetime, str
        When and by whom it was made.
    live_from, retired_at : datetime, optional
        When it came into force, and when another replaced it.
    """

    model_id: str
    bins_id: str
    state: str
    bins_json: str
    window_from: datetime
    window_to: datetime
    rows: int
    made_at: datetime
    made_by: str
    live_from: datetime | None
    retired_at: datetime | None


def put_building(
    conn: Connection,
    *,
    model_id: str,
    bins_id: str,
    bins_json: str,
    window_from: datetime,
    window_to: datetime,
    rows: int,
    actor: str,
    at: datetime,
) -> bool:
    """Store a reference whose profiles are being made; return whether its bins are new.

    Bins known before keep their row: a retired reference goes back to ``building``, the live one
    stays live.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    model_id : str
        The model.
    bins_id : str
        Hash of the bins.
    bins_json : str
        The bins.
    window_from, window_to : datetime
        The reference window.
    rows : int
        How many rows it has.
    actor : str
        Pseudonym of who orders it.
    at : datetime
        When.
    """
    values = {
        "bins_json": bins_json,
        "window_from": window_from,
        "window_to": window_to,
        "rows": rows,
        "made_at": at,
        "made_by": actor,
    }
    key = {"model_id": model_id, "bins_id": bins_id}
    if insert_if_absent(conn, reference, {**key, "state": "building", **values}):
        return True
    conn.execute(
        update(reference)
        .where(*_is(model_id, bins_id), reference.c.state == "retired")
        .values(state="building", live_from=None, retired_at=None, **values)
    )
    return False


def go_live(conn: Connection, model_id: str, bins_id: str, *, at: datetime) -> None:
    """Put a reference in force and retire the one before it; do it where its files are published.

    Raises
    ------
    NotFound
        If the model has no such reference.
    Conflict
        If the reference was retired meanwhile.
    """
    stored = get(conn, model_id, bins_id)
    if stored.state == "live":
        return
    if stored.state != "building":
        raise Conflict(
            "The reference {bins} of {model} was replaced meanwhile.",
            remedy="Rebuild the reference.",
            bins=bins_id,
            model=model_id,
        )
    conn.execute(
        update(reference)
        .where(reference.c.model_id == model_id, reference.c.state == "live")
        .values(state="retired", retired_at=at)
    )
    conn.execute(
        update(reference).where(*_is(model_id, bins_id)).values(state="live", live_from=at)
    )


def drop_building(conn: Connection, model_id: str, bins_id: str, *, at: datetime) -> None:
    """Retire a reference that will not be finished; a live one is left alone."""
    conn.execute(
        update(reference)
        .where(*_is(model_id, bins_id), reference.c.state == "building")
        .values(state="retired", retired_at=at)
    )


def get(conn: Connection, model_id: str, bins_id: str) -> Reference:
    """Return one reference.

    Raises
    ------
    NotFound
        If the model has no such reference.
    """
    row = conn.execute(select(reference).where(*_is(model_id, bins_id))).one_or_none()
    if row is None:
        raise NotFound(
            "The model {model} has no reference {bins}.",
            remedy="Run 'harbourlight model reference rebuild {model}'.",
            model=model_id,
            bins=bins_id,
        )
    return Reference(**row._mapping)


def live(conn: Connection, model_id: str) -> Reference | None:
    """Return the reference in force; ``None`` until one is complete."""
    query = select(reference).where(reference.c.model_id == model_id, reference.c.state == "live")
    row = conn.execute(query).one_or_none()
    return None if row is None else Reference(**row._mapping)


def _is(model_id: str, bins_id: str) -> tuple[ColumnElement[bool], ...]:
    return reference.c.model_id == model_id, reference.c.bins_id == bins_id
