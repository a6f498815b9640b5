"""``harbourlight requests`` goes on: corrections, who is told of them, notes and opt-outs."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.domain.identity import Actor
from core.services.rights import disclosure_log, disclosures, disputes, opt_outs
from core.services.workspace import Workspace
from core.store.rights.disclosures import Disclosure

NumberArgument = Annotated[int, typer.Argument(metavar="NUMBER", help="Of the request.")]
SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT", help="What the logs call the person; - reads it from standard input."
    ),
]
ModelOption = Annotated[str | None, typer.Option(help="A model.")]


def add_corrections(app: typer.Typer) -> None:
    """Add this module's commands to ``harbourlight requests``."""
    app.command("correct")(correct)
    app.command("recipients")(recipients)
    app.command("told")(told)
    app.command("not-told")(not_told)
    app.command("disclose")(disclose)
    app.command("disclosures")(list_disclosures)
    app.command("import-disclosures")(import_disclosures)
    app.command("note")(attach_note)
    app.command("opt-out")(opt_out)


def correct(
    number: NumberArgument,
    column: Annotated[list[str], typer.Option(help="A column that was corrected.")],
    source: Annotated[str, typer.Option(help="The system in which it was corrected.")],
    on: Annotated[datetime | None, typer.Option(help="Day of the correction.")] = None,
) -> None:
    """Say which columns were corrected, and list who has to be told."""
    workspace, actor = workspace_and_actor()
    day = on.date() if on else None
    disclosures.record_correction(workspace, number, column, source=source, on=day, actor=actor)
    _show_recipients(workspace, number, actor)


def recipients(
    number: NumberArgument,
    at_receipt: Annotated[
        bool, typer.Option("--at-receipt", help="In the twelve months up to receipt.")
    ] = False,
) -> None:
    """List who was given the person's data, those to be told first."""
    workspace, actor = workspace_and_actor()
    if at_receipt:
        found = disclosure_log.disclosed_at_receipt(workspace, number, actor=actor)
        print_table("As at receipt", [_row(each) for each in found])
        return
    _show_recipients(workspace, number, actor)


def told(
    number: NumberArgument,
    disclosure: Annotated[int, typer.Argument(metavar="DISCLOSURE", help="Its number.")],
) -> None:
    """Note that a recipient was told of the correction."""
    workspace, actor = workspace_and_actor()
    disclosures.mark_told(workspace, number, disclosure, actor=actor)
    out.print("Noted.", markup=False)


def not_told(
    number: NumberArgument,
    disclosure: Annotated[int, typer.Argument(metavar="DISCLOSURE", help="Its number.")],
    reason: Annotated[str, typer.Option(help="Why not; it names no person.")],
) -> None:
    """Note why a recipient is not told of the correction."""
    workspace, actor = workspace_and_actor()
    disclosures.note_not_told(workspace, number, disclosure, reason, actor=actor)
    out.print("Noted.", markup=False)


def disclose(
    subject: SubjectArgument,
    recipient: Annotated[str, typer.Argument(metavar="RECIPIENT", help="To whom.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    on: Annotated[datetime, typer.Option(help="When.")],
    column: Annotated[list[str] | None, typer.Option(help="A column that was given.")] = None,
    model: ModelOption = None,
) -> None:
    """Note that a person's data were given to somebody."""
    workspace, actor = workspace_and_actor()
    reference = sys.stdin.readline().rstrip("\r\n") if subject == "-" else subject
    number = disclosures.note_disclosure(
        workspace,
        reference,
        recipient,
        purpose=purpose,
        on=on.date(),
        columns=column or (),
        model=model,
        actor=actor,
    )
    out.print(f"Disclosure {number} is noted.", markup=False)


def list_disclosures(as_json: JsonOption = False) -> None:
    """List the newest entries of the log of disclosures; people are named by pseudonyms."""
    workspace, actor = workspace_and_actor()
    found = disclosure_log.list_disclosures(workspace, actor=actor)
    if as_json:
        print_json({"rows": found})
        return
    print_table("Disclosures", [_row(each) for each in found])


def import_disclosures(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV with reference, recipient, purpose, day, columns, model.",
            exists=True,
            dir_okay=False,
        ),
    ],
) -> None:
    """Enter disclosures from a file: all rows, or none; what is entered already stays."""
    workspace, actor = workspace_and_actor()
    done = disclosure_log.import_disclosures(workspace, file.read_bytes(), actor=actor)
    out.print(f"{done.entered} entered, {done.known} known before.", markup=False)


def attach_note(
    number: NumberArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The customer's words.")],
    item: Annotated[str, typer.Option(help="score, decision or data.")] = "score",
) -> None:
    """Attach a dispute note to the prediction of a request."""
    workspace, actor = workspace_and_actor()
    made = disputes.attach_note(workspace, number, text, item=item, actor=actor)
    out.print(f"Note {made.id} is attached.", markup=False)


def opt_out(
    number: NumberArgument,
    ends: Annotated[bool, typer.Option("--end", help="End it instead.")] = False,
) -> None:
    """Enter the customer of a request in the register of opt-outs, or take them out."""
    workspace, actor = workspace_and_actor()
    if ends:
        opt_outs.end(workspace, number, actor=actor)
    else:
        opt_outs.enter(workspace, number, actor=actor)
    out.print("Ended." if ends else "Entered.", markup=False)


def _row(each: Disclosure) -> dict[str, object]:
    return {
        "disclosure": each.id,
        "subject": each.subject_id[:16],
        "model": each.model_id or "not known",
        "recipient": each.recipient,
        "purpose": each.purpose,
        "on": each.disclosed_on,
        "columns": " ".join(each.what) or "not known",
    }


def _show_recipients(workspace: Workspace, number: int, actor: Actor) -> None:
    rows = [
        {
            "disclosure": each.disclosure_id,
            "recipient": each.recipient,
            "on": each.disclosed_on,
            "to be told": "yes" if each.is_concerned else "no",
            "told": each.sent_on,
            "not told because": each.why_not,
        }
        for each in disclosures.recipients(workspace, number, actor=actor)
    ]
    print_table("Recipients", rows)
