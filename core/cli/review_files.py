"""``harbourlight review files | remove-file``: what lies with a case, and taking it away."""

from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.errors import InvalidInput
from core.i18n import N_
from core.services.review import files
from core.services.review.cases import case_id_of

_CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="Such as R-000123.")]


def add_to(commands: typer.Typer) -> None:
    """Add this module's commands to those of ``review``."""
    commands.command("files")(list_files)
    commands.command("remove-file")(remove_file)


def list_files(case: _CaseArgument, as_json: JsonOption = False) -> None:
    """List the files of a case, and which of them you may remove."""
    workspace, actor = workspace_and_actor()
    case_id = _id(case)
    found = files.list_files(workspace, case_id, actor=actor)
    mine = {each.id for each in files.removable_files(workspace, case_id, actor=actor)}
    rows = [
        {
            "file": each.id,
            "name": each.name,
            "kind": each.media_type,
            "bytes": each.bytes,
            "added": each.added_at,
            "removable": each.id in mine,
        }
        for each in found
    ]
    if as_json:
        print_json({"rows": rows})
        return
    print_table(f"Files ({len(rows)})", rows)


def remove_file(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Its id, as 'review files' says.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
) -> None:
    """Remove a file from a case for good; the audit trail keeps its name and hash."""
    workspace, actor = workspace_and_actor()
    if not yes:
        typer.confirm("Its content is deleted for good. Remove it?", abort=True)
    files.remove_file(workspace, file, actor=actor)
    out.print("The file is removed, on record.", markup=False)


def _id(case: str) -> int:
    found = case_id_of(case)
    if found is None:
        raise InvalidInput(
            N_("{case} names no case."), remedy=N_("Write it as R-000123."), case=case
        )
    return found
