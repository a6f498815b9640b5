"""``harbourlight ingest``: log files into the lake, with what became of every row."""

import signal
import threading
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from core.cli.context import (
    JsonOption,
    ModelArgument,
    err,
    out,
    print_json,
    workspace_and_actor,
)
from core.domain.identity import Actor
from core.errors import InvalidInput
from core.ingest.readers.formats import FORMATS
from core.services import ingest as ingest_service
from core.services.ingest import IngestSummary
from core.services.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("ingest")(ingest)


def ingest(
    model: ModelArgument,
    files: Annotated[
        list[str] | None, typer.Argument(metavar="FILE…", help="Files, folders or patterns.")
    ] = None,
    outcomes: Annotated[bool, typer.Option("--outcomes", help="The files hold outcomes.")] = False,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="The files hold decisions.")
    ] = False,
    format_name: Annotated[
        str | None,
        typer.Option("--format", help=f"One of {', '.join(FORMATS)}; found out by default."),
    ] = None,
    encoding: Annotated[
        str | None,
        typer.Option(help="utf-8, utf-16, big5-hkscs or gb18030; found out by default."),
    ] = None,
    watch: Annotated[
        Path | None, typer.Option(exists=True, file_okay=False, help="Take what is dropped here.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Ingest prediction logs, outcomes or decisions."""
    if outcomes and decisions:
        raise typer.BadParameter("--outcomes and --decisions exclude each other.")
    if not files and watch is None:
        raise typer.BadParameter("Name files, or a folder with --watch.")
    stream = "outcomes" if outcomes else "decisions" if decisions else "predictions"
    workspace, actor = workspace_and_actor()
    if files:
        summary = _with_bar(workspace, model, files, stream, actor, format_name, encoding)
        _show(summary, as_json)
        if summary.refused:
            raise typer.Exit(1)
    if watch is not None:
        _watch(workspace, model, watch, stream, actor, format_name, encoding, as_json)


def _with_bar(
    workspace: Workspace,
    model: str,
    files: list[str],
    stream: str,
    actor: Actor,
    format_name: str | None,
    encoding: str | None,
) -> IngestSummary:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(model, total=1.0)

        def tell(share: float, note: str) -> None:
            bar.update(task, completed=share, description=f"{model} {note}".strip())

        return ingest_service.ingest_files(
            workspace,
            model,
            files,
            stream=stream,
            actor=actor,
            format=format_name,
            encoding=encoding,
            progress=tell,
        )


def _watch(
    workspace: Workspace,
    model: str,
    folder: Path,
    stream: str,
    actor: Actor,
    format_name: str | None,
    encoding: str | None,
    as_json: bool,
) -> None:
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    def report(result: IngestSummary | InvalidInput) -> None:
        if isinstance(result, InvalidInput):
            err.print(f"Error: {result}", style="bold red", markup=False)
        else:
            _show(result, as_json)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    err.print(f"Watching {folder}. Ctrl+C stops it.", markup=False)
    ingest_service.watch_folder(
        workspace,
        model,
        folder,
        stream=stream,
        actor=actor,
        stop=stop,
        format=format_name,
        encoding=encoding,
        report=report,
    )


def _show(summary: IngestSummary, as_json: bool) -> None:
    if as_json:
        print_json(summary.to_dict())
        return
    lines = [
        f"{summary.model} {summary.stream}: {summary.read:,} rows read in {summary.seconds:.1f} s "
        f"({summary.rows_per_second:,.0f} rows/s)",
        f"  stored       {summary.stored:>12,}",
        f"  skipped      {summary.skipped:>12,}  (stored before)",
        f"  quarantined  {summary.quarantined:>12,}",
    ]
    if summary.files_known:
        lines.append(f"  {summary.files_known} of {summary.files} files were ingested before")
    if summary.undeclared:
        lines.append(f"  not declared, not stored: {', '.join(summary.undeclared)}")
    if summary.absent:
        lines.append(f"  named by the contract, in no file: {', '.join(summary.absent)}")
    if summary.resolved or summary.waiting:
        lines.append(
            f"  outcomes joined to predictions: {summary.resolved:,}; waiting for theirs: "
            f"{summary.waiting:,}"
        )
    out.print("\n".join(lines), markup=False, highlight=False)
    for refused in summary.refused:
        err.print(f"Refused {refused.name}: {refused.error}", style="bold red", markup=False)
