"""How hard a text is to read: by the published formula, counted by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.explanation.readable import grade_of, longest_sentence, syllables_of


@pytest.mark.parametrize(
    ("word", "count"),
    [("loan", 1), ("decision", 3), ("made", 1), ("table", 2), ("agree", 2), ("the", 1), ("I", 1)],
)
def test_syllables_are_groups_of_vowels(word: str, count: int) -> None:
    assert syllables_of(word) == count


def test_the_grade_is_that_of_the_formula() -> None:
    # we made the de-ci-sion, ask a per-son: 7 words of 10 syllables in 2 sentences
    texts = ["We made the decision.", "Ask a person. 42"]
    words, sentences, syllables = 7, 2, 10
    expected = 0.39 * words / sentences + 11.8 * syllables / words - 15.59
    assert grade_of(texts) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "grade"),
    [
        (
            "These reasons are from the model itself. We ran it again on your data, and it gave "
            "the same result.",
            3.650,
        ),
        (
            "You may ask us for a copy of the data that we hold about you, and ask us to correct "
            "what is wrong. For both, the Personal Data (Privacy) Ordinance allows us 40 days.",
            7.005,  # counts 40 as a word
        ),
        (
            "If you do not agree, write to us and quote the reference above. You may object, tell "
            "us what we did not know, and ask that a person who has not dealt with your case "
            "looks at it.",
            5.483,
        ),
    ],
)
def test_the_grade_is_near_that_of_another_program(text: str, grade: float) -> None:
    """As textstat 0.7.13 has it with the syllables of the CMU Pronouncing Dictionary 1.1.3."""
    assert grade_of([text]) == pytest.approx(grade, abs=0.1)


def test_one_long_sentence_is_harder_than_two_short_ones() -> None:
    assert grade_of(["We looked. We found none."]) < grade_of(["We looked we found none."])


def test_texts_without_words_have_no_grade() -> None:
    assert grade_of([]) == grade_of(["42 %", "贷款"]) == 0


def test_a_chinese_sentence_ends_where_it_ends() -> None:
    assert longest_sentence(["以上理由來自模型。我們再次運算！", "一 二"]) == 8
    assert longest_sentence([]) == 0


@given(st.lists(st.text(alphabet="一二三。？ ", max_size=30)))
def test_no_sentence_is_longer_than_its_text(texts: list[str]) -> None:
    assert longest_sentence(texts) <= max((len(each) for each in texts), default=0)
