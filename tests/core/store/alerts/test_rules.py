from dataclasses import replace

import pytest

from core.errors import NotFound
from core.store import Store
from core.store.alerts import rules as alert_rules
from core.store.alerts.rules import AlertRule
from tests.support.fakes import START
from tests.support.monitoring import MODEL, register_loans

RULE = AlertRule("r1", MODEL, "drift", "", "", "", "watch", 2, None, True, START, "p-1")


def test_a_rule_for_the_same_alarms_replaces_the_first(store: Store) -> None:
    register_loans(store)
    particular = replace(RULE, id="r2", column="term", severity=None)
    with store.begin() as conn:
        assert alert_rules.put(conn, RULE) == "r1"
        assert alert_rules.put(conn, particular) == "r2"
        assert alert_rules.put(conn, replace(RULE, id="r3", patience=5, enabled=False)) == "r1"
    with store.read() as conn:
        first = replace(RULE, patience=5, enabled=False)
        assert alert_rules.list_rules(conn, MODEL) == (particular, first)
        assert alert_rules.get(conn, "r1") == first
    with store.begin() as conn:
        alert_rules.remove(conn, "r1")
        with pytest.raises(NotFound):
            alert_rules.get(conn, "r1")


def test_empty_fields_fit_everything() -> None:
    assert RULE.fits("drift", "psi", "term", "")
    assert not RULE.fits("quality", "missing_share", "term", "")
    assert not replace(RULE, column="amount").fits("drift", "psi", "term", "")
