"""Each sentence of a letter only where the record bears it out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from core.contract import ModelContract
from core.i18n import translator
from core.services.rights import answers, letters, snapshots
from core.services.rights.common import local_day
from core.services.rights.letter_facts import LetterFacts
from core.services.rights.letter_texts import letter_page
from core.services.routing.declared import level_at
from core.store.models import SpecRevision
from core.store.rights import requests
from tests.core.services.rights.test_papers import plain, text_of
from tests.core.services.rights.test_review import decide
from tests.support.builders import contract_text
from tests.support.desk import Desk

DAY = date(2026, 3, 2)
FACTS = LetterFacts(
    "RQ-000001", "review", DAY, DAY, DAY, outcome="upheld", decision="approve",
    final_decision="approve", columns=("amount",),
)  # fmt: skip
ANOTHER_PERSON = "A person who has not dealt with your case before will look at it."


def said(template: str, **changes: object) -> str:
    page = letter_page(translator("en"), template, replace(FACTS, **changes))  # type: ignore[arg-type]
    return " ".join((*page.paragraphs, *page.ways_on))


def test_only_a_first_answer_promises_another_person() -> None:
    assert ANOTHER_PERSON in said("review_answer")
    for template in ("explanation", "access_cover", "dispute_note"):
        assert ANOTHER_PERSON not in said(template)
    for template in ("review_answer", "explanation"):
        last = said(template, is_last=True)
        assert "We do not review this decision again" in last
        assert "Privacy Commissioner" in last
        assert ANOTHER_PERSON not in last
        assert "If you do not agree" not in last


@pytest.mark.parametrize("kind", ["access", "review"])
def test_a_day_is_aimed_at_and_not_promised(kind: str) -> None:
    told = said("acknowledgement", kind=kind, is_statutory=kind == "access")
    assert "We aim to answer by 2 Mar 2026." in told
    assert "You will have" not in told
    assert ("allows 40 days" in told, "our own" in told) == (kind == "access", kind == "review")


def test_nothing_is_said_of_what_the_reviewer_saw() -> None:
    assert "all data" not in said("review_answer")
    assert "free to decide otherwise" in said("review_answer")


@pytest.mark.parametrize(
    ("before", "after", "stands"),
    [("approve", "approve", True), ("decline", "approve", False), ("approve", "decline", False)],
)
def test_what_stands_is_what_the_two_decisions_say(before: str, after: str, stands: bool) -> None:
    told = said("review_answer", decision=before, final_decision=after)
    assert ("It stands." in told) == stands


def test_a_copy_is_enclosed_only_if_one_was_made() -> None:
    assert "enclosed" not in said("correction_done")
    assert "when your request came in is enclosed" in said("correction_done", is_copy_made=True)


def test_weights_are_not_recorded_only_if_they_are_not() -> None:
    assert "is not recorded with this decision" in said("explanation")
    told = said("explanation", is_weighed=True)
    assert "not recorded" not in told
    assert "part of the copy" in told
    columns = [SimpleNamespace(name="shap_income"), SimpleNamespace(name="reason_1")]
    contract = cast("ModelContract", SimpleNamespace(columns=columns))
    assert letters._is_weighed(contract, {"shap_income": 0.2})
    assert not letters._is_weighed(contract, {"shap_income": None, "reason_1": "R2", "shap_x": 1.0})


def test_nothing_held_says_when_we_looked(desk: Desk) -> None:
    connie = desk["connie"]
    made = desk.ask_identified("access", reference="CUST-NOBODY")
    snapshots.freeze(desk.workspace, made.id, actor=connie)
    looked = translator("en").date(local_day(desk.clock.now))
    desk.clock.now += timedelta(days=3)
    answers.answer(desk.workspace, made.id, "nothing_held", actor=connie)
    letter = letters.make_letter(desk.workspace, made.id, "access_cover", actor=connie)
    told = text_of(desk, letter)
    assert plain(f"When we looked on {looked}, the logs") in told


def test_the_letter_takes_the_decision_from_the_case(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    made = desk.ask_about_prediction("review")
    case_id = answers.open_case(workspace, made.id, actor=connie)
    final = decide(desk, case_id, "carl", "lydia", "overturn")
    answers.answer(workspace, made.id, "overturned", actor=connie)
    with workspace.store.read() as conn:
        record = replace(requests.get(conn, made.id), prediction_id="L000077")
    facts = letters._facts(workspace, record, "review_answer", "", False, actor=connie)
    assert (facts.decision, facts.final_decision) == (final.decision, "decline")
    assert not facts.is_last


def test_an_appeal_is_told_against_what_people_had_decided(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    for maker, verdict in (("carl", "overturn"), ("laurence", "uphold")):
        made = desk.ask_about_prediction("review")
        opened = answers.open_case(workspace, made.id, actor=connie)
        decide(desk, opened, maker, "lydia", verdict)
    answers.answer(workspace, made.id, "upheld", actor=connie)
    told = text_of(desk, letters.make_letter(workspace, made.id, "review_answer", actor=connie))
    assert plain("A person reviewed the decision and changed it.") in told
    assert plain("We do not review this decision again") in told
    assert plain(ANOTHER_PERSON) not in told


def test_who_decided_is_said_from_the_record(desk: Desk) -> None:
    workspace, connie = desk.workspace, desk["connie"]
    asked = desk.ask_about_prediction("explanation")

    def explained() -> str:
        return text_of(desk, letters.make_letter(workspace, asked.id, "explanation", actor=connie))

    nobody = plain("Our records hold no final decision by a person about it.")
    assert nobody in explained()
    made = desk.ask_about_prediction("review")
    case_id = answers.open_case(workspace, made.id, actor=connie)
    assert nobody in explained()  # a case that waits has decided nothing
    final = decide(desk, case_id, "carl", "lydia", "overturn")
    assert final.final_at is not None
    day = translator("en").date(local_day(final.final_at))
    desk.clock.now += timedelta(days=3)
    people = plain(f"A person looked at the result of the model and decided on {day}.")
    answers.answer(workspace, made.id, "overturned", actor=connie)
    review = letters.make_letter(workspace, made.id, "review_answer", actor=connie)
    for told in (explained(), text_of(desk, review)):
        assert people in told
        assert nobody not in told
        assert plain("Decision after the review") in told


@pytest.mark.parametrize(
    ("level", "role", "rule"),
    [
        ("in_the_loop", "The model gave advice.", "only once a person has decided"),
        ("in_command", "sort cases (triage).", "people watch its results and can step in"),
        ("out_of_the_loop", "The model decided.", "its results take effect without a person"),
        (None, "The model decided.", "Our records do not say how people watched the model then."),
    ],
)
def test_a_level_is_told_as_a_role_and_a_rule(level: str | None, role: str, rule: str) -> None:
    told = said("explanation", oversight_level=level)
    assert rule in told
    assert f"{role} Our records hold no final decision by a person" in told
    people = said("explanation", oversight_level=level, people_decided_on=DAY)
    assert rule in people
    assert "The model decided" not in people
    assert (role in people) == (level in {"in_the_loop", "in_command"})


def test_the_rule_is_that_of_the_day_of_the_prediction() -> None:
    first = datetime(2026, 1, 5, tzinfo=UTC)
    revisions = [
        SimpleNamespace(
            spec_text=contract_text(versions=[{"id": "1", "oversight_level": level}]),
            registered_at=first + timedelta(days=days),
        )
        for days, level in ((0, "in_command"), (9, "in_the_loop"))
    ]
    spans = cast("list[SpecRevision]", revisions)
    assert level_at(spans, "1", first + timedelta(days=8)) == "in_command"
    assert level_at(spans, "1", first + timedelta(days=9)) == "in_the_loop"
    assert level_at(spans, "1", first - timedelta(days=9)) == "in_command"
    assert level_at(spans, "other", first) is None


def test_letters_promise_a_note_only_where_it_is_seen() -> None:
    told = said("dispute_note", text="I paid."), said("refusal", ground="opinion", reasons="–")
    for each in told:
        assert "whoever sees the score" not in each
        assert "wherever these are shown" not in each
        assert "whoever reviews the decision here sees" in each.lower()
