"""``harbourlight drift | quality | operations``: the figures of the pages, for programs too."""

from typing import Annotated

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    print_table,
    show_rows,
    workspace_and_actor,
)
from core.cli.drift_summary import summary_lines
from core.cli.options import (
    AsOfOption,
    ByOption,
    CalendarOption,
    FromOption,
    LastOption,
    SliceOption,
    ToOption,
    VersionOption,
)
from core.domain.comparison import Comparison
from core.domain.identity import Actor
from core.errors import InvalidInput
from core.services import operations, quality
from core.services.drift import measure as drift_service
from core.services.questions import Question
from core.services.workspace import Workspace


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("drift")(drift)
    app.command("quality")(quality_command)
    app.command("operations")(operations_command)


def drift(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: ByOption = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="A segment (all its values), or NAME=VALUE.")
    ] = None,
    method: Annotated[
        list[str] | None, typer.Option(help="Drift metric; may be given several times.")
    ] = None,
    feature: Annotated[
        list[str] | None, typer.Option(help="Only this feature; may be given several times.")
    ] = None,
    exact: Annotated[
        bool, typer.Option(help="From raw rows: Kolmogorov–Smirnov and Wasserstein without bins.")
    ] = False,
    against: Annotated[
        str | None,
        typer.Option(
            help="What each chunk is compared with: reference (the default), weekday, last-year, "
            "previous, or rolling:N for the N chunks before."
        ),
    ] = None,
    compat: Annotated[
        str | None, typer.Option(help="Another product's conventions: nannyml.")
    ] = None,
    multivariate: Annotated[
        bool,
        typer.Option(
            "--multivariate",
            help="All inputs together: reconstruction error by chunk, and a domain classifier "
            "for the newest chunk.",
        ),
    ] = False,
    explain: Annotated[
        str | None,
        typer.Option(help="Derive this alarm, or an alert's newest, again from its stored counts."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure drift against the reference."""
    workspace, actor = workspace_and_actor()
    if explain is not None:
        _explain(workspace, explain, model, actor, as_json)
        return
    question = Question(model, start, end, last, by, as_of, version, slice_)
    comparison = Comparison.parse(against)
    if multivariate:
        from core.cli.multivariate import show_multivariate  # noqa: PLC0415  # for this option alone

        show_multivariate(workspace, question, actor, as_json)
        return
    if compat is not None:
        _require_reference(comparison)
        from core.services.drift import nannyml  # noqa: PLC0415  # half a second of scipy.stats

        answer = nannyml.drift(
            workspace, question, compat, actor=actor, methods=method, columns=feature
        )
        show_rows("Drift", model, answer.view, answer.rows, as_json)
        return
    questions: tuple[Question, ...] = (question,)
    if slice_ and "=" not in slice_:
        questions = drift_service.slice_questions(workspace, question, slice_, actor=actor)
    tables = [
        drift_service.drift(
            workspace,
            each,
            actor=actor,
            methods=method or (drift_service.DEFAULT_METHOD,),
            columns=feature,
            exact=exact,
            against=comparison,
        )
        for each in questions
    ]
    title = "Drift" if comparison.is_fixed else f"Drift against {comparison}"
    rows = [row for table in tables for row in table.rows()]
    show_rows(title, model, tables[0].view, rows, as_json)
    summary = [] if as_json else summary_lines(rows)
    if summary:
        print_table("Where each column moved most", summary)


def _require_reference(comparison: Comparison) -> None:
    if not comparison.is_fixed:
        raise InvalidInput(
            "Other products' conventions compare with the reference only.",
            remedy="Leave out 'compat', or 'against'.",
        )


def _explain(workspace: Workspace, alarm_id: str, model: str, actor: Actor, as_json: bool) -> None:
    from core.cli.derived import show_derived  # noqa: PLC0415  # scipy, for this option alone

    if not show_derived(workspace, alarm_id, model, actor, as_json):
        raise typer.Exit(1)


def quality_command(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: ByOption = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: SliceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure missing, out-of-range and unseen values, type errors, repeats and freshness."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version, slice_)
    answer = quality.quality(workspace, question, actor=actor)
    show_rows("Data quality", model, answer.view, answer.rows(), as_json)


def operations_command(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: CalendarOption = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: SliceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure volume, errors, availability and latency."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version, slice_)
    answer = operations.operations(workspace, question, actor=actor)
    show_rows("Operations", model, answer.view, answer.json_rows(), as_json)
