"""``harbourlight erase``, ``erasure``, ``hold`` and ``retention``: people's data and their end."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.errors import InvalidInput
from core.services.erasure import asking as erasure
from core.services.erasure import run as erasure_run
from core.services.erasure.asking import ErasurePreview
from core.services.retention import disposal, disposal_run, holds
from core.services.retention import rules as retention
from core.services.retention.disposal import DisposalPreview

_erasure = typer.Typer(help="Erasures asked for, under way and done.", no_args_is_help=True)
_hold = typer.Typer(help="Legal holds.", no_args_is_help=True)
_retention = typer.Typer(help="How long records are kept.", no_args_is_help=True)
_NO_LIMIT = "none"

SubjectArgument = Annotated[
    str,
    typer.Argument(
        metavar="SUBJECT", help="What the logs call the person; - reads it from standard input."
    ),
]
ReasonOption = Annotated[str, typer.Option(help="Why: a case or a request, never a person.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("erase")(erase)
    app.add_typer(_erasure, name="erasure")
    app.add_typer(_hold, name="hold")
    app.add_typer(_retention, name="retention")


def erase(
    subject: SubjectArgument,
    basis: Annotated[str, typer.Option(help="Law or request; it stays in the trail.")] = "",
    model: Annotated[str | None, typer.Option(help="Only from this model.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask for the erasure of a person; somebody else approves it."""
    workspace, actor = workspace_and_actor()
    reference = sys.stdin.readline().rstrip("\r\n") if subject == "-" else subject
    if dry_run:
        found = erasure.preview(workspace, reference, actor=actor, model=model)
        if as_json:
            print_json(found)
        else:
            _show_preview(found)
        return
    asked = erasure.propose_erasure(workspace, reference, basis=basis, actor=actor, model=model)
    if as_json:
        print_json({"approval": asked.id, "erasure": asked.object_id, "before": asked.before})
        return
    print_table("Found", [{"where": name, "rows": rows} for name, rows in asked.before.items()])
    out.print(f"Asked for as approval {asked.id}.", markup=False, highlight=False)
    out.print(f"Somebody else runs: harbourlight approvals approve {asked.id}", markup=False)
    out.print("Then the worker does it, or: harbourlight erasure run", markup=False)


@_erasure.command("list")
def list_erasures(as_json: JsonOption = False) -> None:
    """List the erasures, the newest first; people are named by pseudonyms."""
    workspace, actor = workspace_and_actor()
    found = erasure.list_erasures(workspace, actor=actor)
    if as_json:
        print_json({"rows": found})
        return
    rows = [
        {
            "id": each.id,
            "subject": each.subject_id[:16],
            "model": each.model_id or "all",
            "state": each.state,
            "asked": each.requested_at,
            "done": each.finished_at,
            "basis": each.basis,
        }
        for each in found
    ]
    print_table("Erasures", rows)


@_erasure.command("show")
def show(erasure_id: Annotated[str, typer.Argument(metavar="ID", help="Its id.")]) -> None:
    """Print one erasure with its report, as JSON."""
    workspace, actor = workspace_and_actor()
    print_json(erasure.get_erasure(workspace, erasure_id, actor=actor))


@_erasure.command("run")
def run() -> None:
    """Carry out approved erasures now, without the worker; completes what was interrupted."""
    workspace, actor = workspace_and_actor()
    done = erasure_run.run_waiting(workspace, actor=actor)
    out.print(f"{done} erasures carried out.", markup=False)


@_hold.command("place")
def place(
    reason: ReasonOption,
    subject: Annotated[str | None, typer.Option(help="What the logs call the person.")] = None,
    model: Annotated[str | None, typer.Option(help="A model.")] = None,
    record_class: Annotated[str | None, typer.Option("--class", help="A class of records.")] = None,
) -> None:
    """Forbid the erasure of a person, a model's records, a class of records, or all together."""
    workspace, actor = workspace_and_actor()
    hold = holds.place_hold(
        workspace,
        actor=actor,
        reason=reason,
        subject=subject,
        model=model,
        record_class=record_class,
    )
    out.print(f"Hold {hold.id} is in force.", markup=False, highlight=False)


@_hold.command("lift")
def lift(
    hold_id: Annotated[str, typer.Argument(metavar="ID", help="Id of the hold.")],
    reason: ReasonOption,
) -> None:
    """Lift a hold."""
    workspace, actor = workspace_and_actor()
    holds.lift_hold(workspace, hold_id, actor=actor, reason=reason)
    out.print(f"Hold {hold_id} is lifted.", markup=False, highlight=False)


@_hold.command("list")
def list_holds(
    every: Annotated[bool, typer.Option("--all", help="Lifted ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the holds."""
    workspace, actor = workspace_and_actor()
    found = holds.list_holds(workspace, actor=actor, in_force=not every)
    if as_json:
        print_json({"rows": found})
        return
    rows = [
        {
            "id": hold.id,
            "subject": (hold.subject_id or "")[:16],
            "model": hold.model_id or "",
            "class": hold.record_class or "",
            "reason": hold.reason,
            "placed": hold.placed_at,
            "lifted": hold.lifted_at,
        }
        for hold in found
    ]
    print_table("Holds", rows)


@_retention.command("list")
def list_rules(as_json: JsonOption = False) -> None:
    """List each class of records with its minimum, maximum, basis and contradictions."""
    workspace, actor = workspace_and_actor()
    table = retention.retention_table(workspace, actor=actor)
    if as_json:
        print_json({"rows": table})
        return
    rows = [
        {
            "class": line.rule.record_class,
            "minimum": line.rule.minimum_days,
            "maximum": line.rule.maximum_days,
            "holds": line.holds,
            "basis": f"{line.rule.basis} ({line.rule.grade})",
            "contradictions": " ".join(line.reasons),
        }
        for line in table
    ]
    print_table("Retention, in days", rows)


@_retention.command("set")
def set_rule(
    record_class: Annotated[str, typer.Argument(metavar="CLASS", help="A class of records.")],
    basis: Annotated[str, typer.Option(help="Law, guideline or decision behind it.")],
    minimum: Annotated[str, typer.Option(help="Days at least, or none.")] = _NO_LIMIT,
    maximum: Annotated[str, typer.Option(help="Days at most, or none.")] = _NO_LIMIT,
) -> None:
    """Set how long a class is kept; a contradiction is shown, not mended."""
    workspace, actor = workspace_and_actor()
    line = retention.set_rule(
        workspace,
        record_class,
        minimum_days=_days(minimum),
        maximum_days=_days(maximum),
        basis=basis,
        actor=actor,
    )
    out.print(f"{record_class} is set.", markup=False)
    for reason in line.reasons:
        out.print(f"Contradiction: {reason}", markup=False)


@_retention.command("due")
def due(as_json: JsonOption = False) -> None:
    """List the rows that are older than their class's maximum; nothing is removed."""
    workspace, actor = workspace_and_actor()
    found = retention.due_rows(workspace, actor=actor)
    if as_json:
        print_json({"rows": found})
        return
    rows = [
        {
            "model": each.model_id,
            "stream": each.stream,
            "class": each.record_class,
            "rows": each.rows,
            "oldest": each.oldest,
            "held": each.held,
        }
        for each in found
    ]
    print_table("Past their maximum", rows)


@_retention.command("dispose")
def dispose(
    record_class: Annotated[str, typer.Option("--class", help="A class of records.")],
    reason: Annotated[str, typer.Option(help="Why now, for whoever decides.")] = "",
    model: Annotated[str | None, typer.Option(help="Only of this model.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is due.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Ask that what is past its maximum be removed; somebody else approves it."""
    workspace, actor = workspace_and_actor()
    if dry_run:
        found = disposal.preview_disposal(workspace, record_class, actor=actor, model=model)
        if as_json:
            print_json(found)
        else:
            _show_due(found)
        return
    asked = disposal.propose_disposal(
        workspace, record_class, actor=actor, reason=reason, model=model
    )
    if as_json:
        print_json({"approval": asked.id, "before": asked.before})
        return
    print_table("Due", [{"where": name, "rows": rows} for name, rows in asked.before.items()])
    out.print(f"Asked for as approval {asked.id}.", markup=False, highlight=False)
    out.print(f"Somebody else runs: harbourlight approvals approve {asked.id}", markup=False)
    out.print("Then the worker does it, or: harbourlight retention run", markup=False)


@_retention.command("run")
def run_disposals() -> None:
    """Carry out approved disposals now, without the worker; completes what was interrupted."""
    workspace, actor = workspace_and_actor()
    done = disposal_run.run_waiting(workspace, actor=actor)
    out.print(f"{done} disposals carried out.", markup=False)


@_retention.command("disposals")
def list_disposals(as_json: JsonOption = False) -> None:
    """List the disposals that were approved, with what each removed."""
    workspace, actor = workspace_and_actor()
    found = disposal.list_disposals(workspace, actor=actor)
    if as_json:
        print_json({"rows": found})
        return
    rows = [
        {
            "class": job.payload["record_class"],
            "state": job.state,
            "ordered": job.created_at,
            "ended": job.finished_at,
            "model": line.model_id,
            "what": line.store,
            "rows": line.rows,
            "error": job.error,
        }
        for job in found
        for line in disposal.report_lines(job.result or {}) or [disposal.DisposedRows("", "", 0)]
    ]
    print_table("Disposals", rows)


def _show_due(found: DisposalPreview) -> None:
    rows = [
        {
            "model": each.model_id,
            **each.rows,
            "held rows": each.held_rows,
            "holds": " ".join(each.holds),
        }
        for each in found.due
    ]
    print_table(f"Before {found.before:%Y-%m-%d}", rows)


def _days(text: str) -> int | None:
    if text == _NO_LIMIT:
        return None
    if not text.isdecimal():
        raise InvalidInput(
            "{text!r} is not a number of days.", remedy="Give a whole number or none.", text=text
        )
    return int(text)


def _show_preview(found: ErasurePreview) -> None:
    rows = [
        {"model": touch.model_id, **touch.rows, "quarantine": touch.refused}
        for touch in found.touches
    ]
    print_table("Found", rows)
    for touch in found.touches:
        for path, holds_it in touch.artefacts.items():
            words = {True: "holds the person", False: "does not", None: "cannot be read"}
            out.print(f"{Path(path).name[:16]}: {words[holds_it]}", markup=False)
    for obstacle in found.obstacles:
        out.print(f"Forbidden: {obstacle.text}", markup=False)
