from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from core.errors import NotFound
from core.store import Store, serving
from core.store.alerts import hooks, rule_responses
from core.store.alerts import rules as alert_rules
from core.store.alerts.hooks import Hook, HookCall
from core.store.alerts.rule_responses import RuleResponse
from core.store.alerts.rules import AlertRule
from core.store.serving import VersionChange
from tests.support.fakes import START
from tests.support.monitoring import MODEL, register_loans

HOOK = Hook("h1", "Train", "command", "/opt/train", b"\x00sealed", None, 30, True, START, "p-1")
CALL = HookCall("c1", "h1", "Train", MODEL, "r1", None, "retrain", "{}", "queued", 0, START, START)
RULE = AlertRule("r1", MODEL, "drift", "", "", "", None, 1, None, True, START, "p-1")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ready(store: Store) -> Store:
    register_loans(store)
    with store.begin() as conn:
        assert hooks.put_hook(conn, HOOK)
        alert_rules.put(conn, RULE)
    return store


def test_names_of_hooks_are_taken_once(ready: Store) -> None:
    with ready.begin() as conn:
        assert not hooks.put_hook(conn, replace(HOOK, id="h2"))
        assert hooks.put_hook(conn, replace(HOOK, id="h3", name="Call", models=(MODEL,)))
    with ready.read() as conn:
        assert [each.name for each in hooks.hooks(conn)] == ["Call", "Train"]
        assert hooks.find_hook(conn, "h1") == hooks.find_hook(conn, "Train") == HOOK
        assert [each.takes("other") for each in hooks.hooks(conn)] == [False, True]
        with pytest.raises(NotFound):
            hooks.find_hook(conn, "none")


def test_a_call_is_taken_by_one_worker_and_comes_back_if_nothing_is_noted(ready: Store) -> None:
    with ready.begin() as conn:
        assert hooks.queue(conn, CALL)
        assert not hooks.queue(conn, CALL)
        assert hooks.due(conn, at=START) == (CALL,)
        assert hooks.take(conn, CALL, next_at=START + MINUTE)
        assert not hooks.take(conn, CALL, next_at=START + MINUTE)
        assert hooks.due(conn, at=START) == ()
        (again,) = hooks.due(conn, at=START + MINUTE)
        assert (again.id, again.body, again.attempts) == ("c1", "{}", 1)
        assert hooks.take(conn, again, next_at=START + 2 * MINUTE)
        late = partial(hooks.settle, conn, state="done", status=0, error="", finished_at=START)
        assert not late(CALL, output="")  # the worker that was thought dead
        assert late(again, output="a\x00b")
        assert hooks.get_call(conn, "c1").output == "a\ufffdb"
        assert hooks.counts_of(conn, "h1") == {"done": 1}


def test_a_removed_hook_leaves_its_calls_and_no_rule_calls_it(ready: Store) -> None:
    with ready.begin() as conn:
        hooks.queue(conn, CALL)
        rule_responses.put(conn, RuleResponse("r1", "h1", "retrain", None, None, START, "p-1"))
        assert rule_responses.of_model(conn, MODEL)["r1"][1] == "Train"
        assert rule_responses.forget_hook(conn, "h1") == ("r1",)
        assert rule_responses.find(conn, "r1") is None
        assert hooks.remove_hook(conn, "h1", at=START, error="removed") == 1
        (call,) = hooks.calls(conn, models=frozenset({MODEL}))
        assert (call.state, call.error, call.hook_name) == ("given_up", "removed", "Train")
        assert hooks.calls(conn, models=frozenset({"other"})) == ()
        assert hooks.calls(conn, hook_id="Train", model_id=MODEL) == (call,)


def test_a_rule_keeps_what_it_does_to_the_model_when_its_hook_goes(ready: Store) -> None:
    both = RuleResponse("r1", "h1", "suspend", "suspend", None, START, "p-1")
    with ready.begin() as conn:
        rule_responses.put(conn, both)
        rule_responses.forget_hook(conn, "h1")
        kept = rule_responses.find(conn, "r1")
        assert kept == replace(both, hook_id=None, purpose="notify")
        rule_responses.put(conn, replace(both, action="rollback", to_version="1"))
        assert rule_responses.forget_rollbacks(conn) == 1
        assert rule_responses.find(conn, "r1") == replace(both, action=None)
        alert_rules.remove(conn, "r1")
        assert rule_responses.find(conn, "r1") is None


def test_everything_is_switched_off_at_once(ready: Store) -> None:
    with ready.begin() as conn:
        hooks.queue(conn, CALL)
        assert hooks.switch_off(conn, at=START, error="restored") == 1
        assert hooks.switch_off(conn, at=START, error="restored") == 0
        assert hooks.get_call(conn, "c1").error == "restored"
        assert not hooks.find_hook(conn, "h1").enabled
        hooks.set_enabled(conn, "h1", True, at=START + MINUTE, by="p-2")
        assert hooks.find_hook(conn, "h1") == replace(
            HOOK, changed_at=START + MINUTE, changed_by="p-2"
        )


def test_the_newest_version_named_counts(ready: Store) -> None:
    first = VersionChange(MODEL, "1", "2", "Errors", START, "p-1")
    second = VersionChange(MODEL, "2", "1", "Mended", START + MINUTE, "p-2")
    with ready.begin() as conn:
        assert serving.version_changes(conn, MODEL) == ()
        serving.add_version_change(conn, first)
        serving.add_version_change(conn, second)
        assert serving.version_changes(conn, MODEL) == (second, first)
        assert serving.newest_version_changes(conn) == {MODEL: second}
