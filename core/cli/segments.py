"""``harbourlight segments``: the slices in which a model does worst."""

from dataclasses import asdict
from typing import Annotated

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.options import AsOfOption, FromOption, LastOption, ToOption, VersionOption
from core.errors import InvalidInput
from core.services import segments as measured
from core.services.questions import Question


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("segments")(segments)


def segments(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="Look within NAME=VALUE alone.")
    ] = None,
    metric: Annotated[str | None, typer.Option(help="By this figure; the first one else.")] = None,
    pairs: Annotated[bool, typer.Option(help="Look also at two segments together.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Hold every slice against the rest of the rows: what is worse beyond chance comes first."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, "all", as_of, version, slice_)
    table = measured.segments(workspace, question, actor=actor, pairs=pairs)
    if metric is not None and metric not in table.figures:
        raise InvalidInput(
            "There is no metric called {id}.",
            remedy="Choose from: {known}.",
            id=metric,
            known=", ".join(table.figures),
        )
    if as_json:
        print_json(_document(table, metric))
        return
    name = metric or next(iter(table.figures))
    print_table(f"Segments: {name}", [_line(row) for row in table.figures[name]])


def _document(table: measured.SegmentTable, metric: str | None) -> dict[str, object]:
    view = table.view
    names = [metric] if metric else list(table.figures)
    return {
        "model": view.contract.id,
        "window": {"start": view.window.start, "end": view.window.end, "as_of": view.as_of},
        "n": table.n,
        "slices": table.slices,
        "small": table.small,
        "minimum_n": table.minimum_n,
        "comparisons": table.comparisons,
        "level": table.level,
        "rows": [
            asdict(row) | {"slice": row.text} for name in names for row in table.figures[name]
        ],
    }


def _line(row: measured.SliceRow) -> dict[str, object]:
    return {
        "slice": row.text,
        "n": row.n,
        "value": row.value,
        "rest": row.rest,
        "difference": row.difference,
        "low": row.low,
        "high": row.high,
        "adjusted p": row.adjusted,
        "damage": row.damage,
        "significant": row.significant,
        "status": row.status,
    }
