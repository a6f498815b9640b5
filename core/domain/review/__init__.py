"""Human review: the states of a case, when a second person checks it, and reasons of a verdict."""

from core.domain.review.checks import (
    APPEAL,
    CONTROL,
    DISAGREEMENT,
    HIGH,
    SECOND,
    Checkable,
    CheckRules,
    Earlier,
)
from core.domain.review.checks import check_needed as check_needed
from core.domain.review.reasons import REASONS, ReasonCode, reasons_for
from core.domain.review.states import (
    CLOCKED,
    FINISHED,
    HELD,
    TRANSITIONS,
    WAITING,
    Action,
    CaseState,
    Verdict,
    allowed,
    next_state,
    state_after_resume,
)

__all__ = [
    "APPEAL",
    "CLOCKED",
    "CONTROL",
    "DISAGREEMENT",
    "FINISHED",
    "HELD",
    "HIGH",
    "REASONS",
    "SECOND",
    "TRANSITIONS",
    "WAITING",
    "Action",
    "CaseState",
    "CheckRules",
    "Checkable",
    "Earlier",
    "ReasonCode",
    "Verdict",
    "allowed",
    "check_needed",
    "next_state",
    "reasons_for",
    "state_after_resume",
]
