"""A customer's note on a prediction, put straight into the store."""

from datetime import timedelta

from core.services.workspace import Workspace
from core.store.rights import disputes, requests


def dispute(workspace: Workspace, model_id: str, prediction_id: str, *, by: str) -> int:
    """Bind a note to a prediction, of a request that is made for it; return the note's number."""
    at, subject = workspace.clock(), f"s-{prediction_id}"
    with workspace.store.begin() as conn:
        request = {
            "kind": "correction", "channel": "letter", "language": "en", "subject_id": subject,
            "words": "Please mend it.", "received_at": at, "due_on": at.date() + timedelta(days=40),
            "state": "received", "revision": 0, "taken_by": by,
        }  # fmt: skip
        note = {
            "subject_id": subject, "model_id": model_id, "prediction_id": prediction_id,
            "item": "score", "text": "My balance was read wrongly.",
            "request_id": requests.add(conn, request), "made_at": at, "made_by": by,
        }  # fmt: skip
        return disputes.add(conn, note)
