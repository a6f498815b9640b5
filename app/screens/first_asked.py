"""What the pages of a model ask before its reader has chosen anything.

Each function asks as its page does, so that the answers are remembered for it. Only pages whose
answers take long are here; those of Outcomes are in :mod:`app.screens.outcomes.warm`.
"""

from collections.abc import Callable, Mapping

from app.filters import Filters
from app.screens.drift.alarms import filled_periods
from app.screens.readable import readable_drift, readable_fairness
from core.domain.identity import Actor
from core.i18n import translator
from core.i18n.locales import DEFAULT_LOCALE
from core.services import ingest
from core.services.drift.measure import DEFAULT_METHOD
from core.services.drift_alarms import judged_month, reasons_of
from core.services.explanation.finding_decisions import Wanted, find_decisions
from core.services.explanation.global_view import global_view
from core.services.model_card import model_card
from core.services.model_story import model_story
from core.services.performance import curves, estimates_beside, judged_results, performance
from core.services.quality import quality
from core.services.segments import segments
from core.services.value import alert_costs, people, value
from core.services.workspace import Workspace


def ask_model(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Model shows."""
    model_story(workspace, filters.question(), actor=actor)


def ask_drift(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Drift shows: the newest period is judged, and its first alarm explained."""
    table = readable_drift(workspace, filters, (DEFAULT_METHOD,), actor=actor)
    filled = filled_periods(table)
    if filled:
        month = judged_month(workspace, table.view.question, actor=actor, at=filled[-1])
        for alarm in month.alarms[:1]:
            reasons_of(workspace, month, alarm)


def ask_performance(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Performance shows, the newest final period in detail."""
    found = performance(workspace, filters.question(), actor=actor)
    estimates_beside(workspace, found)
    newest = found.newest_matured()
    if newest is not None:
        curves(workspace, found, newest)
        judged_results(workspace, found.view.question, actor=actor)


def ask_value(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Value shows."""
    value(workspace, filters.question(), actor=actor)
    people(workspace, filters.question(), actor=actor)
    alert_costs(workspace, filters.named_model(), actor=actor)


def ask_segments(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Segments shows."""
    segments(workspace, filters.question("all"), actor=actor)


def ask_fairness(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Fairness shows."""
    readable_fairness(workspace, filters, actor=actor)


def ask_quality(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Data quality shows."""
    quality(workspace, filters.question(), actor=actor)


def ask_card(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what the model card shows: how the model uses its fields is no part of the text."""
    model = filters.named_model()
    global_view(workspace, model, actor=actor)
    model_card(workspace, model, actor=actor, t=translator(DEFAULT_LOCALE))


def ask_decision(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask for the decisions that Decision lists."""
    find_decisions(workspace, filters.question(), Wanted(), actor=actor)


def ask_ingest(workspace: Workspace, filters: Filters, actor: Actor) -> None:
    """Ask what Ingest shows."""
    ingest.waiting_outcomes(workspace, filters.named_model(), actor=actor)


FIRST_ASKED: Mapping[str, Callable[[Workspace, Filters, Actor], None]] = {
    "model": ask_model,
    "drift": ask_drift,
    "performance": ask_performance,
    "value": ask_value,
    "segments": ask_segments,
    "fairness": ask_fairness,
    "data_quality": ask_quality,
    "model_card": ask_card,
    "decision": ask_decision,
    "ingest": ask_ingest,
}
"""What to ask for each page of the menu, in the order in which it is read ahead."""
