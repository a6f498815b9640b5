"""Of how many predictions people decided, version by version."""

from core.domain.identity import Actor, Permission
from core.lake.decisions.reviewed_counts import Reviewed, reviewed_counts
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models


@retry_when_stale
def reviewed_by_version(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[Reviewed, ...]:
    """Count the predictions of each version, and those that a person decided about.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``review.view``; only rows in the actor's jurisdictions are counted.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.review_view, model=model_id)
    seen = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(
            conn,
            model_id,
            record.lake_generation,
            kinds=["data"],
            streams=["predictions", "decisions"],
        )
    predictions, decisions = (
        workspace.lake_paths(each for each in files if each.stream == stream)
        for stream in ("predictions", "decisions")
    )
    return workspace.memo.get(
        ("reviewed by version", model_id, record.lake_generation, seen),
        lambda: reviewed_counts(
            workspace.duck, predictions, decisions, RowFilter(jurisdictions=seen)
        ),
    )
