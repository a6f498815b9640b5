"""``harbourlight reproduce | skew | confidence``: whether production is what was approved."""

from dataclasses import asdict
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
from core.services import reproduce as service
from core.services.reproduce_models import REASONS
from core.services.reproduce_result import Reproduction

_FAILED = 1

_AsOf = Annotated[
    str | None,
    typer.Option(help="Only what was known by the end of this day, or at this instant (included)."),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("reproduce")(reproduce)


def reproduce(
    model: ModelArgument,
    sample: Annotated[int, typer.Option(help="How many logged predictions to draw.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed draws other predictions.")] = 1,
    as_of: _AsOf = None,
    version: Annotated[str | None, typer.Option(help="Only this model version.")] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            help="Largest difference of a score that passes; by default 1e-9, and half a unit of "
            "the last decimal if the log rounds its scores."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Score a sample of the log again, replay the policy, and compare with what was logged.

    The exit code is 0 if every row that was drawn reproduces, and 1 if not.
    """
    workspace, actor = workspace_and_actor()
    found = service.reproduce(
        workspace,
        model,
        actor=actor,
        sample=sample,
        seed=seed,
        as_of=as_of,
        version=version,
        tolerance=tolerance,
    )
    if as_json:
        print_json({"verdict": found.verdict, **asdict(found)})
    else:
        _tell(found)
    if not found.passed:
        raise typer.Exit(_FAILED)


def _tell(found: Reproduction) -> None:
    head = "Reproduced" if found.passed else "Not reproduced"
    out.print(
        f"{head}: {found.drawn} of {found.population} predictions of {found.model} drawn with seed "
        f"{found.seed}, generation {found.generation} of the lake.",
        style="bold" if found.passed else "bold red",
        markup=False,
    )
    print_table(
        "Versions",
        [
            {
                "version": each.version,
                "artefact": (each.artefact or "–")[:12],
                "rows": each.rows,
                "scores": each.scores,
                "differ": each.score_mismatches,
                "largest difference": each.largest_difference,
                "tolerance": each.tolerance,
                "decisions": each.decisions,
                "differ from policy": each.decision_mismatches,
                "overridden by people": each.overridden,
                "not judged": each.not_judged,
            }
            for each in found.versions
        ],
    )
    for reason, count in found.not_reproducible().items():
        out.print(f"{count} rows cannot be reproduced: {REASONS[reason]}", markup=False)
    if found.examples:
        print_table("Mismatches", [asdict(each) for each in found.examples])
