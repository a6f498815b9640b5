"""Conditions of the partial indexes of cases, in literals as the indexes have them.

A database takes such an index only where it can prove that it holds all that is asked for; of a
parameter, it cannot.
"""

from typing import Any

from sqlalchemy import ColumnElement, literal_column

from core.domain.review import CONTROL, FINISHED, SECOND


def is_waiting(state: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition of ``ix_review_case_waiting``: the case is not finished."""
    return state.not_in([literal_column(f"'{each}'") for each in sorted(map(str, FINISHED))])


def is_blind(kind: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition of ``ix_review_case_blind``: a control, or a second review."""
    return kind.in_([literal_column(f"'{each}'") for each in sorted([CONTROL, SECOND])])
