"""How stable the reasons of kept explanations are: by version, and the least stable ones."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.domain.identity import Actor, Permission
from core.metrics.intervals import wilson
from core.services import access
from core.services.personal.names import MASK
from core.services.questions import parsed_contract
from core.services.review.blind import kept_back
from core.services.rights.common import local_day
from core.services.workspace import Workspace
from core.store import models
from core.store.explanations import desk as explanation_desk
from core.store.explanations.desk import SteadyRecord
from core.store.explanations.records import STEADY


@dataclass(frozen=True, slots=True)
class VersionStability:
    """How stable the reasons of a version's decisions are.

    Parameters
    ----------
    version : str
        Which; empty where the log names none.
    decisions : int
        Whose newest record says it.
    unsteady : int
        Those with the same reasons in fewer than four of five redraws.
    lowest, mean : float
        Of the shares.
    low, high : float
        Bounds of the share of unsteady ones (Wilson, 95%).
    """

    version: str
    decisions: int
    unsteady: int
    lowest: float
    mean: float
    low: float
    high: float

    @property
    def share(self) -> float:
        """Share of unsteady ones."""
        return self.unsteady / self.decisions


@dataclass(frozen=True, slots=True)
class Stability:
    """How stable the reasons of a model's kept explanations are.

    Parameters
    ----------
    redraws : int
        By the contract in force; older records may be of another number.
    versions : tuple of VersionStability
        By version.
    counts : mapping of float to int
        Share of redraws with the same reasons → decisions, ascending.
    least : tuple of SteadyRecord
        The least stable ones, below the limit; ids masked where personal.
    since, until : date, optional
        The days on which they were kept; ``None`` without any.
    """

    redraws: int
    versions: tuple[VersionStability, ...]
    counts: Mapping[float, int]
    least: tuple[SteadyRecord, ...]
    since: date | None = None
    until: date | None = None

    @property
    def decisions(self) -> int:
        """Decisions whose newest record says how stable its reasons are."""
        return sum(each.decisions for each in self.versions)

    @property
    def unsteady(self) -> int:
        """Those with the same reasons in fewer than four of five redraws."""
        return sum(each.unsteady for each in self.versions)


def stability(workspace: Workspace, model_id: str, *, actor: Actor, limit: int = 25) -> Stability:
    """Return how stable the reasons of a model's kept explanations are.

    Of each decision the newest record counts; one without attributions by the model says nothing.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    actor : Actor
        Needs ``explanation.view``; only decisions in the actor's scope count.
    limit : int
        Most decisions to list.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.explanation_view, model=model_id)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        found = explanation_desk.steady_records(conn, model_id, jurisdictions=actor.jurisdictions)
    least = sorted(
        (each for each in found if each.stability < STEADY),
        key=lambda each: (each.stability, each.prediction_id),
    )
    hidden = kept_back(workspace, model_id, actor, among=[each.prediction_id for each in least])
    is_masked = contract.is_personal("@prediction_id")
    shown = [each for each in least if each.prediction_id not in hidden][:limit]
    by_version: dict[str, list[float]] = {}
    for each in found:
        by_version.setdefault(each.version, []).append(each.stability)
    days = [local_day(each.made_at) for each in found]
    return Stability(
        redraws=contract.explanation.redraws,
        versions=tuple(_version(*each) for each in sorted(by_version.items())),
        counts=dict(sorted(Counter(each.stability for each in found).items())),
        least=tuple(replace(each, prediction_id=MASK) if is_masked else each for each in shown),
        since=min(days, default=None),
        until=max(days, default=None),
    )


def _version(version: str, shares: Sequence[float]) -> VersionStability:
    unsteady = sum(each < STEADY for each in shares)
    bounds = wilson(unsteady, len(shares))
    return VersionStability(
        version=version,
        decisions=len(shares),
        unsteady=unsteady,
        lowest=min(shares),
        mean=sum(shares) / len(shares),
        low=float(bounds.low),
        high=float(bounds.high),
    )
