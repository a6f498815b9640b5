"""What a restore takes back of hooks and of what rules do by themselves."""

from core.store import Store, serving
from core.store.alerts import hooks, rule_responses
from core.store.alerts import rules as alert_rules
from core.store.alerts.hooks import Hook, HookCall
from core.store.alerts.rule_responses import RuleResponse
from core.store.alerts.rules import AlertRule
from core.store.retention.withdrawal import withdraw
from core.store.serving import VersionChange
from tests.support.fakes import START
from tests.support.monitoring import MODEL, register_loans


def test_hooks_are_off_and_no_rule_rolls_a_model_back(store: Store) -> None:
    register_loans(store)
    hook = Hook("h1", "Train", "command", "/opt/train", b"x", None, 30, True, START, "p-1")
    call = HookCall(
        "c1", "h1", "Train", MODEL, None, None, "notify", "{}", "queued", 0, START, START
    )
    does = {
        "drift": RuleResponse("drift", "h1", "retrain", None, None, START, "p-1"),
        "fairness": RuleResponse("fairness", "h1", "notify", "rollback", "1", START, "p-1"),
        "quality": RuleResponse("quality", None, "notify", "suspend", None, START, "p-1"),
        "check": RuleResponse("check", None, "notify", "rollback", "1", START, "p-1"),
    }
    with store.begin() as conn:
        hooks.put_hook(conn, hook)
        hooks.queue(conn, call)
        for kind, response in does.items():
            rule = AlertRule(kind, MODEL, kind, "", "", "", None, 1, None, True, START, "p-1")
            alert_rules.put(conn, rule)
            rule_responses.put(conn, response)
        change = VersionChange(MODEL, "1", "2", "it errs", START, "p-1")
        serving.add_version_change(conn, change)
        taken = withdraw(conn, at=START, by="worker", reason="Restored")
    assert (taken.hooks, taken.rollbacks) == (1, 2)
    assert taken.models == ((MODEL, "production"),)
    with store.read() as conn:
        assert not hooks.find_hook(conn, "Train").enabled
        ended = hooks.get_call(conn, "c1")
        assert (ended.state, ended.error) == ("given_up", "Restored")
        kept = rule_responses.of_model(conn, MODEL)
        assert {rule: found.action for rule, (found, _) in kept.items()} == {
            "drift": None,
            "fairness": None,
            "quality": "suspend",
        }
        assert serving.version_changes(conn, MODEL) == (change,)
