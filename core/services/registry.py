"""Registering models and reading what is registered."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection

from core.contract import ModelContract, load_contract
from core.domain.identity import Actor, Permission
from core.errors import ContractError, InvalidInput
from core.lake.streams import own_columns, stream_columns
from core.services import access, artefacts
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import audit, models


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
) -> models.Registration:
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

    Raises
    ------
    ContractError
        If the contract is wrong, or changes what stored rows depend on.
    InvalidInput
        If a file does not fit the contract or its stated hash.
    """
    access.require(actor, Permission.model_register)
    contract = load_contract(spec)
    access.require(actor, Permission.model_register, model=contract.id)
    files = _check_files(contract, spec.parent, artefact, training)
    kept = [
        (file, artefacts.keep(file.path, workspace.settings.models_dir, file.sha256))
        for file in files
    ]
    now = workspace.clock()
    with workspace.store.begin() as conn:
        before = models.find(conn, contract.id)
        if before is not None and before.lake_generation > 0:
            _refuse_breaking_change(parsed_contract(before.spec_text), contract)
        done = models.register(
            conn,
            model_id=contract.id,
            spec_text=spec.read_text(encoding="utf-8-sig"),
            actor=actor.username,
            at=now,
        )
        added = [_attach(conn, workspace, contract.id, file, path, actor) for file, path in kept]
        if done.changed or any(added):
            audit.append(
                conn,
                at=now,
                actor=actor.audit_name,
                role=actor.role_text,
                kind="model.registered",
                objects={"model": contract.id},
                body={
                    "revision": done.revision,
                    "files": [
                        {"version": f.version, "role": f.role, "sha256": f.sha256} for f, _ in kept
                    ],
                },
            )
    return done


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
            remedy="Hand in the file that was approved, or state the new hash as a new version.",
            version=file.version,
            found=file.sha256,
            stated=stated,
        )


def _attach(
    conn: Connection,
    workspace: Workspace,
    model_id: str,
    file: _File,
    path: Path,
    actor: Actor,
) -> bool:
    return models.add_artefact(
        conn,
        model_id=model_id,
        version=file.version,
        role=file.role,
        path=path.relative_to(workspace.settings.home).as_posix(),
        sha256=file.sha256,
        size_bytes=path.stat().st_size,
        actor=actor.username,
        at=workspace.clock(),
    )


def _refuse_breaking_change(before: ModelContract, after: ModelContract) -> None:
    stored, wanted = _stored_as(before), _stored_as(after)
    changed = [name for name, place in stored.items() if wanted.get(name) != place]
    if before.timezone != after.timezone:
        changed.append("timezone")
    if changed:
        raise ContractError(
            "Rows are stored already, and this contract changes {fields}.",
            remedy="Keep them as they are, or register a new model id.",
            fields=", ".join(changed),
        )


def _stored_as(contract: ModelContract) -> dict[str, tuple[str, str]]:
    """Return every column of the log and of the outcomes with its lake column and type.

    A class of a multiclass model is stored by its place, so the order of classes counts too.
    """
    types = own_columns(contract)
    found = {name: (alias, types[alias]) for name, alias in contract.stored_columns.items()}
    if contract.outcome is not None:
        types = stream_columns(contract, "outcomes")
        found |= {
            name: (alias, types[alias]) for name, alias in contract.outcome.stored_columns.items()
        }
    return found | {
        name: (f"score_{place}", "DOUBLE") for place, name in enumerate(contract.log.scores)
    }
