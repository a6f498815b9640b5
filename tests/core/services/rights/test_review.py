"""A request for review: its case, its verdict, and then its answer; an appeal by a third person."""

import pytest

from core.domain.review import Verdict
from core.errors import Conflict, Forbidden, NotFound
from core.services.review import claims, verdicts
from core.services.review.cases import Case
from core.services.rights import answers, letters
from core.services.rights import desk as reading
from tests.core.services.rights.test_papers import plain, text_of
from tests.desk import Desk


def decide(desk: Desk, case_id: int, maker: str, checker: str, verdict: str) -> Case:
    """Let one propose a verdict, and another agree if that is needed."""
    workspace = desk.workspace
    held = claims.claim(workspace, case_id, actor=desk[maker])
    proposal = verdicts.Proposal(
        verdict=Verdict(verdict),
        final_decision=held.decision if verdict == "uphold" else "decline",
        reason_code="policy_applied" if verdict == "uphold" else "data_wrong",
        text="Read all of it.",
        evidence=() if verdict == "uphold" else ("The ledger says so.",),
    )
    made = verdicts.propose(workspace, case_id, proposal, actor=desk[maker], revision=held.revision)
    if made.state == "proposed":
        held = claims.take_check(workspace, case_id, actor=desk[checker])
        made = verdicts.agree(workspace, case_id, actor=desk[checker], revision=held.revision)
    assert made.state == "final"
    return made


@pytest.mark.parametrize(("verdict", "outcome"), [("uphold", "upheld"), ("overturn", "overturned")])
def test_a_request_for_review_is_answered_by_the_verdict(
    desk: Desk, verdict: str, outcome: str
) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_about_prediction("review")
    case_id = answers.open_case(workspace, made.id, actor=connie)
    with pytest.raises(Conflict):
        answers.open_case(workspace, made.id, actor=connie)
    for early in ("upheld", "overturned"):
        with pytest.raises(Conflict):
            answers.answer(workspace, made.id, early, actor=connie)
    decide(desk, case_id, "carl", "lydia", verdict)
    assert answers.possible_outcomes(workspace, made.id, actor=connie) == (outcome,)
    found = answers.case_of(workspace, made.id, actor=desk["audrey"])
    assert found is not None
    assert (found.id, found.state, found.verdict) == (case_id, "final", verdict)
    assert answers.answer(workspace, made.id, outcome, actor=connie).outcome == outcome
    said = text_of(desk, letters.make_letter(workspace, made.id, "review_answer", actor=connie))
    stands = plain("A person reviewed the decision. It stands.")
    assert (stands in said) == (verdict == "uphold")
    assert plain("人手已覆核該決定") in said
    assert plain("Privacy Commissioner") in said


def test_an_objection_to_a_verdict_goes_to_a_third_person(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    first = desk.ask_about_prediction("review")
    decide(desk, answers.open_case(workspace, first.id, actor=connie), "carl", "lydia", "uphold")
    second = desk.ask_about_prediction("review")
    appeal = answers.open_case(workspace, second.id, actor=connie)
    steps = reading.list_steps(workspace, second.id, actor=desk["audrey"])
    assert steps[-1].body == {"case": appeal, "case_kind": "appeal"}
    with pytest.raises((Conflict, Forbidden, NotFound)):
        claims.claim(workspace, appeal, actor=desk["carl"])
    assert decide(desk, appeal, "laurence", "lydia", "uphold").maker_name == "Laurence"
