"""Tables of the state store, as SQLAlchemy Core.

The migrations make them; a test proves that the two agree on both databases.
"""

from core.store.tables._base import STREAMS, metadata
from core.store.tables.audit import audit_entry, audit_head, audit_object
from core.store.tables.lake import (
    BATCH_STATES,
    MANIFEST_KINDS,
    batch,
    batch_source,
    manifest,
    watch,
)
from core.store.tables.people import (
    ASSIGNMENT_KINDS,
    SCOPE_DIMENSIONS,
    app_user,
    assignment,
    user_role,
    user_scope,
)
from core.store.tables.registry import (
    ARTEFACT_ROLES,
    REFERENCE_STATES,
    artefact,
    model,
    model_spec,
    reference,
)
from core.store.tables.work import JOB_STATES, job, workspace_setting

__all__ = [
    "ARTEFACT_ROLES",
    "ASSIGNMENT_KINDS",
    "BATCH_STATES",
    "JOB_STATES",
    "MANIFEST_KINDS",
    "REFERENCE_STATES",
    "SCOPE_DIMENSIONS",
    "STREAMS",
    "app_user",
    "artefact",
    "assignment",
    "audit_entry",
    "audit_head",
    "audit_object",
    "batch",
    "batch_source",
    "job",
    "manifest",
    "metadata",
    "model",
    "model_spec",
    "reference",
    "user_role",
    "user_scope",
    "watch",
    "workspace_setting",
]
