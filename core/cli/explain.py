"""``harbourlight explain | codebook``: why a decision was made, and the sentences for reasons."""

from dataclasses import asdict
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
from core.cli.explain_many import explain_chosen
from core.cli.options import LANGUAGES
from core.domain.explanation.record import ExplanationRecord
from core.errors import InvalidInput
from core.i18n import translator
from core.i18n.locales import LOCALES
from core.services.explanation import code_books
from core.services.explanation.asking import Explained, explain_decision
from core.services.explanation.choosing import MOST, USUAL
from core.services.explanation.telling import ToldReason
from core.services.explanation.words import CODE_FAULTS

_REFUSED = 1
_codebook = typer.Typer(help="Sentences for the reasons of decisions.", no_args_is_help=True)
_File = Annotated[
    Path, typer.Argument(metavar="FILE", help="YAML with a list 'codes'; see docs/explanations.md.")
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("explain")(explain)
    app.add_typer(_codebook, name="codebook")


def explain(
    model: ModelArgument,
    prediction: Annotated[
        str | None, typer.Argument(metavar="ID", help="Id of the prediction, as the log has it.")
    ] = None,
    where: Annotated[
        str | None,
        typer.Option(
            metavar="EXPR", help="Explain all decisions that this condition over the log chooses."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="With --where: the folder that is written."),
    ] = None,
    limit: Annotated[
        int, typer.Option(help=f"With --where: the most decisions, up to {MOST:,}.")
    ] = USUAL,
    language: Annotated[str, typer.Option(help=f"Language of the reasons: {LANGUAGES}.")] = "en",
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the record, and its hash in the audit trail.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Say why a decision was made: what each field added, and what would have changed it.

    The exit code is 1 if there is no explanation; the reason is printed. Personal values are
    masked. With --where, many decisions are explained into a folder.
    """
    if where is not None and folder is not None and prediction is None:
        explain_chosen(model, where, folder, limit=limit, keep=keep, as_json=as_json)
        return
    if prediction is None or where is not None or folder is not None:
        raise typer.BadParameter("Name a decision by its ID, or choose some by --where and --out.")
    if language not in LOCALES:
        raise InvalidInput(
            "{text!r} is not known here.",
            remedy="Choose from: {known}.",
            text=language,
            known=", ".join(LOCALES),
        )
    workspace, actor = workspace_and_actor()
    found = explain_decision(
        workspace, model, prediction, t=translator(language), keep=keep, actor=actor
    )
    if as_json:
        reasons = [asdict(each) for each in found.reasons]
        print_json({"model": model, **found.record.document(), "told": reasons})
    else:
        _tell(found)
    if found.record.source == "none":
        raise typer.Exit(_REFUSED)


def _tell(found: Explained) -> None:
    record = found.record
    out.print(_headline(record), style="bold", markup=False)
    if record.rescored is not None:
        verdict = "the same" if record.rescored.agrees else "ANOTHER"
        out.print(
            f"Score: {record.rescored.logged:g} in the log; the registered model gives {verdict} "
            f"({record.rescored.again:.6g}).",
            markup=False,
        )
    if record.source == "none":
        out.print(f"Not available: {record.why}", markup=False)
        return
    print_table("Reasons", [_reason(each) for each in found.reasons])
    if record.attributions is not None:
        _tell_sums(record)
    if record.steadiness is not None:
        out.print(
            f"The same reasons with {record.steadiness.same_reasons:.0%} of "
            f"{record.steadiness.redraws} other backgrounds.",
            markup=False,
        )
    if record.others is not None:
        _tell_others(found)


def _headline(record: ExplanationRecord) -> str:
    about = record.subject
    rule = f", policy {record.rule.policy}: {record.rule.rule}" if record.rule.policy else ""
    return (
        f"{about.prediction_id} of {about.model_id}, version {about.version or '–'}, "
        f"{about.predicted_at.isoformat(timespec='seconds')}: {about.decision or '–'}{rule}"
    )


def _reason(each: ToldReason) -> dict[str, object]:
    return {
        "code": each.code or "–",
        "field": each.field,
        "reason": each.sentence,
        "share": f"{each.share:.0%}",
    }


def _tell_sums(record: ExplanationRecord) -> None:
    sums = record.attributions
    if sums is None:
        return
    rows = [
        {"field": each.field, "value": each.value, "usual": each.usual, "added": each.added}
        for each in sorted(sums.parts, key=lambda part: -abs(part.added))
    ]
    title = f"What each field added ({sums.method}, {sums.scale})"
    print_table(title, rows)
    if record.background is not None and sums.base is not None:
        out.print(
            f"Beside {record.background.rows} rows of the training data "
            f"(background {record.background.id[:12]}), whose mean is {sums.base:.4f}.",
            markup=False,
        )


def _tell_others(found: Explained) -> None:
    others = found.record.others
    if others is None:
        return
    if others.why:
        out.print(f"Another result: none named ({others.why}).", markup=False)
    for each in found.changes:
        out.print(
            f"Another result: {'; '.join(each.changes)} (score {each.score:g}).", markup=False
        )


@_codebook.command("check")
def check(model: ModelArgument, file: _File, as_json: JsonOption = False) -> None:
    """Say what is wrong with a code book, and of which reasons it says nothing."""
    workspace, actor = workspace_and_actor()
    document = code_books.code_book_document(file)
    found = code_books.check_code_book(workspace, model, document, actor=actor)
    faults = [
        CODE_FAULTS[each.kind].format(place=each.place, found=each.found) for each in found.faults
    ]
    if as_json:
        missing = [f"{field} {direction}" for field, direction in found.missing]
        print_json({"model": model, "faults": faults, "missing": missing})
    else:
        for fault in faults or ["Nothing is wrong."]:
            out.print(fault, markup=False)
        for field, direction in found.missing:
            out.print(f"No reason for: {field} {direction} the score.", markup=False)
    if faults:
        raise typer.Exit(_REFUSED)


@_codebook.command("propose")
def propose(
    model: ModelArgument,
    file: _File,
    reason: Annotated[str, typer.Option(help="Why, for whoever decides.")],
    as_json: JsonOption = False,
) -> None:
    """Propose a code book; somebody else approves it."""
    workspace, actor = workspace_and_actor()
    document = code_books.code_book_document(file)
    asked = code_books.propose_code_book(workspace, model, document, reason=reason, actor=actor)
    if as_json:
        print_json({"model": model, "approval": asked.id})
    else:
        out.print(f"Proposed as {asked.id}: a second person decides.", markup=False)


@_codebook.command("list")
def list_books(model: ModelArgument, as_json: JsonOption = False) -> None:
    """List the code books that were ever in force, the newest first."""
    workspace, actor = workspace_and_actor()
    names = code_books.code_book_names(workspace, model, actor=actor)
    rows: list[dict[str, object]] = [
        {
            "number": each.number,
            "codes": len(code_books.book_of(each).entries),
            "approved": each.approved_at,
            "proposed by": names.get(each.proposed_by, each.proposed_by),
            "approved by": names.get(each.approved_by, each.approved_by),
            "sha256": each.sha256[:12],
        }
        for each in code_books.list_code_books(workspace, model, actor=actor)
    ]
    if as_json:
        print_json({"model": model, "rows": rows})
    else:
        print_table("Code books", rows)
