"""Reading ahead: what pages show first is asked before anybody comes, and again with new rows.

A question that nobody asked before takes seconds where there are millions of rows. Its answer is
remembered in the process until the model has new rows, so the reader who would wait is the first
one after a start or an ingest. This asks in their place.
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from threading import Event

from app.choices import model_choices
from app.filters import ModelChoice, resolve
from app.screens.first_asked import FIRST_ASKED
from app.screens.outcomes.warm import read_outcomes
from app.turns import quiet_for
from core.domain.identity import Actor, Role
from core.errors import HarbourlightError
from core.i18n.locales import DEFAULT_LOCALE
from core.services.explanation.worklist_warm import read_worklists
from core.services.jobs.worker import WORKER
from core.services.overview import overview
from core.services.portfolio import portfolio
from core.services.review import case_warm
from core.services.workspace import Workspace
from core.unforeseen import account_of, headline_of

LOOK_S = 5.0
"""Seconds between looks whether a model has new rows."""
QUIET_S = 2.0
"""Seconds in which nobody waited for a page, after which there is time to read ahead."""
_READER = Actor("worker", "worker", frozenset({Role.auditor}), origin="worker")
_LOG = logging.getLogger(__name__)


def read_ahead(opened: Callable[[], Workspace], told: Event) -> None:
    """Read ahead until told to end: the first pages at once, the others while nobody waits.

    Parameters
    ----------
    opened : callable
        Returns the workspace.
    told : Event
        Set when the server ends.
    """
    try:
        workspace = opened()
    except HarbourlightError as error:  # every page says so
        _LOG.info("nothing is read ahead: %s", headline_of(error))
        return
    for read in first_pages(workspace):
        if told.is_set():
            return
        read()
    done: dict[str, int] = {}
    while not told.wait(LOOK_S):
        for read in changed(workspace, done):
            while quiet_for() < QUIET_S:
                if told.wait(QUIET_S):
                    return
            if told.is_set():
                return
            read()


def first_pages(workspace: Workspace) -> Iterator[Callable[[], None]]:
    """Yield what reads the pages that people see first.

    The page after signing in comes first: the portfolio, or the outcomes for who has no portfolio.
    The worker itself may look at no cases.
    """
    yield _tried("overview", partial(overview, workspace, actor=WORKER))
    yield _tried("portfolio", partial(portfolio, workspace, actor=WORKER))
    yield _tried("outcomes", partial(read_outcomes, workspace, actor=_READER))
    yield _tried("case", partial(case_warm.read_ahead, workspace, actor=_READER))
    yield _tried("explanations", partial(read_worklists, workspace, actor=_READER))


def changed(workspace: Workspace, done: dict[str, int]) -> Iterator[Callable[[], None]]:
    """Yield what reads the pages of each model that has changed since; ``done`` is kept up.

    Parameters
    ----------
    workspace : Workspace
        Where.
    done : dict of str to int
        The lake generation at which each model was last read ahead.
    """
    models = [
        each
        for each in _models(workspace)
        if each.newest is not None and done.get(each.id) != each.generation
    ]
    if models and done:  # new rows since the start, when the first pages were read
        yield from first_pages(workspace)
    for model in models:
        filters = resolve({}, (model,))
        for page, ask in FIRST_ASKED.items():
            yield _tried(page, partial(ask, workspace, filters, _READER))
        done[model.id] = model.generation


def _models(workspace: Workspace) -> tuple[ModelChoice, ...]:
    try:
        return model_choices(workspace, _READER, DEFAULT_LOCALE)
    except HarbourlightError as error:  # such as a database that is away for a moment
        _LOG.info("no model is read ahead: %s", headline_of(error))
    except Exception as error:  # a fault of ours must not end the reading, nor the server badly
        _LOG.warning("no model is read ahead: %s", account_of(error))
    return ()


def _tried(page: str, read: Callable[[], object]) -> Callable[[], None]:
    def tried() -> None:
        try:
            read()
        except HarbourlightError as error:  # the page says so in its place
            _LOG.info("the page %s was not read ahead: %s", page, headline_of(error))
        except Exception as error:  # a fault of ours: its reader is told; the others go on
            _LOG.warning("the page %s was not read ahead: %s", page, account_of(error))

    return tried
