"""``harbourlight approvals``: steps that one person proposes and another decides."""

from collections.abc import Mapping
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.services.approvals import four_eyes as approvals
from core.store.approvals import Approval, ApprovalState

_commands = typer.Typer(help="Steps that take two people.", no_args_is_help=True)
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="Id of the approval.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_commands, name="approvals")


@_commands.command("list")
def list_approvals(
    state: Annotated[
        ApprovalState | None,
        typer.Option(help="Only these: pending, approved, rejected, withdrawn or expired."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List approvals, the newest first."""
    workspace, actor = workspace_and_actor()
    found = approvals.list_approvals(workspace, actor=actor, state=state)
    if as_json:
        print_json({"rows": found})
        return
    rows = [
        {
            "id": each.id,
            "kind": each.kind,
            "model": each.model_id or "",
            "object": each.object_id,
            "state": each.state,
            "proposed": each.proposed_at,
            "until": each.expires_at,
        }
        for each in found
    ]
    print_table("Approvals", rows)


@_commands.command("show")
def show(approval_id: IdArgument, as_json: JsonOption = False) -> None:
    """Show one approval: what would change, why, and who may decide it."""
    workspace, actor = workspace_and_actor()
    found = approvals.get_approval(workspace, approval_id, actor=actor)
    if as_json:
        print_json(found)
        return
    about = f"{found.kind} of {found.object_kind} {found.object_id}: {found.state}"
    out.print(about, markup=False, highlight=False)
    out.print(f"Reason: {found.reason}", markup=False, highlight=False)
    print_table("Changes", _changes(found.before, found.after))
    hindrance = approvals.obstacle(workspace, approval_id, actor=actor)
    out.print(str(hindrance) if hindrance else "You may decide it.", markup=False)


@_commands.command("approve")
def approve(
    approval_id: IdArgument,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
) -> None:
    """Approve a step that somebody else proposed, and carry it out."""
    workspace, actor = workspace_and_actor()
    _say(approvals.approve(workspace, approval_id, actor=actor, reason=reason))


@_commands.command("reject")
def reject(approval_id: IdArgument, reason: Annotated[str, typer.Option(help="Why.")]) -> None:
    """Reject a step that somebody else proposed; nothing is done."""
    workspace, actor = workspace_and_actor()
    _say(approvals.reject(workspace, approval_id, actor=actor, reason=reason))


@_commands.command("withdraw")
def withdraw(approval_id: IdArgument) -> None:
    """Take back what you proposed."""
    workspace, actor = workspace_and_actor()
    _say(approvals.withdraw(workspace, approval_id, actor=actor))


def _say(found: Approval) -> None:
    out.print(f"{found.id}: {found.state}.", markup=False, highlight=False)


def _changes(before: Mapping[str, object], after: Mapping[str, object]) -> list[dict[str, object]]:
    names = list(dict.fromkeys([*before, *after]))
    return [{"what": name, "before": before.get(name), "after": after.get(name)} for name in names]
