"""Things for commands to be about: each is made if its model is there, and named if it is not."""

from core.services.review import making
from core.services.workspace import Workspace
from core.store import models, scenarios
from core.store.rights import requests
from tests.support.reviewing import a_case


def scenario_of(workspace: Workspace, model: str) -> str:
    """Keep a scenario of a model if it has none, and return its id; of no model, no scenario."""
    kept = scenarios.Scenario(
        f"tried-{model}", model, "Stricter", {"cut_off": 0.5}, "p-somebody", workspace.clock()
    )
    with workspace.store.begin() as conn:
        if models.find(conn, model) is not None and not scenarios.list_of(conn, model):
            scenarios.put(conn, kept)
    return kept.id


def case_of(workspace: Workspace, model: str) -> int:
    """Make another case of a model and return its id; of no model, no case."""
    new = a_case(model_id=model, occasion=workspace.new_id())
    with workspace.store.begin() as conn:
        made = None
        if models.find(conn, model) is not None:
            made = making.make_case(conn, new, at=workspace.clock())
    return made or 0


def request_of(workspace: Workspace, model: str) -> int:
    """Keep another customer's request about a model and return its number; of no model, none."""
    now = workspace.clock()
    with workspace.store.begin() as conn:
        if models.find(conn, model) is None:
            return 0
        values = {
            "kind": "review",
            "channel": "web",
            "language": "en",
            "subject_id": "s-somebody",
            "sealed": b"-",
            "words": "Complaint C-17 of the branch",
            "model_id": model,
            "received_at": now,
            "due_on": now.date(),
            "state": "received",
            "taken_by": "u-proposer",
        }
        return requests.add(conn, values)
