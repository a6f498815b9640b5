"""Alerts: what people are told of, deal with and close."""

from core.services.alerts.editing import Preview, RuleBoard, preview_rule, rule_board
from core.services.alerts.manage import acknowledge, assign, close, snooze
from core.services.alerts.responses import Response, RuleDoes, list_responses
from core.services.alerts.rules import list_rules, remove_rule, set_rule
from core.services.alerts.views import (
    Board,
    Story,
    list_alerts,
    mark_seen,
    story,
    unchecked,
    unread,
)

__all__ = [
    "Board",
    "Preview",
    "Response",
    "RuleBoard",
    "RuleDoes",
    "Story",
    "acknowledge",
    "assign",
    "close",
    "list_alerts",
    "list_responses",
    "list_rules",
    "mark_seen",
    "preview_rule",
    "remove_rule",
    "rule_board",
    "set_rule",
    "snooze",
    "story",
    "unchecked",
    "unread",
]
