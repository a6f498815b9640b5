"""What a letter says: texts only, written once and placed by the template."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LetterPage:
    """A letter in one language.

    Parameters
    ----------
    language : str
        BCP 47 tag.
    sender : tuple of str
        Who writes: name, then where to answer; empty on paper that says so itself.
    date : str
        Of the letter.
    reference : str
        The request, with the word before it.
    title : str
        What the letter is.
    greeting : str
        Names nobody.
    paragraphs : tuple of str
        What it says.
    facts : tuple of (str, str)
        What a reader looks up: name and value.
    lists : tuple of (str, tuple of str)
        Heading and lines.
    quoted : str
        The customer's own words, set apart; empty without.
    ways_on : tuple of str
        How to object, and whom else to turn to.
    closing : str
        Who signs.
    foot : str
        That the other languages say the same.
    """

    language: str
    sender: tuple[str, ...]
    date: str
    reference: str
    title: str
    greeting: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()
    lists: tuple[tuple[str, tuple[str, ...]], ...] = ()
    quoted: str = ""
    ways_on: tuple[str, ...] = ()
    closing: str = ""
    foot: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter in the customer's language, and then in the others.

    Parameters
    ----------
    pages : tuple of LetterPage
        The customer's language first.
    """

    pages: tuple[LetterPage, ...]
