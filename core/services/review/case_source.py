"""What the parts of a case's page are read from: the prediction, its contract and its files."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import NotFound
from core.i18n import N_
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.lake.row_filter import RowFilter
from core.services import access
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.manifest import ManifestFile

Found = TypeVar("Found")
GONE = N_("The prediction is no longer in the log.")


@dataclass(frozen=True, slots=True)
class Part(Generic[Found]):
    """One part of the page: what was found, or why there is nothing to show.

    Parameters
    ----------
    found : object, optional
        ``None`` if there is nothing.
    why : str
        Message id of the reason then.
    params : dict
        What the reason names.
    """

    found: Found | None
    why: str = ""
    params: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class CaseSource:
    """A case's prediction as the log has it, and where to look for others.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Who looks; only rows in the actor's scope are read.
    contract : ModelContract
        As it stands now.
    spec_sha256, generation, bins_id : str, int, str or None
        What answers depend on.
    files : tuple of ManifestFile
        Data files of all streams.
    row : dict, optional
        Every lake column of the prediction; ``None`` if it was erased or disposed of.
    prediction_id, version, decision : str
        Of the case.
    predicted_at : datetime
        When it was made.
    """

    workspace: Workspace
    actor: Actor
    contract: ModelContract
    spec_sha256: str
    generation: int
    bins_id: str | None
    files: tuple[ManifestFile, ...]
    row: dict[str, object] | None
    prediction_id: str
    version: str
    decision: str
    predicted_at: datetime

    @property
    def row_filter(self) -> RowFilter:
        """Which rows the reader may see."""
        scope = self.actor.jurisdictions
        return RowFilter(jurisdictions=None if scope is None else tuple(sorted(scope)))

    @property
    def key(self) -> tuple[object, ...]:
        """What answers about other rows depend on."""
        return (
            self.contract.id,
            self.spec_sha256,
            self.generation,
            self.row_filter.jurisdictions,
        )

    @property
    def day(self) -> date:
        """The local day of the prediction."""
        return self.predicted_at.astimezone(self.contract.zone).date()

    def paths(self, stream: str) -> tuple[str, ...]:
        """Return the files of a stream."""
        return self.workspace.lake_paths(each for each in self.files if each.stream == stream)

    def alias(self, name: str) -> str:
        """Return the lake column of a feature."""
        return self.contract.alias(name)

    def required_row(self) -> dict[str, object]:
        """Return the prediction's row.

        Raises
        ------
        NotFound
            If the log does not have it any more.
        """
        if self.row is None:
            raise NotFound(GONE, remedy=N_("Go on with what the case itself holds."))
        return self.row

    @property
    def numeric(self) -> tuple[str, ...]:
        """Names of the numeric features."""
        return tuple(each.name for each in self.contract.features if each.type == "numeric")

    @property
    def categorical(self) -> tuple[str, ...]:
        """Names of the categorical features."""
        return tuple(each.name for each in self.contract.features if each.type == "categorical")

    def remember(self, name: str, *more: object, answer: Callable[[], Found]) -> Found:
        """Return a remembered answer about other rows than the case's own."""
        return self.workspace.memo.get((f"case {name}", *self.key, *more), answer)


def read_source(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    *,
    actor: Actor,
    version: str,
    decision: str,
    predicted_at: datetime,
    permission: Permission = Permission.review_view,
) -> CaseSource:
    """Return what the parts of a case, or of a decision without one, are read from.

    The row is left out where it lies in a jurisdiction that the actor does not see.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        The model.
    prediction_id : str
        The prediction.
    actor : Actor
        Who asks.
    version : str
        The version that scored it.
    decision : str
        What was decided.
    predicted_at : datetime
        When it was scored.
    permission : Permission
        What the actor needs.

    Raises
    ------
    Forbidden, NotFound
        If the actor lacks the permission, or there is no such model in the actor's scope.
    """
    access.require(actor, permission, model=model_id)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(conn, model_id, record.lake_generation, kinds=["data"])
    predictions = workspace.lake_paths(each for each in files if each.stream == "predictions")
    place = PredictionFiles(model_id, [predictions])
    row = (
        read_prediction(workspace.duck, workspace.id_filters, place, prediction_id)
        if predictions
        else None
    )
    if row is not None and not actor.sees_jurisdiction(str(row.get("jurisdiction") or "")):
        row = None
    return CaseSource(
        workspace=workspace,
        actor=actor,
        contract=parsed_contract(record.spec_text),
        spec_sha256=record.spec_sha256,
        generation=record.lake_generation,
        bins_id=record.live_bins_id,
        files=tuple(files),
        row=row,
        prediction_id=prediction_id,
        version=version,
        decision=decision,
        predicted_at=predicted_at,
    )
