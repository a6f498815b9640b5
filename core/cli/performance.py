"""``harbourlight performance``: what labels say of a model, and what can be said before them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.figures import figure_cell
from core.cli.options import (
    AsOfOption,
    FromOption,
    LastOption,
    ToOption,
    VersionOption,
)
from core.errors import InvalidInput
from core.services import performance as measured
from core.services.drift.measure import slice_questions
from core.services.performance.matrix import ClassRow, class_rows, matrix_rows, outcome_matrix
from core.services.questions import Question, View

if TYPE_CHECKING:
    from core.services.performance.nannyml import CompatRow


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("performance")(performance)


def performance(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: Annotated[
        str,
        typer.Option(
            "--by", help="day, week, month, quarter, year or all; with --compat also rows:N."
        ),
    ] = "month",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: Annotated[
        str | None, typer.Option("--slice", help="A segment (all its values), or NAME=VALUE.")
    ] = None,
    metric: Annotated[
        list[str] | None, typer.Option(help="Only this figure; may be given several times.")
    ] = None,
    bootstrap: Annotated[
        bool, typer.Option(help="Draw intervals also for figures without a formula of one.")
    ] = False,
    exact: Annotated[
        bool, typer.Option(help="From raw rows what depends on the order of scores.")
    ] = False,
    compat: Annotated[
        str | None, typer.Option(help="Another product's conventions: nannyml.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure realised performance, period by period, with how far its labels are."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version, slice_)
    if compat is not None:
        from core.services.performance import nannyml  # noqa: PLC0415  # scikit-learn, for it alone

        answer = nannyml.compat_performance(
            workspace, question, compat, actor=actor, metrics=metric
        )
        lines = [_compat_line(row) for row in answer.rows]
        _show(model, answer.view, answer.rows, lines, as_json)
        return
    questions: tuple[Question, ...] = (question,)
    if slice_ and "=" not in slice_:
        questions = slice_questions(workspace, question, slice_, actor=actor)
    answers = [
        measured.performance(workspace, each, actor=actor, bootstrap=bootstrap, exact=exact)
        for each in questions
    ]
    beside = [measured.estimates_beside(workspace, each) for each in answers]
    pairs = list(zip(answers, beside, strict=True))
    rows = [row for pair in pairs for row in measured.rows_beside(*pair)]
    record = [each for pair in pairs for each in measured.coverage_rows(*pair)]
    matrices = [outcome_matrix(workspace, each) for each in answers]
    by_class = [row for pair in zip(answers, matrices, strict=True) for row in class_rows(*pair)]
    if metric:
        rows = _chosen(rows, metric)
        by_class = [row for row in by_class if row.metric in metric]
        record = [each for each in record if each.metric in metric]
    view = answers[0].view
    cells = [cell for pair in zip(answers, matrices, strict=True) for cell in matrix_rows(*pair)]
    lines = [_line(row, view.contract.currency) for row in rows]
    every = [*rows, *(_of_class(row) for row in by_class)]
    told = _of_estimates(view, beside, record)
    _show(model, view, every, lines, as_json, {"confusion": cells, "estimates": told})
    if by_class and not as_json:
        currency = view.contract.currency
        named = [{"class": row.of_class, **_line(row, currency)} for row in by_class]
        print_table("Each class against all others", named)
    if not as_json:
        _print_of_estimates(told, record)


def _of_estimates(
    view: View, beside: Sequence[measured.Estimates], record: Sequence[measured.CoverageRow]
) -> dict[str, object]:
    """Return what no estimate can see, how often bands held, or why there are none."""
    reason = next((each.reason for each in beside if each.reason is not None), None)
    return {
        "caveat": measured.BLIND[view.contract.task] if record else None,
        "coverage": record,
        "reason": None if reason is None else str(reason),
    }


def _print_of_estimates(told: Mapping[str, object], record: Sequence[measured.CoverageRow]) -> None:
    if record:
        lines: list[dict[str, object]] = [
            {
                "metric": each.metric,
                **({"slice": each.slice} if each.slice else {}),
                "bands that held": f"{each.covered} of {each.judged}",
            }
            for each in record
        ]
        print_table("Record of the estimates", lines)
    for name in ("caveat", "reason"):
        if told[name]:
            out.print(str(told[name]), markup=False, highlight=False)


def _of_class(row: ClassRow) -> dict[str, object]:
    """Return a row of one class as ``--json`` has it: the same fields, and the class."""
    fields = asdict(row)
    return {"class": fields.pop("of_class"), **fields}


def _show(
    model: str,
    view: View,
    rows: Sequence[object],
    lines: list[dict[str, object]],
    as_json: bool,
    more: Mapping[str, object] | None = None,
) -> None:
    """Print rows of a view, as one JSON document or as lines of a table."""
    if as_json:
        window = {"start": view.window.start, "end": view.window.end, "as_of": view.as_of}
        print_json({"model": model, "window": window, "rows": rows, **(more or {})})
        return
    print_table("Performance", lines)


def _compat_line(row: "CompatRow") -> dict[str, object]:
    return {
        "chunk": row.chunk["key"],
        "n": row.chunk["n"],
        "metric": row.metric,
        "realised": row.realised,
        "estimated": row.estimated,
        "lower": row.lower,
        "upper": row.upper,
        "lower threshold": row.lower_threshold,
        "upper threshold": row.upper_threshold,
        "level": row.level,
        "status": row.status,
    }


def _chosen(
    rows: list[measured.PerformanceRow], wanted: list[str]
) -> list[measured.PerformanceRow]:
    known = list(dict.fromkeys(row.metric for row in rows))
    for name in wanted:
        if name not in known:
            raise InvalidInput(
                "There is no metric called {id}.",
                remedy="Choose from: {known}.",
                id=name,
                known=", ".join(known),
            )
    return [row for row in rows if row.metric in wanted]


def _line(row: measured.PerformanceRow, currency: str) -> dict[str, object]:
    figure = partial(figure_cell, row.metric, currency=currency)
    line: dict[str, object] = {"chunk": row.chunk["key"], "metric": row.metric}
    if row.slice:
        line["slice"] = row.slice
    return line | {
        "realised": figure(row.realised),
        "low": figure(row.realised_low),
        "high": figure(row.realised_high),
        "estimated": figure(row.estimated),
        "lower": figure(row.lower),
        "upper": figure(row.upper),
        "n": row.n,
        "labelled share": row.labelled_share,
        "maturity": row.maturity,
        "level": row.level,
        "status": row.status,
        "band held": _yes(row.covered),
        "concept drift": _yes(row.concept_drift),
        "warnings": ", ".join(row.warnings),
    }


def _yes(known: bool | None) -> str:
    return "" if known is None else "yes" if known else "no"
