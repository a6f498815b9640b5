"""Conditions of the partial indexes of cases, in literals as the indexes have them.

A database takes such an index only where it can prove that it holds all that is asked for; of a
parameter, it cannot.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam

from core.domain.review import CONTROL, FINISHED, SECOND


def is_waiting(state: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition of ``ix_review_case_waiting``: the case is not finished."""
    return state.not_in(_literally(FINISHED))


def is_blind(kind: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition of ``ix_review_case_blind``: a control, or a second review."""
    return kind.in_(_literally([CONTROL, SECOND]))


def _literally(values: Iterable[object]) -> BindParameter[Any]:
    """Return values that SQLAlchemy quotes into the statement, in the order of the index."""
    return bindparam(None, sorted(map(str, values)), expanding=True, literal_execute=True)
