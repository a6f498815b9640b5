"""The line that mails each checkpoint to people; off unless somebody sets it.

What is set, a password perhaps, is sealed under the workspace's key; the trail names the host only.
"""

import base64
import json
import re
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.services import access
from core.services.outbound import TIMEOUT_S, host_of, is_this_machine, reason
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import trail as audit

_SETTING, _PURPOSE = "audit_anchor_mail", "anchor-mail"
_PORTS = {"smtps": 465, "smtp": 587}
_ADDRESS = re.compile(r"[!-~]+@[!-~]+")


@dataclass(frozen=True, slots=True)
class MailLine:
    """Through which server checkpoints are mailed, from whom and to whom.

    Parameters
    ----------
    server : str
        ``smtps://user:password@host:port`` for TLS from the start, ``smtp://…`` for STARTTLS,
        which is insisted on unless the host is this machine.
    sender : str
        Address in ``From``.
    recipients : tuple of str
        Addresses.
    """

    server: str
    sender: str
    recipients: tuple[str, ...]

    @property
    def host(self) -> str:
        """The host alone, which is all that is shown."""
        return host_of(self.server)


def mail_line(workspace: Workspace) -> MailLine | None:
    """Return how checkpoints are mailed; ``None`` if they are not."""
    with workspace.store.read() as conn:
        sealed = settings.get(conn, _SETTING)
    if sealed is None:
        return None
    plain = workspace.keys.unseal(_PURPOSE, base64.b64decode(str(sealed)))
    found = json.loads(plain)
    return MailLine(found["server"], found["sender"], tuple(found["recipients"]))


def set_mail(
    workspace: Workspace, server: str, *, sender: str, recipients: Sequence[str], actor: Actor
) -> None:
    """Choose how checkpoints are mailed; an empty server ends it.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If the server or an address is none.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    if server:
        _check(server, [sender, *recipients], recipients)
    line = mail_line(workspace)
    with workspace.store.begin() as conn:
        if server:
            plain = json.dumps(asdict(MailLine(server, sender, tuple(recipients))))
            sealed = workspace.keys.seal(_PURPOSE, plain.encode("utf-8"))
            settings.put(conn, _SETTING, base64.b64encode(sealed).decode("ascii"))
        else:
            settings.remove(conn, _SETTING)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="audit.anchor_changed",
            objects={},
            body={"mail_before": line.host if line else "", "mail_after": host_of(server)},
        )


def mail(line: MailLine, checkpoint: Checkpoint) -> str:
    """Mail a checkpoint; return why it failed, or an empty text."""
    message = EmailMessage()
    message["Subject"] = f"Checkpoint of {checkpoint.origin}: {checkpoint.size} entries"
    message["From"], message["To"] = line.sender, ", ".join(line.recipients)
    message.set_content(
        "Keep the attached file: it shows later whether the audit trail was rewritten.\n\n"
        f"{checkpoint.note}"
    )
    message.add_attachment(
        checkpoint.note.encode("utf-8"),
        maintype="application",
        subtype="octet-stream",
        filename=f"checkpoint-{checkpoint.size}.txt",
    )
    try:
        with _connection(line) as server:
            refused = server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        code = getattr(error, "smtp_code", None)
        return f"SMTP {code}" if code else reason(error)
    return f"{len(refused)} × SMTP" if refused else ""


def _connection(line: MailLine) -> smtplib.SMTP:
    parts, context = urlsplit(line.server), ssl.create_default_context()
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if parts.scheme == "smtp" and not is_this_machine(host):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _check(server: str, addresses: Sequence[str], recipients: Sequence[str]) -> None:
    try:
        known = urlsplit(server).scheme in _PORTS and (urlsplit(server).port or 1) > 0
    except ValueError:
        known = False
    if not known or not host_of(server) or any(not each.isprintable() for each in server):
        raise InvalidInput(
            N_("Checkpoints cannot be mailed through {host}."),
            remedy=N_("Give a server that begins with smtps:// or smtp://."),
            host=host_of(server) or "?",
        )
    if not recipients or any(
        not _ADDRESS.fullmatch(each) or set(each) & set(",;<>") for each in addresses
    ):
        raise InvalidInput(
            N_("Checkpoints need a sender and recipients."),
            remedy=N_("Give e-mail addresses without names."),
        )
