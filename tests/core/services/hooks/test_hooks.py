"""Hooks against a receiver and a program on this machine, which begin with the test."""

import base64
import hmac
import json
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from core.errors import Conflict, Forbidden, InvalidInput, NotFound, StepUpNeeded
from core.services import alerts, hooks, outbound
from core.services.hooks.calling import call_due, order_due_calls
from core.services.hooks.targets import Target, checked_url
from core.services.hooks.transports import Message, Outcome
from core.services.hooks.transports import call as call_now
from core.services.jobs.retries import PAUSES
from core.services.jobs.tasks import HANDLERS
from core.services.jobs.worker import run_one
from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import hooks as stored
from core.store.audit import trail as audit
from tests.core.services.alerts.test_delivery import ILL
from tests.support.builders import ADMIN, VIEWER
from tests.support.checking import CHECKER, MODEL, Told, check_on
from tests.support.fakes import FakeClock
from tests.support.receiving import Post, Receiver


def add(site: Workspace, receiver: Receiver, **given: object) -> str:
    return hooks.add_hook(site, "Train", url=receiver.url, actor=ADMIN, **given).secret  # type: ignore[arg-type]


def rule(site: Workspace, purpose: str = "retrain") -> str:
    response = alerts.Response("Train", purpose)
    return alerts.set_rule(site, MODEL, "drift", response=response, actor=CHECKER).id


def work(site: Workspace) -> None:
    while run_one(site, HANDLERS, owner="w"):
        pass


def verified(request: Post, secret: str) -> bool:
    """Whether a signature is right, by the standard library alone."""
    parts = (request.headers["webhook-id"], request.headers["webhook-timestamp"])
    signed = ".".join(parts).encode() + b"." + request.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.new(key, signed, sha256).digest()).decode()
    return hmac.compare_digest(request.headers["webhook-signature"], f"v1,{wanted}")


def test_nothing_is_called_until_somebody_sets_a_hook_up(site: Workspace) -> None:
    with pytest.raises(NotFound, match="no hook Train"):
        rule(site)
    check_on(site, "2025-01-20", Told([ILL]))
    with site.store.read() as conn:
        assert jobs.list_jobs(conn, kinds=["hooks.call"]) == ()
    assert not order_due_calls(site)


def test_an_alert_calls_the_hook_of_its_rule_once(
    either: Workspace, receiver: Receiver, clock: FakeClock
) -> None:
    secret = add(either, receiver)
    rule_id = rule(either)
    check_on(either, "2025-01-20", Told([ILL]))
    assert receiver.got == []  # whoever checks does not wait
    work(either)
    check_on(either, "2025-01-21", Told([ILL]))  # goes on: no news
    work(either)
    (request,) = receiver.got
    assert verified(request, secret)
    assert not verified(replace(request, body=request.body + b" "), secret)
    assert int(request.headers["webhook-timestamp"]) == int(clock().timestamp())
    said = json.loads(request.body)
    (call,) = hooks.list_calls(either, actor=ADMIN)
    assert (said["id"], said["purpose"], said["event"]) == (call.id, "retrain", "opened")
    assert (said["model"], said["rule"], said["alert"]["column"]) == (MODEL, rule_id, "industry")
    assert (said["alert"]["effect"], said["alert"]["threshold"]) == (0.4, 0.25)
    assert said["state"] == {
        "state": "production",
        "fallback_version": None,
        "serving_version": None,
    }
    assert (call.state, call.status, call.output, call.attempts) == ("done", 200, "thank you", 1)
    with either.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="hook.called")
    assert entry.objects == {"hook": call.hook_id, "call": call.id, "model": MODEL}
    assert (entry.body["state"], entry.body["status"], entry.body["attempt"]) == ("done", 200, 1)
    assert entry.body["rule"] == rule_id


def test_rising_to_act_calls_again(site: Workspace, receiver: Receiver) -> None:
    add(site, receiver)
    rule(site)
    check_on(site, "2025-01-20", Told([replace(ILL, severity="watch")]))
    check_on(site, "2025-01-21", Told([ILL]))
    check_on(site, "2025-01-22", Told())
    work(site)
    events = [json.loads(each.body)["event"] for each in receiver.got]
    assert events == ["opened", "escalated"]
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 2


def test_a_receiver_that_comes_back_is_called_with_the_same_id_and_body(
    either: Workspace, receiver: Receiver, clock: FakeClock
) -> None:
    secret = add(either, receiver)
    rule(either)
    receiver.answer = 503
    check_on(either, "2025-01-20", Told([ILL]))
    work(either)
    receiver.answer = 204
    clock.advance(minutes=1)
    assert order_due_calls(either)
    work(either)
    first, second = receiver.got
    assert first.body == second.body
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert int(second.headers["webhook-timestamp"]) - int(first.headers["webhook-timestamp"]) == 60
    assert verified(second, secret)
    (state,) = hooks.list_hooks(either, actor=ADMIN)
    assert (state.done, state.waiting, state.newest and state.newest.attempts) == (1, 0, 2)


@pytest.mark.parametrize("answer", [302, 500])
def test_a_refusal_is_tried_again_and_given_up(
    site: Workspace, receiver: Receiver, clock: FakeClock, answer: int
) -> None:
    add(site, receiver)
    rule(site)
    receiver.answer = answer
    check_on(site, "2025-01-20", Told([ILL]))
    work(site)
    for number, pause in enumerate(PAUSES, start=1):
        assert len(receiver.got) == number  # no redirect is followed
        clock.advance(seconds=pause.total_seconds() - 1)
        assert not order_due_calls(site)
        clock.advance(seconds=1)
        work(site) if order_due_calls(site) else None
    (call,) = hooks.list_calls(site, actor=ADMIN)
    assert (call.state, call.error, call.status) == ("given_up", f"HTTP {answer}", answer)
    with site.store.read() as conn:
        entries = audit.list_newest(conn, kind="hook.called")
    assert [entry.body["attempt"] for entry in entries] == [6, 5, 4, 3, 2, 1]


def test_a_worker_that_dies_after_calling_calls_twice_with_one_id(
    either: Workspace, receiver: Receiver, clock: FakeClock
) -> None:
    add(either, receiver)
    rule(either)
    check_on(either, "2025-01-20", Told([ILL]))

    class Killed(BaseException):
        pass

    def die(target: Target, message: Message, allowed: Sequence[Path]) -> Outcome:
        call_now(target, message, allowed)
        raise Killed

    with pytest.raises(Killed):
        call_due(either, call=die)
    assert call_due(either) == {"done": 0, "queued": 0, "given_up": 0}  # taken, for a minute
    clock.advance(minutes=1)
    assert call_due(either)["done"] == 1
    assert len({each.headers["webhook-id"] for each in receiver.got}) == 1
    assert len(receiver.got) == 2


def test_a_check_that_fails_to_be_stored_calls_nothing(
    site: Workspace, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(site, receiver)
    rule(site)

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("core.services.checks.run._record", fail)
    with pytest.raises(RuntimeError):
        check_on(site, "2025-01-20", Told([ILL]))
    assert hooks.list_calls(site, actor=ADMIN) == ()


def test_a_hook_for_some_models_is_not_called_for_others(
    site: Workspace, receiver: Receiver
) -> None:
    with pytest.raises(NotFound):
        add(site, receiver, models_of=["other"])
    add(site, receiver, models_of=[MODEL])
    assert hooks.hook_names(site, MODEL, actor=CHECKER) == ("Train",)
    rule(site)
    hooks.switch_hook(site, "Train", on=False, actor=ADMIN)
    assert hooks.hook_names(site, MODEL, actor=CHECKER) == ()
    check_on(site, "2025-01-20", Told([ILL]))
    work(site)
    assert hooks.list_calls(site, actor=ADMIN) == ()
    with pytest.raises(Conflict, match="switched off"):
        hooks.try_hook(site, "Train", actor=ADMIN)


def test_what_waits_for_a_hook_switched_off_is_given_up(
    site: Workspace, receiver: Receiver
) -> None:
    add(site, receiver)
    rule(site)
    check_on(site, "2025-01-20", Told([ILL]))
    hooks.switch_hook(site, "Train", on=False, actor=ADMIN)
    assert call_due(site)["given_up"] == 1
    assert receiver.got == []


def test_a_removed_hook_is_called_no_more_and_its_calls_stay(
    site: Workspace, receiver: Receiver
) -> None:
    add(site, receiver)
    rule_id = rule(site)
    check_on(site, "2025-01-20", Told([ILL]))
    assert hooks.remove_hook(site, "Train", actor=ADMIN) == (rule_id,)
    work(site)
    assert receiver.got == []
    (call,) = hooks.list_calls(site, actor=ADMIN, hook="Train")
    assert (call.state, call.error) == ("given_up", "removed")
    assert alerts.list_responses(site, MODEL, actor=CHECKER) == {}
    assert hooks.list_hooks(site, actor=ADMIN) == ()
    with site.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="hook.removed")
    assert entry.body["rules"] == [rule_id]


def test_a_test_is_one_attempt_and_no_business_of_others(
    site: Workspace, receiver: Receiver
) -> None:
    secret = add(site, receiver)
    call = hooks.try_hook(site, "Train", actor=ADMIN)
    assert (call.state, call.status, call.model_id) == ("done", 200, None)
    assert verified(receiver.got[0], secret)
    assert json.loads(receiver.got[0].body)["event"] == "test"
    receiver.answer = 500
    call = hooks.try_hook(site, "Train", actor=ADMIN)
    assert (call.state, call.error) == ("given_up", "HTTP 500")
    some = replace(CHECKER, models=frozenset({MODEL}))
    assert hooks.list_calls(site, actor=some) == ()


def test_targets_are_sealed_and_outputs_are_told_to_who_sets_hooks_up(
    site: Workspace, receiver: Receiver
) -> None:
    secret = add(site, receiver)
    hooks.try_hook(site, "Train", actor=ADMIN)
    with site.store.read() as conn:
        (hook,) = stored.hooks(conn)
        (entry,) = audit.list_newest(conn, kind="hook.added")
    kept = b"".join(path.read_bytes() for path in site.settings.home.glob("state.db*"))
    for hidden in ("s3cret", secret):
        assert hidden.encode() not in hook.sealed_target + kept
        assert hidden not in str(entry.body) + str(hooks.list_hooks(site, actor=ADMIN))
    assert [each.output for each in hooks.list_calls(site, actor=CHECKER)] == [""]
    assert [each.output for each in hooks.list_calls(site, actor=ADMIN)] == ["thank you"]


def test_only_who_may_sets_hooks_up_and_says_who_they_are(
    site: Workspace, receiver: Receiver
) -> None:
    for actor in (VIEWER, CHECKER):
        with pytest.raises(Forbidden):
            hooks.add_hook(site, "x", url=receiver.url, actor=actor)
        with pytest.raises(Forbidden):
            hooks.list_hooks(site, actor=actor)
    browser = replace(ADMIN, origin="web", authenticated_at=site.clock() - timedelta(days=1))
    with pytest.raises(StepUpNeeded):
        hooks.add_hook(site, "x", url=receiver.url, actor=browser)
    some = replace(CHECKER, jurisdictions=frozenset({"HK"}))
    with pytest.raises(Forbidden):
        hooks.list_calls(site, actor=some)


def test_addresses_that_no_hook_calls() -> None:
    for url in (
        "http://example.com/x",
        "https://user:word@example.com/",
        "https://example.com/#part",
        "https://example.com/\r\nX-Evil: 1",
        "file:///etc/passwd",
        "ftp://example.com/",
        "https://",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://0.0.0.0/",
        "http://169.254.169.254/latest",
        "https://" + "a" * 2000,
        "",
    ):
        with pytest.raises(InvalidInput):
            checked_url(url)
    assert checked_url("https://example.com/x?key=s3cret") == "https://example.com"
    assert checked_url("http://[::1]:8080/") == "http://::1"


def test_an_answer_that_comes_drop_by_drop_is_cut_off() -> None:
    """Each drop comes in time, the whole never would."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        taken, _ = listener.accept()
        with taken, suppress(OSError):
            taken.recv(65_536)
            for letter in b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000:
                taken.sendall(bytes([letter]))
                time.sleep(0.05)

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    began = time.monotonic()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    answer = outbound.send(url, b"{}", "application/json", within_s=0.3)
    assert answer.failure != ""
    assert time.monotonic() - began < 10
    thread.join(10)
    listener.close()
    assert not thread.is_alive()


def test_what_is_refused(site: Workspace) -> None:
    for given in (
        {"timeout_s": 0},
        {"timeout_s": 61},
        {"name": " "},
        {"name": "a\nb"},
        {"name": "x" * 61},
        {"url": ""},
        {"url": "http://example.com/"},
        {"argv": ["/bin/true"]},
    ):
        wanted: dict[str, object] = {"name": "x", "url": "https://example.com/", **given}
        with pytest.raises(InvalidInput):
            hooks.add_hook(site, str(wanted.pop("name")), actor=ADMIN, **wanted)  # type: ignore[arg-type]
    assert hooks.list_hooks(site, actor=ADMIN) == ()


def test_names_are_taken_once(site: Workspace, receiver: Receiver) -> None:
    add(site, receiver)
    with pytest.raises(Conflict, match="a hook Train already"):
        add(site, receiver)
