"""``harbourlight model``: register, list, show, suspend, resume, roll back, rebuild a reference."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli import serving
from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.services.reference import making as references
from core.services.registry import models as registry

_commands = typer.Typer(help="Register models and see what is registered.", no_args_is_help=True)
_reference = typer.Typer(help="The reference that everything is compared with.")
_commands.add_typer(_reference, name="reference")

for _command in (
    serving.suspend,
    serving.resume,
    serving.rollback,
    serving.forward,
    serving.state,
):
    _commands.command(_command.__name__)(_command)

_Artefact = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="Fitted model of the newest version: skops, or ONNX."
    ),
]
_Training = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, help="Training data of the newest version, a Parquet file."
    ),
]

_WAITING = 3  # neither done nor wrong: somebody else has to decide


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_commands, name="model")


@_commands.command("register")
def register_model(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The model.yaml.")],
    artefact: _Artefact = None,
    training: _Training = None,
    reason: Annotated[
        str, typer.Option(help="Why, if the contract guards people less than before.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Register a model, or a new revision of its contract, with its files.

    A contract that guards people less than the one in force waits for a second person: nothing
    is changed until then, and the exit code is 3.
    """
    workspace, actor = workspace_and_actor()
    done = registry.register_model(
        workspace, spec, actor=actor, artefact=artefact, training=training, reason=reason
    )
    if as_json:
        print_json(done)
    elif done.approval is not None:
        out.print(
            f"Not registered: revision {done.revision} of {done.model_id} stays in force. "
            f"This contract guards people less ({', '.join(done.loosened)}) and waits for "
            f"approval {done.approval} by a compliance lead.",
            markup=False,
        )
    elif done.changed:
        out.print(f"Registered {done.model_id}, revision {done.revision}.", markup=False)
    else:
        out.print(f"{done.model_id} is registered already, unchanged.", markup=False)
    if done.approval is not None:
        raise typer.Exit(_WAITING)


@_commands.command("list")
def list_models(as_json: JsonOption = False) -> None:
    """List the registered models."""
    workspace, actor = workspace_and_actor()
    rows = [
        {
            "model": model.id,
            "name": model.contract.name.get("en"),
            "task": model.contract.task,
            "revision": model.revision,
            "newest event": model.newest_event,
            "reference": model.live_bins_id or "not complete",
        }
        for model in registry.list_models(workspace, actor=actor)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Models", rows)


@_commands.command("show")
def show(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Show a model's contract, files and reference."""
    workspace, actor = workspace_and_actor()
    found = registry.get_model(workspace, model, actor=actor)
    files = registry.model_files(workspace, model, actor=actor)
    progress = references.reference_progress(workspace, model, actor=actor)
    if as_json:
        print_json(
            {
                "model": model,
                "revision": found.revision,
                "spec_sha256": found.spec_sha256,
                "contract": found.contract.model_dump(mode="json", by_alias=True),
                "newest_event": found.newest_event,
                "reference": progress,
                "files": files,
            }
        )
        return
    contract = found.contract
    out.print(f"{contract.name.get('en')} ({contract.id})", style="bold", markup=False)
    out.print(f"{contract.purpose.get('en')}\nOwner: {contract.owner}", markup=False)
    out.print(f"Revision {found.revision}, SHA-256 {found.spec_sha256}", markup=False)
    out.print(str(progress), markup=False)
    print_table(
        "Files",
        [
            {"version": f.version, "role": f.role, "bytes": f.bytes, "sha256": f.sha256}
            for f in files
        ],
    )


@_reference.command("rebuild")
def rebuild(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Make the reference anew from the raw rows; the old one is kept."""
    workspace, actor = workspace_and_actor()
    built = references.rebuild_reference(workspace, model, actor=actor)
    if as_json:
        print_json({"model": model, "reference": built})
    else:
        out.print(f"The reference of {model} is {built}.", markup=False)
