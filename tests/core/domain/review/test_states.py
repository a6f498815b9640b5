import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.review import (
    FINISHED,
    HELD,
    REASONS,
    TRANSITIONS,
    WAITING,
    Action,
    CaseState,
    Verdict,
    allowed,
    next_state,
    reasons_for,
    state_after_resume,
)
from core.store.tables.review import CASE_STATES, VERDICTS


def test_the_states_and_verdicts_are_those_of_the_table() -> None:
    assert tuple(CaseState) == CASE_STATES
    assert tuple(Verdict) == VERDICTS
    assert frozenset(CaseState) == FINISHED | WAITING


def test_nothing_happens_to_what_is_finished() -> None:
    assert {state for state, _ in TRANSITIONS}.isdisjoint(FINISHED)


def test_every_state_can_be_reached_and_left_for_a_final_one() -> None:
    reached = {CaseState.open}
    for _ in CaseState:
        reached |= {to for (state, _), to in TRANSITIONS.items() if state in reached}
    assert reached == frozenset(CaseState)
    ends = {CaseState.final}
    for _ in CaseState:
        ends |= {state for (state, _), to in TRANSITIONS.items() if to in ends}
    assert ends == frozenset(CaseState) - {CaseState.withdrawn}


def test_a_verdict_is_final_only_by_its_maker_s_proposal() -> None:
    into = {(state, action) for (state, action), to in TRANSITIONS.items() if to == "final"}
    assert into == {(CaseState.proposed, Action.finish), (CaseState.checking, Action.agree)}
    made = {state for (state, _), to in TRANSITIONS.items() if to == CaseState.proposed}
    assert made == {CaseState.claimed, CaseState.checking}


@pytest.mark.parametrize("state", sorted(WAITING - {CaseState.suspended_model}))
def test_whatever_waits_can_be_suspended_and_goes_back_unheld(state: CaseState) -> None:
    assert next_state(state, Action.suspend) is CaseState.suspended_model
    after = state_after_resume(state)
    assert after not in HELD | FINISHED
    assert after is state or state in HELD


@given(st.sampled_from(list(CaseState)), st.sampled_from(list(Action)), st.booleans())
def test_an_escalated_case_never_gets_back_among_the_open_ones(
    state: CaseState, action: Action, escalated: bool
) -> None:
    if not allowed(state, action):
        with pytest.raises(ValueError, match="cannot be"):
            next_state(state, action, escalated=escalated)
        return
    to = next_state(state, action, escalated=escalated)
    back = {Action.give_back, Action.take_back, Action.expire, Action.send_back}
    if action in {*back, Action.answer, Action.go_unanswered}:
        assert (to is CaseState.open) == (
            not escalated and TRANSITIONS[state, action] is CaseState.open
        )
    else:
        assert to is TRANSITIONS[state, action]


def test_each_verdict_has_its_own_reasons() -> None:
    assert [each.code for each in reasons_for(Verdict.uphold)] == [
        "evidence_supports",
        "policy_applied",
        "data_confirmed",
        "risk_confirmed",
        "customer_no_new_facts",
    ]
    assert [each.code for each in reasons_for(Verdict.overturn)] == [
        "data_wrong",
        "new_evidence",
        "policy_exception",
        "model_error",
        "vulnerable_customer",
        "not_representative",
    ]
    assert all(each.label and each.meaning.endswith(".") for each in REASONS.values())
