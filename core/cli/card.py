"""``harbourlight card``: a model's card as a file."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import ModelArgument, out, workspace_and_actor
from core.cli.options import LanguageOption
from core.services.model_card import card_file


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("card")(card)


def card(
    model: ModelArgument,
    to: Annotated[Path, typer.Option("--out", help="The file to write.")],
    form: Annotated[str, typer.Option("--format", help="pdf, html, md or json.")] = "pdf",
    language: LanguageOption = "en",
) -> None:
    """Write a model's card, from the live record and the contract; the trail keeps its hash.

    As json it is the facts alone: the SHA-256 of that file is the hash that stands on every card.
    """
    workspace, actor = workspace_and_actor()
    made = card_file(workspace, model, form, actor=actor, language=language)
    to.write_bytes(made.content)
    out.print(f"{to}: {len(made.content):,} bytes, SHA-256 {made.sha256}", markup=False)
