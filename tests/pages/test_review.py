"""The queue and the page of a case, as whoever works on them meets them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.components.desk import NAME
from app.screens.case import desk as case_desk
from app.screens.review import keys as review_keys
from core.domain.identity import Role
from core.domain.review import REASONS, CaseState, Verdict
from core.errors import InvalidInput
from core.i18n import translator
from core.services.review import claims, drafts, verdicts
from core.services.review.case_view import CaseView, case_view
from core.services.review.cases import read_case
from core.services.review.verdicts import Proposal
from tests.pages.conftest import Open
from tests.pages.reading import _elements, headings, html_of, links, sentences, states, texts
from tests.pages.test_language import english
from tests.support.harbour import Harbour
from tests.support.review_pages import ReviewRoom, a_review_room

EXPLAIN = "Explain this decision"


@pytest.fixture
def room(harbour: Harbour, tmp_path: Path) -> Iterator[ReviewRoom]:
    made = a_review_room(harbour, tmp_path / "home", cases=3)
    yield made
    made.workspace.store.close()


def desk_data(test: AppTest) -> dict[str, Any]:
    """Return what the widget was given."""
    found = [
        each.proto
        for each in _elements(test._tree.children.values())
        if getattr(each.proto, "component_name", "") == NAME
    ]
    assert len(found) == 1
    data = json.loads(found[0].json)
    assert isinstance(data, dict)
    return data


def queue_rows(test: AppTest) -> list[int]:
    return [int(each) for each in re.findall(r'data-hl-case="(\d+)"', html_of(test))]


def button(test: AppTest, label: str) -> Any:
    return next(each for each in test.button if each.label == label)


def labels(test: AppTest) -> list[str]:
    return [each.label for each in test.button]


def test_the_queue_says_what_waits_and_ranks_it(open_page: Open, room: ReviewRoom) -> None:
    test = open_page(room.workspace, room[Role.compliance], "review", lang="en")
    said = sentences(test)[0]
    assert said.startswith("3 cases wait for you. The next is due at ")
    assert queue_rows(test) == [1, 2, 3]  # each is due an hour after the one before
    html = html_of(test)
    assert "Near the cut-off" in html
    assert "R-000001" in html
    assert "left" in html
    assert "Claim next" in labels(test)
    assert "Check next" not in labels(test)
    assert desk_data(test)["next"] is True


def test_claim_next_takes_the_most_urgent_and_leads_to_it(
    open_page: Open, room: ReviewRoom
) -> None:
    test = open_page(room.workspace, room[Role.compliance], "review", lang="en")
    button(test, "Claim next").click().run()
    taken = read_case(room.workspace, 1, actor=room[Role.compliance])
    assert taken.is_mine
    assert "Open R\\-000001" in links(test)
    assert desk_data(test)["go"] == "1/1"
    assert "You have one case." in sentences(test)[0]
    assert queue_rows(test) == [2, 3]


def test_a_lead_begins_with_what_there_is_to_check(open_page: Open, room: ReviewRoom) -> None:
    workspace, maker = room.workspace, room[Role.compliance]
    case = claims.claim(workspace, 2, actor=maker)
    other = next(each for each in ("批核", "拒絕") if each != case.decision)
    verdicts.propose(
        workspace,
        2,
        Proposal(Verdict.overturn, other, "data_wrong", "收入屬去年。", ("稅單第二頁",)),
        actor=maker,
        revision=case.revision,
    )
    test = open_page(workspace, room[Role.compliance_lead], "review", lang="en")
    assert "One of them is for a check." in sentences(test)[0]
    assert queue_rows(test) == [2]
    button(test, "Check next").click().run()
    assert read_case(workspace, 2, actor=maker).state is CaseState.checking
    page = open_page(workspace, room[Role.compliance_lead], "case", lang="en", case="2")
    html = html_of(page)
    assert "What the maker says" in html
    assert "收入屬去年。" in html
    assert "稅單第二頁" in html
    data = desk_data(page)["case"]
    assert data["stage"] == "checker"
    assert [each["code"] for each in data["verdicts"]] == ["agree", "send_back", "escalate"]


def test_a_case_is_read_by_an_auditor_with_its_steps(open_page: Open, room: ReviewRoom) -> None:
    test = open_page(room.workspace, room[Role.auditor], "case", lang="en", case="R-000001")
    assert headings(test) == ["Case R-000001 · Small loans"]
    assert desk_data(test)["case"]["stage"] == "read"
    assert not {"Claim this case", "Check this case"} & set(labels(test))
    assert "came into the queue" in html_of(test)
    assert desk_data(test)["next"] is False


def test_a_case_shows_all_there_is_to_judge_by(open_page: Open, room: ReviewRoom) -> None:
    test = open_page(room.workspace, room[Role.compliance], "case", lang="en", case="1")
    html = html_of(test)
    for part in (
        "The model&#x27;s decision", "Why it is here", "Where it stands", "Values beside others",
        "Similar past cases", "This person before", "Logged reasons", "Notes and disputes",
        "Data quality and drift that day", "score &gt;= 0.4",
    ):  # fmt: skip
        assert part in html, part
    assert "of the 50 nearest" in html
    button(test, "Claim this case").click().run()
    assert desk_data(test)["case"]["stage"] == "maker"
    assert read_case(room.workspace, 1, actor=room[Role.compliance]).is_mine


def test_what_is_for_leads_is_offered_to_leads_only(open_page: Open, room: ReviewRoom) -> None:
    workspace, maker = room.workspace, room[Role.compliance]
    held = claims.claim(workspace, 1, actor=maker)
    verdicts.escalate(workspace, 1, text="Unsure", actor=maker, revision=held.revision)
    test = open_page(workspace, maker, "case", lang="en", case="1")
    assert "Claim this case" not in labels(test)
    assert "Appeals and escalated cases are for those who may check." in html_of(test)
    lead = open_page(workspace, room[Role.compliance_lead], "case", lang="en", case="1")
    assert "Claim this case" in labels(lead)


def test_a_draft_is_there_when_its_writer_opens_the_case_again(
    open_page: Open, room: ReviewRoom
) -> None:
    workspace, maker = room.workspace, room[Role.compliance]
    claims.claim(workspace, 1, actor=maker)
    body = {"verdict": "uphold", "reason_code": "", "text": "收入已核"}
    drafts.save_draft(workspace, 1, body, 4, actor=maker)
    data = desk_data(open_page(workspace, maker, "case", lang="en", case="1"))["case"]
    assert data["draft"]["text"] == "收入已核"
    assert data["number"] == data["saved_number"] == 4
    assert data["saved_at"]
    assert data["lease_left"] > 800
    other = open_page(workspace, room[Role.auditor], "case", lang="en", case="1")
    assert desk_data(other)["case"]["draft"] is None


def test_a_hidden_score_and_its_rule_are_not_on_the_page(
    open_page: Open, harbour: Harbour, tmp_path: Path
) -> None:
    from tests.support.review_pages import put_cases

    room = a_review_room(harbour, tmp_path / "home", cases=0)
    put_cases(room.workspace, harbour, 1, score_shown="after_own_view")
    maker = room[Role.compliance]
    score = float(harbour.loans.sort_values("scored_at").iloc[-1]["score"])
    claims.claim(room.workspace, 1, actor=maker)
    test = open_page(room.workspace, maker, "case", lang="en", case="1")
    html = html_of(test)
    assert "hidden until your own view" in html
    assert f"{score:.4f}" not in html
    assert "Near the cut-off" not in html
    assert desk_data(test)["case"]["stage"] == "own_view"
    assert EXPLAIN not in links(test)
    prediction = read_case(room.workspace, 1, actor=maker).prediction_id
    asked = {"lang": "en", "model": "loans", "prediction": prediction}
    hidden = open_page(room.workspace, maker, "decision", **asked)
    assert states(hidden) == ["This decision is reviewed without the model's score."]
    assert f"{score:.4f}" not in html_of(hidden)
    queue = open_page(room.workspace, maker, "review", lang="en", review_tab="mine")
    assert "Near the cut-off" not in html_of(queue)
    held = read_case(room.workspace, 1, actor=maker)
    verdicts.record_own_view(room.workspace, 1, Verdict.uphold, actor=maker, revision=held.revision)
    page = open_page(room.workspace, maker, "case", lang="en", case="1")
    assert EXPLAIN in links(page)
    after = html_of(page)
    assert f"{score:.4f}" in after
    assert "Near the cut-off" in after
    room.workspace.store.close()


@pytest.mark.parametrize("asked", ["999", "R-000999"])
def test_a_case_that_is_not_there_says_so(open_page: Open, room: ReviewRoom, asked: str) -> None:
    test = open_page(room.workspace, room[Role.compliance], "case", lang="en", case=asked)
    assert states(test) == ["There is no case 999 in your scope."]
    assert "<p>Choose one on the page Human review, or run" in html_of(test)


@pytest.mark.parametrize("asked", ["", "abc", "-1", "1 or 1", "９９"])
def test_what_is_no_case_leads_back_to_the_queue(
    open_page: Open, room: ReviewRoom, asked: str
) -> None:
    test = open_page(room.workspace, room[Role.compliance], "case", lang="en", case=asked)
    assert sentences(test)[0].startswith("No case is named.")
    assert "Back to the queue" in links(test)


@pytest.mark.parametrize("lang", ["zh-HK", "zh-CN"])
def test_queue_case_and_keys_are_chinese(open_page: Open, room: ReviewRoom, lang: str) -> None:
    workspace, maker = room.workspace, room[Role.compliance]
    for _ in range(2):
        shown = [
            *texts(open_page(workspace, maker, "review", lang=lang)),
            *texts(open_page(workspace, maker, "case", lang=lang, case="1")),
        ]
        allowed = re.compile(r"\(?score >= 0\.4\)?|\bR-\d+|HKT|\bsex\b|compliance")
        assert english([allowed.sub(" ", each) for each in shown]) == []
        claims.claim(workspace, 1, actor=maker)
    t = translator(lang)
    words = [
        text
        for stage in ("maker", "checker", "own_view", "read")
        for text in (
            *review_keys.words(t, stage).values(),
            *(each["does"] for each in review_keys.key_map(t, review_keys.CASE_KEYS[stage])),
        )
    ]
    words += [each["does"] for each in review_keys.key_map(t, review_keys.QUEUE_KEYS)]
    words += [
        each[name]
        for options in review_keys.reason_options(t).values()
        for each in options
        for name in ("label", "meaning")
    ]
    assert english([each.replace("{time}", "") for each in words]) == []


def test_every_reason_has_its_number_and_every_verdict_its_key() -> None:
    t = translator("en")
    options = review_keys.reason_options(t)
    assert {each["code"] for found in options.values() for each in found} == set(REASONS)
    assert [each["key"] for each in options["overturn"]] == list("123456")
    for stage in ("maker", "checker", "own_view"):
        keys = [each["key"] for each in review_keys.verdict_options(t, stage)]
        assert len(set(keys)) == len(keys)
        told = {key for each in review_keys.CASE_KEYS[stage] for key in each[0]}
        assert set(keys) <= told


def view_of(room: ReviewRoom, role: Role, case_id: int = 1) -> tuple[Any, CaseView]:
    ctx = SimpleNamespace(workspace=room.workspace, actor=room[role], t=translator("en"))
    return ctx, case_view(room.workspace, case_id, actor=room[role])


def test_what_the_widget_sends_is_checked_and_goes_to_its_service(room: ReviewRoom) -> None:
    maker, lead = room[Role.compliance], room[Role.compliance_lead]
    claims.claim(room.workspace, 1, actor=maker)
    ctx, view = view_of(room, Role.compliance)
    other = view.decisions[0]
    with pytest.raises(InvalidInput):
        case_desk.submit(ctx, view, {"body": {"verdict": "agree"}})
    with pytest.raises(InvalidInput):
        case_desk.submit(ctx, view, {"body": None})
    body = {
        "verdict": "overturn", "final_decision": other, "reason_code": "new_evidence",
        "text": "見文件。", "evidence": "文件一\n\n文件二", "stranger": "x" * 99_999,
    }  # fmt: skip
    given = {"body": body, "seconds": 41, "panes": ["similar", 7], "revision": view.case.revision}
    case_desk.submit(ctx, view, given)
    proposed = read_case(room.workspace, 1, actor=maker)
    assert proposed.state is CaseState.proposed
    assert proposed.proposed_decision == other
    claims.take_check(room.workspace, 1, actor=lead)
    checking, checked = view_of(room, Role.compliance_lead)
    step = next(each for each in checked.steps.found or () if each.action == "proposed")
    assert step.evidence == ("文件一", "文件二")
    case_desk.submit(
        checking, checked, {"body": {"verdict": "agree"}, "revision": checked.case.revision}
    )
    assert read_case(room.workspace, 1, actor=lead).final_decision == other


def test_asking_needs_a_day_and_escalating_needs_words(room: ReviewRoom) -> None:
    maker = room[Role.compliance]
    claims.claim(room.workspace, 1, actor=maker)
    ctx, view = view_of(room, Role.compliance)
    for body in (
        {"verdict": "ask", "text": "請補交文件", "follow_up_on": "tomorrow"},
        {"verdict": "escalate", "text": " "},
    ):
        with pytest.raises(InvalidInput):
            case_desk.submit(ctx, view, {"body": body, "revision": view.case.revision})
    body = {"verdict": "ask", "text": "請補交文件", "follow_up_on": "2199-01-05"}
    case_desk.submit(ctx, view, {"body": body, "revision": view.case.revision})
    assert read_case(room.workspace, 1, actor=maker).state is CaseState.awaiting_customer


def test_fields_of_a_draft_are_bounded() -> None:
    body = case_desk.body_of({"text": "字" * 9_000, "verdict": ["no"], "else": 1})
    assert set(body) == {
        "verdict", "reason_code", "final_decision", "follow_up_on", "text", "evidence",
    }  # fmt: skip
    assert len(body["text"]) == 4_000
