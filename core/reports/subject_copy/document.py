"""What a copy says: texts only, each in all its languages, placed by the template."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CopiedRecord:
    """One row of a stream: what it is, and (column, meaning, value) of each cell that is filled."""

    title: str
    lines: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One column of the code book: its meaning, and (code, meaning) of each code in the copy."""

    name: str
    meaning: str
    codes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CopiedModel:
    """What one model's log holds."""

    name: str
    purpose: str
    records: tuple[CopiedRecord, ...]
    code_book: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class SubjectCopy:
    """The whole copy.

    Parameters
    ----------
    title : str
        In each language.
    languages : tuple of str
        BCP 47 tags in order.
    facts : tuple of (str, str)
        As at when, hash, what was left out.
    headings : Mapping of str to str
        ``column``, ``meaning``, ``value``, ``code_book``, ``code``, ``nothing``.
    models : tuple of CopiedModel
        Those that hold anything.
    """

    title: str
    languages: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    headings: Mapping[str, str]
    models: tuple[CopiedModel, ...]
