"""Every verdict about the cases of a model, with what its steps tell of how it came about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from core.domain.review import Action, CaseState
from core.store.tables import review_case, review_control, review_step


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """One decided case.

    Parameters
    ----------
    case_id, kind, parent_id : int, str, int
        Which, why there is it, and the case that it is about.
    prediction_id, jurisdiction, predicted_at, amount
        Of the prediction.
    maker_id, verdict, at : str, str, datetime
        Who said what, and when.
    final_decision : str
        What people decided in the end.
    score_shown : str
        When the maker saw the score.
    own_view : str, optional
        What the maker thought before.
    seconds, panes : int
        Time on the case, 0 where it was not measured, and how many parts of the page were opened.
    expected, caught : str, bool, optional
        Of a control: the verdict that its outcome calls for, and whether it was given.
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
    final_decision: str
    score_shown: str
    own_view: str | None
    seconds: int
    panes: int
    expected: str | None
    caught: bool | None
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class BlindCounts:
    """How many blind cases of a kind wait, were decided, and were ever put to the customer."""

    waiting: int
    decided: int
    asked: int = 0


def verdicts_of(
    conn: Connection, model_id: str, *, since: datetime, until: datetime
) -> tuple[VerdictRow, ...]:
    """Return the verdicts about a model given in a half-open time, by their instant."""
    column, control = review_case.c, review_control.c
    chosen = (
        column.model_id == model_id,
        column.state == str(CaseState.final),
        column.proposed_at >= since,
        column.proposed_at < until,
    )
    query = (
        select(
            column.id,
            column.kind,
            column.parent_id,
            column.prediction_id,
            column.jurisdiction,
            column.predicted_at,
            column.amount,
            column.maker_id,
            column.verdict,
            column.proposed_at,
            column.final_decision,
            column.score_shown,
            control.expected,
            control.caught,
        )
        .select_from(
            review_case.outerjoin(review_control, review_control.c.case_id == review_case.c.id)
        )
        .where(*chosen)
        .order_by(column.proposed_at, column.id)
    )
    rows = conn.execute(query).all()
    said = _said(conn, chosen)
    return tuple(_row(row, said) for row in rows)


def _said(conn: Connection, chosen: tuple[Any, ...]) -> dict[tuple[int, str, str], Any]:
    """Return (case, person, action) → the newest proposal or own view of each."""
    column = review_step.c
    actions = [str(Action.propose), str(Action.record_own_view)]
    query = (
        select(column.case_id, column.actor_id, column.action, column.verdict, column.body)
        .join(review_case, review_case.c.id == column.case_id)
        .where(*chosen, column.action.in_(actions))
        .order_by(column.id)
    )
    return {(row.case_id, row.actor_id, row.action): row for row in conn.execute(query)}


def _row(row: Any, said: Mapping[tuple[int, str, str], Any]) -> VerdictRow:
    proposed = said.get((row.id, row.maker_id, str(Action.propose)))
    body = {} if proposed is None else proposed.body
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
        at=row.proposed_at,
        final_decision=row.final_decision,
        score_shown=row.score_shown,
        own_view=None if view is None else view.verdict,
        seconds=int(body.get("seconds") or 0),
        panes=len(body.get("panes") or ()),
        expected=row.expected,
        caught=row.caught,
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


def parents_of(
    conn: Connection, model_id: str, kind: str, *, since: datetime, until: datetime
) -> dict[int, tuple[str, str, str]]:
    """Return case → maker, verdict and final decision of what cases of a kind are about.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose cases.
    kind : str
        Of the cases that are about others.
    since, until : datetime
        When these were decided, half-open.
    """
    column, parent = review_case.c, review_case.alias()
    query = (
        select(parent.c.id, parent.c.maker_id, parent.c.verdict, parent.c.final_decision)
        .join(review_case, column.parent_id == parent.c.id)
        .where(
            column.model_id == model_id,
            column.kind == kind,
            column.state == str(CaseState.final),
            column.proposed_at >= since,
            column.proposed_at < until,
            parent.c.state == str(CaseState.final),
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
    """Return how many blind cases of a kind wait, and were decided."""
    column = review_case.c
    query = select(column.state).where(column.model_id == model_id, column.kind == kind)
    states = [str(each) for each in conn.execute(query).scalars()]
    decided = states.count(str(CaseState.final))
    withdrawn = states.count(str(CaseState.withdrawn))
    return BlindCounts(len(states) - decided - withdrawn, decided, _asked(conn, model_id, kind))


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
