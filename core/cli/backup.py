"""``harbourlight backup`` and ``restore``: one moment of the workspace, and back again."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, workspace_and_actor
from core.config import load_settings
from core.errors import InvalidInput
from core.services.backup.restore import restore_backup
from core.services.backup.taking import make_backup


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    target: Annotated[Path, typer.Argument(metavar="TARGET", help="A new folder or .tar file.")],
    keys: Annotated[
        Path | None, typer.Option(help="Where the keys go; by default beside it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the workspace while it runs; the keys go into a second file."""
    workspace, actor = workspace_and_actor()
    made = make_backup(workspace, target, actor=actor, keys_path=keys)
    if as_json:
        print_json(made)
        return
    out.print(f"{made.files} files, {made.bytes / 1e6:.1f} MB in {made.path}", markup=False)
    out.print(f"{made.entries} entries of the audit trail, root {made.root}", markup=False)
    out.print(f"Keys: {made.keys_path} - keep them elsewhere.", markup=False)


def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="The backup.")],
    keys: Annotated[Path, typer.Option(help="The file of keys made with it.")],
    tombstones: Annotated[
        Path | None, typer.Option(help="The newest tombstones.json of the workspace.")
    ] = None,
    without_tombstones: Annotated[
        bool,
        typer.Option("--without-tombstones", help="Nobody was erased since the backup."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into an empty HARBOURLIGHT_HOME; whoever was erased since stays erased."""
    if (tombstones is None) != without_tombstones:
        raise InvalidInput(
            "A restore needs the tombstones of the people erased since the backup.",
            remedy="Give --tombstones FILE, or --without-tombstones if nobody was erased since.",
        )
    done = restore_backup(load_settings(), source, keys_path=keys, tombstones_path=tombstones)
    if as_json:
        print_json(done)
        return
    out.print(f"{done.files} files of {done.made_at} are in {done.home}.", markup=False)
    out.print(f"Verified: {done.entries} entries, root {done.root}", markup=False)
    out.print(f"Erased again: {done.erased_again} people.", markup=False)
    out.print(
        "What was withdrawn since the backup is not in it, so everything is withdrawn:\n"
        f"- {done.tokens_revoked} API tokens are revoked: issue new ones.\n"
        f"- {done.users_disabled} accounts are disabled: 'harbourlight user enable NAME', those of"
        " today only.\n"
        f"- {len(done.models_suspended)} models are suspended: two people resume each, after"
        " stopping again the predictions that were stopped since.\n"
        f"- {done.releases_withdrawn} releases of single predictions are withdrawn and"
        f" {done.approvals_ended} proposals ended: decide them anew.\n"
        f"- {done.hooks_switched_off} hooks are switched off: 'harbourlight hooks on NAME'; and"
        f" {done.rollbacks_forgotten} rules no longer roll a model back.",
        markup=False,
    )
