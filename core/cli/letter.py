"""``harbourlight letter``: letters about decisions, their check codes, and their fixed words."""

from pathlib import Path
from typing import Annotated

import typer
import yaml

from core.cli import letter_many
from core.cli.context import (
    JsonOption,
    ModelArgument,
    err,
    out,
    print_json,
    workspace_and_actor,
)
from core.cli.options import LanguageOption
from core.domain.explanation.check_code import grouped
from core.errors import UnreadableFile
from core.services import exports
from core.services.explanation import letter_check, letters, templates
from core.services.explanation.checks import Check
from core.services.explanation.code_books import code_book_document
from core.services.explanation.letter_words import CHECKS, REMEDIES, TEMPLATE_FAULTS

_REFUSED = 1
_letter = typer.Typer(help="Letters that tell a person why a decision was made.")
_template = typer.Typer(help="The fixed words of letters.", no_args_is_help=True)
_letter.add_typer(_template, name="template")
letter_many.register(_letter)
_OutOption = Annotated[Path, typer.Option("--out", help="The file to write.")]
_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="YAML with every part in every language.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_letter, name="letter", no_args_is_help=True)


@_letter.command("make")
def make(
    model: ModelArgument,
    prediction: Annotated[
        str, typer.Argument(metavar="ID", help="Id of the prediction, as the log has it.")
    ],
    to: _OutOption,
    language: LanguageOption = "en",
    record: Annotated[
        int | None, typer.Option(help="Which kept record; the newest by default.")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="pdf, html or text.")] = "pdf",
    withhold: Annotated[
        bool, typer.Option("--withhold", help="Leave the reasons out; needs --reason.")
    ] = False,
    reason: Annotated[
        str, typer.Option(help="Why they stay out, for the audit trail; it names nobody.")
    ] = "",
) -> None:
    """Write a letter from a kept record, if it passes every check, with the person's own values.

    The exit code is 1 if a check failed; each is printed with what to do.
    """
    if withhold != bool(reason.strip()):
        raise typer.BadParameter("--withhold and --reason go together")
    workspace, actor = workspace_and_actor()
    try:
        made = letters.make_letter(
            workspace,
            model,
            prediction,
            language=language,
            number=record,
            form=form,
            withhold=reason,
            actor=actor,
        )
    except letters.LetterRefused as refused:
        _tell_failed(refused.checks)
        raise typer.Exit(_REFUSED) from refused
    _, content = exports.fetch(workspace, made.export.id, actor=actor)
    to.touch(mode=0o600)
    to.write_bytes(content)
    out.print(
        f"{made.letter.reference}, check code {grouped(made.letter.code)}: {to}", markup=False
    )


def _tell_failed(checks: tuple[Check, ...]) -> None:
    err.print("The letter is not released.", markup=False)
    for each in checks:
        if not each.passed:
            found = f" ({each.found})" if each.found else ""
            err.print(f"Failed: {CHECKS[each.name]}{found}. {REMEDIES[each.name]}", markup=False)


@_letter.command("check")
def check(
    code: Annotated[str, typer.Argument(metavar="CODE", help="As the letter has it.")],
    file: Annotated[Path | None, typer.Option(help="A file that is said to be the letter.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Say which letter a check code is of, and whether it is what was made.

    The exit code is 1 if what is kept, or the given file, is not what was made.
    """
    workspace, actor = workspace_and_actor()
    content = None if file is None else _content(file)
    found = letter_check.check_letter(workspace, code, content=content, actor=actor)
    if as_json:
        print_json(found)
    else:
        kind = "a letter without reasons" if found.withheld else "a letter with reasons"
        out.print(
            f"{found.reference}: {kind} in {found.language} about {found.prediction_id} of "
            f"{found.model_id}, made {found.made_at.isoformat(timespec='seconds')}.",
            markup=False,
        )
        out.print("What is kept is unchanged." if found.is_intact else "What is kept was CHANGED.")
        if content is not None:
            same = f"The file is the letter, as {found.form}." if found.form else None
            out.print(same or "The file is NOT the letter as it was made.", markup=False)
    if not found.is_intact or (content is not None and found.form is None):
        raise typer.Exit(_REFUSED)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "{path} cannot be read: {reason}.",
            remedy="Give the file that was received.",
            path=file.name,
            reason=str(error),
        ) from error


@_template.command("show")
def show_template(
    number: Annotated[
        int | None, typer.Option(help="Which version; the one in force by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Print the fixed words of letters, as the file that a proposal takes."""
    workspace, actor = workspace_and_actor()
    found = templates.show_template(workspace, number, actor=actor)
    document = found.template.document()
    if as_json:
        print_json({"number": found.number, "template": document})
    else:
        text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=100)
        out.print(f"# version {found.number}\n{text}", markup=False, highlight=False, end="")


@_template.command("check")
def check_template(
    file: _File,
    preview: Annotated[
        Path | None, typer.Option(help="Write an example letter there, as a PDF.")
    ] = None,
    language: LanguageOption = "en",
    withheld: Annotated[
        bool, typer.Option("--withheld", help="The example leaves the reasons out.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what is wrong with other fixed words, and show an example letter of them."""
    workspace, actor = workspace_and_actor()
    document = code_book_document(file)
    found = templates.check_template(workspace, document, actor=actor)
    faults = [
        TEMPLATE_FAULTS[each.kind].format(place=each.place, found=each.found) for each in found
    ]
    if as_json:
        print_json({"faults": faults})
    else:
        for fault in faults or ["Nothing is wrong."]:
            out.print(fault, markup=False)
    if faults:
        raise typer.Exit(_REFUSED)
    if preview is not None:
        made = templates.preview_template(
            workspace, document, language, withheld=withheld, actor=actor
        )
        preview.write_bytes(made)


@_template.command("propose")
def propose_template(
    file: _File,
    reason: Annotated[str, typer.Option(help="Why, for whoever decides.")],
    as_json: JsonOption = False,
) -> None:
    """Propose other fixed words; somebody else approves them."""
    workspace, actor = workspace_and_actor()
    document = code_book_document(file)
    asked = templates.propose_template(workspace, document, reason=reason, actor=actor)
    if as_json:
        print_json({"approval": asked.id})
    else:
        out.print(f"Proposed as {asked.id}: a second person decides.", markup=False)
