"""A model's card as screen and files show it: written once, placed four times.

Each value stands twice: as it is, the same in every language, and as a reader reads it. The hash
of a card is that of the first, so cards of three languages can be seen to carry the same facts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from core.domain.status import Status

FactState = Literal["known", "missing", "left_out"]


@dataclass(frozen=True, slots=True)
class Value:
    """Something said: ``raw`` is a JSON value, ``text`` what a reader reads."""

    raw: object
    text: str


@dataclass(frozen=True, slots=True)
class CardFact:
    """One fact.

    Parameters
    ----------
    key : str
        Its name in the facts that are hashed.
    name : str
        What a reader calls it.
    value : Value
        What is said.
    source : str
        Where it is from and as of when.
    state : {"known", "missing", "left_out"}
        ``missing``: nobody has recorded it; ``left_out``: the reader may not see it.
    """

    key: str
    name: str
    value: Value
    source: str
    state: FactState = "known"


@dataclass(frozen=True, slots=True)
class CardTable:
    """Facts that are alike, a row each.

    Parameters
    ----------
    key, caption : str
        Its name in the facts that are hashed, and what a reader calls it.
    heads : tuple of str
        Names of the columns.
    rows : tuple of tuples of Value
        A value for each column.
    source : str
        Where they are from and as of when.
    levels : tuple of Status
        How each row stands, where rows are held against something; else empty.
    """

    key: str
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    source: str
    levels: tuple[Status, ...] = ()


@dataclass(frozen=True, slots=True)
class CardSection:
    """What belongs together.

    Parameters
    ----------
    key, heading : str
        Its name, and what a reader calls it.
    facts : tuple of CardFact
        Single ones.
    tables : tuple of CardTable
        Rows of them.
    notes : tuple of str
        What else is to be said, such as why nothing can be told.
    status : Status, optional
        The worst of what it tells; ``None`` where nothing is judged.
    is_left_out : bool
        Whether the reader may not see it.
    """

    key: str
    heading: str
    facts: tuple[CardFact, ...] = ()
    tables: tuple[CardTable, ...] = ()
    notes: tuple[str, ...] = ()
    status: Status | None = None
    is_left_out: bool = False

    def raw(self) -> Mapping[str, object]:
        """Return what is said, the same in every language."""
        return {
            "left_out": self.is_left_out,
            "facts": {each.key: _raw(each) for each in self.facts},
            "tables": {
                each.key: [[value.raw for value in row] for row in each.rows]
                for each in self.tables
            },
        }


def _raw(fact: CardFact) -> object:
    return fact.value.raw if fact.state == "known" else {"state": fact.state}


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A whole card.

    Parameters
    ----------
    language : str
        Of all its texts.
    words : mapping of str to str
        Key → text of what is written around the facts.
    model_id, name : str
        Which model, and what it is called.
    sentence : str
        Who answers for it, what is in force since when, and whether it is within its limits.
    status : Status
        How it stands.
    sections : tuple of CardSection
        In order.
    as_of, made_at : str
        What is known up to when, and when the card was made.
    made_for : str
        Name of who asked; what their role may not see is left out.
    sha256 : str
        Hash of the facts: the bytes of the card as JSON.
    """

    language: str
    words: Mapping[str, str]
    model_id: str
    name: str
    sentence: str
    status: Status
    sections: tuple[CardSection, ...]
    as_of: str
    made_at: str
    made_for: str
    sha256: str = field(default="")

    def section(self, key: str) -> CardSection:
        """Return a section; ``KeyError`` if there is none of that name."""
        return {each.key: each for each in self.sections}[key]
