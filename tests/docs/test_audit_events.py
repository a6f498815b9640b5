"""Every kind of entry that the product writes is in docs/audit-events.md and has its sentence."""

import ast
import re
from functools import cache

from app.screens.audit.words import SENTENCES
from core.domain.identity import Permission
from core.domain.review import Action
from core.services.approvals.kinds import KINDS as PROPOSED
from core.services.jobs.tasks import HANDLERS
from core.services.rights.words import ACTIONS
from core.services.serving.tokens import ACTIONS as ALLOWED
from docs.audit_events import HOLDS
from tests.architecture.sources import python_files, tree_of

KIND = re.compile(r"[a-z][a-z_]+\.[a-z_]+")
FILE = re.compile(r".*\.(bin|csv|db|jsonl?|log|note|parquet|pdf|py|server|tsr|yaml)")
# What else is written with a dot: fields of contracts, parts of cards, a type.
NO_KINDS = {
    *("explanation.coverage", "fairness.minimum_n", "log.scores", "review.check_sample"),
    *("review.controls", "review.doubles", "review.from", "review.routing", "review.rules"),
    *("review.score_hidden", "card.training_data", "deciders.left", "np.ndarray"),
}
# Put together from the name of the step. Cases are made and put aside by one entry for all.
STEPS_OF_CASES = set(Action) - {Action.make, Action.suspend, Action.resume}
COMPOSED = {
    *(f"alert.{each}" for each in ("acknowledged", "assigned", "closed", "snoozed")),
    *(f"prediction.{each}" for each in ("held", "released", "stopped")),
    *(f"review.{each}" for each in STEPS_OF_CASES),
    *(f"rights.{each}" for each in ACTIONS),
}
# What happened is a state or a thing here, not what somebody did: names of steps that are kept
# with cases and requests, and entries that were written before anybody thought of a grammar.
NO_VERBS = {
    *("explanation.score_differs", "reference.live", "review.bulk", "review.final"),
    *("review.no_answer", "review.own_view", "rights.late_notice", "rights.letter"),
    "rights.snapshot",
}
IRREGULAR = {"begun", "drawn", "fed", "given", "held", "kept", "made", "read", "reset", "sent"}
IRREGULAR |= {"set", "shown", "taken", "told", "withdrawn"}


@cache
def written() -> frozenset[str]:
    """Return the kinds that services and ingest name, and those they put together."""
    texts = {
        node.value
        for path in python_files("core/services", "core/ingest", "core/store/explanations")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    named = {text for text in texts if KIND.fullmatch(text) and not FILE.fullmatch(text)}
    elsewhere = {str(each) for each in Permission} | set(PROPOSED) | set(HANDLERS) | set(ALLOWED)
    return frozenset((named - elsewhere - NO_KINDS) | COMPOSED)


def test_the_list_is_what_the_product_writes() -> None:
    listed = {kind for kind in SENTENCES if " " not in kind}
    assert listed - written() == set(), "nothing writes these"
    assert written() - listed == set(), "these have no words"


def test_what_each_holds_is_told() -> None:
    assert set(HOLDS) == {kind.partition(".")[0] for kind in SENTENCES}


def test_a_kind_is_a_thing_and_what_was_done_to_it() -> None:
    listed = {kind for kind in SENTENCES if " " not in kind}
    assert all(KIND.fullmatch(kind) for kind in listed)
    assert {kind for kind in listed if not _has_a_past(kind)} == NO_VERBS


def _has_a_past(kind: str) -> bool:
    words = kind.partition(".")[2].split("_")
    return any(word.endswith("ed") or word in IRREGULAR for word in words)
