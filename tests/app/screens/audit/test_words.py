"""Every sentence about an entry can be said; tests/docs/test_audit_events.py finds every kind."""

from datetime import UTC, datetime
from string import Formatter

import pytest

from app.screens.audit.words import SENTENCES, entry_sentence, kind_label
from core.i18n import LOCALES, translator
from core.services.audit.trail import TrailEntry
from core.store.audit.trail import AuditEntry


def an_entry(kind: str) -> TrailEntry:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    entry = AuditEntry(1, at, "p-1", "admin", kind, {}, {}, b"{}")
    return TrailEntry(entry, "Iris", {"model": "loans"})


@pytest.mark.parametrize("locale", LOCALES)
def test_every_sentence_can_be_said(locale: str) -> None:
    t = translator(locale)
    for kind, template in SENTENCES.items():
        said = entry_sentence(t, an_entry(kind))
        assert "{" not in said
        fields = {name for _, name, _, _ in Formatter().parse(template) if name}
        assert ("Iris" in said) == ("person" in fields)
        assert kind_label(t, kind)


def test_a_kind_of_another_version_is_named() -> None:
    t = translator("en")
    assert entry_sentence(t, an_entry("new.done")) == "Iris: new.done"
    assert kind_label(t, "new.done") == "new.done"
    assert entry_sentence(t, an_entry("model.suspended")) == "Iris suspended loans"
