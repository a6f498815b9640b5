"""``harbourlight letter make-many MODEL --where EXPR --out DIR``: letters about many decisions."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.cli.context import JsonOption, ModelArgument, err, out, print_json, workspace_and_actor
from core.cli.options import LanguageOption
from core.services.explanation.bulk_folder import letters_to_folder
from core.services.explanation.bulk_order import BulkOrder

_REFUSED = 1


def register(letter: typer.Typer) -> None:
    """Add the command to those of letters."""
    letter.command("make-many")(make_many)


def make_many(
    model: ModelArgument,
    to: Annotated[Path, typer.Option("--out", help="The folder to write.")],
    where: Annotated[
        str, typer.Option(help="Condition over the log, in the language of KPIs; all by default.")
    ] = "",
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day of the decisions.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the decisions.")
    ] = None,
    worklist: Annotated[
        bool, typer.Option("--worklist", help="Only the worklist's, without an explanation.")
    ] = False,
    language: LanguageOption = "en",
    form: Annotated[str, typer.Option("--format", help="pdf, html or text.")] = "pdf",
    as_json: JsonOption = False,
) -> None:
    """Keep what explanations lack and write a letter about each of up to 500 decisions.

    A run that broke off is continued by the same command. The exit code is 1 if a letter was
    refused: refused.csv says why, and what to do.
    """
    workspace, actor = workspace_and_actor()
    order = BulkOrder(
        model_id=model,
        where=where,
        since=None if since is None else since.date(),
        until=None if until is None else until.date(),
        worklist=worklist,
        letters=True,
        language=language,
        form=form,
    )
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task(model, total=None)
        made = letters_to_folder(
            workspace,
            order,
            to,
            actor=actor,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json(made)
    else:
        out.print(
            f"{made.decisions:,} decisions: {made.kept:,} explanations kept, {made.letters:,} "
            f"letters released, {made.refused:,} refused, in {to}",
            markup=False,
            highlight=False,
        )
    if made.refused:
        raise typer.Exit(_REFUSED)
