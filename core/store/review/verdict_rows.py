"""Every verdict about the cases of a model, with what its steps tell of how it came about."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, select

from core.domain.review import CONTROL, SECOND, Action, CaseState
from core.store.tables import review_case, review_control, review_step

_BLIND = [CONTROL, SECOND]
_OF_CASE = tuple(
    review_case.c[name]
    for name in (
        "id",
        "kind",
        "parent_id",
        "prediction_id",
        "jurisdiction",
        "predicted_at",
        "amount",
        "score_shown",
    )
)


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One verdict.

    Parameters
    ----------
    case_id, kind, parent_id : int, str, int
        Which, why there is it, and the case that it is about.
    prediction_id, jurisdiction, predicted_at, amount
        Of the prediction.
    maker_id, verdict, at : str, str, datetime
        Who said what, and when.
    final_decision : str, optional
        What people decided in the end; ``None`` of a blind case that still waits.
    score_shown : str
        When the maker saw the score.
    own_view : str, optional
        What the maker thought before.
    seconds, panes : int
        Time on the case, 0 where it was not measured, and how many parts of the page were opened.
    expected, caught : str, bool, optional
        Of a control: the verdict that its outcome calls for, and whether it was given first.
    simulated : bool
        Whether nobody gave it: the demo did.
    """

    case_id: int
    kind: str
    parent_id: int | None
    prediction_id: str
    jurisdiction: str
    predicted_at: datetime
    amount: float | None
    maker_id: str
    verdict: str
    at: datetime
    final_decision: str | None
    score_shown: str
    own_view: str | None
    seconds: int
    panes: int
    expected: str | None
    caught: bool | None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class BlindCounts:
    """How many blind cases wait for a verdict, have one, and were ever put to the customer."""

    waiting: int
    decided: int
    asked: int = 0


def verdicts_of(
    conn: Connection, model_id: str, *, since: datetime, until: datetime
) -> tuple[VerdictRow, ...]:
    """Return the verdicts about a model given in a half-open time, by their instant.

    Of live cases those that are final. Of a blind one its first verdict, as soon as it is given:
    what is said after somebody has checked it may have been learned from the checker.
    """
    found = [
        *_live(conn, model_id, since, until),
        *_blind(conn, model_id, since, until),
    ]
    return tuple(sorted(found, key=lambda each: (each.at, each.case_id)))


def _live(
    conn: Connection, model_id: str, since: datetime, until: datetime
) -> Iterator[VerdictRow]:
    column = review_case.c
    chosen = (
        column.model_id == model_id,
        column.kind.not_in(_BLIND),
        column.state == str(CaseState.final),
        column.proposed_at >= since,
        column.proposed_at < until,
    )
    given = (column.maker_id, column.verdict, column.proposed_at.label("at"), column.final_decision)
    said = _said(conn, chosen, [Action.propose, Action.record_own_view])
    for row in conn.execute(select(*_OF_CASE, *given).where(*chosen)):
        proposed = said.get((row.id, row.maker_id, str(Action.propose)))
        yield _row(row, {} if proposed is None else proposed.body, said)


def _blind(
    conn: Connection, model_id: str, since: datetime, until: datetime
) -> Iterator[VerdictRow]:
    column, step, control = review_case.c, review_step.c, review_control.c
    chosen = (column.model_id == model_id, column.kind.in_(_BLIND))
    first = (
        select(func.min(step.id))
        .join(review_case, column.id == step.case_id)
        .where(*chosen, step.action == str(Action.propose))
        .group_by(step.case_id)
    )
    given = (step.actor_id.label("maker_id"), step.verdict, step.at, column.final_decision)
    query = (
        select(*_OF_CASE, *given, step.body, control.expected)
        .select_from(
            review_case.join(review_step, step.case_id == column.id).outerjoin(
                review_control, control.case_id == column.id
            )
        )
        .where(step.id.in_(first), step.at >= since, step.at < until)
    )
    said = _said(conn, chosen, [Action.record_own_view])
    for row in conn.execute(query):
        yield _row(row, row.body, said, row.expected)


def _said(
    conn: Connection, chosen: tuple[Any, ...], actions: Sequence[Action]
) -> dict[tuple[int, str, str], Any]:
    """Return (case, person, action) → the newest step of each."""
    column = review_step.c
    query = (
        select(column.case_id, column.actor_id, column.action, column.verdict, column.body)
        .join(review_case, review_case.c.id == column.case_id)
        .where(*chosen, column.action.in_([str(each) for each in actions]))
        .order_by(column.id)
    )
    return {(row.case_id, row.actor_id, row.action): row for row in conn.execute(query)}


def _row(
    row: Any,
    body: Mapping[str, Any],
    said: Mapping[tuple[int, str, str], Any],
    expected: str | None = None,
) -> VerdictRow:
    view = said.get((row.id, row.maker_id, str(Action.record_own_view)))
    return VerdictRow(
        case_id=row.id,
        kind=row.kind,
        parent_id=row.parent_id,
        prediction_id=row.prediction_id,
        jurisdiction=row.jurisdiction,
        predicted_at=row.predicted_at,
        amount=row.amount,
        maker_id=row.maker_id,
        verdict=row.verdict,
        at=row.at,
        final_decision=row.final_decision,
        score_shown=row.score_shown,
        own_view=None if view is None else view.verdict,
        seconds=int(body.get("seconds") or 0),
        panes=len(body.get("panes") or ()),
        expected=expected,
        caught=None if expected is None else expected == row.verdict,
        simulated=bool(body.get("simulated")),
    )


def proposals_of(
    conn: Connection, people: Collection[str], *, since: datetime, until: datetime
) -> dict[str, list[datetime]]:
    """Return person → when verdicts were handed in, of every model, in their order.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    people : collection of str
        Ids of users.
    since, until : datetime
        Half-open.
    """
    column = review_step.c
    query = (
        select(column.actor_id, column.at)
        .where(
            column.actor_id.in_(sorted(people)),
            column.action == str(Action.propose),
            column.at >= since,
            column.at < until,
        )
        .order_by(column.at)
    )
    found: dict[str, list[datetime]] = {person: [] for person in sorted(people)}
    for row in conn.execute(query):
        found[row.actor_id].append(row.at)
    return found


def parents_of(conn: Connection, model_id: str, kind: str) -> dict[int, tuple[str, str, str]]:
    """Return case → maker, verdict and final decision of what cases of a kind are about.

    Not of what is decided by who had checked it: that is no verdict of somebody else.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose cases.
    kind : str
        Of the cases that are about others.
    """
    column, parent = review_case.c, review_case.alias()
    query = (
        select(parent.c.id, parent.c.maker_id, parent.c.verdict, parent.c.final_decision)
        .join(review_case, column.parent_id == parent.c.id)
        .where(
            column.model_id == model_id,
            column.kind == kind,
            parent.c.state == str(CaseState.final),
            func.coalesce(parent.c.checker_id, "") != func.coalesce(column.maker_id, "nobody"),
        )
    )
    return {
        int(row.id): (str(row.maker_id), str(row.verdict), str(row.final_decision))
        for row in conn.execute(query)
    }


def newest_verdict(conn: Connection, model_id: str) -> tuple[int, datetime | None]:
    """Return how many cases of a model are decided, and when the newest was: cheap to ask."""
    column = review_case.c
    query = select(func.count(), func.max(column.final_at)).where(
        column.model_id == model_id, column.state == str(CaseState.final)
    )
    count, newest = conn.execute(query).one()
    return int(count), newest


def count_blind(conn: Connection, model_id: str, kind: str) -> BlindCounts:
    """Return how many blind cases of a kind wait for a verdict, and how many have one."""
    column, step = review_case.c, review_step.c
    of_kind = (column.model_id == model_id, column.kind == kind)
    judged = exists().where(step.case_id == column.id, step.action == str(Action.propose))
    waiting = select(func.count()).where(
        *of_kind, ~judged, column.state != str(CaseState.withdrawn)
    )
    decided = select(func.count()).where(*of_kind, judged)
    return BlindCounts(
        int(conn.execute(waiting).scalar_one()),
        int(conn.execute(decided).scalar_one()),
        _asked(conn, model_id, kind),
    )


def _asked(conn: Connection, model_id: str, kind: str) -> int:
    """Return how many blind cases were ever put to a customer, whatever became of them."""
    column, step = review_case.c, review_step.c
    query = select(func.count(column.id.distinct())).where(
        column.model_id == model_id,
        column.kind == kind,
        step.case_id == column.id,
        step.action == str(Action.ask_customer),
    )
    return int(conn.execute(query).scalar_one())
