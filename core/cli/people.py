"""``harbourlight user``: who may sign in, and in which roles."""

from typing import Annotated

import typer

from core.auth.policy import role_table
from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.domain.identity import Role
from core.services import users

_commands = typer.Typer(help="Users and roles.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_commands, name="user")


@_commands.command("add")
def add(
    username: Annotated[str, typer.Argument(metavar="NAME", help="Name to sign in with.")],
    role: Annotated[list[Role], typer.Option(help="A role; may be given several times.")],
    display_name: Annotated[str, typer.Option("--name", help="Full name.")] = "",
    os_login: Annotated[
        str | None, typer.Option(help="Log-in of this machine that acts as this user.")
    ] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="Limit to this model; may be given several times.")
    ] = None,
    jurisdiction: Annotated[
        list[str] | None, typer.Option(help="Limit to this jurisdiction.")
    ] = None,
    language: Annotated[str, typer.Option(help="en, zh-HK or zh-CN.")] = "en",
) -> None:
    """Add a user; the password is made and printed once."""
    workspace, actor = workspace_and_actor()
    user, password = users.add_user(
        workspace,
        username,
        actor=actor,
        roles=role,
        display_name=display_name,
        os_login=os_login,
        models=model,
        jurisdictions=jurisdiction,
        language=language,
    )
    out.print(f"Added {user.username}.", markup=False)
    if password:
        out.print(f"Password, shown only now: {password}", markup=False, highlight=False)


@_commands.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List the users."""
    workspace, actor = workspace_and_actor()
    rows = [
        {
            "name": user.username,
            "full name": user.display_name,
            "roles": ", ".join(sorted(user.roles)),
            "models": ", ".join(sorted(user.models)) if user.models is not None else "all",
            "jurisdictions": "all"
            if user.jurisdictions is None
            else ", ".join(sorted(user.jurisdictions)),
            "os log-in": user.os_login or "",
            "disabled": user.disabled,
        }
        for user in users.list_users(workspace, actor=actor)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Users", rows)


@_commands.command("roles")
def roles() -> None:
    """Print what each role may do."""
    typer.echo(role_table())
