"""How many decisions of each model were explained, by how much hangs on the model."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.lake.decisions.explained_counts import explained_counts
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.questions import parsed_contract
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.explanations import records as explanations
from core.store.models import ModelRecord

_NO_TIER = 5


@dataclass(frozen=True, slots=True)
class Coverage:
    """One model's decisions, and how many were explained.

    Parameters
    ----------
    contract : ModelContract
        Whose; it has the tier and the reason for it.
    decisions, automated, explained : int
        Decisions in the log, those that no person took, and those of these with an explanation
        that was kept.
    """

    contract: ModelContract
    decisions: int
    automated: int
    explained: int

    @property
    def without(self) -> int:
        """Automated decisions without an explanation."""
        return self.automated - self.explained

    @property
    def share(self) -> float | None:
        """Share of the automated decisions that were explained; ``None`` without any."""
        return self.explained / self.automated if self.automated else None

    @property
    def wanted(self) -> float | None:
        """The share that the contract asks for, if it does."""
        return self.contract.explanation.coverage

    @property
    def is_below(self) -> bool:
        """Whether fewer were explained than the contract asks for."""
        return self.share is not None and self.wanted is not None and self.share < self.wanted


@dataclass(frozen=True, slots=True)
class TierCoverage:
    """The models of a tier together; ``tier`` is ``None`` for those without."""

    tier: int | None
    models: int
    decisions: int
    automated: int
    explained: int

    @property
    def share(self) -> float | None:
        """Share of the automated decisions that were explained; ``None`` without any."""
        return self.explained / self.automated if self.automated else None


@retry_when_stale
def coverage(workspace: Workspace, *, actor: Actor) -> tuple[Coverage, ...]:
    """Return the coverage of every model in the actor's scope, the strictest tier first.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Needs ``explanation.view``; rows outside the actor's jurisdictions are not counted.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        records = models.list_models(conn, actor.models)
    found = [_counted(workspace, record, actor) for record in records]
    return tuple(sorted(found, key=lambda each: (each.contract.tier or _NO_TIER, each.contract.id)))


def model_coverage(workspace: Workspace, model_id: str, *, actor: Actor) -> Coverage:
    """Return the coverage of one model, for a check.

    Parameters
    ----------
    workspace, model_id : Workspace, str
        Which.
    actor : Actor
        Needs ``check.run``.

    Raises
    ------
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.check_run, model=model_id)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
    return _counted(workspace, record, actor)


def by_tier(found: Sequence[Coverage]) -> tuple[TierCoverage, ...]:
    """Return the sums over the models of each tier, the strictest first."""
    tiers = dict.fromkeys(each.contract.tier for each in found)
    return tuple(
        TierCoverage(
            tier,
            len(of),
            sum(each.decisions for each in of),
            sum(each.automated for each in of),
            sum(each.explained for each in of),
        )
        for tier in tiers
        if (of := [each for each in found if each.contract.tier == tier])
    )


def _counted(workspace: Workspace, record: ModelRecord, actor: Actor) -> Coverage:
    scope = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
    with workspace.store.read() as conn:
        files = manifest.files_at(conn, record.id, record.lake_generation, kinds=["data"])
        explained = explanations.explained_ids(conn, record.id)
    predictions, decisions = (
        workspace.lake_paths(each for each in files if each.stream == stream)
        for stream in ("predictions", "decisions")
    )
    found = workspace.memo.get(
        ("explained", record.id, record.lake_generation, scope, hash(explained)),
        lambda: explained_counts(
            workspace.duck, predictions, decisions, explained, RowFilter(jurisdictions=scope)
        ),
    )
    return Coverage(parsed_contract(record.spec_text), *found)
