"""A template has every part in every language, and names what it has to name."""

from typing import Any

import pytest

from core.domain.explanation import LANGUAGES
from core.domain.explanation.letter_template import PARTS, read_template


def a_template(**parts: str) -> dict[str, Any]:
    words = {part: "Words about {model}." if part == "opening" else "Words." for part in PARTS}
    return {each: dict(words, **parts) for each in LANGUAGES}


def faults_of(document: object) -> set[tuple[str, str]]:
    template, faults = read_template(document)
    assert template is None
    return {(each.place, each.kind) for each in faults}


def test_a_good_one_is_read_and_filled() -> None:
    template, faults = read_template(a_template())
    assert template is not None
    assert faults == ()
    assert template.filled("zh-HK", "opening", model="Loans") == "Words about Loans."
    assert template.document() == a_template()


def test_words_of_a_value_are_no_braces() -> None:
    template, _ = read_template(a_template())
    assert template is not None
    assert template.filled("en", "opening", model="{model}") == "Words about {model}."


@pytest.mark.parametrize("part", sorted(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_part_can_be_left_out(language: str, part: str) -> None:
    lacking, empty = a_template(), a_template()
    del lacking[language][part]
    empty[language][part] = "  "
    assert faults_of(lacking) == faults_of(empty) == {(f"{language}.{part}", "lacking")}


@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        ({"opening": "Words."}, "unnamed"),
        ({"greeting": "Dear {name},"}, "odd_hole"),
        ({"greeting": "Dear {,"}, "odd_hole"),
        ({"closing": "x" * 601}, "too_long"),
        ({"advert": "Words."}, "unknown_part"),
    ],
)
def test_each_fault_is_named(parts: dict[str, str], kind: str) -> None:
    (part,) = parts
    assert faults_of(a_template(**parts)) == {(f"{each}.{part}", kind) for each in LANGUAGES}


def test_another_language_is_refused() -> None:
    assert ("fr", "unknown_language") in faults_of(a_template() | {"fr": {}})


@pytest.mark.parametrize("document", [None, [], "text", {}, {"en": "text"}])
def test_anything_else_is_no_template(document: object) -> None:
    assert ("en.opening", "lacking") in faults_of(document)
