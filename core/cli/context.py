"""What every command shares: the workspace, the actor, and how answers are printed."""

import json
import math
import os
import pwd
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from core.bootstrap import open_workspace
from core.config import load_settings
from core.domain.identity import Actor
from core.services.identity import users
from core.services.questions import View
from core.services.workspace import Workspace

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="Id of a registered model.")]

_WIDE = 200
out = Console(soft_wrap=True, width=None if sys.stdout.isatty() else _WIDE)
err = Console(stderr=True, soft_wrap=True, width=None if sys.stderr.isatty() else _WIDE)


def workspace_and_actor() -> tuple[Workspace, Actor]:
    """Open the workspace and find the user behind the operating system's log-in."""
    workspace = open_workspace(load_settings())
    return workspace, users.actor_of_os_login(workspace, os_login())


def os_login() -> str:
    """Return the operating system's name of the user that the command runs as.

    The kernel says who that is. ``LOGNAME`` and its like say what somebody has written there.
    """
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # as in a container that knows numbers only
        return f"uid-{number}"


def print_json(document: object) -> None:
    """Print a document as JSON on one line, NaN as null, instants in ISO 8601."""
    typer.echo(json.dumps(_plain(document), ensure_ascii=False, allow_nan=False))


def print_table(title: str, rows: Sequence[Mapping[str, object]]) -> None:
    """Print rows as a table; an empty one says so."""
    if not rows:
        out.print(f"{title}: nothing yet", markup=False)
        return
    table = Table(title=title, title_justify="left", header_style="bold")
    for name, value in rows[0].items():
        table.add_column(
            name, justify="right" if isinstance(value, int | float) else "left", overflow="fold"
        )
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    out.print(table)


def _cell(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value).replace("[", "\\[")


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return _plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Path) else value


def show_rows(title: str, model: str, view: View, rows: Sequence[object], as_json: bool) -> None:
    """Print the figures of a view, as one JSON document or as a table."""
    if as_json:
        window = {"start": view.window.start, "end": view.window.end, "as_of": view.as_of}
        print_json({"model": model, "window": window, "rows": rows})
        return
    print_table(title, _lines(rows))


def _lines(rows: Sequence[object]) -> list[dict[str, object]]:
    """Return rows as lines of a table; what no row has is left out."""
    names = [
        name
        for name in (
            "version",
            "slice",
            "column",
            "method",
            "value",
            "threshold",
            "level",
            "status",
        )
        if any(getattr(row, name, None) not in (None, "") for row in rows)
    ]
    lines = []
    for row in rows:
        chunk: dict[str, object] = getattr(row, "chunk")  # noqa: B009
        line = {"chunk": chunk["key"], "n": chunk["n"]}
        lines.append(line | {name: getattr(row, name) for name in names})
    return lines
