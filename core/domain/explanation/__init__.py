"""Explanations of single decisions: the code book of reasons, and the record of what was found."""

from core.domain.explanation.code_book import (
    DIRECTIONS,
    LANGUAGES,
    LOWERS,
    RAISES,
    CodeBook,
    CodeEntry,
    CodeFault,
    read_code_book,
)

__all__ = [
    "DIRECTIONS",
    "LANGUAGES",
    "LOWERS",
    "RAISES",
    "CodeBook",
    "CodeEntry",
    "CodeFault",
    "read_code_book",
]
