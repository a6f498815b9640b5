"""The demo's code book: a sentence for each field, direction and language."""

import opencc
import pandas as pd
import pytest

from core.contract import load_contract
from core.domain.explanation import LANGUAGES, CodeBook, read_code_book
from core.domain.explanation.code_book import DIRECTIONS
from core.services.explanation.code_books import code_book_document
from data.build.common import DEMO

FOLDER = DEMO / "sba-loan-default"
CONTRACT = load_contract(FOLDER / "model.yaml")
SENTENCES_OF_NUMBERS = {"loan_amount", "guaranteed_share", "employees"}


@pytest.fixture(scope="module")
def book() -> CodeBook:
    fields = [each.name for each in CONTRACT.features]
    found, faults = read_code_book(code_book_document(FOLDER / "code_book.yaml"), fields=fields)
    assert faults == ()
    assert found is not None
    return found


def test_it_has_both_directions_of_every_feature(book: CodeBook) -> None:
    wanted = {(each.name, direction) for each in CONTRACT.features for direction in DIRECTIONS}
    assert {(each.field, each.direction) for each in book.entries} == wanted
    assert len(book.entries) == 22


def test_what_is_usual_is_told_of_numbers_alone(book: CodeBook) -> None:
    """The most frequent industry or state is no measure for anybody else's."""
    for each in book.entries:
        told = {"{usual}" in each.sentence[language] for language in LANGUAGES}
        assert told == {each.field in SENTENCES_OF_NUMBERS}


def test_the_two_directions_say_different_things(book: CodeBook) -> None:
    for feature in CONTRACT.features:
        up, down = (book.of(feature.name, direction) for direction in DIRECTIONS)
        assert up is not None
        assert down is not None
        for language in LANGUAGES:
            assert up.sentence[language] != down.sentence[language]
        assert "higher" in up.sentence["en"]
        assert "lower" in down.sentence["en"]


def test_each_language_keeps_to_its_characters(book: CodeBook) -> None:
    to_traditional, to_simplified = opencc.OpenCC("s2t"), opencc.OpenCC("t2s")
    texts = [(each.sentence["zh-HK"], each.sentence["zh-CN"]) for each in book.entries]
    labels = [label for each in CONTRACT.features for label in each.value_labels.values()]
    texts += [(label.zh_hant, label.zh_hans) for label in labels]
    for traditional, simplified in texts:
        assert to_traditional.convert(traditional) == traditional
        assert to_simplified.convert(simplified) == simplified


def test_every_category_that_the_model_met_has_a_name() -> None:
    """A state's code is what people call it."""
    rows = pd.concat(
        [pd.read_parquet(FOLDER / f"{each}.parquet") for each in ("training", "predictions")]
    )
    for feature in CONTRACT.features:
        if feature.type == "categorical" and feature.name != "state":
            assert set(feature.value_labels) == set(rows[feature.name].dropna()), feature.name
