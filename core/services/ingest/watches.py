"""Watched folders: what is dropped there is ingested, once."""

import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.ingest.watch import seen_until, settled_files
from core.services import access
from core.services.ingest.run import ingest_files, stream_named
from core.services.ingest.summary import IngestSummary, RefusedFile
from core.services.workspace import Workspace
from core.store import batches, models
from core.store import watches as watch_store
from core.store.audit import trail as audit
from core.store.types import clean_text
from core.store.watches import Watch

_LATELY = timedelta(hours=1)


def watch_folder(
    workspace: Workspace,
    model_id: str,
    folder: Path,
    *,
    stream: str = "predictions",
    actor: Actor,
    stop: threading.Event,
    pattern: str = "*",
    format: str | None = None,
    encoding: str | None = None,
    every_s: float = 2.0,
    report: Callable[[IngestSummary | InvalidInput], None] = lambda _: None,
) -> None:
    """Ingest what is dropped into a folder until told to stop; first what is there already.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    model_id : str
        Whose log.
    folder : Path
        Where files are dropped.
    stream : {"predictions", "decisions", "outcomes"}
        What they hold.
    actor : Actor
        Who ingests.
    stop : Event
        Set it to end.
    pattern : str
        Which file names are taken.
    format, encoding : str, optional
        How the files are read.
    every_s : float
        Seconds between two looks.
    report : callable
        Given the summary of each look that found files, or why they were refused.
    """
    access.require(actor, Permission.ingest_run, model=model_id)
    since = None
    while not stop.is_set():
        now = workspace.clock()
        found = settled_files(folder, pattern, since=since, now=now)
        if found:
            try:
                report(
                    ingest_files(
                        workspace,
                        model_id,
                        found,
                        stream=stream,
                        actor=actor,
                        format=format,
                        encoding=encoding,
                    )
                )
            except InvalidInput as error:
                report(error)
        since = seen_until(now)
        stop.wait(every_s)


def scan_watches(workspace: Workspace, *, actor: Actor) -> tuple[IngestSummary, ...]:
    """Look once into every watched folder that is enabled, and ingest what is new.

    A folder counts as looked at when its files were taken or refused; after a full disk or
    another fault of storage the same files are tried again at the next look.
    """
    access.require(actor, Permission.ingest_run)
    with workspace.store.read() as conn:
        enabled = watch_store.list_watches(conn, enabled_only=True)
    summaries: list[IngestSummary] = []
    for watch in enabled:
        if actor.sees_model(watch.model_id):
            summary = _scan(workspace, watch, actor)
            summaries += [] if summary is None else [summary]
    return tuple(summaries)


def _scan(workspace: Workspace, watch: Watch, actor: Actor) -> IngestSummary | None:
    now = workspace.clock()
    found = settled_files(Path(watch.folder), watch.pattern, since=watch.last_seen_at, now=now)
    summary: IngestSummary | None = None
    if found:
        try:
            summary = ingest_files(
                workspace, watch.model_id, found, stream=watch.stream, actor=actor
            )
            refused = summary.refused
        except InvalidInput as error:  # none of them could be taken
            refused = (RefusedFile(found[0].name, error),)
        if refused:
            names = [path.name for path in found]
            _tell_refusal(workspace, watch, actor, names, refused, all_of_them=summary is None)
    with workspace.store.begin() as conn:
        watch_store.mark_seen(conn, watch.id, at=seen_until(now))
    return summary


def _tell_refusal(
    workspace: Workspace,
    watch: Watch,
    actor: Actor,
    names: Sequence[str],
    refused: Sequence[RefusedFile],
    *,
    all_of_them: bool,
) -> None:
    """Enter that files were refused, by place and kind of error; a failed batch says which.

    A file's name may be a person's: it stays in the table of batches, from which it can be erased.
    """
    now, first = workspace.clock(), refused[0]
    with workspace.store.begin() as conn:
        for file in refused:
            _note_failure(workspace, conn, watch, actor, str(file.error))
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="watch.refused",
            objects={"model": watch.model_id, "watch": watch.id},
            body={
                "files": len(names),
                "refused": len(names) if all_of_them else len(refused),
                "first": names.index(first.name) + 1,
                "error": type(first.error).__name__,
            },
        )


def _note_failure(
    workspace: Workspace, conn: Connection, watch: Watch, actor: Actor, message: str
) -> None:
    """Keep why a file was refused as a failed batch, if its reading did not leave one."""
    since = workspace.clock() - _LATELY
    failed = batches.list_batches(
        conn, models=[watch.model_id], streams=[watch.stream], states=["failed"], limit=20
    )
    if any(each.message == clean_text(message) and each.started_at >= since for each in failed):
        return
    batch_id, now = workspace.new_id(), workspace.clock()
    batches.open_batch(
        conn,
        batch_id=batch_id,
        model_id=watch.model_id,
        stream=watch.stream,
        actor=actor.username,
        at=now,
    )
    batches.finish(conn, batch_id, "failed", at=now, message=message)


def watches(
    workspace: Workspace, *, actor: Actor, model_id: str | None = None
) -> tuple[Watch, ...]:
    """Return the watched folders that the actor may see, of all models or of one."""
    access.require(actor, Permission.ingest_view, model=model_id)
    scope = actor.models if model_id is None else frozenset({model_id})
    with workspace.store.read() as conn:
        return watch_store.list_watches(conn, models=scope)


def add_watch(
    workspace: Workspace,
    model_id: str,
    folder: str,
    *,
    stream: str = "predictions",
    pattern: str = "*",
    actor: Actor,
) -> str:
    """Watch a folder of the server for files of a model; return the watch's id.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        The model.
    folder : str
        Full path on the server.
    stream : str
        ``predictions``, ``outcomes`` or ``decisions``.
    pattern : str
        Which names, such as ``*.csv``.
    actor : Actor
        Who asks.

    Raises
    ------
    InvalidInput
        If it is no folder, or one of the workspace's own.
    Conflict
        If it is watched already.
    """
    access.require(actor, Permission.workspace_maintain, model=model_id)
    path = Path(folder).expanduser()
    if not path.is_absolute() or not path.is_dir():
        raise InvalidInput(
            "{folder} is not a folder on the server.",
            remedy="Give the full path of a folder that exists.",
            folder=folder,
        )
    path = path.resolve()
    if path.is_relative_to(workspace.settings.home):
        raise InvalidInput(
            "{folder} belongs to the workspace.", remedy="Choose another folder.", folder=folder
        )
    watch_id = workspace.new_id()
    with workspace.store.begin() as conn:
        models.get(conn, model_id)
        watch_store.add(
            conn,
            watch_id=watch_id,
            model_id=model_id,
            stream=stream_named(stream),
            folder=str(path),
            pattern=pattern,
            actor=actor.username,
            at=workspace.clock(),
        )
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="watch.added",
            objects={"model": model_id, "watch": watch_id},
            body={"folder": str(path), "pattern": pattern, "stream": stream},
        )
    return watch_id


def remove_watch(workspace: Workspace, watch_id: str, *, actor: Actor) -> None:
    """Stop watching a folder; its files stay."""
    access.require(actor, Permission.workspace_maintain)
    with workspace.store.begin() as conn:
        watch = watch_store.get(conn, watch_id)
        access.require(actor, Permission.workspace_maintain, model=watch.model_id)
        watch_store.remove(conn, watch_id)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="watch.removed",
            objects={"model": watch.model_id, "watch": watch_id},
            body={"folder": watch.folder},
        )
