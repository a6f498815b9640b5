"""Which customers' requests a case answers, and which cases wait because a customer asked."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from core.domain.review import APPEAL, WAITING, Action
from core.store.review.records import CaseRecord, case_of
from core.store.rows import in_parts
from core.store.tables import review_case, review_step

_WAITING = sorted(map(str, WAITING))


def waiting_requests(
    conn: Connection, model_id: str, prediction_ids: Sequence[str]
) -> dict[str, CaseRecord]:
    """Return prediction → the case that waits because a customer asked, locked; appeals are such.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``; whoever calls has locked the model.
    model_id : str
        Whose predictions.
    prediction_ids : sequence of str
        Which of them.
    """
    column, found = review_case.c, dict[str, CaseRecord]()
    for part in in_parts(prediction_ids):
        query = (
            select(review_case)
            .where(
                column.model_id == model_id,
                column.prediction_id.in_(part),
                column.kind.in_(("request", APPEAL)),
                column.state.in_(_WAITING),
            )
            .order_by(column.id.desc())
            .with_for_update()
        )
        found |= {row.prediction_id: case_of(row) for row in conn.execute(query)}
    return found


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
    column = review_step.c
    for part in in_parts(found):
        query = select(column.case_id, column.body).where(
            column.case_id.in_(part), column.action == str(Action.link)
        )
        for row in conn.execute(query):
            found[row.case_id].add(row.body.get("request"))
    return {
        case_id: frozenset(each for each in asked if each is not None)
        for case_id, asked in found.items()
    }
