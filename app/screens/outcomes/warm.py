"""Reading ahead what Outcomes shows first of each model, so that no first reader waits for it."""

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from app.choices import model_choices
from app.filters import ModelChoice, resolve
from app.screens.outcomes.page import first_to_tell, shown_kpis
from app.screens.outcomes.parts import by_segment, figures_beside, offered_segments
from app.screens.outcomes.periods import chosen_grain, chosen_sides
from core.domain.identity import Actor
from core.errors import HarbourlightError
from core.i18n.locales import DEFAULT_LOCALE
from core.services.kpi_changes import kpi_change
from core.services.kpi_forecast import kpi_forecasts
from core.services.kpis import kpi_figures
from core.services.portfolio import money_of
from core.unforeseen import headline_of

if TYPE_CHECKING:
    from core.services.workspace import Workspace

_LOG = logging.getLogger(__name__)


def read_outcomes(workspace: "Workspace", *, actor: Actor) -> int:
    """Ask what the page asks of each model before anything is chosen; return of how many.

    It is remembered for every reader of the same jurisdictions.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``kpi.view`` and ``value.view``.
    """
    read = 0
    for model in model_choices(workspace, actor, DEFAULT_LOCALE):
        read += _is_done(model.id, partial(_read_model, workspace, model, actor))
    return read


def _read_model(workspace: "Workspace", model: ModelChoice, actor: Actor) -> None:
    """Ask how the KPIs of a model stand, then why the first to be told of is what it is."""
    filters = resolve({}, (model,))
    grain = chosen_grain(filters)
    answer = kpi_figures(workspace, filters.question(grain), actor=actor)
    if not answer.kpis or not answer.view.chunks:
        return
    sides = chosen_sides(filters, answer, grain)
    kpis = shown_kpis(answer.kpis, sides, figures_beside(workspace, answer, sides, actor=actor))
    chosen, shown = first_to_tell(kpis), sides.question()
    segments = list(offered_segments(answer.view.contract, DEFAULT_LOCALE))[:1]
    parts: list[Callable[[], object]] = [
        partial(kpi_change, workspace, shown, chosen, baseline=sides.against_text, actor=actor),
        partial(money_of, workspace, shown, actor=actor),
        partial(kpi_forecasts, workspace, sides.view.question, actor=actor),
        *(partial(by_segment, workspace, sides, chosen, each, actor=actor) for each in segments),
    ]
    for read in parts:
        _is_done(model.id, read)


def _is_done(model_id: str, read: Callable[[], object]) -> bool:
    try:
        read()
    except HarbourlightError as error:  # the page says so in the part's place
        _LOG.info("outcomes of %s were not read ahead: %s", model_id, headline_of(error))
        return False
    return True
