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
    show_rows,
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
from core.services import confidence as sureness
from core.services.drift import skew as skewed
from core.services.questions import Question
from core.services.reproduce import run as reproduced
from core.services.reproduce.models import REASONS
from core.services.reproduce.result import NO_DECISIONS, VERDICTS, Reproduction

_FAILED = 1


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("reproduce")(reproduce)
    app.command("skew")(skew)
    app.command("confidence")(confidence)


def reproduce(
    model: ModelArgument,
    sample: Annotated[int, typer.Option(help="How many logged predictions to draw.")] = 1000,
    seed: Annotated[int, typer.Option(help="Another seed draws other predictions.")] = 1,
    as_of: AsOfOption = None,
    version: VersionOption = None,
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

    The exit code is 0 if all that was compared reproduces, and 1 if not, or if nothing could be
    compared.
    """
    workspace, actor = workspace_and_actor()
    found = reproduced.reproduce(
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


def skew(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: CalendarOption = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Drift metric; may be given several times.")
    ] = None,
    feature: Annotated[
        list[str] | None, typer.Option(help="Only this feature; may be given several times.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how far logged inputs are from the training set of their version."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version)
    methods = method or (skewed.DEFAULT_METHOD,)
    answer = skewed.skew(workspace, question, actor=actor, methods=methods, columns=feature)
    show_rows("Training-serving skew", model, answer.view, answer.rows(), as_json)


def confidence(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: Annotated[
        str, typer.Option(help="day, week, month, quarter, year, all or rows:N.")
    ] = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: SliceOption = None,
    band: Annotated[
        float | None,
        typer.Option(
            help="Half the width of the band around the cut-off; by default a fifth of the way "
            "from the cut-off to 0 or 1."
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how sure the model is: scores, entropy, margin, share near the cut-off."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version, slice_)
    answer = sureness.confidence(workspace, question, actor=actor, band=band)
    show_rows("Confidence", model, answer.view, answer.rows(), as_json)


def _tell(found: Reproduction) -> None:
    out.print(
        f"{VERDICTS[found.verdict]}: {found.drawn} of {found.population} predictions of "
        f"{found.model} drawn with seed {found.seed}, generation {found.generation} of the lake.",
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
    if not found.total("decisions"):
        out.print(NO_DECISIONS, markup=False)
    for reason, count in found.not_reproducible().items():
        out.print(f"{count} rows cannot be reproduced: {REASONS[reason]}", markup=False)
    if found.examples:
        print_table("Mismatches", [asdict(each) for each in found.examples])
