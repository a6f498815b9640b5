"""Checkpoints posted to another machine: only by https or to this one, and never redirected."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, InvalidInput
from core.proof.checkpoint import parse_checkpoint
from core.services.audit import anchors as audit_anchors
from core.services.audit import checkpoints as audit_checkpoints
from core.services.audit import webhook as audit_webhook
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, VIEWER, a_workspace
from tests.support.receiving import Receiver, served

AUDITOR = Actor("u9", "iris", frozenset({Role.auditor}), origin="cli", pseudonym="p-9")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with served(Receiver()) as made:
        yield made


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    opened = a_workspace(tmp_path / "home")
    yield opened
    opened.store.close()


def test_a_checkpoint_is_posted_and_counts_as_one_outside(
    site: Workspace, receiver: Receiver
) -> None:
    audit_webhook.set_webhook(site, receiver.url, actor=ADMIN)
    made = audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")
    (post,) = receiver.got
    assert post.path == "/line?secret=s3cret"
    assert parse_checkpoint(json.loads(post.body)["note"]) == made
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.webhook, status.failure) == ("127.0.0.1", "")
    assert status.last_external_at is not None
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="audit.anchor_changed")
    assert entry.body == {"webhook_before": "", "webhook_after": "127.0.0.1"}


@pytest.mark.parametrize("answer", [302, 404, 500])
def test_a_refusal_is_kept_and_no_redirect_is_followed(
    site: Workspace, receiver: Receiver, answer: int
) -> None:
    audit_webhook.set_webhook(site, receiver.url, actor=ADMIN)
    receiver.answer = answer
    audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")
    assert len(receiver.got) == 1
    status = audit_anchors.anchor_status(site, actor=AUDITOR)
    assert (status.failure, status.last_external_at) == (f"HTTP {answer}", None)
    assert [each.kind for each in audit_anchors.failing(site)] == ["webhook"]
    audit_webhook.set_webhook(site, "", actor=ADMIN)
    assert audit_anchors.failing(site) == ()


def test_nobody_listening_is_a_failure_and_no_error(site: Workspace, receiver: Receiver) -> None:
    audit_webhook.set_webhook(site, "http://localhost:1/", actor=ADMIN)
    made = audit_checkpoints.make_checkpoint(site, actor=AUDITOR, reason="command")
    assert made.size == 1
    assert audit_anchors.anchor_status(site, actor=AUDITOR).failure


@pytest.mark.parametrize(
    "url", ["http://example.com/", "ftp://localhost/", "x", "https://", "https://a b/", "http://["]
)
def test_what_would_travel_in_the_open_is_refused(site: Workspace, url: str) -> None:
    with pytest.raises(InvalidInput, match="cannot be posted"):
        audit_webhook.set_webhook(site, url, actor=ADMIN)
    with pytest.raises(Forbidden):
        audit_webhook.set_webhook(site, "https://example.com/", actor=VIEWER)
