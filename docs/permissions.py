"""Which permission each service command asks for first, read from the code."""

import ast
from collections.abc import Iterator
from pathlib import Path

from core.domain.identity import Permission

_SERVICES = Path(__file__).resolve().parents[1] / "core" / "services"


def command_permissions() -> dict[str, tuple[str, ...]]:
    """Return ``module.function`` → the permissions that its first statement names."""
    return dict(sorted(_commands()))


def command_table() -> str:
    """Return the commands of each permission in Markdown; what it asks may depend on the call."""
    found = command_permissions()
    lines = ["| permission | service commands that ask for it first |", "|---|---|"]
    for permission in Permission:
        names = [f"`{name}`" for name, asked in found.items() if permission.name in asked]
        if names:
            lines.append(f"| `{permission}` | {', '.join(names)} |")
    depends = [f"`{name}`" for name, asked in found.items() if not asked]
    lines.append(f"| by what it is called for | {', '.join(depends)} |")
    return "\n".join(lines)


def _commands() -> Iterator[tuple[str, tuple[str, ...]]]:
    for path in _SERVICES.rglob("*.py"):
        place = path.relative_to(_SERVICES).with_suffix("").parts
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            arguments = [*node.args.args, *node.args.kwonlyargs]
            if "actor" in {argument.arg for argument in arguments} and place != ("access",):
                yield ".".join([*place, node.name]), _named(node)


def _named(function: ast.FunctionDef) -> tuple[str, ...]:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return tuple(
        node.attr
        for node in ast.walk(body[0])
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "Permission"
    )
