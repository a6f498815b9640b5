"""Checkpoints stamped by a timestamp authority, made by OpenSSL here and checked with it too."""

import base64
import json
import shutil
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput
from core.proof.timestamps import request_for, stamped_at
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import timestamp as audit_timestamp
from core.services.audit import verify as audit_verify
from core.services.audit.export import write_export
from core.services.workspace import Workspace
from core.store.audit import checkpoints
from core.store.audit import trail as audit
from tests.core.services.audit.test_verify import tamper
from tests.docs.test_verify import VERIFY, lines_of, reseal
from tests.support.builders import ADMIN, VIEWER, a_workspace
from tests.support.timestamping import Authority, make_authority

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), pseudonym="p-9", origin="cli")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Authority]:
    made = Authority(tmp_path_factory.mktemp("tsa") / "here")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def other_root(tmp_path_factory: pytest.TempPathFactory) -> str:
    return make_authority(tmp_path_factory.mktemp("tsa") / "other").read_text()


@pytest.fixture
def site(tmp_path: Path, authority: Authority) -> Iterator[Workspace]:
    authority.answer = None
    authority.asked.clear()
    opened = a_workspace(tmp_path / "home")
    yield opened
    opened.store.close()


def choose(site: Workspace, authority: Authority, root: str | None = None) -> None:
    audit_timestamp.set_authority(
        site, authority.url, root or authority.root.read_text(), actor=ADMIN
    )


def make(site: Workspace) -> str:
    return audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command").note


def test_nobody_is_asked_until_somebody_is_named(site: Workspace, authority: Authority) -> None:
    make(site)
    assert authority.asked == []
    with site.store.read() as conn:
        assert checkpoints.receipts(conn) == ()
    assert audit_verify.verify(site, actor=AUDITOR).stamped == 0


def test_a_checkpoint_is_stamped_and_the_token_kept(site: Workspace, authority: Authority) -> None:
    choose(site, authority)
    note = make(site)
    with site.store.read() as conn:
        (kept,) = checkpoints.receipts(conn)
        (entry,) = audit.list_newest(conn, kind="audit.anchor_changed")
    assert (kept.kind, kept.target, kept.state) == ("timestamp", "127.0.0.1", "done")
    assert kept.receipt is not None
    at = stamped_at(kept.receipt, note, authority.root.read_text())
    assert at.utcoffset() == timedelta(0)
    assert entry.body == {"authority_before": "", "authority_after": "127.0.0.1"}
    # The authority saw a hash and a number, not the note.
    assert note.encode() not in authority.asked[0]
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.authority, status.failure) == ("127.0.0.1", "")
    assert status.last_external_at is None  # the token lies beside its checkpoint
    found = audit_verify.verify(site, actor=AUDITOR)
    assert (found.passed, found.stamped) == (True, 1)


def test_a_token_vouches_for_one_note_one_request_and_one_root(
    site: Workspace, authority: Authority, other_root: str
) -> None:
    note, root = "a checkpoint\n", authority.root.read_text()
    asked = request_for(note)
    token = authority.stamp(asked.as_bytes())
    stamped_at(token, note, root, request=asked)
    stamped_at(token, note, other_root + root)
    for wrong in (
        {"receipt": token[:-1] + bytes([token[-1] ^ 1])},
        {"receipt": b"nothing"},
        {"note": "another\n"},
        {"certificates": other_root},
        {"request": request_for(note)},
    ):
        with pytest.raises(InvalidInput, match="does not verify"):
            stamped_at(
                **{"receipt": token, "note": note, "certificates": root, "request": asked, **wrong}  # type: ignore[arg-type]
            )


@pytest.mark.parametrize("answer", [b"", b"\x30\x03\x02\x01\x00", b"<html>"])
def test_a_wrong_answer_is_a_failed_anchor_and_tried_again(
    site: Workspace, authority: Authority, answer: bytes
) -> None:
    choose(site, authority)
    authority.answer = answer
    make(site)
    failure = audit_anchors.anchor_status(site, actor=AUDITOR).failure
    assert "does not verify" in failure
    with site.store.read() as conn:
        assert checkpoints.receipts(conn) == ()
    authority.answer = None
    make(site)
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure == ""


def test_a_token_of_an_authority_that_is_not_trusted_is_not_kept(
    site: Workspace, authority: Authority, other_root: str
) -> None:
    choose(site, authority, other_root)
    make(site)
    assert "does not verify" in audit_anchors.anchor_status(site, actor=AUDITOR).failure
    audit_timestamp.set_authority(site, "", "", actor=ADMIN)
    assert audit_anchors.failing(site) == ()


def test_a_token_that_was_changed_or_swapped_is_found(
    site: Workspace, authority: Authority
) -> None:
    choose(site, authority)
    make(site)
    choose(site, authority)  # an entry
    make(site)
    newest = "(SELECT receipt FROM audit_anchor ORDER BY id DESC LIMIT 1)"
    tamper(site, f"UPDATE audit_anchor SET receipt = {newest} WHERE kind = 'timestamp'")
    found = audit_verify.verify(site, actor=AUDITOR)
    assert (found.passed, found.stamped) == (False, 1)
    assert "timestamp of the checkpoint of 1 entries" in str(found.problems[0])
    audit_timestamp.set_authority(site, "", "", actor=ADMIN)
    found = audit_verify.verify(site, actor=AUDITOR)
    assert found.passed
    assert any("2 timestamps are genuine" in str(each) for each in found.cannot)


def test_an_export_is_checked_with_openssl_alone(
    site: Workspace, authority: Authority, tmp_path: Path
) -> None:
    choose(site, authority)
    make(site)
    lead = Actor("u8", "lead", frozenset({Role.compliance_lead}), origin="cli")
    write_export(site, tmp_path / "out", actor=lead)
    words = ["openssl", "ts", "-verify", "-data", "timestamp.note", "-in", "timestamp.tsr"]
    for root, code in ((authority.root, 0), (authority.folder / "tsa.pem", 1)):
        done = subprocess.run(
            [*words, "-CAfile", str(root)],
            cwd=tmp_path / "out",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
    roots = (tmp_path / "out" / "timestamp-roots.pem").read_bytes()
    assert x509.load_pem_x509_certificate(roots).subject.rfc4514_string() == "CN=Harbour Test ca"

    report = VERIFY.verify(tmp_path / "out")
    assert report.problems == []
    assert "timestamps that hold the hash of their checkpoint: 2" in report.checked
    assert any("openssl ts -verify" in each for each in report.cannot)
    for forged, change in (
        ("timestamps.jsonl", lambda lines: [lines[0], lines[0].replace(b'"size":1', b'"size":2')]),
        ("timestamp.note", lambda lines: [b"another\n", *lines[1:]]),
    ):
        folder = tmp_path / forged
        shutil.copytree(tmp_path / "out", folder)
        lines_of(folder, forged, change)
        reseal(folder)
        assert any("timestamp" in each for each in VERIFY.verify(folder).problems)
    records = (tmp_path / "out" / "timestamps.jsonl").read_text().splitlines()
    token = base64.b64decode(json.loads(records[-1])["token"])
    assert token == (tmp_path / "out" / "timestamp.tsr").read_bytes()


@pytest.mark.parametrize("url", ["ftp://localhost/", "x", "http://", "http://a b/"])
def test_no_address_and_no_root_are_refused(
    site: Workspace, authority: Authority, url: str
) -> None:
    root = authority.root.read_text()
    with pytest.raises(InvalidInput, match="cannot stamp"):
        audit_timestamp.set_authority(site, url, root, actor=ADMIN)
    with pytest.raises(InvalidInput) as refused:
        audit_timestamp.set_authority(site, "ftp://stamps.example/", root, actor=ADMIN)
    assert refused.value.params == {"host": "stamps.example"}
    for wrong in ("", "nothing", (authority.folder / "tsa.pem").read_text()):
        with pytest.raises(InvalidInput, match="no root certificate"):
            audit_timestamp.set_authority(site, authority.url, wrong, actor=ADMIN)
    with pytest.raises(Forbidden):
        audit_timestamp.set_authority(site, authority.url, root, actor=VIEWER)
