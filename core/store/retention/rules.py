"""Retention rules that people set; what was never set is as it is shipped."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from core.store.rows import insert_if_absent
from core.store.tables import retention_rule


@dataclass(frozen=True, slots=True)
class StoredRule:
    """How long one class of records is kept, in days; ``None`` where there is no limit."""

    record_class: str
    minimum_days: int | None
    maximum_days: int | None
    basis: str
    changed_at: datetime
    changed_by: str


def put(conn: Connection, rule: StoredRule) -> None:
    """Set the rule of a class."""
    values = {name: getattr(rule, name) for name in StoredRule.__slots__}
    if not insert_if_absent(conn, retention_rule, values):
        conn.execute(
            update(retention_rule)
            .where(retention_rule.c.record_class == rule.record_class)
            .values(**values)
        )


def get_all(conn: Connection) -> dict[str, StoredRule]:
    """Return the rules that were set, by class."""
    rows = conn.execute(select(retention_rule).order_by(retention_rule.c.record_class))
    return {row.record_class: StoredRule(**row._mapping) for row in rows}
