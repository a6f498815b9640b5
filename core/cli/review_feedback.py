"""``harbourlight review export``: what people decided, as labelled data."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, ModelArgument, out, print_json, workspace_and_actor
from core.services import exports
from core.services.review.override_export import export_verdicts


def add_to(commands: typer.Typer) -> None:
    """Add this module's command to those of ``review``."""
    commands.command("export")(export)


def export(
    model: ModelArgument,
    file: Annotated[Path, typer.Option("--out", help="The CSV file to write.")],
    with_personal: Annotated[
        bool, typer.Option("--with-personal", help="Personal columns, too; needs its permission.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write final verdicts with the features they were about, as labelled data."""
    workspace, actor = workspace_and_actor()
    found = export_verdicts(workspace, model, actor=actor, with_personal=with_personal)
    _, content = exports.fetch(workspace, found.made.id, actor=actor)
    file.touch(mode=0o600)
    file.write_bytes(content)
    if as_json:
        print_json(
            {
                "file": file,
                "sha256": found.made.record.sha256,
                "rows": found.rows,
                "overturned": found.overturned,
                "gone": found.gone,
                "left_out": found.left_out,
            }
        )
        return
    out.print(
        f"Wrote {found.rows} verdicts to {file}; {found.overturned} of them overturned the model.",
        markup=False,
        highlight=False,
    )
    if found.left_out:
        out.print(f"Left out as personal: {', '.join(found.left_out)}.", markup=False)
