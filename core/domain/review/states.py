"""The states of a case of human review, and which act leads from which to which."""

from collections.abc import Mapping
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands."""

    open = "open"
    claimed = "claimed"
    proposed = "proposed"
    checking = "checking"
    final = "final"
    awaiting_customer = "awaiting_customer"
    escalated = "escalated"
    suspended_model = "suspended_model"
    withdrawn = "withdrawn"


class Verdict(StrEnum):
    """What a person says of the model's decision."""

    uphold = "uphold"
    overturn = "overturn"


class Action(StrEnum):
    """What is done to a case; the value is what its steps and the audit trail call it."""

    make = "made"
    claim = "claimed"
    record_own_view = "own_view"
    propose = "proposed"
    finish = "final"
    take_check = "check_taken"
    agree = "checked"
    send_back = "sent_back"
    give_back = "given_back"
    take_back = "taken_back"
    expire = "expired"
    escalate = "escalated"
    ask_customer = "asked_customer"
    answer = "customer_answered"
    go_unanswered = "no_answer"
    assign = "assigned"
    set_priority = "priority_set"
    link = "linked"
    choose = "routed"
    suspend = "suspended"
    resume = "resumed"
    withdraw = "withdrawn"
    unmask = "unmasked"


FINISHED = frozenset({CaseState.final, CaseState.withdrawn})
"""Nothing more happens to such a case."""
HELD = frozenset({CaseState.claimed, CaseState.checking})
"""Somebody has it, until a moment."""
WAITING = frozenset(CaseState) - FINISHED
"""No verdict on it counts yet."""
CLOCKED = WAITING - {CaseState.awaiting_customer}
"""Its clock runs: it can be overdue."""

_S, _A = CaseState, Action
TRANSITIONS: Mapping[tuple[CaseState, Action], CaseState] = {
    (_S.open, _A.claim): _S.claimed,
    (_S.escalated, _A.claim): _S.claimed,
    (_S.claimed, _A.record_own_view): _S.claimed,
    (_S.claimed, _A.propose): _S.proposed,
    (_S.proposed, _A.finish): _S.final,
    (_S.proposed, _A.take_check): _S.checking,
    (_S.proposed, _A.take_back): _S.open,
    (_S.checking, _A.agree): _S.final,
    (_S.checking, _A.send_back): _S.open,
    (_S.claimed, _A.give_back): _S.open,
    (_S.claimed, _A.expire): _S.open,
    (_S.checking, _A.give_back): _S.proposed,
    (_S.checking, _A.expire): _S.proposed,
    (_S.claimed, _A.escalate): _S.escalated,
    (_S.checking, _A.escalate): _S.escalated,
    (_S.claimed, _A.ask_customer): _S.awaiting_customer,
    (_S.awaiting_customer, _A.answer): _S.open,
    (_S.awaiting_customer, _A.go_unanswered): _S.open,
    **{(state, _A.suspend): _S.suspended_model for state in sorted(WAITING - {_S.suspended_model})},
    (_S.suspended_model, _A.resume): _S.open,
    **{(state, _A.withdraw): _S.withdrawn for state in (_S.open, _S.awaiting_customer)},
    (_S.escalated, _A.withdraw): _S.withdrawn,
}
"""State and act → the state after it; what is not here cannot happen."""

_BACK_IN_THE_QUEUE = frozenset(
    {_A.give_back, _A.take_back, _A.expire, _A.send_back, _A.answer, _A.go_unanswered}
)


def allowed(state: CaseState, action: Action) -> bool:
    """Whether an act is possible in a state."""
    return (state, action) in TRANSITIONS


def next_state(state: CaseState, action: Action, *, escalated: bool = False) -> CaseState:
    """Return the state after an act.

    Parameters
    ----------
    state, action : CaseState, Action
        What is done to a case in which state.
    escalated : bool
        Whether it was ever escalated: back in the queue, such a case waits among the escalated
        ones, for somebody who may check.

    Raises
    ------
    ValueError
        If the act is not possible in that state.
    """
    found = TRANSITIONS.get((state, action))
    if found is None:
        raise ValueError(f"A case that is {state} cannot be {action}.")
    if escalated and action in _BACK_IN_THE_QUEUE and found is CaseState.open:
        return CaseState.escalated
    return found


def state_after_resume(before: CaseState) -> CaseState:
    """Return where a case goes when its model is resumed, by its state before the suspension.

    Whoever held it no longer does; a proposal, an escalation and a question to the customer stand.
    """
    if before is CaseState.claimed:
        return CaseState.open
    if before is CaseState.checking:
        return CaseState.proposed
    return before
