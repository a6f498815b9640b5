"""The command line as the documentation shows it, read from the program itself."""

from collections.abc import Iterator
from typing import Any

import typer

from core.cli.main import build_app


def command_reference() -> str:
    """Return every command with its usage, what it does, and its arguments and options."""
    root = typer.main.get_command(build_app())
    return "\n\n".join(_section(name, command) for name, command in _leaves("harbourlight", root))


def commands() -> dict[str, Any]:
    """Return the full name of every command and the command."""
    return dict(_leaves("harbourlight", typer.main.get_command(build_app())))


def _leaves(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, inner in sorted(children.items()):
        yield from _leaves(f"{name} {child}", inner)


def _section(name: str, command: Any) -> str:
    context = command.make_context(name, [], resilient_parsing=True)
    usage = " ".join(command.get_usage(context).removeprefix("Usage: ").split())
    summary = (command.help or "").split("\n\n")[0].replace("\n", " ")
    lines = [f"### {name}", "", summary, "", f"```text\n{usage}\n```"]
    rows = [_row(parameter) for parameter in command.params if not _is_help(parameter)]
    if rows:
        lines += ["", "| argument or option | default | meaning |", "|---|---|---|", *rows]
    return "\n".join(lines)


def _is_help(parameter: Any) -> bool:
    return "--help" in parameter.opts


def _row(parameter: Any) -> str:
    meaning = (getattr(parameter, "help", "") or "").replace("|", "\\|")
    if parameter.param_type_name == "argument":
        name = parameter.metavar or parameter.name.upper()
    else:
        name = "` / `".join([*parameter.opts, *parameter.secondary_opts])
    told = "may be given several times" in meaning
    several = "; may be given several times" * (bool(parameter.multiple) and not told)
    return f"| `{name}` | {_default(parameter)} | {meaning}{several} |"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    if value is None or value is False or value in ((), [], ""):
        return "–"
    return f"`{value}`"
