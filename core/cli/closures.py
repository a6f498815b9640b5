"""``harbourlight closures``: days on which offices were shut, which working days leave out."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.services.review import closures as services
from core.services.review.closures import ClosuresChanged

_closures = typer.Typer(
    help="Days on which offices were shut: gales, black rainstorms.", no_args_is_help=True
)
_Day = Annotated[
    datetime, typer.Argument(metavar="DAY", formats=["%Y-%m-%d"], help="Such as 2026-09-22.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_closures, name="closures")


@_closures.command("add")
def add_closure(
    day: _Day,
    kind: Annotated[str, typer.Argument(metavar="KIND", help="gale, black_rain or other.")],
    note: Annotated[str, typer.Option("--note", help="A few words that name no person.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Enter a day of closure; clocks that counted it move to the next working day."""
    workspace, actor = workspace_and_actor()
    _tell(services.add_closure(workspace, day.date(), kind, actor=actor, note=note), as_json)


@_closures.command("import")
def import_file(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with the columns day, kind and note.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Enter days of closure from a file: all rows, or none."""
    workspace, actor = workspace_and_actor()
    _tell(services.import_closures(workspace, file, actor=actor), as_json)


@_closures.command("remove")
def remove_closure(day: _Day, as_json: JsonOption = False) -> None:
    """Take a day of closure out again; clocks that it moved go back."""
    workspace, actor = workspace_and_actor()
    _tell(services.remove_closure(workspace, day.date(), actor=actor), as_json)


@_closures.command("list")
def list_closures(as_json: JsonOption = False) -> None:
    """List the days of closure, the newest first."""
    workspace, actor = workspace_and_actor()
    rows: list[dict[str, object]] = [
        {"day": each.day, "kind": each.kind, "note": each.note, "entered": each.added_at}
        for each in services.list_closures(workspace, actor=actor)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Closures", rows)


def _tell(changed: ClosuresChanged, as_json: bool) -> None:
    if as_json:
        print_json(changed)
        return
    out.print(
        f"{len(changed.days)} days changed, {changed.known} known before; "
        f"clocks moved of {changed.cases} cases and {changed.requests} requests.",
        markup=False,
    )
