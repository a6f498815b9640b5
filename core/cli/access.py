"""``harbourlight access``: why somebody may or may not, and the lines of defence."""

from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.domain.identity import Permission
from core.services import access_explain
from core.services.registry import assignments
from core.store.identity.assignments import AssignmentKind

_commands = typer.Typer(help="Who may do what, and why.", no_args_is_help=True)
UserArgument = Annotated[str, typer.Argument(metavar="USER", help="Name of a user.")]
ModelOption = Annotated[str, typer.Option(help="Of this model.")]
PlaceOption = Annotated[
    AssignmentKind, typer.Option("--as", help="owner, developer, validator or reviewer.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_commands, name="access")


@_commands.command("explain")
def explain(
    user: UserArgument,
    permission: Annotated[
        Permission, typer.Argument(metavar="PERMISSION", help="Such as drift.view.")
    ],
    model: Annotated[str | None, typer.Option(help="For this model.")] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="For rows of this place.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which rule lets a user do something, or keeps them from it."""
    workspace, actor = workspace_and_actor()
    found = access_explain.explain(
        workspace, user, permission, actor=actor, model=model, jurisdiction=jurisdiction
    )
    if as_json:
        print_json(found)
        return
    words = {
        "username": found.username,
        "permission": found.permission,
        "roles": ", ".join(found.roles),
        "holders": ", ".join(found.holders) or "none",
        "model": model,
        "jurisdiction": jurisdiction,
    }
    parts = (access_explain.MESSAGES[found.rule], access_explain.REMEDIES[found.rule])
    text = " ".join(part.format(**words) for part in parts if part)
    out.print(text, markup=False, highlight=False)


@_commands.command("assign")
def assign(user: UserArgument, model: ModelOption, place: PlaceOption) -> None:
    """Give somebody a place in the lines of defence of a model."""
    workspace, actor = workspace_and_actor()
    new = assignments.assign(workspace, user, model, place, actor=actor)
    out.print("Assigned." if new else "It was so already.", markup=False)


@_commands.command("unassign")
def unassign(user: UserArgument, model: ModelOption, place: PlaceOption) -> None:
    """Take an assignment back."""
    workspace, actor = workspace_and_actor()
    gone = assignments.unassign(workspace, user, model, place, actor=actor)
    out.print("Taken back." if gone else "There was none.", markup=False)


@_commands.command("assignments")
def list_assignments(
    model: Annotated[str | None, typer.Option(help="Of this model only.")] = None,
    as_json: JsonOption = False,
) -> None:
    """List who owns, develops, validates and reviews which model."""
    workspace, actor = workspace_and_actor()
    rows = [
        {
            "model": each.assignment.model_id,
            "as": each.assignment.kind,
            "user": each.username,
            "full name": each.display_name,
        }
        for each in assignments.list_assignments(workspace, actor=actor, model_id=model)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Lines of defence", rows)
