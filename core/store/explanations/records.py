"""Explanations that were kept: what they are about, and the sealed record."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select

from core.errors import NotFound
from core.store.alerts.checks import lock_model
from core.store.rows import delete_of_person
from core.store.tables import explanation


@dataclass(frozen=True, slots=True)
class KeptExplanation:
    """One record, as it is kept.

    Parameters
    ----------
    id : str
        Its key.
    model_id, prediction_id, number : str, str, int
        Which decision, and which record of it, from 1.
    subject_id, jurisdiction, version : str
        Of the prediction; the subject by its pseudonym.
    predicted_at, decision : datetime, str
        As logged.
    source, why : str
        Where it is from, and why there is none.
    agrees : bool, optional
        Whether the registered model gives the logged score; ``None`` where that cannot be said.
    stability : float, optional
        Share of other backgrounds with the same reasons.
    codes : sequence of str
        Codes of the reasons, the most important first; empty text where the book has none.
    code_book : int, optional
        Number of the book that they are of.
    background_id : str, optional
        What the decision was compared with.
    sha256 : str
        Of the record's canonical JSON.
    sealed : bytes
        The record under the workspace's key.
    made_at, made_by : datetime, str
        When, and by whom (pseudonym).
    """

    id: str
    model_id: str
    prediction_id: str
    number: int
    subject_id: str
    jurisdiction: str
    version: str
    predicted_at: datetime
    decision: str
    source: str
    why: str
    agrees: bool | None
    stability: float | None
    codes: Sequence[str]
    code_book: int | None
    background_id: str | None
    sha256: str
    sealed: bytes = field(repr=False)
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class KeptCounts:
    """What the newest records of decisions say.

    Parameters
    ----------
    decisions : int
        Decisions of which a record was kept.
    by_model, by_log, none : int
        By where the explanation is from.
    differing : int
        Those of which the registered model gives another score than the log.
    unsteady : int
        Those whose reasons are the same with fewer than four in five other backgrounds.
    uncoded : int
        Those with a reason that the code book does not have.
    """

    decisions: int = 0
    by_model: int = 0
    by_log: int = 0
    none: int = 0
    differing: int = 0
    unsteady: int = 0
    uncoded: int = 0


STEADY = 0.8
"""Share of other backgrounds with the same reasons below which that is said."""


def counts(
    conn: Connection, model_id: str, *, jurisdictions: Collection[str] | None = None
) -> KeptCounts:
    """Return what the newest records of a model's decisions say, perhaps of some places only."""
    column = explanation.c
    newest: dict[str, tuple[str, bool | None, float | None, bool]] = {}
    query = select(
        column.prediction_id, column.source, column.agrees, column.stability, column.codes
    ).where(column.model_id == model_id)
    if jurisdictions is not None:
        query = query.where(column.jurisdiction.in_(list(jurisdictions)))
    for row in conn.execute(query.order_by(column.number)):
        newest[row[0]] = (row[1], row[2], row[3], "" in row[4])
    found = list(newest.values())
    return KeptCounts(
        decisions=len(found),
        by_model=sum(each[0] == "model" for each in found),
        by_log=sum(each[0] == "logged" for each in found),
        none=sum(each[0] == "none" for each in found),
        differing=sum(each[1] is False for each in found),
        unsteady=sum(each[2] is not None and each[2] < STEADY for each in found),
        uncoded=sum(each[3] for each in found),
    )


def explained_ids(conn: Connection, model_id: str) -> frozenset[str]:
    """Return the predictions of a model of which an explanation was kept."""
    column = explanation.c
    query = select(column.prediction_id).where(column.model_id == model_id, column.source != "none")
    return frozenset(str(each) for each in conn.execute(query.distinct()).scalars())


def next_number(conn: Connection, model_id: str, prediction_id: str) -> int:
    """Return the number of a decision's next record; who keeps another one meanwhile waits."""
    lock_model(conn, model_id)
    column = explanation.c
    query = select(func.max(column.number)).where(
        column.model_id == model_id, column.prediction_id == prediction_id
    )
    return (conn.execute(query).scalar_one() or 0) + 1


def put(conn: Connection, kept: KeptExplanation) -> None:
    """Keep a new record."""
    conn.execute(insert(explanation).values(**asdict(kept) | {"codes": list(kept.codes)}))


def get(conn: Connection, explanation_id: str) -> KeptExplanation:
    """Return a record.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    found = conn.execute(select(explanation).where(explanation.c.id == explanation_id))
    row = found.one_or_none()
    if row is None:
        raise NotFound(
            "There is no explanation {explanation}.",
            remedy="Look it up in the list.",
            explanation=explanation_id,
        )
    return _kept(row)


def is_kept(conn: Connection, explanation_id: str) -> bool:
    """Whether a record is still there; if so it stays until the transaction ends.

    Waits for whoever is taking it out.
    """
    query = select(explanation.c.id).where(explanation.c.id == explanation_id)
    return conn.execute(query.with_for_update(read=True, key_share=True)).first() is not None


def of_prediction(
    conn: Connection, model_id: str, prediction_id: str
) -> tuple[KeptExplanation, ...]:
    """Return the records of a decision, the newest first."""
    column = explanation.c
    query = select(explanation).where(
        column.model_id == model_id, column.prediction_id == prediction_id
    )
    return tuple(_kept(row) for row in conn.execute(query.order_by(column.number.desc())))


def newest_of(conn: Connection, subject_id: str, model_id: str) -> datetime | None:
    """Return when the newest record about a person was made, of one model."""
    column = explanation.c
    query = select(func.max(column.made_at)).where(
        column.subject_id == subject_id, column.model_id == model_id
    )
    found: datetime | None = conn.execute(query).scalar_one()
    return found


def forget(
    conn: Connection,
    subject_id: str,
    *,
    model_id: str | None,
    predictions: Iterable[tuple[str, Sequence[str]]] = (),
) -> int:
    """Delete the records about a person, and those of predictions that are gone; return how many.

    Parameters
    ----------
    conn : Connection
        The transaction of the erasure.
    subject_id : str
        The person's pseudonym.
    model_id : str, optional
        Only those of this model; ``None`` for all.
    predictions : iterable of (str, sequence of str)
        Model and ids of its predictions that are gone.
    """
    return delete_of_person(conn, explanation, subject_id, model_id, predictions)


def _kept(row: Row[tuple[object, ...]]) -> KeptExplanation:
    return KeptExplanation(**row._mapping)
