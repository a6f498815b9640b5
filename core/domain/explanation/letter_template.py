"""The fixed words of a letter about a decision, in three languages.

Every part has to be there in every language, so that no change of the words takes away a way to
object. What is particular to a decision is written by the program and is no part of it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.domain.explanation.code_book import LANGUAGES

PARTS: Mapping[str, frozenset[str]] = {
    "greeting": frozenset(),
    "opening": frozenset({"model"}),
    "data": frozenset(),
    "review": frozenset(),
    "complain": frozenset(),
    "withheld": frozenset(),
    "closing": frozenset(),
}
"""Part → what it has to name in braces."""
LONGEST_PART = 600
_HOLE = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class LetterTemplate:
    """The fixed words of a letter.

    Parameters
    ----------
    words : Mapping of str to Mapping of str to str
        Language → part → text.
    """

    words: Mapping[str, Mapping[str, str]]

    def filled(self, language: str, part: str, **values: str) -> str:
        """Return a part in a language, with what it names in braces."""
        return _HOLE.sub(lambda hole: values[hole[1]], self.words[language][part])

    def document(self) -> dict[str, object]:
        """Return the template as JSON has it."""
        return {each: {part: self.words[each][part] for part in PARTS} for each in LANGUAGES}


@dataclass(frozen=True, slots=True)
class TemplateFault:
    """What is wrong with a template.

    Parameters
    ----------
    place : str
        Language and part, such as ``zh-HK.opening``.
    kind : str
        A key of :data:`core.services.explanation.letter_words.TEMPLATE_FAULTS`.
    found : str
        What is there, or is lacking.
    """

    place: str
    kind: str
    found: str = ""


def read_template(document: object) -> tuple[LetterTemplate | None, tuple[TemplateFault, ...]]:
    """Return the template of a document, or all that is wrong with it.

    Parameters
    ----------
    document : object
        ``{language: {part: text}}`` with every language and every part.
    """
    given = document if isinstance(document, Mapping) else {}
    faults = [
        TemplateFault(str(each), "unknown_language") for each in given if each not in LANGUAGES
    ]
    words: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        parts = given.get(language)
        parts = parts if isinstance(parts, Mapping) else {}
        faults += _wrong_keys(language, parts)
        words[language] = {part: _text(parts.get(part)) for part in PARTS}
        for part, text in words[language].items():
            faults += _wrong_part(f"{language}.{part}", text, PARTS[part])
    return (None, tuple(faults)) if faults else (LetterTemplate(words), ())


def _text(given: object) -> str:
    return " ".join(given.split()) if isinstance(given, str) else ""


def _wrong_keys(language: str, parts: Mapping[object, object]) -> Iterator[TemplateFault]:
    for each in parts:
        if each not in PARTS:
            yield TemplateFault(f"{language}.{each}", "unknown_part")


def _wrong_part(place: str, text: str, named: frozenset[str]) -> Iterator[TemplateFault]:
    if not text:
        yield TemplateFault(place, "lacking")
        return
    holes = set(_HOLE.findall(text))
    for each in sorted(named - holes):
        yield TemplateFault(place, "unnamed", each)
    if holes - named or set(_HOLE.sub("", text)) & set("{}"):
        yield TemplateFault(place, "odd_hole", ", ".join(sorted(holes - named)) or "{ }")
    if len(text) > LONGEST_PART:
        yield TemplateFault(place, "too_long", str(len(text)))
