"""What a reader can choose from: each model's dates, versions and slices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.lake.profiles.segments import slice_values
from core.metrics.binning import BinSet
from core.services import access
from core.services.extent import log_extent
from core.services.personal.names import shown_labels
from core.services.questions import parsed_contract
from core.services.registry.versions import log_versions
from core.services.workspace import Workspace
from core.store import manifest, models, references


@dataclass(frozen=True, slots=True)
class LogOutline:
    """The extent of one model's log.

    Parameters
    ----------
    contract : ModelContract
        The model.
    versions : tuple of str
        Registered versions in the order of the contract, then those that only the log has.
    slices : mapping of str to tuple of str
        Segment → its values as readers see them (those of a personal column numbered), the
        pooled rest and the missing last; empty until the reference is complete, because the
        values are fixed with it.
    first_prediction, last_prediction : datetime, optional
        ``None`` while the log is empty.
    generation : int
        The lake generation looked at.
    rows : int
        Predictions in the log.
    """

    contract: ModelContract
    versions: tuple[str, ...]
    slices: Mapping[str, tuple[str, ...]]
    first_prediction: datetime | None
    last_prediction: datetime | None
    generation: int
    rows: int


def newest_generation(workspace: Workspace, model_id: str, *, actor: Actor) -> int:
    """Return a model's newest lake generation: more than the one shown means new data."""
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        return manifest.generation(conn, model_id)


def log_outlines(workspace: Workspace, *, actor: Actor) -> tuple[LogOutline, ...]:
    """Return the outline of every model in the actor's scope, by id."""
    access.require(actor, Permission.model_view)
    with workspace.store.read() as conn:
        rows = models.list_models(conn, ids=actor.models)
        scope = None if actor.jurisdictions is None else tuple(sorted(actor.jurisdictions))
        # A log's extent changes with its generation, its contract and its reference only.
        return tuple(
            workspace.memo.get(
                ("outline", row, scope), partial(_outline, workspace, conn, row, scope)
            )
            for row in rows
        )


def _outline(
    workspace: Workspace,
    conn: Connection,
    row: models.ModelRecord,
    scope: tuple[str, ...] | None,
) -> LogOutline:
    contract = parsed_contract(row.spec_text)
    files = manifest.files_at(
        conn, row.id, row.lake_generation, kinds=("data",), streams=("predictions",)
    )
    extent = log_extent(workspace, row, files, scope)
    slices: Mapping[str, tuple[str, ...]] = {}
    if row.live_bins_id is not None and contract.segments:
        bins_json = references.get(conn, row.id, row.live_bins_id).bins_json
        slices = _slices(row.spec_text, bins_json)
    registered = [version.id for version in contract.versions]
    seen = log_versions(workspace, row.id, row.lake_generation, files, scope)
    return LogOutline(
        contract=contract,
        versions=tuple(dict.fromkeys([*registered, *(span.version for span in seen)])),
        slices=slices,
        first_prediction=extent.first if extent else None,
        last_prediction=extent.last if extent else None,
        generation=row.lake_generation,
        rows=extent.rows if extent else 0,
    )


@lru_cache(maxsize=256)
def _slices(spec_text: str, bins_json: str) -> dict[str, tuple[str, ...]]:
    contract = parsed_contract(spec_text)
    cuts = slice_values(contract, BinSet.from_json(bins_json))
    return {cut.name: shown_labels(contract, cut) for cut in cuts}
