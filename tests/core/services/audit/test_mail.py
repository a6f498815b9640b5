"""Checkpoints mailed: to a receiver on this machine, plain and by TLS, refused, silent or gone."""

import email
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput
from core.proof.checkpoint import Checkpoint, parse_checkpoint
from core.services import outbound
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import mail as audit_mail
from core.services.jobs.worker import WORKER
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, VIEWER, a_workspace

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), pseudonym="p-9", origin="cli")


class Receiver(socketserver.ThreadingTCPServer):
    """As much of RFC 5321 as a sender needs; keeps what it gets."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Conversation)
        self.context = context
        self.got: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answer = "250 kept"
        self.silent = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def url(self, scheme: str = "smtp", person: str = "") -> str:
        return f"{scheme}://{person}127.0.0.1:{self.server_address[1]}"


class Conversation(socketserver.StreamRequestHandler):
    server: Receiver

    def setup(self) -> None:
        self.refused = False
        if self.server.context is not None:
            self.request = self.server.context.wrap_socket(
                self.request, server_side=True, do_handshake_on_connect=False
            )
            try:
                self.request.do_handshake()
            except OSError:  # the sender does not trust the certificate
                self.refused = True
        super().setup()

    def finish(self) -> None:
        super().finish()
        self.request.close()

    def handle(self) -> None:
        if self.refused:
            return
        if self.server.silent.is_set():
            self.rfile.readline()  # says nothing until the sender has given up
            return
        self._say("220 here")
        for line in iter(self.rfile.readline, b""):
            word = line[:4].upper()
            if word == b"EHLO":
                self._say("250-here\r\n250 AUTH PLAIN")
            elif word == b"AUTH":
                self._say("235 come in" if b"AHUAcA==" in line else "535 no")  # NUL u NUL p
            elif word == b"DATA":
                self._say("354 go on")
                self._keep()
            elif word == b"QUIT":
                self._say("221 bye")
                return
            else:
                if word == b"RCPT":
                    self.server.recipients.append(line.decode().split("<")[1].split(">")[0])
                self._say("250 ok")

    def _keep(self) -> None:
        lines = []
        for line in iter(self.rfile.readline, b".\r\n"):
            lines.append(line[1:] if line.startswith(b"..") else line)
        if self.server.answer.startswith("250"):
            found = email.message_from_bytes(b"".join(lines), policy=policy.default)
            self.server.got.append(found)
        self._say(self.server.answer)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home")
    yield opened
    opened.store.close()


def choose(site: Workspace, url: str, *to: str) -> None:
    recipients = to or ("audit@firm.example", "second@firm.example")
    audit_mail.set_mail(
        site, url, sender="harbour@firm.example", recipients=recipients, actor=ADMIN
    )


def make(site: Workspace) -> Checkpoint:
    return audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")


def test_nothing_is_mailed_until_somebody_sets_it(site: Workspace, receiver: Receiver) -> None:
    make(site)
    assert receiver.got == []
    assert audit_anchors.anchor_status(site, actor=AUDITOR).mail == ""


def test_the_note_is_attached_byte_for_byte(site: Workspace, receiver: Receiver) -> None:
    choose(site, receiver.url(person="u:p@"))
    made = make(site)
    (message,) = receiver.got
    assert receiver.recipients == ["audit@firm.example", "second@firm.example"]
    assert message["Subject"] == f"Checkpoint of {made.origin}: 1 entries"
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "checkpoint-1.txt"
    assert parse_checkpoint(attached.get_payload(decode=True).decode()) == made  # type: ignore[union-attr]
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.mail, status.failure) == ("127.0.0.1", "")
    assert status.last_external_at is not None


def test_neither_password_nor_address_lies_open(site: Workspace, receiver: Receiver) -> None:
    choose(site, receiver.url(person="u:s3cret@"))
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="audit.anchor_changed")
        kept = str(settings.get(conn, "audit_anchor_mail"))
    assert entry.body == {"mail_before": "", "mail_after": "127.0.0.1"}
    assert "s3cret" not in kept
    assert "firm.example" not in kept


def test_a_refusal_is_kept_and_tried_again_with_the_schedule(
    site: Workspace, receiver: Receiver
) -> None:
    choose(site, receiver.url())
    receiver.answer = "452 full"
    made = make(site)
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure == "SMTP 452"
    receiver.answer = "250 kept"
    assert made.at is not None
    then = made.at + timedelta(minutes=61)
    later = Workspace(site.settings, site.store, lambda: then)
    assert audit_checkpoints.make_due_checkpoint(later, actor=WORKER) == made
    assert len(receiver.got) == 1
    assert audit_anchors.failing(site) == ()


def test_who_may_not_send_and_who_is_not_there_are_failures(
    site: Workspace, receiver: Receiver
) -> None:
    choose(site, receiver.url(person="u:wrong@"))
    make(site)
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure == "SMTP 535"
    choose(site, "smtp://localhost:1")
    make(site)
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure
    assert len(audit_anchors.anchored(site)[0]) == 2  # the anchor file did not wait for the mail


def test_a_server_that_says_nothing_is_left(
    site: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert outbound.TIMEOUT_S == 10
    monkeypatch.setattr(audit_mail, "TIMEOUT_S", 0.2)
    receiver.silent.set()
    choose(site, receiver.url())
    make(site)
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure


def test_by_tls_only_to_who_shows_a_trusted_certificate(
    site: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "3650", "-subj", "/CN=x",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = Receiver(context)
    try:
        choose(site, server.url("smtps"))
        make(site)
        assert server.got == []
        assert audit_anchors.anchor_status(site, actor=AUDITOR).failure
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        make(site)
        assert len(server.got) == 1
    finally:
        server.shutdown()
        server.server_close()


def test_without_starttls_nothing_is_said_to_another_machine(
    receiver: Receiver, site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_mail, "is_this_machine", lambda _: False)
    choose(site, receiver.url(person="u:p@"))
    make(site)
    assert receiver.got == []
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure


@pytest.mark.parametrize("server", ["http://x", "smtp://", "x", "smtp://h:port", "smtp://h\n"])
def test_what_is_no_server_is_refused(site: Workspace, server: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be mailed"):
        choose(site, server)


@pytest.mark.parametrize("address", ["nobody", "a@b\nBcc: c@d", "a@b,c@d", "Name <a@b>", ""])
def test_what_is_no_address_is_refused(site: Workspace, address: str) -> None:
    with pytest.raises(InvalidInput, match="sender and recipients"):
        choose(site, "smtps://mail.example", address)
    with pytest.raises(InvalidInput, match="sender and recipients"):
        audit_mail.set_mail(
            site, "smtps://mail.example", sender=address, recipients=["a@b"], actor=ADMIN
        )
    with pytest.raises(InvalidInput):
        audit_mail.set_mail(site, "smtps://mail.example", sender="a@b", recipients=[], actor=ADMIN)


def test_who_may_not_maintain_the_workspace_sets_nothing(site: Workspace) -> None:
    with pytest.raises(Forbidden):
        audit_mail.set_mail(site, "", sender="", recipients=[], actor=VIEWER)
