"""``harbourlight hooks``: programs and addresses that rules of alerts may call."""

import json
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.services import hooks as services
from core.store.alerts.hooks import HookCall

_hooks = typer.Typer(help="What rules of alerts may call.", no_args_is_help=True)
_Name = Annotated[str, typer.Argument(metavar="NAME", help="As listed.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_hooks, name="hooks")


@_hooks.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    command: Annotated[
        str | None,
        typer.Option(help="Absolute path of a program that the settings of the server allow."),
    ] = None,
    argument: Annotated[
        list[str] | None,
        typer.Option(help="A fixed argument of the program; may be given several times."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Address of a webhook; asked for if neither is given."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Only alerts of it; may be given several times; all by default."),
    ] = None,
    seconds: Annotated[int, typer.Option(help="Time to answer, 1 to 60 seconds.")] = 10,
    as_json: JsonOption = False,
) -> None:
    """Set a hook up; the secret that signs its calls is printed once."""
    workspace, actor = workspace_and_actor()
    if command is None and url is None:
        url = str(typer.prompt("Address", hide_input=True))
    made = services.add_hook(
        workspace,
        name,
        actor=actor,
        url=url or "",
        argv=(command, *(argument or ())) if command else (),
        models_of=model or None,
        timeout_s=seconds,
    )
    if as_json:
        print_json(made)
        return
    out.print(f"Rules may call {made.name} at {made.shown} from now on.", markup=False)
    out.print(f"Secret, shown only now: {made.secret}", markup=False, highlight=False)


@_hooks.command("list")
def list_hooks(as_json: JsonOption = False) -> None:
    """List the hooks, and how their calls go."""
    workspace, actor = workspace_and_actor()
    rows = [
        {
            "name": each.name,
            "kind": each.kind,
            "leads to": each.shown,
            "models": "all" if each.models is None else ", ".join(each.models),
            "seconds": each.timeout_s,
            "on": each.enabled,
            "done": each.done,
            "waiting": each.waiting,
            "given up": each.given_up,
            "newest error": each.newest.error or None if each.newest else None,
        }
        for each in services.list_hooks(workspace, actor=actor)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Hooks", rows)


@_hooks.command("remove")
def remove(name: _Name) -> None:
    """Call a hook no more, and forget where it leads; what was called stays in the log."""
    workspace, actor = workspace_and_actor()
    rules = services.remove_hook(workspace, name, actor=actor)
    out.print(f"Removed {name}. Rules that called it: {len(rules)}.", markup=False)


@_hooks.command("on")
def switch_on(name: _Name) -> None:
    """Let a hook be called again."""
    workspace, actor = workspace_and_actor()
    services.switch_hook(workspace, name, on=True, actor=actor)
    out.print(f"{name} is called again.", markup=False)


@_hooks.command("off")
def switch_off(name: _Name) -> None:
    """Call a hook no more until it is switched on; what waits is given up."""
    workspace, actor = workspace_and_actor()
    services.switch_hook(workspace, name, on=False, actor=actor)
    out.print(f"{name} is not called any more.", markup=False)


@_hooks.command("test")
def try_once(name: _Name, as_json: JsonOption = False) -> None:
    """Call a hook once now, with an event that says it is a test; exit code 1 if that fails."""
    workspace, actor = workspace_and_actor()
    call = services.try_hook(workspace, name, actor=actor)
    if as_json:
        print_json(_row(call) | {"output": call.output})
    else:
        out.print(f"{call.state}: {call.error or call.status}", markup=False)
        out.print(call.output, markup=False, highlight=False)
    raise typer.Exit(0 if call.state == "done" else 1)


@_hooks.command("log")
def log(
    model: Annotated[str | None, typer.Option(help="Only calls about this model.")] = None,
    hook: Annotated[str | None, typer.Option(help="Only calls of this hook.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: JsonOption = False,
) -> None:
    """List the newest calls, and what came of them."""
    workspace, actor = workspace_and_actor()
    calls = services.list_calls(workspace, actor=actor, model_id=model, hook=hook, limit=limit)
    if as_json:
        rows = [
            {**_row(each), "told": json.loads(each.body), "output": each.output} for each in calls
        ]
        print_json({"rows": rows})
    else:
        print_table("Calls", [_row(each) for each in calls])


def _row(call: HookCall) -> dict[str, object]:
    return {
        "call": call.id,
        "hook": call.hook_name,
        "model": call.model_id,
        "rule": call.rule_id,
        "purpose": call.purpose,
        "ordered": call.created_at,
        "state": call.state,
        "attempts": call.attempts,
        "status": call.status,
        "error": call.error or None,
        "ended": call.finished_at,
    }
