"""What a worker may not know of, found for all cases at once: to count many of them by.

:func:`core.store.review.blind.shown_to_worker` says the same of each row that is looked at, which
is the shorter way to the few rows of a page.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true

from core.domain.review import FINISHED
from core.store.review.partial import is_blind
from core.store.tables import review_case

_FINISHED = frozenset(str(each) for each in FINISHED)


def shown_among_all(
    user_id: str, *, unmasked: bool, states: Collection[str] | None = None
) -> ColumnElement[bool]:
    """Return the condition of the cases that somebody may know of who works on them.

    What is hidden is found in one look at every case; those that are counted need not be looked at
    then, for their index says enough.

    Parameters
    ----------
    user_id : str
        Who asks.
    unmasked : bool
        Whether this person watches over reviews.
    states : collection of str, optional
        Those of the cases that are counted, where it is known.
    """
    wanted = []
    if states is None or not _FINISHED.issuperset(states):
        wanted.append(_own_blind(user_id))
    if not unmasked and (states is None or not _FINISHED.isdisjoint(states)):
        wanted.append(_beside_blind(user_id))
    return and_(true(), *(review_case.c.id.not_in(each) for each in wanted))


def _own_blind(user_id: str) -> Select[Any]:
    """Return the ids of the blind cases that wait and are about a user's own verdict."""
    blind = review_case.alias()
    return select(blind.c.id).where(
        is_blind(blind.c.kind),
        blind.c.state.not_in(_FINISHED),
        or_(blind.c.barred_maker_id == user_id, blind.c.barred_checker_id == user_id),
    )


def _beside_blind(user_id: str) -> Select[Any]:
    """Return the ids of decided cases of others while a blind one of the same prediction waits."""
    blind, decided = review_case.alias(), review_case.alias()
    # Without coalesce() SQLite would begin with all that is decided, not with the few blind ones.
    return select(decided.c.id).where(
        is_blind(blind.c.kind),
        blind.c.state.not_in(_FINISHED),
        decided.c.model_id == func.coalesce(blind.c.model_id, ""),
        decided.c.prediction_id == func.coalesce(blind.c.prediction_id, ""),
        func.coalesce(decided.c.state, "").in_(_FINISHED),
        func.coalesce(decided.c.maker_id, "") != user_id,
        func.coalesce(decided.c.checker_id, "") != user_id,
    )
