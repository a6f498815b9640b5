"""A request for review: its case, its verdict, and then its answer; an appeal by a third person."""

import pytest

from core.domain.review import Verdict
from core.errors import Conflict, Forbidden, NotFound
from core.services.review import bulk, cases, claims, verdicts
from core.services.review.cases import Case
from core.services.rights import answers, intake, letters
from core.services.rights import desk as reading
from tests.core.services.rights.test_papers import plain, text_of
from tests.support.desk import Desk


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
    assert plain("本機構人員已覆核該決定") in said
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


def test_two_requests_about_one_decision_get_one_verdict(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    first, second = (desk.ask_about_prediction("review") for _ in range(2))
    case = answers.open_case(workspace, first.id, actor=connie)
    assert answers.open_case(workspace, second.id, actor=connie) == case
    with pytest.raises(Conflict, match="opened already"):
        answers.open_case(workspace, second.id, actor=connie)
    (step,) = (
        each
        for each in reading.list_steps(workspace, second.id, actor=connie)
        if each.action == "case_opened"
    )
    assert step.body == {"case": case, "case_kind": "request"}
    decide(desk, case, "carl", "lydia", "overturn")
    for made in (first, second):
        assert answers.possible_outcomes(workspace, made.id, actor=connie) == ("overturned",)
        answers.answer(workspace, made.id, "overturned", actor=connie)
        letter = letters.make_letter(workspace, made.id, "review_answer", actor=connie)
        assert plain("A person reviewed the decision and changed it.") in text_of(desk, letter)


def test_a_case_stays_while_any_request_waits_for_it(desk: Desk) -> None:
    workspace, connie, lydia = desk.workspace, desk["connie"], desk["lydia"]
    first, second = (desk.ask_about_prediction("review") for _ in range(2))
    case = answers.open_case(workspace, first.id, actor=connie)
    answers.open_case(workspace, second.id, actor=connie)
    intake.withdraw(workspace, first.id, reason="By phone.", actor=connie)
    revision = cases.read_case(workspace, case, actor=lydia).revision
    with pytest.raises(Conflict, match="open request waits"):
        verdicts.withdraw(workspace, case, actor=lydia, revision=revision, text="By mistake.")
    act = bulk.Act("withdraw", reason="duplicate")
    (planned,) = bulk.preview(workspace, act, [case], actor=lydia).items
    assert planned.refused == "request"


def test_an_appeal_answers_the_first_request_too(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    first = desk.ask_about_prediction("review")
    decide(desk, answers.open_case(workspace, first.id, actor=connie), "carl", "lydia", "uphold")
    second = desk.ask_about_prediction("review")
    appeal = answers.open_case(workspace, second.id, actor=connie)
    # The first was not answered yet: what would be said might be changed by the third person.
    assert answers.possible_outcomes(workspace, first.id, actor=connie) == ()
    third = desk.ask_about_prediction("review")
    assert answers.open_case(workspace, third.id, actor=connie) == appeal
    decide(desk, appeal, "laurence", "lydia", "overturn")
    said = set()
    for made in (first, second, third):
        found = answers.case_of(workspace, made.id, actor=connie)
        assert found is not None
        assert found.id == appeal
        answers.answer(workspace, made.id, "overturned", actor=connie)
        letter = letters.make_letter(workspace, made.id, "review_answer", actor=connie)
        text = text_of(desk, letter)
        assert plain("A person reviewed the decision and changed it.") in text
        assert plain("Two reviews by different people are done.") in text
        said.add(text.split(plain("Decision before the review"))[1][:60])
    assert len(said) == 1


def test_an_answer_given_stands_until_the_appeal_is_decided(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    first = desk.ask_about_prediction("review")
    case = answers.open_case(workspace, first.id, actor=connie)
    decide(desk, case, "carl", "lydia", "uphold")
    answers.answer(workspace, first.id, "upheld", actor=connie)
    second = desk.ask_about_prediction("review")
    appeal = answers.open_case(workspace, second.id, actor=connie)
    found = answers.case_of(workspace, first.id, actor=connie)
    assert found is not None
    assert found.id == case
    stands = plain("A person reviewed the decision. It stands.")
    letter = letters.make_letter(workspace, first.id, "review_answer", actor=connie)
    assert stands in text_of(desk, letter)
    decide(desk, appeal, "laurence", "lydia", "overturn")
    letter = letters.make_letter(workspace, first.id, "review_answer", actor=connie)
    assert stands not in text_of(desk, letter)
