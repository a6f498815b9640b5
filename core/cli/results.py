"""``harbourlight results``: what checks stored, as rows; nothing is computed."""

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
from core.services.checks.results import StoredCheck, figure_history, stored_results
from core.store.alerts.checks import MetricResult


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("results")(results)


def results(
    model: ModelArgument,
    metric: Annotated[
        str | None,
        typer.Option(
            help="drift, quality, operations, performance, fairness or value; all by default."
        ),
    ] = None,
    method: Annotated[
        str | None, typer.Option(help="One figure of --metric, check by check: psi, roc_auc, …")
    ] = None,
    column: Annotated[str, typer.Option(help="With --method: its column.")] = "",
    slice_: Annotated[str, typer.Option("--slice", help="With --method: NAME=VALUE.")] = "",
    as_of: Annotated[
        str | None, typer.Option(help="What was known at a day or instant, included.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the figures that the newest check stored, or one figure check by check."""
    workspace, actor = workspace_and_actor()
    if method is None:
        found = stored_results(workspace, model, actor=actor, as_of=as_of, metric=metric)
        _show_check(model, found, as_json)
        return
    if metric is None:
        raise typer.BadParameter("--method needs --metric.")
    course = figure_history(
        workspace, model, metric, method, column=column, slice_=slice_, as_of=as_of, actor=actor
    )
    if as_json:
        rows = [
            {"check": each.run.id, "as_of": each.run.as_of, **asdict(each.result)}
            for each in course
        ]
        print_json({"model": model, "rows": rows})
        return
    print_table(
        f"{method} of {model}",
        [{"as of": each.run.as_of, **_row(each.result)} for each in course],
    )


def _show_check(model: str, found: StoredCheck, as_json: bool) -> None:
    run, since = found.run, found.since
    if as_json:
        print_json(
            {
                "model": model,
                "check": run.id,
                "checked_at": run.finished_at,
                "as_of": run.as_of,
                "fresh": since.fresh,
                "batches_since": since.batches,
                "failures": dict(run.failures),
                "rows": list(found.results),
            }
        )
        return
    checked = f"{run.finished_at:%Y-%m-%d %H:%M} UTC as of {run.as_of:%Y-%m-%d %H:%M} UTC"
    out.print(f"{model}: checked {checked}. {_since(found)}", markup=False)
    print_table("Figures", [_row(each) for each in found.results])


def _since(found: StoredCheck) -> str:
    since = found.since
    if since.fresh:
        return "Nothing has changed since."
    said = []
    if since.log:
        said.append(f"{since.batches} batches ingested" if since.batches else "log stored anew")
    if since.contract:
        said.append("another contract")
    if since.reference:
        said.append("another reference")
    return f"Since then: {', '.join(said)}."


def _row(result: MetricResult) -> dict[str, object]:
    return {
        "metric": result.metric,
        "method": result.method,
        "column": result.column or "–",
        "slice": result.slice or "–",
        "period": result.chunk_key,
        "n": result.n,
        "value": result.value,
        "low": result.low,
        "high": result.high,
        "threshold": result.threshold,
        "level": result.level,
    }
