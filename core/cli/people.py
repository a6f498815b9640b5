"""``harbourlight user``: who may sign in, in which roles, and helping them back in."""

from collections.abc import Callable
from typing import Annotated, NoReturn

import typer

from core.auth.policy import role_table
from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.cli.options import LANGUAGES
from core.domain.identity import Actor, Role
from core.services.identity import account_changes, people, sessions, users
from core.services.workspace import Workspace
from core.store.approvals import Approval
from core.store.identity.users import User

_commands = typer.Typer(help="Users and roles.", no_args_is_help=True)
NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name that the user signs in with.")
]
RoleOption = Annotated[
    list[Role] | None, typer.Option("--role", help="A role; may be given several times.")
]
ModelOption = Annotated[
    list[str] | None, typer.Option("--model", help="Limit to this model; may be repeated.")
]
ReasonOption = Annotated[
    str, typer.Option(help="Why, if it takes two because the user decides about others.")
]
JurisdictionOption = Annotated[
    list[str] | None, typer.Option("--jurisdiction", help="Limit to this jurisdiction.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_commands, name="user")


@_commands.command("add")
def add(
    username: NameArgument,
    role: Annotated[list[Role], typer.Option(help="A role; may be given several times.")],
    display_name: Annotated[str, typer.Option("--name", help="Full name.")] = "",
    os_login: Annotated[
        str | None, typer.Option(help="Log-in of this machine that acts as this user.")
    ] = None,
    model: ModelOption = None,
    jurisdiction: JurisdictionOption = None,
    language: Annotated[str, typer.Option(help=f"{LANGUAGES}; empty, as the browser asks.")] = "",
) -> None:
    """Add a user; a password for one sign-in is made and printed once."""
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
        _print_password(password)


@_commands.command("list")
def list_users(as_json: JsonOption = False) -> None:
    """List the users, with what keeps them from signing in."""
    workspace, actor = workspace_and_actor()
    rows = [
        {
            "name": each.user.username,
            "full name": each.user.display_name,
            "roles": ", ".join(sorted(each.user.roles)),
            "models": _limit(each.user.models),
            "jurisdictions": _limit(each.user.jurisdictions),
            "os log-in": each.user.os_login or "",
            "second factor": each.has_second_factor,
            "disabled": each.user.disabled,
            "locked until": each.locked_until,
        }
        for each in people.list_people(workspace, actor=actor)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Users", rows)


@_commands.command("disable")
def disable(username: NameArgument) -> None:
    """Refuse a user's log-in and end the user's sessions."""
    _do(username, people.disable, "Disabled {name} and ended all sessions.")


@_commands.command("enable")
def enable(username: NameArgument) -> None:
    """Allow a user's log-in again."""
    _do(username, people.enable, "Enabled {name}.")


@_commands.command("unlock")
def unlock(
    username: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Name that was locked.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Address that was locked.")] = None,
) -> None:
    """Lift the lock that failed attempts put on a user or on an address."""
    workspace, actor = workspace_and_actor()
    if (username is None) == (source is None):
        raise typer.BadParameter("Give a name or --source, one of the two.")
    if source is not None:
        lifted = people.unlock_source(workspace, source, actor=actor)
    else:
        user = people.find_person(workspace, username or "", actor=actor)
        lifted = people.unlock(workspace, user.id, actor=actor)
    named = source or username
    out.print(f"Unlocked {named}." if lifted else f"{named} was not locked.", markup=False)


@_commands.command("reset")
def reset(
    username: NameArgument,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Take the second factor away instead.")
    ] = False,
    reason: ReasonOption = "",
) -> None:
    """Make a password for one sign-in, or take a lost second factor away.

    For somebody who decides about others it takes two: give a reason, and somebody else approves.
    The exit code is 3 then.
    """
    workspace, actor = workspace_and_actor()
    user = people.find_person(workspace, username, actor=actor)
    if reason and account_changes.takes_two(workspace, user.id, actor=actor):
        _propose_reset(workspace, actor, user, second_factor, reason)
    elif second_factor:
        had = people.reset_second_factor(workspace, user.id, actor=actor)
        text = "Removed the second factor of {}." if had else "{} has no second factor."
        out.print(text.format(user.username), markup=False)
    else:
        password = people.reset_password(workspace, user.id, actor=actor)
        out.print(f"Reset {user.username} and ended all sessions.", markup=False)
        _print_password(password)


@_commands.command("roles")
def roles(
    username: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="User whose roles to show or set.")
    ] = None,
    role: RoleOption = None,
    model: ModelOption = None,
    jurisdiction: JurisdictionOption = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Lift the limits of models and jurisdictions.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print what each role may do; with a name, show or set that user's roles and scope."""
    if username is None:
        typer.echo(role_table())
        return
    workspace, actor = workspace_and_actor()
    user = people.find_person(workspace, username, actor=actor)
    if role:
        people.set_roles(workspace, user.id, role, actor=actor)
    if model or jurisdiction or everything:
        kept_models = None if everything else user.models
        kept_jurisdictions = None if everything else user.jurisdictions
        people.set_scope(
            workspace,
            user.id,
            actor=actor,
            models=model or kept_models,
            jurisdictions=jurisdiction or kept_jurisdictions,
        )
    now = people.find_person(workspace, username, actor=actor)
    row = {
        "name": now.username,
        "roles": ", ".join(sorted(now.roles)),
        "models": _limit(now.models),
        "jurisdictions": _limit(now.jurisdictions),
    }
    if as_json:
        print_json({"rows": [row]})
    else:
        print_table("Roles and scope", [row])


@_commands.command("sessions")
def list_sessions(
    username: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this user's sessions.")
    ] = None,
    end: Annotated[bool, typer.Option("--end", help="End the named user's sessions.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List who is signed in, or end all sessions of a user."""
    workspace, actor = workspace_and_actor()
    user = people.find_person(workspace, username, actor=actor) if username else None
    if end:
        if user is None:
            raise typer.BadParameter("--end needs a name.")
        count = sessions.end_everywhere(workspace, user.id, actor=actor)
        out.print(f"Ended {count} sessions of {user.username}.", markup=False)
        return
    found = sessions.list_sessions(workspace, actor=actor, user_id=user.id if user else None)
    rows = [
        {
            "user": view.username,
            "session": view.session.id,
            "source": view.session.source,
            "browser": view.session.agent,
            "since": view.session.created_at,
            "last used": view.session.last_seen_at,
        }
        for view in found
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Sessions", rows)


@_commands.command("identity")
def identity(
    username: NameArgument,
    issuer: Annotated[str | None, typer.Option(help="Issuer that the provider names.")] = None,
    subject: Annotated[str | None, typer.Option(help="The user's id at the provider.")] = None,
    reason: ReasonOption = "",
) -> None:
    """Let an identity at a single sign-on provider stand for a user; without options, end that."""
    workspace, actor = workspace_and_actor()
    if (issuer is None) != (subject is None):
        raise typer.BadParameter("Give --issuer and --subject together.")
    user = people.find_person(workspace, username, actor=actor)
    if issuer and reason and account_changes.takes_two(workspace, user.id, actor=actor):
        _waits(
            account_changes.propose_identity(
                workspace, user.id, actor=actor, reason=reason, issuer=issuer, subject=subject
            )
        )
    people.set_identity(workspace, user.id, actor=actor, issuer=issuer, subject=subject)
    done = "Mapped {}." if issuer else "{} is mapped to no identity."
    out.print(done.format(user.username), markup=False)


def _propose_reset(
    workspace: Workspace, actor: Actor, user: User, second_factor: bool, reason: str
) -> None:
    if second_factor:
        _waits(
            account_changes.propose_second_factor(workspace, user.id, actor=actor, reason=reason)
        )
    asked, password = account_changes.propose_password(
        workspace, user.id, actor=actor, reason=reason
    )
    _print_password(password)
    _waits(asked)


def _waits(asked: Approval) -> NoReturn:
    out.print(f"Nothing is changed yet: this waits for approval {asked.id}.", markup=False)
    raise typer.Exit(3)


def _do(username: str, step: Callable[..., None], done: str) -> None:
    workspace, actor, user = _named(username)
    step(workspace, user.id, actor=actor)
    out.print(done.format(name=user.username), markup=False)


def _named(username: str) -> tuple[Workspace, Actor, User]:
    workspace, actor = workspace_and_actor()
    return workspace, actor, people.find_person(workspace, username, actor=actor)


def _limit(values: frozenset[str] | None) -> str:
    return "all" if values is None else ", ".join(sorted(values))


def _print_password(password: str) -> None:
    out.print(
        f"Password for one sign-in, shown only now: {password}", markup=False, highlight=False
    )
