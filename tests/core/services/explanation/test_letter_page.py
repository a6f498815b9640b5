"""Each sentence of a letter only where the record, or the log of reviews, bears it out."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from core.contract import ModelContract
from core.contract.load import load_contract
from core.contract.origins import Disclosure
from core.domain.explanation.record import (
    LOGGED,
    NONE,
    ExplanationRecord,
    OtherResults,
    Rule,
    Subject,
)
from core.i18n import translator
from core.metrics.counterfactual import Nothing
from core.reports.decision_letter import DecisionLetter
from core.services.explanation.letter_page import Circumstances, letter_page, source_text
from core.services.explanation.letter_words import NO_OTHER, NOT_ASKED
from core.services.explanation.other_results import NO_POLICY, NOT_ADVERSE
from core.services.explanation.templates import _shipped
from core.services.rights.letter_texts import LAST
from tests.support.demo_slices import DEMO, LOANAPP

AT = datetime(2006, 2, 9, 20, 41, tzinfo=UTC)
RECORD = ExplanationRecord(
    subject=Subject(LOANAPP, "A1", "s1", "", "a", AT, "decline", 0.5, None),
    rule=Rule(),
    source=LOGGED,
    why="",
    code_book=1,
    made_at=AT,
    made_by="p-1",
    salt="00",
)
AROUND = Circumstances("LT-00000-00000", date(2026, 3, 2))
ANOTHER_PERSON = "a person who has not dealt with your case"


@pytest.fixture(scope="module")
def contract() -> ModelContract:
    return load_contract(DEMO / LOANAPP / "model.yaml")


def written(
    contract: ModelContract, language: str = "en", record: ExplanationRecord = RECORD, **around: Any
) -> DecisionLetter:
    return letter_page(
        translator(language), contract, _shipped(), record, (), replace(AROUND, **around)
    )


def said(letter: DecisionLetter) -> str:
    return " ".join(letter.sentences())


def test_that_nobody_decided_is_said_from_the_log_of_reviews(contract: ModelContract) -> None:
    letter = written(contract)
    assert "Our records hold no final decision by a person" in said(letter)
    assert "Decision after the review" not in dict(letter.facts)


def test_what_people_decided_stands_beside_what_was_decided_before(
    contract: ModelContract,
) -> None:
    letter = written(contract, people_decided_on=date(2026, 2, 1), final_decision="approve")
    facts = dict(letter.facts)
    assert (facts["Decision"], facts["Decision after the review"]) == ("declined", "approved")
    assert "decided on 1 Feb 2026" in facts["Role of the model"]


def test_after_the_last_review_no_further_person_is_promised(contract: ModelContract) -> None:
    assert ANOTHER_PERSON in said(written(contract))
    last = said(written(contract, is_last=True))
    assert ANOTHER_PERSON not in last
    assert LAST in last


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Race, Sex, Marital status, Age"),
        ("zh-HK", "種族、性別、婚姻狀況、年齡"),
        ("zh-CN", "种族、性别、婚姻状况、年龄"),
    ],
)
def test_protected_columns_are_told_by_their_labels_or_by_what_people_call_them(
    contract: ModelContract, language: str, told: str
) -> None:
    name = translator(language)("Data that the model was never given")
    assert dict(written(contract, language).facts)[name] == told


def test_a_protected_column_that_nobody_named_is_told_as_the_log_has_it(
    contract: ModelContract,
) -> None:
    odd = contract.model_copy(
        update={"protected": ("Marital-Status", "blood_group"), "fairness": None}
    )
    told = dict(written(odd, "zh-HK").facts)["從未輸入模型的資料"]
    assert told == "婚姻狀況、blood_group"


TOLD = {"en": "A model helps.", "zh-HK": "模型協助。", "zh-CN": "模型协助。"}


@pytest.mark.parametrize(
    ("start", "simulated", "told"),
    [
        (date(2006, 2, 9), False, "申請表，第 d1 版：「模型協助。」"),
        (date(2006, 2, 9), True, "申請表，第 d1 版：「模型協助。」以上文字屬示範用的虛構內容。"),
        (date(2006, 2, 10), False, "本機構沒有當時告知文字的紀錄。"),
    ],
)
def test_what_customers_were_told_before_is_quoted_with_its_version(
    contract: ModelContract, start: date, simulated: bool, told: str
) -> None:
    """The decision was made on 9 February in Boston, which is 10 February in Hong Kong."""
    said = Disclosure.model_validate(
        {
            "id": "d1",
            "from": start,
            "channel": {"en": "Form", "zh-HK": "申請表"},
            "text": TOLD,
            "simulated": simulated,
        }
    )
    telling = contract.model_copy(update={"disclosure": (said,)})
    assert dict(written(telling, "zh-HK").facts)["事前向客戶的告知"] == told


def test_without_such_a_text_in_the_contract_the_letter_has_no_such_line(
    contract: ModelContract,
) -> None:
    assert "What we told customers before" not in dict(written(contract).facts)


def test_of_a_contract_that_protects_nothing_nothing_is_said(contract: ModelContract) -> None:
    bare = contract.model_copy(update={"protected": ()})
    assert "Data that the model was never given" not in dict(written(bare).facts)


def test_every_reason_for_no_other_result_has_its_words() -> None:
    assert set(NO_OTHER) == {*Nothing, NO_POLICY, NOT_ADVERSE}


@pytest.mark.parametrize("why", sorted(NO_OTHER))
def test_that_no_other_result_is_named_is_said_with_the_reason(
    contract: ModelContract, why: str
) -> None:
    letter = written(contract, record=replace(RECORD, others=OtherResults((), why)))
    headings = [each.heading for each in letter.sections]
    assert ("What would have led to another result" in headings) == bool(NO_OTHER[why])
    assert NO_OTHER[why] in said(letter)


def test_what_the_log_added_up_was_not_asked_for_another_result(contract: ModelContract) -> None:
    assert NOT_ASKED in said(written(contract))


def test_without_an_explanation_no_source_is_claimed() -> None:
    assert source_text(translator("en"), replace(RECORD, source=NONE)) == ""
    assert "log" in source_text(translator("en"), RECORD)
