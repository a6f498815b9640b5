"""Ingesting files: which are new, which go together, what came of each."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast, get_args

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.ingest.batch import BatchResult, InputFile, Request, ingest_batch
from core.ingest.groups import find_files, groups
from core.ingest.headers import check_header
from core.ingest.streams import Stream, shapes_of
from core.lake.files import sha256_of, storage_errors
from core.services import access
from core.services.ingest.summary import IngestSummary, RefusedFile, summarise
from core.services.questions import parsed_contract
from core.services.reference.making import ensure_reference
from core.services.routing.jobs import order_routing
from core.services.workspace import Workspace
from core.store import batches, models

Progress = Callable[[float, str], None]


def ingest_files(
    workspace: Workspace,
    model_id: str,
    paths: Sequence[str | Path],
    *,
    stream: str = "predictions",
    actor: Actor,
    format: str | None = None,
    encoding: str | None = None,
    moves_time: bool = True,
    progress: Progress = lambda _share, _note: None,
    step: Callable[[str], None] = lambda _: None,
) -> IngestSummary:
    """Ingest files into one stream of a model.

    A file whose content was ingested before is skipped at once. Of several files, one that
    cannot be taken does not stop the others; of a single file, its error is raised.

    Parameters
    ----------
    workspace : Workspace
        Where to.
    model_id : str
        Whose log.
    paths : sequence of str or Path
        Files, folders and patterns.
    stream : {"predictions", "decisions", "outcomes"}
        What the files hold.
    actor : Actor
        Who ingests.
    format, encoding : str, optional
        How the files are read, where their bytes do not show it.
    moves_time : bool
        Whether the newest row may become the newest event of the model.
    progress : callable
        Told a share of 1 and what is being done.
    step : callable
        Told the name of each step of each batch; tests stop the process there.

    Raises
    ------
    InvalidInput, UnreadableFile, MissingColumn
        If no file can be taken.
    DiskFull
        If the disk is full; batches before this one are stored, of this one nothing.
    """
    access.require(actor, Permission.ingest_run, model=model_id)
    started = time.perf_counter()
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
    request = Request(contract, stream_named(stream), (), actor, format, encoding, moves_time)
    run = _Run(workspace, request, progress, step)
    found = find_files(paths)
    run.ingest(found)
    if run.refused and len(run.refused) == len(found):
        raise run.refused[0].error
    if stream == "predictions" and any(result.state == "published" for result in run.results):
        ensure_reference(workspace, model_id, actor=actor)
        order_routing(workspace, model_id)
    progress(1.0, "")
    return summarise(
        model_id,
        stream,
        files=len(found),
        known=run.known,
        refused=run.refused,
        results=run.results,
        seconds=time.perf_counter() - started,
    )


def stream_named(name: str) -> Stream:
    """Return the stream of that name, or raise :class:`InvalidInput`."""
    if name not in get_args(Stream):
        raise InvalidInput(
            "{stream!r} is not a stream that is ingested.",
            remedy="Choose from: {streams}.",
            stream=name,
            streams=", ".join(get_args(Stream)),
        )
    return cast("Stream", name)


class _Run:
    """The batches of one ingest."""

    def __init__(
        self,
        workspace: Workspace,
        request: Request,
        progress: Progress,
        step: Callable[[str], None],
    ) -> None:
        self._workspace = workspace
        self._request = request
        self._shapes = shapes_of(request.contract, request.stream)
        self._progress = progress
        self._step = step
        self.known = 0
        self.refused: list[RefusedFile] = []
        self.results: list[BatchResult] = []

    def ingest(self, paths: Iterable[Path]) -> None:
        """Ingest the files that are new, in batches."""
        new = list(self._new_files(paths))
        total, done = sum(file.bytes for file in new) or 1, 0
        for group in groups(new):
            size = sum(file.bytes for file in group)
            self._ingest_group(group, done / total, size / total)
            done += size

    def _new_files(self, paths: Iterable[Path]) -> Iterable[InputFile]:
        seen: set[str] = set()
        for path in paths:
            with storage_errors():
                sha256 = sha256_of(path)
            if sha256 in seen or self._is_known(sha256):
                self.known += 1
                continue
            seen.add(sha256)
            try:
                check_header(path, self._shapes, self._request.format_name, self._request.encoding)
            except InvalidInput as error:
                self.refused.append(RefusedFile(path.name, error))
                continue
            yield InputFile(path, sha256, path.stat().st_size)

    def _is_known(self, sha256: str) -> bool:
        with self._workspace.store.read() as conn:
            batch = batches.published_with_source(
                conn,
                model_id=self._request.contract.id,
                stream=self._request.stream,
                sha256=sha256,
            )
        return batch is not None

    def _ingest_group(self, group: tuple[InputFile, ...], start: float, width: float) -> None:
        def progress(share: float, note: str) -> None:
            self._progress(start + share * width, note)

        try:
            self.results.append(self._batch(group, progress))
        except InvalidInput as error:
            if len(group) == 1:
                self.refused.append(RefusedFile(group[0].path.name, error))
                return
            for number, file in enumerate(group):
                part = width / len(group)
                self._ingest_group((file,), start + number * part, part)

    def _batch(self, group: tuple[InputFile, ...], progress: Progress) -> BatchResult:
        request = replace(self._request, files=group)
        return ingest_batch(self._workspace, request, step=self._step, progress=progress)
