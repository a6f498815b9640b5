"""What the printed part of a dossier says: texts only, placed by the template."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One section.

    Parameters
    ----------
    heading : str
        What it is about.
    notes : tuple of str
        Sentences below the heading.
    facts : tuple of (str, str)
        Name and text.
    head : tuple of str
        Names of the table's columns; empty without a table.
    rows : tuple of tuples of str
        Its rows.
    chain_head : tuple of str
        Names of the four places of a drawing from left to right; empty without one.
    chain : tuple of (tuple of str, tuple of str)
        What stands in the first two places, line by line, and leads to the last two.
    chain_ends : tuple of tuples of str
        What stands in the last two.
    """

    heading: str
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    chain_head: tuple[str, ...] = ()
    chain: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    chain_ends: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class DossierPage:
    """The whole document.

    Parameters
    ----------
    language : str
        Of all its texts.
    title, lead : str
        What it is, and about which decision.
    sections : tuple of Section
        In order.
    """

    language: str
    title: str
    lead: str
    sections: tuple[Section, ...]
