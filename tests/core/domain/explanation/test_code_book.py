"""What a code book may say, and what it is refused for."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.explanation import LANGUAGES, CodeFault, read_code_book
from core.domain.explanation.code_book import is_generic

FIELDS = ("loan_amount", "industry")


def entry(**changes: object) -> dict[str, Any]:
    return {
        "code": "LN01",
        "field": "loan_amount",
        "direction": "raises",
        "sentence": {
            "en": "You asked for {value}; usual is {usual}.",
            "zh-HK": "您申請 {value}；一般為 {usual}。",
            "zh-CN": "您申请 {value}；一般为 {usual}。",
        },
        **changes,
    }


def sentences(**changes: str) -> dict[str, str]:
    return {**entry()["sentence"], **changes}


def faults(*entries: object, protected: tuple[str, ...] = ()) -> tuple[CodeFault, ...]:
    book, found = read_code_book({"codes": list(entries)}, fields=FIELDS, protected=protected)
    assert (book is None) == bool(found)
    return found


def test_an_entry_says_its_sentence_with_the_persons_own_value() -> None:
    book, found = read_code_book({"codes": [entry()]}, fields=FIELDS)

    assert found == ()
    assert book is not None
    raises = book.of("loan_amount", "raises")
    assert raises is not None
    said = raises.filled("zh-HK", value="500,000 元", usual="80,000 元")
    assert said == "您申請 500,000 元；一般為 80,000 元。"


def test_a_value_with_braces_in_it_is_text() -> None:
    book, _ = read_code_book({"codes": [entry()]}, fields=FIELDS)

    assert book is not None
    said = book.entries[0].filled("en", value="{usual}", usual="{value}")
    assert said == "You asked for {usual}; usual is {value}."


def test_what_a_book_says_nothing_of_is_told() -> None:
    book, _ = read_code_book({"codes": [entry()]}, fields=FIELDS)

    assert book is not None
    assert book.missing(FIELDS) == (
        ("loan_amount", "lowers"),
        ("industry", "raises"),
        ("industry", "lowers"),
    )
    assert book.of("industry", "raises") is None


def test_a_book_reads_what_it_writes() -> None:
    book, _ = read_code_book({"codes": [entry()]}, fields=FIELDS)

    assert book is not None
    assert read_code_book(book.document(), fields=FIELDS) == (book, ())


@pytest.mark.parametrize("document", [None, [], {}, {"codes": []}, {"codes": "LN01"}, "codes"])
def test_a_document_without_codes_is_refused(document: object) -> None:
    assert read_code_book(document, fields=FIELDS) == (None, (CodeFault(0, "no_codes"),))


@pytest.mark.parametrize(
    ("given_entry", "kind", "found"),
    [
        ("LN01", "no_entry", ""),
        (entry(why="so"), "unknown_key", "why"),
        (entry(code="", field=None), "lacking", "code, field"),
        (entry(sentence={"en": "{value}"}), "lacking", "sentence.zh-HK, sentence.zh-CN"),
        (entry(code="ln01"), "odd_code", "ln01"),
        (entry(field="score"), "no_feature", "score"),
        (entry(direction="up"), "odd_direction", "up"),
        (entry(sentence=sentences(en="You asked for much.")), "no_value", "en"),
        (entry(sentence=sentences(en="{value} {name}")), "odd_hole", "en"),
        (entry(sentence=sentences(en="{value} {")), "odd_hole", "en"),
        (entry(sentence=sentences(en="{value}" + "x" * 240)), "too_long", "en"),
        (
            entry(sentence=sentences(en="Your score was too low: {value}.")),
            "generic",
            "Your score was too low: {value}.",
        ),
    ],
)
def test_a_wrong_entry_is_named_with_its_fault(given_entry: object, kind: str, found: str) -> None:
    assert faults(given_entry) == (CodeFault(1, kind, found),)


def test_every_fault_of_every_entry_is_told() -> None:
    assert faults(entry(), entry(direction="lowers"), entry(code="LN02")) == (
        CodeFault(2, "code_twice", "LN01"),
        CodeFault(3, "reason_twice", "loan_amount raises"),
    )


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("sex", "Of your sex, {value}."),
        ("Race", "Your race counts: {value}."),
        ("性別", "{value} 性別"),
    ],
)
def test_no_sentence_names_a_protected_column(word: str, sentence: str) -> None:
    wrong = entry(sentence=sentences(en=sentence))
    assert faults(wrong, protected=("age", word)) == (CodeFault(1, "protected", word),)


def test_a_protected_word_within_another_is_no_fault() -> None:
    fine = entry(sentence=sentences(en="Averages of your Essex branch: {value}."))
    assert faults(fine, protected=("age", "sex", "")) == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "Your credit score is too low.",
        "Insufficient score",
        "You did not meet our credit criteria.",
        "Declined by internal policy",
        "The algorithm decided so.",
        "閣下的評分過低",
        "您的评分未达到",
        "未能符合本行的準則",
        "不符合标准",
        "根據內部政策",
    ],
)
def test_what_could_be_said_to_anybody_is_generic(sentence: str) -> None:
    assert is_generic(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "You asked for {value}.",
        "The share guaranteed, {value}, is lower than usual ({usual}).",
        "擔保比例為 {value}，一般為 {usual}。",
        "The bank is in another state: {value}.",
    ],
)
def test_what_is_said_of_one_person_is_not_generic(sentence: str) -> None:
    assert not is_generic(sentence)


@given(st.text(alphabet=st.characters(exclude_characters="{}"), max_size=60), st.text(max_size=30))
def test_filling_changes_nothing_but_the_holes(around: str, value: str) -> None:
    text = f"{around}{{value}}"
    given_entry = entry(sentence=dict.fromkeys(LANGUAGES, text))
    book, found = read_code_book({"codes": [given_entry]}, fields=FIELDS)
    if found:
        assert {each.kind for each in found} <= {"generic"}
        return
    assert book is not None
    filled = book.entries[0].filled("en", value=value, usual="")
    assert filled == f"{around}{{value}}".strip().replace("{value}", value)
