"""Settings of the whole workspace that people change while it runs."""

from sqlalchemy import Connection, delete, select, update

from core.store.rows import insert_if_absent
from core.store.tables import workspace_setting


def get(conn: Connection, key: str, default: object = None, *, lock: bool = False) -> object:
    """Return a setting's JSON value, or ``default``.

    Parameters
    ----------
    conn : Connection
        Any transaction; with ``lock`` one of ``Store.begin()``.
    key : str
        Name of the setting.
    default : object
        What to return if it was never set.
    lock : bool
        Keep others from changing an existing setting until the commit, for a value that is
        read, changed and put back.
    """
    query = select(workspace_setting.c.value).where(workspace_setting.c.key == key)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    return default if row is None else row.value


def put(conn: Connection, key: str, value: object) -> None:
    """Set a setting to a JSON value other than ``None``; see :func:`remove` for that."""
    if value is None:
        raise ValueError("A setting is removed, not set to nothing.")
    if not insert_if_absent(conn, workspace_setting, {"key": key, "value": value}):
        conn.execute(
            update(workspace_setting).where(workspace_setting.c.key == key).values(value=value)
        )


def remove(conn: Connection, key: str) -> None:
    """Forget a setting; nothing happens if it was never set."""
    conn.execute(delete(workspace_setting).where(workspace_setting.c.key == key))


def get_all(conn: Connection) -> dict[str, object]:
    """Return every setting, by name."""
    rows = conn.execute(select(workspace_setting).order_by(workspace_setting.c.key))
    return {row.key: row.value for row in rows}
