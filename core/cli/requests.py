"""``harbourlight requests``: customers' requests, their steps, letters, and the log book."""

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.cli.corrections import ModelOption, NumberArgument, SubjectArgument, add_corrections
from core.cli.options import LanguageOption
from core.domain.identity import Actor
from core.domain.working_days import HONG_KONG
from core.errors import InvalidInput
from core.i18n import translator
from core.services import exports
from core.services.exports import MadeExport
from core.services.rights import (
    answers,
    copies,
    desk,
    intake,
    letters,
    refusals,
    sender,
    snapshots,
)
from core.services.rights.desk import Request
from core.services.workspace import Workspace

_requests = typer.Typer(
    help="Customers' requests: review, explanation, access, correction, opt-out.",
    no_args_is_help=True,
)

OutOption = Annotated[Path, typer.Option("--out", help="The file to write.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    add_corrections(_requests)
    app.add_typer(_requests, name="requests")


@_requests.command("list")
def list_requests(
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    model: ModelOption = None,
    as_json: JsonOption = False,
) -> None:
    """List requests by the day they are due; people are named by pseudonyms."""
    workspace, actor = workspace_and_actor()
    found = desk.list_requests(workspace, actor=actor, model=model, only_open=not every)
    if as_json:
        print_json({"rows": found})
        return
    print_table("Requests", [_row(each) for each in found])


@_requests.command("show")
def show(number: NumberArgument) -> None:
    """Print one request with its steps, as JSON; values stay masked."""
    workspace, actor = workspace_and_actor()
    found = desk.read_request(workspace, number, actor=actor)
    steps = desk.list_steps(workspace, number, actor=actor)
    possible = answers.possible_outcomes(workspace, number, actor=actor)
    print_json({"request": found, "steps": steps, "possible_answers": possible})


@_requests.command("intake")
def take_in(
    kind: Annotated[
        str,
        typer.Argument(help="review, explanation, access, correction or opt_out."),
    ],
    subject: SubjectArgument,
    words: Annotated[str, typer.Option(help="What was asked for, without the reference.")],
    channel: Annotated[str, typer.Option(help="letter, email, branch, web or phone.")] = "letter",
    language: LanguageOption = "en",
    received: Annotated[
        datetime | None, typer.Option(help="Day it came in, Hong Kong time; today by default.")
    ] = None,
    model: ModelOption = None,
    prediction: Annotated[str | None, typer.Option(help="What it is about.")] = None,
    fee: Annotated[float | None, typer.Option(help="What was charged, in HKD.")] = None,
) -> None:
    """Take a request in; access and correction requests freeze the data as at receipt."""
    workspace, actor = workspace_and_actor()
    reference = sys.stdin.readline().rstrip("\r\n") if subject == "-" else subject
    made = intake.intake(
        workspace,
        kind,
        reference,
        words=words,
        channel=channel,
        language=language,
        received_at=received.replace(tzinfo=HONG_KONG) if received else None,
        model=model,
        prediction=prediction,
        fee_hkd=fee,
        actor=actor,
    )
    out.print(f"{made.reference} is due on {made.due_on.isoformat()}.", markup=False)
    if made.is_statutory and not made.is_erased:
        _show_frozen(snapshots.freeze(workspace, made.id, actor=actor))


@_requests.command("name")
def name_prediction(
    number: NumberArgument,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Of which model.")],
    prediction: Annotated[str, typer.Argument(metavar="PREDICTION", help="Its id.")],
) -> None:
    """Say which prediction a request is about."""
    workspace, actor = workspace_and_actor()
    intake.name_prediction(workspace, number, model, prediction, actor=actor)
    out.print("Named.", markup=False)


@_requests.command("identify")
def identify(
    number: NumberArgument,
    method: Annotated[
        str,
        typer.Option(help="document, signature, secure_sign_in, questions or representative."),
    ],
    note: Annotated[str, typer.Option(help="What was seen; no number of a document.")] = "",
) -> None:
    """Confirm who asks; before that nothing about the person is shown or sent."""
    workspace, actor = workspace_and_actor()
    intake.identify(workspace, number, method, note=note, actor=actor)
    out.print("The identity is confirmed.", markup=False)


@_requests.command("freeze")
def freeze(number: NumberArgument) -> None:
    """Freeze the person's rows as they were known when the request came in."""
    workspace, actor = workspace_and_actor()
    _show_frozen(snapshots.freeze(workspace, number, actor=actor))


@_requests.command("copy")
def copy(
    number: NumberArgument,
    to: OutOption,
    without: Annotated[
        list[str] | None, typer.Option(help="A column that would tell of other people.")
    ] = None,
    meaning: Annotated[
        list[str] | None, typer.Option(help="column=code=what it means, in both languages.")
    ] = None,
) -> None:
    """Write the copy with its code book as a PDF."""
    workspace, actor = workspace_and_actor()
    meanings = dict(_meaning(each) for each in meaning or [])
    made = copies.make_copy(
        workspace, number, withheld=without or (), meanings=meanings, actor=actor
    )
    _write(workspace, made.export, to, actor)
    for each in made.unexplained:
        out.print(f"Not explained by the contract: {each}", markup=False, highlight=False)


@_requests.command("letter")
def letter(
    number: NumberArgument,
    template: Annotated[str, typer.Argument(metavar="LETTER", help="Which letter.")],
    to: OutOption,
    text: Annotated[str, typer.Option(help="Reasons of a delay.")] = "",
) -> None:
    """Write a letter as a PDF, in the customer's language and the other."""
    workspace, actor = workspace_and_actor()
    made = letters.make_letter(workspace, number, template, text=text, actor=actor)
    _write(workspace, made, to, actor)


@_requests.command("open-case")
def open_case(number: NumberArgument) -> None:
    """Open the case of human review that a request asks for."""
    workspace, actor = workspace_and_actor()
    made = answers.open_case(workspace, number, actor=actor)
    out.print(f"Case R-{made:06d} is open.", markup=False, highlight=False)


@_requests.command("take")
def take(number: NumberArgument) -> None:
    """Take a request over: from now on it is yours to handle."""
    workspace, actor = workspace_and_actor()
    intake.take_over(workspace, number, actor=actor)
    out.print(f"Request {number} is yours.", markup=False, highlight=False)


@_requests.command("late")
def late(
    number: NumberArgument,
    reasons: Annotated[str, typer.Option(help="Why, for the customer.")],
    partly: Annotated[bool, typer.Option("--partly", help="A part is given already.")] = False,
) -> None:
    """Put on record that the customer is told of a delay."""
    workspace, actor = workspace_and_actor()
    answers.late_notice(workspace, number, reasons, partly=partly, actor=actor)
    out.print("Noted. Write the letter late_notice with the same reasons.", markup=False)


@_requests.command("refuse")
def refuse(
    number: NumberArgument,
    ground: Annotated[str, typer.Option(help="Which ground; docs/customer-rights.md lists them.")],
    reasons: Annotated[str, typer.Option(help="Why, for the customer and the log book.")],
    language: Annotated[str, typer.Option(help="Language of the reasons.")] = "en",
    other: Annotated[str, typer.Option(help="Who controls the data instead.")] = "",
) -> None:
    """Propose to refuse a request; somebody else decides."""
    workspace, actor = workspace_and_actor()
    asked = refusals.propose_refusal(
        workspace,
        number,
        ground=ground,
        reasons_text=reasons,
        language=language,
        other_data_user=other,
        actor=actor,
    )
    out.print(f"Proposed as approval {asked.id}.", markup=False, highlight=False)
    out.print(f"Somebody else runs: harbourlight approvals approve {asked.id}", markup=False)
    raise typer.Exit(3)


@_requests.command("answer")
def answer(
    number: NumberArgument,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="What came of it.")],
) -> None:
    """Close a request with what came of it."""
    workspace, actor = workspace_and_actor()
    made = answers.answer(workspace, number, outcome, actor=actor)
    out.print(f"{made.reference} is answered.", markup=False)


@_requests.command("withdraw")
def withdraw(
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="Why; it names nobody.")],
) -> None:
    """Close a request that the customer takes back."""
    workspace, actor = workspace_and_actor()
    intake.withdraw(workspace, number, reason=reason, actor=actor)
    out.print("Withdrawn.", markup=False)


@_requests.command("refusals")
def log_book(
    to: Annotated[Path | None, typer.Option("--out", help="Write it as CSV.")] = None,
    language: Annotated[str, typer.Option(help="Of the headings.")] = "en",
    as_json: JsonOption = False,
) -> None:
    """List the log book of refusals; it names no customer."""
    workspace, actor = workspace_and_actor()
    if to is not None:
        made = refusals.export_log_book(workspace, translator(language), actor=actor)
        _write(workspace, made, to, actor)
        return
    entries = refusals.log_book(workspace, actor=actor)
    if as_json:
        print_json({"rows": entries})
        return
    rows = [
        {
            "request": each.request,
            "kind": each.kind,
            "ground": each.ground,
            "reasons": each.reasons,
            "refused": each.refused_at,
            "by": each.refused_by,
            "notice": each.notice_sent_on,
            "kept until": each.keep_until,
        }
        for each in entries
    ]
    print_table("Refusals", rows)


@_requests.command("sender")
def set_sender(
    line: Annotated[
        list[str] | None, typer.Option(help="A line of the head of letters; none removes it.")
    ] = None,
) -> None:
    """Set who writes to customers: name, then where to answer."""
    workspace, actor = workspace_and_actor()
    kept = sender.set_sender(workspace, line or (), actor=actor)
    out.print(f"Letters begin with {len(kept)} lines.", markup=False)


def _row(found: Request) -> dict[str, object]:
    return {
        "request": found.reference,
        "kind": found.kind,
        "state": found.state,
        "subject": found.subject_id[:16],
        "model": found.model_id or "all",
        "received": found.received_on,
        "due": found.due_on,
        "days left": found.clock.days_left if found.is_open else None,
        "clock": found.clock.level,
        "handler": found.handler,
    }


def _show_frozen(found: snapshots.Frozen) -> None:
    out.print(f"Frozen with SHA-256 {found.sha256}.", markup=False, highlight=False)
    print_table("Rows", [{"where": name, "rows": rows} for name, rows in found.rows.items()])


def _meaning(text: str) -> tuple[str, str]:
    column, _, rest = text.partition("=")
    code, _, meaning = rest.partition("=")
    if not (column and code and meaning):
        raise InvalidInput(
            "{text!r} is not a meaning of a code.", remedy="Write column=code=meaning.", text=text
        )
    return f"{column}={code}", meaning


def _write(workspace: Workspace, made: MadeExport, to: Path, actor: Actor) -> None:
    _, content = exports.fetch(workspace, made.id, actor=actor)
    to.touch(mode=0o600)
    to.write_bytes(content)
    out.print(f"Written to {to}.", markup=False, highlight=False)
