"""``harbourlight rates``: dated exchange rates, by which money of other currencies is converted."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.services import rates as services
from core.store.rates import RateSpan

_rates = typer.Typer(help="Dated exchange rates.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_rates, name="rates")


@_rates.command("import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="CSV with the columns day, currency and hkd (HKD for one unit)."
        ),
    ],
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Change rates that are there; figures change with them."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Import exchange rates: all rows of the file, or none."""
    workspace, actor = workspace_and_actor()
    done = services.import_rates(workspace, file, actor=actor, replace=replace)
    if as_json:
        print_json(done)
        return
    print_table("Exchange rates", [_row(each) for each in done.currencies])
    out.print(
        f"{done.added} added, {done.replaced} replaced, {done.known} known before.", markup=False
    )


@_rates.command("list")
def list_rates(as_json: JsonOption = False) -> None:
    """List the currencies, the days they have rates of, and the newest rate."""
    workspace, actor = workspace_and_actor()
    rows = [_row(each) for each in services.list_rates(workspace, actor=actor)]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Exchange rates", rows)


def _row(span: RateSpan) -> dict[str, object]:
    return {
        "currency": span.currency,
        "days": span.days,
        "first": span.first,
        "last": span.last,
        "HKD for one": span.newest,
        "file": span.source,
        "imported": span.imported_at,
    }
