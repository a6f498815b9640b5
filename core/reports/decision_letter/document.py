"""What a letter about a decision says: texts only, the same for every format."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a letter.

    Parameters
    ----------
    heading : str
        What it is about.
    lines : tuple of str
        A list.
    paragraphs : tuple of str
        Sentences after it.
    """

    heading: str
    lines: tuple[str, ...] = ()
    paragraphs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionLetter:
    """A letter about a decision, in one language.

    Parameters
    ----------
    language : str
        BCP 47 tag.
    sender : tuple of str
        Who writes: name, then where to answer; empty on paper that says so itself.
    date, reference, title, greeting, opening : str
        The head; the reference with the word before it.
    facts : tuple of (str, str)
        What a reader looks up: name and value.
    sections : tuple of Section
        Reasons, other results, what can be done.
    closing, foot : str
        Who signs, and which other languages there are.
    check : str
        How to find out whether the letter is unchanged; empty while its code is being made.
    """

    language: str
    sender: tuple[str, ...]
    date: str
    reference: str
    title: str
    greeting: str
    opening: str
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    closing: str
    foot: str
    check: str = ""

    def sentences(self) -> Iterator[str]:
        """Yield everything that is to be read as sentences: no headings, names or addresses."""
        yield self.opening
        for _, value in self.facts:
            yield value
        for section in self.sections:
            yield from section.lines
            yield from section.paragraphs
        yield self.foot
