"""``harbourlight report`` and ``reports``: a month of a model as a file, now or every month."""

from pathlib import Path
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
from core.cli.options import LanguageOption
from core.i18n.locales import LOCALES, Locale
from core.services import monthly as services

_reports = typer.Typer(help="Monthly reports that are made by themselves.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("report")(report)
    app.add_typer(_reports, name="reports")


def report(
    model: ModelArgument,
    month: Annotated[str, typer.Option(help="Which month, as YYYY-MM in the model's time zone.")],
    format: Annotated[str, typer.Option(help="pdf, xlsx or html.")] = "pdf",
    language: LanguageOption = "en",
    file: Annotated[
        Path | None,
        typer.Option("--out", help="Where to; MODEL-MONTH-LANGUAGE.FORMAT here by default."),
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="What was known on this day.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Write the report of a month: figures, why they changed, alerts, definitions."""
    workspace, actor = workspace_and_actor()
    made = services.monthly_report(
        workspace,
        model,
        month,
        actor=actor,
        format=format,
        language=_language(language),
        as_of=as_of,
    )
    target = file or Path(made.name)
    target.write_bytes(made.content)
    if as_json:
        print_json({"file": target, "sha256": made.sha256, "bytes": len(made.content)})
    else:
        out.print(f"Wrote {target} ({len(made.content):,} bytes).", markup=False)


@_reports.command("schedule")
def schedule(
    day: Annotated[
        int, typer.Option(help="Day of the following month from which a report is due, 1 to 28.")
    ] = 5,
    format: Annotated[
        list[str] | None,
        typer.Option(help="pdf, xlsx or html; may be given several times; pdf by default."),
    ] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(help="Their language; may be given several times; en by default."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(help="Only of it; may be given several times; all by default."),
    ] = None,
    off: Annotated[bool, typer.Option("--off", help="Make no more by themselves.")] = False,
) -> None:
    """Let the worker make reports of every month, once it is over, with your rights."""
    workspace, actor = workspace_and_actor()
    if off:
        services.end_plan(workspace, actor=actor)
        out.print("No reports are made by themselves any more.")
        return
    plan = services.set_plan(
        workspace,
        actor=actor,
        day=day,
        formats=format or ("pdf",),
        languages=language or ("en",),
        models_of=model or None,
    )
    out.print(
        f"Reports are made from day {plan.day} of the following month: "
        f"{', '.join(plan.formats)} in {', '.join(plan.languages)}.",
        markup=False,
    )


@_reports.command("list")
def list_reports(as_json: JsonOption = False) -> None:
    """List the reports that were ordered, and their files."""
    workspace, actor = workspace_and_actor()
    rows = [
        {
            "model": job.model_id,
            "month": job.payload["month"],
            "state": job.state,
            "ordered": job.created_at,
            "files": ", ".join(_files(job.result)) or None,
            "error": job.error or None,
        }
        for job in services.list_reports(workspace, actor=actor)
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Monthly reports", rows)


def _files(result: object) -> list[str]:
    files = result.get("files") if isinstance(result, dict) else None
    return sorted(files) if isinstance(files, dict) else []


def _language(text: str) -> Locale:
    for each in LOCALES:
        if text == each:
            return each
    raise typer.BadParameter(f"choose one of {', '.join(LOCALES)}", param_hint="--language")
