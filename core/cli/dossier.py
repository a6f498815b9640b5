"""``harbourlight dossier``: all that is on record of one decision, for whoever checks it."""

import os
from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, ModelArgument, out, print_json, workspace_and_actor
from core.cli.options import LANGUAGES
from core.errors import InvalidInput
from core.i18n import translator
from core.i18n.locales import LOCALES
from core.services.explanation.dossier import Order, make_dossier


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("dossier")(dossier)


def dossier(
    model: ModelArgument,
    prediction: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the prediction, as the log has it.")
    ],
    file: Annotated[Path, typer.Option("--out", help="The ZIP file to write.")],
    to: Annotated[str, typer.Option(help="Who gets it, such as an examiner's office.")],
    reason: Annotated[str, typer.Option(help="Why, for the audit trail; not the person's name.")],
    record: Annotated[
        int | None, typer.Option(help="Number of the kept record; the newest by default.")
    ] = None,
    language: Annotated[
        str, typer.Option(help=f"Language of what is to be read: {LANGUAGES}.")
    ] = "en",
    values: Annotated[
        bool, typer.Option("--with-values", help="With personal values; needs personal.export.")
    ] = False,
    despite: Annotated[
        bool,
        typer.Option("--despite-failed-checks", help="Although a check fails: it says which."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the dossier of a decision, with the program that checks it without Harbourlight.

    It is made from the decision's kept record; where there is none, one is kept first. Personal
    values are left out unless they are asked for. The audit trail says who got it, and why. If a
    check of the record fails, nothing is made unless --despite-failed-checks says so.
    """
    if language not in LOCALES:
        raise InvalidInput(
            "{text!r} is not known here.",
            remedy="Choose from: {known}.",
            text=language,
            known=", ".join(LOCALES),
        )
    _require_place(file)
    workspace, actor = workspace_and_actor()
    made = make_dossier(
        workspace,
        model,
        prediction,
        Order(to, reason, record, values, despite),
        t=translator(language),
        actor=actor,
    )
    file.touch(mode=0o600)
    file.write_bytes(made.content)
    if as_json:
        about = {"file": file, "sha256": made.sha256, "bytes": len(made.content)}
        print_json({"model": model, "record": made.kept.number, **about})
    else:
        out.print(f"Wrote {file} ({len(made.content):,} bytes).", markup=False, highlight=False)
        out.print(f"SHA-256 {made.sha256}", markup=False, highlight=False)


def _require_place(file: Path) -> None:
    """Refuse a file that cannot be written, before the trail says that somebody was given it."""
    if file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise InvalidInput(
            "{file} cannot be written.",
            remedy="Name a file in a folder that is there and is yours to write to.",
            file=file,
        )
