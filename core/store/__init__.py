"""The state store: everything transactional, in SQLite or PostgreSQL.

``open_store`` gives a :class:`Store` with two kinds of transaction. Each module holds the plain
functions of one aggregate; they take the transaction's connection, so that a service can put
several changes and the audit entry, last, into one transaction.
"""

from core.store import batches, jobs, manifest, models, references, settings, watches
from core.store.audit import trail as audit
from core.store.engine import Store, open_store
from core.store.identity import assignments, users

__all__ = [
    "Store",
    "assignments",
    "audit",
    "batches",
    "jobs",
    "manifest",
    "models",
    "open_store",
    "references",
    "settings",
    "users",
    "watches",
]
