"""The demo workspace: real data sets as models with their logs, decisions and outcomes.

Every step can be repeated: models register once, files are known by their hash, users exist
once. A build that was interrupted is completed by the next.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from core.config import PROJECT_ROOT
from core.domain.identity import Actor, Permission
from core.errors import NotFound
from core.services import access, alerts, ingest, rates
from core.services.demo.code_books import simulate_code_book
from core.services.demo.explanations import simulate_explanations
from core.services.demo.requests import simulate_requests
from core.services.demo.reviews import simulate_reviews
from core.services.identity import users
from core.services.registry import models as registry
from core.services.routing.run import route_model
from core.services.workspace import Workspace
from core.store import settings

DEMO_DATA = PROJECT_ROOT / "data" / "demo"
_NEEDED = (
    Permission.model_register,
    Permission.ingest_run,
    Permission.alert_manage,
    Permission.user_manage,
    Permission.rate_manage,
)
_DONE = "demo"
_STREAMS: Sequence[str] = ("predictions", "decisions", "outcomes")
_RATES = "rates.csv"
_PATIENCE = 3  # a small change is worth somebody's time once three checks in a row saw it
_NOBODY_IS_CHOSEN = "acs-employment"  # its scores decide nothing, so no group is put at a loss


def is_demo(workspace: Workspace) -> bool:
    """Whether the workspace is a finished demo workspace."""
    with workspace.store.read() as conn:
        return settings.get(conn, _DONE) is not None


def build_demo(
    workspace: Workspace,
    *,
    actor: Actor,
    progress: Callable[[float, str], None],
    source: Path = DEMO_DATA,
) -> bool:
    """Build the demo workspace, or complete it; return whether there was anything to do.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs to register models, ingest, set rules of alerts, import rates and manage users.
    progress : callable
        Told the share done and what is being done.
    source : Path
        Folder with one folder a model, and perhaps with dated exchange rates.

    Raises
    ------
    NotFound
        If the demo data are not where they should be.
    """
    for permission in _NEEDED:
        access.require(actor, permission)
    if is_demo(workspace):
        return False
    specs = sorted(source.glob("*/model.yaml"))
    if not specs:
        raise NotFound(
            "There are no demo data in {folder}.",
            remedy="Run from a full checkout.",
            folder=str(source),
        )
    if (source / _RATES).is_file():
        rates.import_rates(workspace, source / _RATES, actor=actor)
    steps = [(spec, stream) for spec in specs for stream in _STREAMS]
    for number, (spec, stream) in enumerate(steps):
        model = spec.parent.name
        progress(number / len(steps), f"{model}: {stream}")
        if stream == _STREAMS[0]:
            registry.register_model(workspace, spec, actor=actor)
        file = spec.parent / f"{stream}.parquet"
        if file.is_file():
            ingest.ingest_files(workspace, model, [file], stream=stream, actor=actor)
    for spec in specs:
        _set_rules(workspace, spec.parent.name, actor)
    users.make_demo_users(workspace, actor=actor)
    for spec in specs:
        route_model(workspace, spec.parent.name)
        simulate_reviews(workspace, spec.parent.name, actor=actor)
        simulate_requests(workspace, spec.parent.name, actor=actor)
        simulate_code_book(workspace, spec.parent.name, spec.parent, actor=actor)
        simulate_explanations(workspace, spec.parent.name, actor=actor)
    with workspace.store.begin() as conn:
        settings.put(conn, _DONE, {"made_at": workspace.clock().isoformat()})
    progress(1.0, "done")
    return True


def _set_rules(workspace: Workspace, model: str, actor: Actor) -> None:
    """Let alerts be few: what is large at once, what is only no accident if it lasts."""
    alerts.set_rule(workspace, model, "drift_beyond_chance", patience=_PATIENCE, actor=actor)
    if model == _NOBODY_IS_CHOSEN:
        alerts.set_rule(workspace, model, "fairness", enabled=False, actor=actor)
