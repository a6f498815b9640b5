"""Alerts: what people are told of, deal with and close."""

from core.services.alerts.manage import acknowledge, assign, close, snooze
from core.services.alerts.rules import list_rules, remove_rule, set_rule
from core.services.alerts.views import Board, Story, list_alerts, mark_seen, story, unread

__all__ = [
    "Board",
    "Story",
    "acknowledge",
    "assign",
    "close",
    "list_alerts",
    "list_rules",
    "mark_seen",
    "remove_rule",
    "set_rule",
    "snooze",
    "story",
    "unread",
]
