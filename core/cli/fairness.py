"""``harbourlight fairness``: how groups of people fare beside each other."""

from collections.abc import Sequence
from typing import Annotated

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.options import (
    AsOfOption,
    CalendarOption,
    FromOption,
    LastOption,
    SliceOption,
    ToOption,
    VersionOption,
)
from core.services.fairness.measure import FairnessTable
from core.services.fairness.measure import fairness as measured
from core.services.fairness.rows import FairnessRow
from core.services.questions import Question


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("fairness")(fairness)


def fairness(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: CalendarOption = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: SliceOption = None,
    attribute: Annotated[
        list[str] | None, typer.Option(help="Only this column; may be given several times.")
    ] = None,
    whose: Annotated[
        str,
        typer.Option(help="Whose decisions: log, final (what held in the end), or people."),
    ] = "log",
    as_json: JsonOption = False,
) -> None:
    """Compare groups of people: favourable rates, errors, calibration and scores."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version, slice_)
    table = measured(workspace, question, actor=actor, attributes=attribute, whose=whose)
    if as_json:
        print_json(_document(model, table))
        return
    if not table.attributes:
        out.print(
            "No protected columns. Declare them as 'protected' in the contract: logged for"
            " fairness, never features.",
            markup=False,
        )
        return
    print_table("Fairness", _summaries(table))
    print_table("Groups", _groups(table.rows()))
    for found in table.attributes:
        if found.reason:
            out.print(f"{found.attribute.column}: {found.reason.replace('_', ' ')}", markup=False)


def _document(model: str, table: FairnessTable) -> dict[str, object]:
    view = table.view
    return {
        "model": model,
        "window": {"start": view.window.start, "end": view.window.end, "as_of": view.as_of},
        "favourable": {
            "source": table.rule.source,
            "words": table.rule.words,
            "hoped_for": table.rule.hoped_for,
        },
        "n": table.n,
        "minimum_n": table.judging.minimum,
        "attributes": [
            {
                "attribute": found.attribute.column,
                "n": found.n,
                "not_given_or_hidden": found.beside,
                "hidden_groups": found.hidden_groups,
                "moved": found.moved,
                "reason": found.reason,
            }
            for found in table.attributes
        ],
        "rows": table.rows(),
    }


def _summaries(table: FairnessTable) -> list[dict[str, object]]:
    """Return one line an attribute: the ratio first, then the differences."""
    return [
        {
            "attribute": found.attribute.column,
            "n": found.n,
            "beside": found.beside,
            "hidden groups": found.hidden_groups,
            "worst": found.ratio.worst,
            "best": found.ratio.best,
            "ratio": found.ratio.value,
            "95%": _range(found.ratio.low, found.ratio.high),
            "may be chance": "yes" if found.ratio.by_chance else "",
            "status": found.ratio.status,
            **{
                metric.removesuffix("_difference").replace("_", " "): found.summaries[metric].value
                for metric in found.summaries
                if metric.endswith("_difference")
            },
        }
        for found in table.attributes
    ]


def _groups(rows: Sequence[FairnessRow]) -> list[dict[str, object]]:
    """Return the favourable rates of the whole period."""
    return [
        {
            "attribute": row.attribute,
            "group": row.group,
            "n": row.n,
            "favourable": row.value,
            "95%": _range(row.lower, row.upper),
            "ratio": row.ratio,
            "below 4/5": {True: "yes", False: "", None: ""}[row.below_four_fifths],
        }
        for row in rows
        if row.metric == "selection_rate" and row.chunk["key"] == "all"
    ]


def _range(low: float, high: float) -> str:
    return "–" if low != low else f"{low:.3f}–{high:.3f}"  # NaN differs from itself
