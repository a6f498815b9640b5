"""Which customers' requests a case answers: its own, and those that were put to it later."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from core.domain.review import Action
from core.store.review.records import CaseRecord
from core.store.tables import review_step

_CHUNK = 500


def requests_put_to(conn: Connection, cases: Iterable[CaseRecord]) -> dict[int, frozenset[int]]:
    """Return case → the requests that its verdict answers, for each case that is given.

    Parameters
    ----------
    conn : Connection
        Of a transaction.
    cases : iterable of CaseRecord
        The cases. Each knows the request that made it or came first; the steps tell of others.
    """
    found = {each.id: {each.request_id} - {None} for each in cases}
    column, ids = review_step.c, list(found)
    for start in range(0, len(ids), _CHUNK):
        query = select(column.case_id, column.body).where(
            column.case_id.in_(ids[start : start + _CHUNK]), column.action == str(Action.link)
        )
        for row in conn.execute(query):
            found[row.case_id].add(row.body.get("request"))
    return {
        case_id: frozenset(each for each in asked if each is not None)
        for case_id, asked in found.items()
    }
