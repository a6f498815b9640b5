"""What routing remembers: which chunks of which batches were held against the rules."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select, update

from core.domain.review import CONTROL, SECOND, CaseState, Verdict
from core.store.rows import insert_if_absent
from core.store.tables import alarm, alert, batch, review_case, review_routed, review_step


@dataclass(frozen=True, slots=True)
class RoutedChunk:
    """A chunk of a batch that was held against the rules.

    Parameters
    ----------
    model_id, batch_id : str
        Whose, and which batch.
    chunk : int
        Place of the chunk in the batch.
    predictions, cases : int
        Predictions since the chunk before, and cases that were made of them.
    rules_sha256 : str
        Hash of the contract whose rules held.
    is_last : bool
        Whether the batch is routed with it.
    routed_at : datetime
        When.
    """

    model_id: str
    batch_id: str
    chunk: int
    predictions: int
    cases: int
    rules_sha256: str
    is_last: bool
    routed_at: datetime


@dataclass(frozen=True, slots=True)
class WaitingBatch:
    """A published batch of predictions that is not routed, and the time that its rows span."""

    id: str
    first_time: datetime
    last_time: datetime


def claim_chunk(conn: Connection, chunk: RoutedChunk) -> bool:
    """Note that a chunk is being routed; return whether nobody else has, or is about to.

    Of two transactions that claim a chunk at once the second waits, and gets ``False`` once the
    first is committed.
    """
    values = {name: getattr(chunk, name) for name in RoutedChunk.__dataclass_fields__}
    return insert_if_absent(conn, review_routed, values)


def note_cases(conn: Connection, chunk: RoutedChunk, cases: int) -> None:
    """Note how many cases a chunk has become."""
    conn.execute(
        update(review_routed)
        .where(
            review_routed.c.model_id == chunk.model_id,
            review_routed.c.batch_id == chunk.batch_id,
            review_routed.c.chunk == chunk.chunk,
        )
        .values(cases=cases)
    )


def routed_chunks(conn: Connection, model_id: str, batch_id: str) -> frozenset[int]:
    """Return the chunks of a batch that are routed."""
    query = select(review_routed.c.chunk).where(
        review_routed.c.model_id == model_id, review_routed.c.batch_id == batch_id
    )
    return frozenset(conn.execute(query).scalars())


def is_routed(conn: Connection, model_id: str, batch_id: str) -> bool:
    """Whether every prediction of a batch was held against the rules."""
    query = select(review_routed.c.chunk).where(
        review_routed.c.model_id == model_id,
        review_routed.c.batch_id == batch_id,
        review_routed.c.is_last.is_(True),
    )
    return conn.execute(query.limit(1)).first() is not None


def waiting_batches(conn: Connection, model_id: str) -> tuple[WaitingBatch, ...]:
    """Return the published batches of predictions that are not routed, the oldest first."""
    routed = (
        select(review_routed.c.batch_id)
        .where(review_routed.c.model_id == model_id, review_routed.c.is_last.is_(True))
        .scalar_subquery()
    )
    query = (
        select(batch.c.id, batch.c.first_time, batch.c.last_time)
        .where(
            batch.c.model_id == model_id,
            batch.c.stream == "predictions",
            batch.c.state == "published",
            batch.c.first_time.is_not(None),
            batch.c.last_time.is_not(None),
            batch.c.id.not_in(routed),
        )
        .order_by(batch.c.started_at, batch.c.id)
    )
    return tuple(WaitingBatch(*row) for row in conn.execute(query))


def routed_batches(conn: Connection, model_id: str) -> frozenset[str]:
    """Return the batches of a model every prediction of which was held against the rules."""
    query = select(review_routed.c.batch_id).where(
        review_routed.c.model_id == model_id, review_routed.c.is_last.is_(True)
    )
    return frozenset(conn.execute(query).scalars())


def cases_made(conn: Connection, model_id: str) -> tuple[int, int]:
    """Return how many predictions of a model were routed, and how many cases they became."""
    query = select(
        func.coalesce(func.sum(review_routed.c.predictions), 0),
        func.coalesce(func.sum(review_routed.c.cases), 0),
    ).where(review_routed.c.model_id == model_id)
    predictions, cases = conn.execute(query).one()
    return int(predictions), int(cases)


def alert_spans(
    conn: Connection, model_id: str, kinds: Collection[str]
) -> tuple[tuple[datetime, datetime | None], ...]:
    """Return the times that alerts of some kinds are about, the earliest first.

    From the beginning of the period of its first alarm until an alert is closed; ``None`` while
    it is not.
    """
    query = (
        select(alarm.c.chunk_start, alert.c.closed_at)
        .join(alarm, alarm.c.id == alert.c.first_alarm_id)
        .where(alert.c.model_id == model_id, alarm.c.kind.in_(list(kinds)))
        .order_by(alarm.c.chunk_start, alert.c.id)
    )
    return tuple((row.chunk_start, row.closed_at) for row in conn.execute(query))


def waiting_predictions(conn: Connection, model_id: str) -> int:
    """Return how many stored predictions are in batches that are not routed."""
    waiting = {each.id for each in waiting_batches(conn, model_id)}
    query = select(batch.c.id, batch.c.rows_stored).where(
        batch.c.model_id == model_id,
        batch.c.stream == "predictions",
        batch.c.state == "published",
    )
    return sum(int(row.rows_stored) for row in conn.execute(query) if row.id in waiting)


def seconds_of_verdicts(conn: Connection, model_id: str) -> tuple[float, ...]:
    """Return how long each verdict on a model's own cases took, as the reviewers' pages say."""
    query = (
        select(review_step.c.body)
        .join(review_case, review_case.c.id == review_step.c.case_id)
        .where(
            review_case.c.model_id == model_id,
            review_case.c.kind.in_(["routed", "request", "appeal"]),
            review_step.c.action == "proposed",
        )
    )
    found = [dict(row.body).get("seconds") for row in conn.execute(query)]
    return tuple(float(each) for each in found if isinstance(each, int | float) and each > 0)


def verdicts_by_person(conn: Connection, model_id: str) -> dict[str, tuple[int, int]]:
    """Return maker → final verdicts on routed cases that overturn the model, and all of them."""
    column = review_case.c
    query = (
        select(column.maker_id, column.verdict, func.count())
        .where(
            column.model_id == model_id,
            column.kind == "routed",
            column.state == str(CaseState.final),
            column.maker_id.is_not(None),
        )
        .group_by(column.maker_id, column.verdict)
    )
    found: dict[str, tuple[int, int]] = {}
    for maker, verdict, n in conn.execute(query):
        hits, total = found.get(maker, (0, 0))
        found[maker] = hits + (int(n) if verdict == str(Verdict.overturn) else 0), total + int(n)
    return found


def cases_by_rule(conn: Connection, model_id: str, *, with_blind: bool = False) -> dict[str, int]:
    """Return rule → cases that routing has made and that the rule leads.

    With blind ones, which look alike, the numbers are those of the queue's list.
    """
    column = review_case.c
    made = column.occasion == "routing"
    query = (
        select(column.rule, func.count())
        .where(
            column.model_id == model_id,
            or_(made, column.kind.in_([CONTROL, SECOND])) if with_blind else made,
        )
        .group_by(column.rule)
    )
    return {str(row[0]): int(row[1]) for row in conn.execute(query)}
