"""What a state database holds, counted and listed where the product has no need to."""

from collections import Counter

from sqlalchemy import Connection, select

from core.store.tables import audit_entry, reference


def audit_kinds(conn: Connection) -> Counter[str]:
    """Return how many entries of each kind are in the audit trail."""
    return Counter(conn.execute(select(audit_entry.c.kind)).scalars())


def reference_states(conn: Connection, model_id: str) -> dict[str, str]:
    """Return the states of all references of a model, by the bins of each."""
    query = select(reference.c.bins_id, reference.c.state).where(reference.c.model_id == model_id)
    return {row.bins_id: row.state for row in conn.execute(query)}
