"""The model cards in docs/samples: three languages, one set of facts, no name of a real person."""

import re

import pypdf
import pytest

from core.i18n.locales import LOCALES, Locale
from docs.sample_cards import SAMPLES

HEADINGS = {
    "en": ("What it is for", "Must not be used for", "Retention"),
    "zh-HK": ("用途", "不得用於", "保存期"),
    "zh-CN": ("用途", "不得用于", "保存期"),
}
# Of the facts: on the first page, before that of the contract.
_DIGEST = re.compile(r"SHA-256(?:ofthefacts)?([0-9a-f]{64})")


def text_of(language: Locale) -> str:
    reader = pypdf.PdfReader(SAMPLES / f"model-card-{language}.pdf")
    return "".join("".join(each.extract_text().split()) for each in reader.pages)


@pytest.mark.parametrize("language", LOCALES)
def test_each_language_has_its_own_words_and_says_what_is_simulated(language: Locale) -> None:
    found = text_of(language)
    for heading in HEADINGS[language]:
        assert "".join(heading.split()) in found
    assert "(simulated)" in found
    assert "sba-loan-default" in found


def test_all_carry_the_same_facts() -> None:
    found = [_DIGEST.search(text_of(language)) for language in LOCALES]
    digests = {each.group(1) for each in found if each}
    assert all(found)
    assert len(digests) == 1
