"""What came of the last paper that was asked for about a decision: it, or the checks it failed."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from core.services.explanation.checks import Check
from core.services.explanation.looking import DecisionView

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Made]):
    """What was made of which decision, if it was, and the checks that were run on it."""

    model: str
    prediction: str
    made: Made | None
    checks: tuple[Check, ...]

    @property
    def failed(self) -> list[Check]:
        """The checks that did not pass."""
        return [each for each in self.checks if not each.passed]


def keep_outcome(name: str, outcome: Outcome[Any]) -> None:
    """Keep what came of it, under the name of the kind of paper, until another is asked for."""
    st.session_state[name] = outcome


def outcome_of(name: str, view: DecisionView, prediction: str) -> Outcome[Any] | None:
    """Return what came of the last paper of a kind, if it is about this decision."""
    found: Outcome[Any] | None = st.session_state.get(name)
    if found is None or (found.model, found.prediction) != (view.contract.id, prediction):
        return None
    return found
