"""``harbourlight review oversight``: whether review is real, in figures."""

from typing import Annotated

import typer

from core.cli.context import JsonOption, ModelArgument, print_json, print_table, workspace_and_actor
from core.services.oversight.measures import Measure
from core.services.oversight.quality import (
    DAYS,
    MOST_DAYS,
    PersonFigures,
    individual_figures,
    oversight_quality,
)


def add_to(commands: typer.Typer) -> None:
    """Add this module's command to those of ``review``."""
    commands.command("oversight")(oversight)


def oversight(
    model: ModelArgument,
    days: Annotated[
        int, typer.Option(min=1, max=MOST_DAYS, help="How far back verdicts count.")
    ] = DAYS,
    people: Annotated[
        bool,
        typer.Option("--people", help="Single reviewers' figures too; opening them is audited."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how people review the cases of a model, each measure with n and its 95% interval."""
    workspace, actor = workspace_and_actor()
    found = oversight_quality(workspace, model, actor=actor, days=days)
    alone = individual_figures(workspace, model, actor=actor, days=days) if people else ()
    if as_json:
        print_json({"team": found, "people": alone})
        return
    print_table(
        f"{found.verdicts} cases, {found.reviewers} reviewers",
        [_row(each) for each in found.measures],
    )
    plan = found.plan
    print_table(
        "Blind cases",
        [
            {"kind": kind, "wait": each.waiting, "decided": each.decided, "asked": each.asked}
            for kind, each in (("controls", plan.blind), ("second reviews", plan.seconds))
        ],
    )
    for person in alone:
        print_table(person.name, _rows(person))


def _rows(person: PersonFigures) -> list[dict[str, object]]:
    return [_row(each) for each in person.measures]


def _row(found: Measure) -> dict[str, object]:
    figures = {"value": found.value, "low": found.low, "high": found.high}
    shown = {
        name: "kept back" if found.is_withheld else f"{figure:.3f}"
        for name, figure in figures.items()
    }
    return {"measure": found.id, "n": found.n, **shown}
