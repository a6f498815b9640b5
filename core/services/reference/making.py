"""The reference of a model: how far its window is logged, how it is made, and made anew.

The bins come from the raw rows of the reference window and never change under their ``bins_id``.
They go live in one transaction with the profiles of every data file; a batch published meanwhile
is profiled too before that transaction succeeds.
"""

from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.errors import NothingYet
from core.services import access
from core.services.reference.build import ReferenceBuild
from core.services.reference.state import look
from core.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class ReferenceProgress:
    """How much of the reference window the log covers.

    Parameters
    ----------
    model : str
        The model.
    days, needed : int
        Days of the window from the oldest to the newest prediction, and all its days.
    bins_id : str, optional
        The reference in force, if there is one.
    """

    model: str
    days: int
    needed: int
    bins_id: str | None

    @property
    def complete(self) -> bool:
        """Whether a reference is in force."""
        return self.bins_id is not None

    def __str__(self) -> str:
        if self.bins_id is not None:
            return f"reference {self.bins_id}"
        return f"reference {self.days} of {self.needed} days"


def reference_progress(workspace: Workspace, model_id: str, *, actor: Actor) -> ReferenceProgress:
    """Return how far the reference window is logged."""
    access.require(actor, Permission.model_view, model=model_id)
    state = look(workspace, model_id)
    window, days = state.contract.reference, 0
    if state.oldest is not None and state.newest is not None:
        zone = state.contract.timezone
        first = max(local_day(state.oldest, zone), window.start)
        last = min(local_day(state.newest, zone), window.end)
        days = max((last - first).days + 1, 0)
    return ReferenceProgress(model_id, days, window.days, state.live_bins_id)


def ensure_reference(workspace: Workspace, model_id: str, *, actor: Actor) -> str | None:
    """Make the reference as soon as its window has passed; called after each ingest.

    Returns
    -------
    str or None
        The bins in force; ``None`` while the window is not complete, or has no rows.
    """
    access.require(actor, Permission.ingest_run, model=model_id)
    state = look(workspace, model_id)
    if state.live_bins_id is not None:
        return state.live_bins_id
    if state.newest is None or state.newest < state.window.end or not state.reference_files:
        return None
    try:
        return ReferenceBuild(workspace, state, actor).run()
    except NothingYet:
        return None


def rebuild_reference(workspace: Workspace, model_id: str, *, actor: Actor) -> str:
    """Make the reference anew from the raw rows; the bins before it are kept as retired.

    Returns
    -------
    str
        The bins now in force; the same as before if the rows and the contract give the same.

    Raises
    ------
    NothingYet
        If the window is not complete, or has no rows.
    Conflict
        If another process changed the reference meanwhile.
    """
    access.require(actor, Permission.reference_rebuild, model=model_id)
    state = look(workspace, model_id)
    if state.newest is None or state.newest < state.window.end:
        progress = reference_progress(workspace, model_id, actor=actor)
        raise NothingYet(
            "The reference of {model} is not complete: {days} of {needed} days.",
            remedy="Ingest the log up to a day after {end}.",
            model=model_id,
            days=progress.days,
            needed=progress.needed,
            end=state.contract.reference.end.isoformat(),
        )
    return ReferenceBuild(workspace, state, actor).run()
