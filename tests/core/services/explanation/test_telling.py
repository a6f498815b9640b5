"""Explanations in three languages, with personal values only where they belong."""

from dataclasses import replace

import pytest

from core.contract import contract_from_text
from core.domain.explanation import read_code_book
from core.domain.explanation.record import (
    Attributions,
    Change,
    ExplanationRecord,
    OtherResult,
    OtherResults,
    Part,
    Reason,
    Rule,
    Subject,
)
from core.i18n import translator
from core.services.explanation.telling import shown, told_changes, told_reasons, value_text
from core.services.personal.names import MASK
from tests.support.builders import contract_document, contract_text
from tests.support.fakes import FakeClock
from tests.support.reasons import code_book

LABELS = {"A1": {"en": "Farming", "zh-HK": "農業", "zh-CN": "农业"}}
CONTRACT = contract_from_text(
    contract_text(
        features=[
            {"name": "loan amount", "type": "numeric", "unit": "HKD", "label": "Amount"},
            {"name": "industry", "type": "categorical", "value_labels": LABELS},
            {"name": "age", "type": "numeric", "personal": True},
        ]
    )
)
BOOK = read_code_book(
    code_book("loan amount", "industry", "age"), fields=["loan amount", "industry", "age"]
)[0]


@pytest.fixture
def record() -> ExplanationRecord:
    now = FakeClock()()
    about = Subject("loans", "L1", "s", "", "1", now, "decline", 0.5, 1000.0)
    parts = (
        Part("loan amount", 500_000.0, 80_000.0, 0.75),
        Part("industry", "A1", None, -0.25),
        Part("age", 23.0, 41.0, 0.25),
    )
    reasons = (
        Reason("R001", "loan amount", "raises", 0.75, 0.75),
        Reason("R005", "age", "raises", 0.25, 0.25),
    )
    other = OtherResult(
        (Change("loan amount", 500_000.0, 400_000.0), Change("age", 23.0, 24.0)), (), 0.3, 1.0, 0.5
    )
    return ExplanationRecord(
        subject=about,
        rule=Rule(),
        source="model",
        why="",
        code_book=1,
        made_at=now,
        made_by="p",
        salt="00",
        attributions=Attributions("tree", "log_odds", 0.0, 0.75, parts),
        reasons=reasons,
        others=OtherResults((other,)),
    )


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en", "loan amount: HK$500,000, usually HK$80,000"),
        ("zh-HK", "loan amount：HK$500,000，一般為 HK$80,000"),
        ("zh-CN", "loan amount：HK$500,000，一般为 HK$80,000"),
    ],
)
def test_a_reason_names_the_persons_own_value(
    record: ExplanationRecord, locale: str, said: str
) -> None:
    assert BOOK is not None
    first, second = told_reasons(translator(locale), CONTRACT, BOOK, record)
    assert (first.code, first.sentence, first.share) == ("R001", said, 0.75)
    assert MASK in second.sentence
    assert "23" not in second.sentence


def test_a_letter_to_the_person_has_personal_values(record: ExplanationRecord) -> None:
    assert BOOK is not None
    told = told_reasons(translator("en"), CONTRACT, BOOK, record, masked=False)
    assert told[1].sentence == "age: 23, usually 41"


def test_a_reason_without_a_code_is_told_plainly(record: ExplanationRecord) -> None:
    book, _ = read_code_book(code_book("industry"), fields=["industry"])
    assert book is not None
    uncoded = replace(record, reasons=(replace(record.reasons[0], code=""),))
    (told,) = told_reasons(translator("zh-HK"), CONTRACT, book, uncoded)
    assert (told.code, told.sentence) == ("", "Amount：HK$500,000；一般為 HK$80,000")


def test_changes_are_told_field_by_field(record: ExplanationRecord) -> None:
    (told,) = told_changes(translator("en"), CONTRACT, record)
    assert told.score == 0.3
    assert told.changes == (
        "Amount: HK$400,000 instead of HK$500,000",
        f"age: {MASK} instead of {MASK}",
    )
    assert told_changes(translator("en"), CONTRACT, replace(record, others=None)) == ()


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "Farming"), ("zh-HK", "農業"), ("zh-CN", "农业")]
)
def test_categories_and_missing_values_have_words(locale: str, said: str) -> None:
    t = translator(locale)
    assert value_text(t, CONTRACT, "industry", "A1", masked=True) == said
    assert value_text(t, CONTRACT, "industry", "Z9", masked=True) == "Z9"
    assert value_text(t, CONTRACT, "industry", None, masked=True) == t("not given")


def test_nothing_personal_is_shown(record: ExplanationRecord) -> None:
    found = shown(CONTRACT, record)

    assert found.attributions is not None
    assert found.others is not None
    assert [each.value for each in found.attributions.parts] == [500_000.0, "A1", MASK]
    assert [each.usual for each in found.attributions.parts] == [80_000.0, None, MASK]
    assert [each.after for each in found.others.found[0].changes] == [400_000.0, MASK]
    assert "23" not in str(found.document()["attributions"])
    assert replace(found, attributions=None, others=None) == replace(
        record, attributions=None, others=None, salt=""
    )


def test_ids_and_amounts_are_masked_where_they_are_personal(record: ExplanationRecord) -> None:
    columns = [{"name": each, "type": "text", "personal": True} for each in ("loan_id", "amount")]
    personal = contract_from_text(
        contract_text(
            features=[
                each.model_dump(by_alias=True, exclude_none=True) for each in CONTRACT.features
            ],
            columns=columns,
        )
    )
    assert personal.is_personal("@prediction_id")
    assert shown(personal, record).subject.prediction_id == MASK
    assert shown(CONTRACT, record).subject.prediction_id == "L1"


def test_a_personal_score_is_shown_in_no_form(record: ExplanationRecord) -> None:
    log = {**contract_document()["log"], "score": "score"}
    columns = [{"name": "score", "type": "numeric", "personal": True}]
    features = [each.model_dump(by_alias=True, exclude_none=True) for each in CONTRACT.features]
    personal = contract_from_text(contract_text(features=features, columns=columns, log=log))
    found = shown(personal, record)

    assert personal.is_personal("@score")
    assert found.subject.score is None
    assert (found.rescored, found.attributions, found.standing, found.others) == (None,) * 4
    assert found.reasons == ()
