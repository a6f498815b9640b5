"""Commands on the workspace as a whole: make, serve, work, check, compact."""

import signal
import threading
from types import FrameType
from typing import Annotated

import typer
from rich.progress import Progress

from core.bootstrap import create_workspace, open_workspace
from core.cli.context import (
    JsonOption,
    err,
    os_login,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.serve import serve as run_app
from core.config import load_settings
from core.services import doctor as doctor_service
from core.services import maintenance
from core.services.demo import build as demo_service
from core.services.identity import users
from core.services.jobs import tasks, worker
from core.services.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    for command in (init, demo, serve, worker_command, doctor, compact):
        name = "worker" if command is worker_command else command.__name__
        app.command(name)(command)


def init() -> None:
    """Make an empty workspace at HARBOURLIGHT_HOME."""
    workspace = create_workspace(load_settings())
    actor = users.actor_of_os_login(workspace, os_login())
    out.print(f"Workspace {workspace.settings.home}, user {actor.username}.", markup=False)


def demo() -> None:
    """Make the demo workspace: five models, their logs and outcomes, six users."""
    _build_demo(create_workspace(load_settings()))


def serve(
    with_demo: Annotated[
        bool, typer.Option("--demo", help="Make the demo workspace first if there is none.")
    ] = False,
    address: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8501,
    processes: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=64,
            envvar="HARBOURLIGHT_PROCESSES",
            show_default="one a core, at most four",
            help="Processes of the app that share the port.",
        ),
    ] = None,
) -> None:
    """Start the app and its worker."""
    settings = load_settings()
    workspace = create_workspace(settings) if with_demo else open_workspace(settings)
    users.actor_of_os_login(workspace, os_login())
    if with_demo:
        _build_demo(workspace)
    people = users.demo_users(workspace)
    workspace.store.close()

    def ready(url: str) -> None:
        out.print(f"\nHarbourlight is at {url}", style="bold", markup=False)
        for person in people:
            line = f"  {person.role:<16} {person.username:<8} {person.password}"
            out.print(line, markup=False, highlight=False)
        out.print("Ctrl+C stops it.", markup=False)

    raise typer.Exit(run_app(address=address, port=port, processes=processes, on_ready=ready))


def worker_command() -> None:
    """Do queued jobs and look into watched folders until stopped."""
    workspace = open_workspace(load_settings())
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    worker.run_worker(workspace, tasks.HANDLERS, stop=stop, between=tasks.look_around)


def doctor(
    repair: Annotated[
        bool, typer.Option(help="Remove files of batches that expired a day ago or earlier.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the workspace: manifest against files and hashes, orphans, versions."""
    workspace, actor = workspace_and_actor()
    report = doctor_service.examine(workspace, actor=actor, repair=repair)
    if as_json:
        print_json(report)
    else:
        print_table("Findings", [finding.as_row() for finding in report.findings])
    raise typer.Exit(0 if report.healthy else 1)


def compact(
    model: Annotated[str | None, typer.Argument(metavar="MODEL", help="Only this model.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Merge a model's many small files into few large ones."""
    workspace, actor = workspace_and_actor()
    done = maintenance.compact(workspace, model, actor=actor)
    if as_json:
        print_json({"rows": done})
    else:
        for line in done:
            out.print(str(line), markup=False)


def _build_demo(workspace: Workspace) -> None:
    actor = users.actor_of_os_login(workspace, os_login())
    with Progress(console=err, transient=True) as bar:
        task = bar.add_task("Building the demo workspace", total=1.0)

        def tell(share: float, note: str) -> None:
            bar.update(task, completed=share, description=note)

        built = demo_service.build_demo(workspace, actor=actor, progress=tell)
    if built:
        out.print(f"The demo workspace is in {workspace.settings.home}.", markup=False)
