"""``harbourlight audit``: verify, export, checkpoint, show, and where checkpoints are anchored.

``verify`` ends with 0 if everything fits, with 1 if something does not.
"""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from core.cli.context import JsonOption, err, out, print_json, print_table, workspace_and_actor
from core.errors import InvalidInput
from core.proof.checkpoint import Checkpoint, read_checkpoints
from core.proof.note import parse_verifier
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import export as audit_export
from core.services.audit import keys as audit_keys
from core.services.audit import mail as audit_mail
from core.services.audit import timestamp as audit_timestamp
from core.services.audit import trail
from core.services.audit import verify as audit_verify
from core.services.audit import webhook as audit_webhook
from core.services.audit.export import Selection
from core.services.audit.verify import Verification

_commands = typer.Typer(help="The audit trail: verify, export, sign, show.", no_args_is_help=True)
_Kind = Annotated[str | None, typer.Option(help="Only entries of this kind.")]
_Person = Annotated[str | None, typer.Option(help="Only what this user did: name or pseudonym.")]
_Object = Annotated[
    list[str] | None,
    typer.Option("--object", help="Only entries about it: KIND=ID; may be given several times."),
]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_commands, name="audit")


@_commands.command("verify")
def verify(
    against: Annotated[
        list[Path] | None,
        typer.Option(help="File with a checkpoint kept elsewhere; may be given several times."),
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="Public key kept with it, or a file that holds it.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Read the whole trail and compare it with itself and with checkpoints."""
    workspace, actor = workspace_and_actor()
    kept = [each for path in against or () for each in _checkpoints(path)]
    trusted = parse_verifier(_text_or_file(key)) if key else None
    with Progress(console=err, transient=True, disable=as_json) as bar:
        task = bar.add_task("Verifying the audit trail", total=1.0)
        found = audit_verify.verify(
            workspace,
            actor=actor,
            against=kept,
            key=trusted,
            progress=lambda share: bar.update(task, completed=share),
        )
    if as_json:
        print_json(audit_verify.as_json(found))
    else:
        _print(found)
    raise typer.Exit(0 if found.passed else 1)


@_commands.command("export")
def export(
    target: Annotated[Path, typer.Argument(help="New folder, or new file that ends in .zip.")],
    kind: _Kind = None,
    person: _Person = None,
    objects: _Object = None,
    payloads: Annotated[bool, typer.Option(help="Open the personal payloads, with keys.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Write what an outsider can check with docs/verify/verify.py."""
    workspace, actor = workspace_and_actor()
    with Progress(console=err, transient=True, disable=as_json) as bar:
        task = bar.add_task("Exporting the audit trail", total=1.0)
        done = audit_export.write_export(
            workspace,
            target,
            actor=actor,
            selection=Selection(kind, _pseudonym(person), _objects(objects)),
            payloads=payloads,
            progress=lambda share: bar.update(task, completed=share),
        )
    if as_json:
        print_json(done)
    else:
        what = "all" if done.whole else "some"
        out.print(f"{done.path}: {done.entries} entries ({what} of {done.size}).", markup=False)


@_commands.command("checkpoint")
def checkpoint(
    target: Annotated[
        Path | None, typer.Option("--to", help="Also write it to this file, to be kept elsewhere.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Sign the trail as it stands, anchor the checkpoint, and print it."""
    workspace, actor = workspace_and_actor()
    made = audit_checkpoints.make_checkpoint(workspace, actor=actor, reason="command")
    if target is not None:
        target.write_text(made.note, encoding="utf-8")
    if as_json:
        print_json({"size": made.size, "root": made.root.hex(), "at": made.at, "note": made.note})
    else:
        typer.echo(made.note, nl=False)


@_commands.command("key")
def public_key(
    every: Annotated[
        bool, typer.Option("--all", help="All keys there were, with the entries each signed.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Print the public key that checks checkpoints; hand it on by another way than exports."""
    workspace, actor = workspace_and_actor()
    keys = audit_keys.keys_of(workspace, actor=actor)
    rows = [
        {"key": each.verifier.text(), "first": each.first, "last": each.last} for each in keys.spans
    ]
    if as_json:
        print_json({"rows": rows})
    elif not every:
        typer.echo(keys.current.text())
    else:
        for row in rows:
            last = "now" if row["last"] is None else row["last"]
            typer.echo(f"{row['key']}  checkpoints of {row['first']} to {last} entries")


@_commands.command("rotate-key")
def rotate_key(
    reason: Annotated[str, typer.Option(help="Why; it stays in the trail.")],
    confirmed: Annotated[
        bool, typer.Option("--yes", help="Do not ask; the old key is destroyed.")
    ] = False,
) -> None:
    """Change the key that signs checkpoints; both keys sign the change."""
    workspace, actor = workspace_and_actor()
    if not confirmed:
        typer.confirm("The old key is destroyed. Change keys?", abort=True)
    done = audit_keys.rotate_key(workspace, actor=actor, reason=reason)
    audit_anchors.anchor(workspace, done.checkpoint, actor=actor)
    out.print(f"Old key: {done.old.text()}", markup=False, soft_wrap=True)
    out.print(f"New key: {done.new.text()}", markup=False, soft_wrap=True)
    out.print(f"Both signed the checkpoint of {done.checkpoint.size} entries.", markup=False)
    out.print("Hand the new key on, by another way than exports.", markup=False)


@_commands.command("show")
def show(
    kind: _Kind = None,
    person: _Person = None,
    objects: _Object = None,
    limit: Annotated[int, typer.Option(help="How many entries, the newest first.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Show the newest entries."""
    workspace, actor = workspace_and_actor()
    search = trail.Search(kind=kind, person=_pseudonym(person), objects=_objects(objects))
    found = trail.entries(workspace, search, actor=actor, limit=limit)
    rows = [
        {
            "sequence": each.entry.sequence,
            "at": each.entry.at,
            "kind": each.entry.kind,
            "by": each.person,
            "objects": each.entry.objects if as_json else _written(each.entry.objects),
            **({"body": each.entry.body, "reason": each.reason} if as_json else {}),
        }
        for each in found
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Audit trail", rows)


@_commands.command("anchor")
def anchor(
    path: Annotated[
        Path | None, typer.Argument(help="File or folder that checkpoints are appended to.")
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(help="Also post checkpoints to this address; '' ends it.")
    ] = None,
    authority: Annotated[
        str | None,
        typer.Option(help="Also let this RFC 3161 authority stamp checkpoints; '' ends it."),
    ] = None,
    authority_root: Annotated[
        Path | None, typer.Option(help="File with the authority's root certificate, in PEM.")
    ] = None,
    mail: Annotated[
        str | None,
        typer.Option(help="Also mail checkpoints through smtps://USER:PASSWORD@HOST; '' ends it."),
    ] = None,
    mail_from: Annotated[str, typer.Option(help="Sender of these mails.")] = "",
    mail_to: Annotated[
        list[str] | None, typer.Option(help="Recipient; may be given several times.")
    ] = None,
    every: Annotated[
        int | None, typer.Option(help="Minutes between checkpoints of a trail that grew.", min=1)
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show where checkpoints are anchored, or choose where and how often."""
    workspace, actor = workspace_and_actor()
    if path is not None:
        audit_anchors.set_anchor_path(workspace, path, actor=actor)
    if webhook is not None:
        audit_webhook.set_webhook(workspace, webhook, actor=actor)
    if authority is not None:
        root = _text_or_file(str(authority_root)) if authority_root else ""
        audit_timestamp.set_authority(workspace, authority, root, actor=actor)
    if mail is not None:
        audit_mail.set_mail(
            workspace, mail, sender=mail_from, recipients=mail_to or (), actor=actor
        )
    if every is not None:
        audit_checkpoints.set_schedule(workspace, every, actor=actor)
    status = audit_anchors.anchor_status(workspace, actor=actor)
    if as_json:
        print_json(status)
        return
    where = "on the workspace's own disk" if status.same_disk else "on another disk"
    out.print(f"{status.path} ({where})", markup=False)
    out.print(f"Last copy: {status.last_at or 'none yet'}", markup=False)
    if status.webhook:
        out.print(f"Also posted to {status.webhook}", markup=False)
    if status.authority:
        out.print(f"Also stamped by {status.authority}", markup=False)
    if status.mail:
        out.print(f"Also mailed through {status.mail}", markup=False)
    if status.failure:
        out.print(f"The newest attempt failed: {status.failure}", markup=False)


def _print(found: Verification) -> None:
    out.print("PASS" if found.passed else "FAIL", style="bold", markup=False)
    if found.first_bad is not None:
        out.print(f"First bad entry: {found.first_bad}", markup=False)
    for each in found.problems[:50]:
        out.print(f"  - {each}", markup=False)
    out.print(
        f"Read {found.size} entries in {found.seconds:.1f} s; root {found.root}", markup=False
    )
    out.print(
        f"Compared {found.checkpoints} checkpoints of its own, {found.anchored} of the anchor file,"
        f" {found.against} kept elsewhere, {found.stamped} with a timestamp;"
        f" {found.opened} payloads fit, {found.erased} are erased.",
        markup=False,
    )
    out.print("What this cannot tell:", markup=False)
    for each in found.cannot:
        out.print(f"  - {each}", markup=False)


def _checkpoints(path: Path) -> tuple[Checkpoint, ...]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(
            "{path} cannot be read.", remedy="Check the path.", path=str(path)
        ) from error
    return read_checkpoints(text)[0]


def _text_or_file(given: str) -> str:
    path = Path(given)
    return path.read_text(encoding="utf-8") if path.is_file() else given


def _pseudonym(person: str | None) -> str | None:
    if person is None:
        return None
    workspace, actor = workspace_and_actor()
    return trail.pseudonym_of(workspace, person, actor=actor)


def _objects(pairs: list[str] | None) -> dict[str, str] | None:
    if not pairs:
        return None
    named = dict(pair.partition("=")[::2] for pair in pairs)
    if not all(named) or not all(named.values()):
        raise InvalidInput(
            "An object is given as KIND=ID.", remedy="Write it as model=loans, for one."
        )
    return named


def _written(objects: object) -> str:
    return ", ".join(f"{k}={v}" for k, v in objects.items()) if isinstance(objects, dict) else ""
