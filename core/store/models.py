"""Registered models: the contract's text, every revision of it, artefacts, the newest event."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Select, and_, bindparam, insert, or_, select, update

from core.errors import Conflict, NotFound
from core.store.rows import insert_if_absent
from core.store.tables import artefact, model, model_spec, reference


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A registered model.

    Parameters
    ----------
    id : str
        Key of the model.
    spec_text, spec_sha256 : str
        The contract in force, as it was handed in, and its hash.
    spec_revision : int
        Number of that revision, from 1.
    registered_at, registered_by : datetime, str
        When and by whom this revision was registered.
    lake_generation : int
        Number of publications so far; readers hold it.
    newest_event : datetime, optional
        Instant of the newest event in the model's log; ``None`` while the log is empty.
    live_bins_id : str, optional
        The reference in force; ``None`` until one is complete.
    """

    id: str
    spec_text: str
    spec_sha256: str
    spec_revision: int
    registered_at: datetime
    registered_by: str
    lake_generation: int
    newest_event: datetime | None
    live_bins_id: str | None


@dataclass(frozen=True, slots=True)
class SpecRevision:
    """One revision of a model's contract: its number, text, hash, when and by whom."""

    model_id: str
    revision: int
    spec_text: str
    sha256: str
    registered_at: datetime
    registered_by: str


@dataclass(frozen=True, slots=True)
class Artefact:
    """A file that belongs to a model version, kept by its hash.

    ``role`` is ``artefact`` (the fitted model), ``training`` or ``holdout``.
    """

    id: int
    model_id: str
    version: str
    role: str
    path: str
    sha256: str
    bytes: int
    added_at: datetime
    added_by: str


@dataclass(frozen=True, slots=True)
class Registration:
    """What :func:`register` did: the revision now in force, and whether it is new."""

    model_id: str
    revision: int
    changed: bool


def register(
    conn: Connection,
    *,
    model_id: str,
    spec_text: str,
    actor: str,
    at: datetime,
    replaces: str | None = None,
) -> Registration:
    """Register a model, or a new revision of its contract; the same text again changes nothing.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    model_id : str
        Key of the model.
    spec_text : str
        The contract as it was handed in, already validated.
    actor : str
        Who registers it.
    at : datetime
        When; aware.
    replaces : str, optional
        Hash of the contract that it was compared with; empty for one that there was not.

    Raises
    ------
    Conflict
        If another contract than that is in force by now.
    """
    sha256 = spec_hash(spec_text)
    in_force = {
        "spec_text": spec_text,
        "spec_sha256": sha256,
        "spec_revision": 1,
        "registered_at": at,
        "registered_by": actor,
    }
    if not insert_if_absent(conn, model, {"id": model_id, **in_force}):
        stored = conn.execute(
            select(model.c.spec_sha256, model.c.spec_revision)
            .where(model.c.id == model_id)
            .with_for_update()
        ).one()
        if stored.spec_sha256 == sha256:
            return Registration(model_id, stored.spec_revision, changed=False)
        if replaces is not None and stored.spec_sha256 != replaces:
            raise Conflict(
                "The contract of {model} was changed meanwhile.",
                remedy="Look at the one in force, and register yours again.",
                model=model_id,
            )
        in_force["spec_revision"] = stored.spec_revision + 1
        conn.execute(update(model).where(model.c.id == model_id).values(**in_force))
    revision = int(str(in_force["spec_revision"]))
    conn.execute(
        insert(model_spec).values(
            model_id=model_id,
            revision=revision,
            spec_text=spec_text,
            sha256=sha256,
            registered_at=at,
            registered_by=actor,
        )
    )
    return Registration(model_id, revision, changed=True)


def spec_hash(spec_text: str) -> str:
    """Return the SHA-256 that a contract's text goes by, in hex."""
    return hashlib.sha256(spec_text.encode("utf-8")).hexdigest()


def find(conn: Connection, model_id: str) -> ModelRecord | None:
    """Return a model, or ``None`` if there is none of that id."""
    row = conn.execute(_model(), {"wanted": model_id}).one_or_none()
    return None if row is None else ModelRecord(**row._mapping)


def get(conn: Connection, model_id: str) -> ModelRecord:
    """Return a model.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    record = find(conn, model_id)
    if record is None:
        raise unknown_model(model_id)
    return record


def unknown_model(model_id: str) -> NotFound:
    """Return the error for an id that no model has."""
    return NotFound(
        "There is no model {model}.",
        remedy="Run 'harbourlight model list'.",
        model=model_id,
    )


def list_models(conn: Connection, ids: Iterable[str] | None = None) -> tuple[ModelRecord, ...]:
    """Return models by id; ``ids`` narrows them to a reader's scope, ``None`` means all."""
    query = _models().order_by(model.c.id)
    if ids is not None:
        query = query.where(model.c.id.in_(list(ids)))
    return tuple(ModelRecord(**row._mapping) for row in conn.execute(query))


def spec_revisions(conn: Connection, model_id: str) -> tuple[SpecRevision, ...]:
    """Return every revision of a model's contract, the oldest first."""
    query = select(model_spec).where(model_spec.c.model_id == model_id)
    rows = conn.execute(query.order_by(model_spec.c.revision))
    return tuple(SpecRevision(**row._mapping) for row in rows)


def advance_newest_event(conn: Connection, model_id: str, newest: datetime) -> None:
    """Move the model's newest event forward; an older instant changes nothing."""
    older = or_(model.c.newest_event.is_(None), model.c.newest_event < newest)
    conn.execute(update(model).where(model.c.id == model_id, older).values(newest_event=newest))


def add_artefact(
    conn: Connection,
    *,
    model_id: str,
    version: str,
    role: str,
    path: str,
    sha256: str,
    size_bytes: int,
    actor: str,
    at: datetime,
) -> bool:
    """Attach a stored file to a model version; return whether it was new.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    model_id, version : str
        Whose file it is.
    role : {"artefact", "training", "holdout"}
        What it is.
    path : str
        Where it is stored, relative to the workspace.
    sha256 : str
        Hash of its content; the same content in the same role is attached once.
    size_bytes : int
        Its size.
    actor, at : str, datetime
        Who attached it, when.
    """
    return insert_if_absent(
        conn,
        artefact,
        {
            "model_id": model_id,
            "version": version,
            "role": role,
            "path": path,
            "sha256": sha256,
            "bytes": size_bytes,
            "added_at": at,
            "added_by": actor,
        },
    )


def artefacts(
    conn: Connection, model_id: str, *, version: str | None = None, role: str | None = None
) -> tuple[Artefact, ...]:
    """Return a model's files, the newest first."""
    query = select(artefact).where(artefact.c.model_id == model_id)
    if version is not None:
        query = query.where(artefact.c.version == version)
    if role is not None:
        query = query.where(artefact.c.role == role)
    return tuple(
        Artefact(**row._mapping) for row in conn.execute(query.order_by(artefact.c.id.desc()))
    )


@cache
def _model() -> Select[tuple[object, ...]]:
    """Return the query for one model, made once: every service asks it."""
    return _models().where(model.c.id == bindparam("wanted"))


def _models() -> Select[tuple[object, ...]]:
    live = and_(reference.c.model_id == model.c.id, reference.c.state == "live")
    return select(*model.c, reference.c.bins_id.label("live_bins_id")).select_from(
        model.outerjoin(reference, live)
    )
