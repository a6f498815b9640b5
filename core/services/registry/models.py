"""Registering models and reading what is registered."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.contract import ModelContract, load_contract
from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.services import access
from core.services.questions import parsed_contract
from core.services.registry import artefacts
from core.services.registry.loosened import loosened
from core.services.registry.registrations import KeptFile, Registered, enter, propose_loosening
from core.services.workspace import Workspace
from core.store import models


@dataclass(frozen=True, slots=True)
class RegisteredModel:
    """A model as registered: its contract, revision and the state of its log."""

    contract: ModelContract
    revision: int
    spec_sha256: str
    registered_at: datetime
    registered_by: str
    lake_generation: int
    newest_event: datetime | None
    live_bins_id: str | None

    @property
    def id(self) -> str:
        """The model's id."""
        return self.contract.id


@dataclass(frozen=True, slots=True)
class _File:
    version: str
    role: str
    path: Path
    sha256: str


def register_model(
    workspace: Workspace,
    spec: Path,
    *,
    actor: Actor,
    artefact: Path | None = None,
    training: Path | None = None,
    reason: str = "",
) -> Registered:
    """Register a model, or a new revision of its contract, with its files.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    spec : Path
        The ``model.yaml``; files it names are looked for beside it.
    actor : Actor
        Who registers.
    artefact, training : Path, optional
        Files of the newest version, instead of those the contract names.
    reason : str
        Why, for whoever approves a contract that guards people less than the one in force: such
        a one is proposed, and changes nothing until then.

    Raises
    ------
    ContractError
        If the contract is wrong, or changes what stored rows depend on.
    InvalidInput
        If a file does not fit the contract or its stated hash, or a reason is missing.
    Conflict
        If another contract came into force meanwhile, or one waits for approval already.
    """
    access.require(actor, Permission.model_register)
    contract = load_contract(spec)
    access.require(actor, Permission.model_register, model=contract.id)
    text = spec.read_text(encoding="utf-8-sig")
    files = [
        _keep(workspace, file) for file in _check_files(contract, spec.parent, artefact, training)
    ]
    with workspace.store.begin() as conn:
        before = models.find(conn, contract.id)
        if before is None or not loosened(parsed_contract(before.spec_text), contract):
            done = enter(
                workspace, conn, text, files, before=before, by=actor, author=actor.username
            )
            return Registered(done.model_id, done.revision, done.changed)
    return propose_loosening(
        workspace, contract, text, files, before=before, actor=actor, reason=reason
    )


def list_models(workspace: Workspace, *, actor: Actor) -> tuple[RegisteredModel, ...]:
    """Return the models in the actor's scope, by id."""
    access.require(actor, Permission.model_view)
    with workspace.store.read() as conn:
        return tuple(_registered(row, actor) for row in models.list_models(conn, ids=actor.models))


def get_model(workspace: Workspace, model_id: str, *, actor: Actor) -> RegisteredModel:
    """Return one model; raises ``NotFound`` if there is none in the actor's scope."""
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        return _registered(models.get(conn, model_id), actor)


def model_files(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[models.Artefact, ...]:
    """Return the files attached to a model, the newest first."""
    access.require(actor, Permission.model_view, model=model_id)
    with workspace.store.read() as conn:
        return models.artefacts(conn, model_id)


def _registered(row: models.ModelRecord, actor: Actor) -> RegisteredModel:
    """Return the model; its newest event may lie outside a limited reader's scope."""
    return RegisteredModel(
        contract=parsed_contract(row.spec_text),
        revision=row.spec_revision,
        spec_sha256=row.spec_sha256,
        registered_at=row.registered_at,
        registered_by=row.registered_by,
        lake_generation=row.lake_generation,
        newest_event=row.newest_event if actor.jurisdictions is None else None,
        live_bins_id=row.live_bins_id,
    )


def _check_files(
    contract: ModelContract, folder: Path, artefact: Path | None, training: Path | None
) -> list[_File]:
    features = [feature.name for feature in contract.features]
    named: list[_File] = []
    newest = contract.versions[-1] if contract.versions else None
    for version in contract.versions:
        given = artefact if version is newest else None
        if path := given or (folder / version.artefact if version.artefact else None):
            named.append(_file(version.id, "artefact", path))
            artefacts.check_pipeline(path, contract)
            _check_hash(named[-1], version.sha256)
        given = training if version is newest else None
        if path := given or (folder / version.training if version.training else None):
            named.append(_file(version.id, "training", path))
            artefacts.check_table(path, features)
    if newest is None and (artefact or training):
        raise InvalidInput(
            "The contract lists no version that a file could belong to.",
            remedy="Add 'versions: [{{id: \"1\"}}]'.",
        )
    holdout = contract.performance_reference and contract.performance_reference.dataset
    if holdout:
        named.append(_file(newest.id if newest else "1", "holdout", folder / holdout))
        artefacts.check_table(folder / holdout, features)
    return named


def _keep(workspace: Workspace, file: _File) -> KeptFile:
    """Keep a file by its hash, and say where."""
    path = artefacts.keep(file.path, workspace.settings.models_dir, file.sha256)
    kept = path.relative_to(workspace.settings.home).as_posix()
    return KeptFile(file.version, file.role, kept, file.sha256, path.stat().st_size)


def _file(version: str, role: str, path: Path) -> _File:
    if not path.is_file():
        raise InvalidInput(
            "{path} ({role} of version {version}) does not exist.",
            remedy="Give the path relative to the model.yaml.",
            path=str(path),
            role=role,
            version=version,
        )
    return _File(version, role, path, artefacts.sha256_of(path))


def _check_hash(file: _File, stated: str | None) -> None:
    if stated is not None and stated != file.sha256:
        raise InvalidInput(
            "The artefact of version {version} has SHA-256 {found}, the contract states {stated}.",
            remedy="Give the file that was approved, or state the new hash as a new version.",
            version=file.version,
            found=file.sha256,
            stated=stated,
        )
