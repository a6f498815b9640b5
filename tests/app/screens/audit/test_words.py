"""Every kind of entry that the product writes has its sentence, and every sentence its words."""

import ast
from datetime import UTC, datetime
from string import Formatter

import pytest

from app.screens.audit.words import SENTENCES, entry_sentence, kind_label
from core.domain.review import Action
from core.i18n import LOCALES, translator
from core.services.audit.trail import TrailEntry
from core.store.audit.trail import AuditEntry
from tests.architecture.sources import python_files, tree_of

# Written with a name put in: the decision's (held, released, stopped).
COMPOSED = {
    *("prediction.held", "prediction.released", "prediction.stopped"),
    # Cases are made and put aside with their model by one entry for all of them.
    *(f"review.{each}" for each in set(Action) - {Action.make, Action.suspend, Action.resume}),
}


def written_kinds() -> set[str]:
    """Return the kinds that calls of ``audit.append`` are given as they stand."""
    found = set()
    for path in python_files("core"):
        for node in ast.walk(tree_of(path)):
            # Its name first: to write every call of the product out takes seconds.
            if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "append":
                continue
            if ast.unparse(node.func) != "audit.append":
                continue
            (kind,) = [word.value for word in node.keywords if word.arg == "kind"]
            for each in ast.walk(kind):
                if isinstance(each, ast.Constant) and isinstance(each.value, str):
                    found |= {each.value} if "." in each.value.strip(".") else set()
    return found


def steps_of_requests() -> set[str]:
    """Return the kinds of what is done to customers' requests."""
    calls = [
        node
        for path in python_files("core/services/rights")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "keep_step"
    ]
    acts = [each.args[3] for each in calls]
    return {f"rights.{each.value!s}" for each in acts if isinstance(each, ast.Constant)}


def an_entry(kind: str) -> TrailEntry:
    at = datetime(2026, 1, 5, tzinfo=UTC)
    entry = AuditEntry(1, at, "p-1", "admin", kind, {}, {}, b"{}")
    return TrailEntry(entry, "Iris", {"model": "loans"})


def test_every_kind_that_is_written_has_its_sentence() -> None:
    kinds = written_kinds()
    assert len(kinds) > 30
    of_requests = steps_of_requests()
    assert {"rights.identified", "rights.snapshot", "rights.answered"} <= of_requests
    written = kinds | COMPOSED | of_requests
    assert written <= set(SENTENCES), written - set(SENTENCES)


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
