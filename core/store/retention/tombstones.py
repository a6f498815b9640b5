"""Tombstones: who was erased, as keyed hashes, so that nothing brings the person back.

They are all that stays of an erased subject. Without the workspace's key nobody can tell whom one
stands for, nor try out names.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, literal, or_, select, union_all

from core.store.rows import insert_if_absent
from core.store.tables import erased_prediction, tombstone

EVERY_MODEL = ""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """A subject that was erased from one model, or from all (``model_id`` empty)."""

    subject_id: str
    model_id: str
    erased_at: datetime
    erasure_id: str


@dataclass(frozen=True, slots=True)
class ErasedPrediction:
    """A prediction that was erased: its keyed hash, its model and the erasure."""

    mac: str
    model_id: str
    erasure_id: str


@dataclass(frozen=True, slots=True)
class Erased:
    """What an ingest of a model must refuse: hashes of subjects and of predictions."""

    subjects: tuple[str, ...] = ()
    predictions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.subjects or self.predictions)


def bury(conn: Connection, stones: Iterable[Tombstone]) -> int:
    """Keep tombstones; return how many are new."""
    return sum(
        insert_if_absent(conn, tombstone, {name: getattr(stone, name) for name in stone.__slots__})
        for stone in stones
    )


def bury_predictions(conn: Connection, predictions: Iterable[ErasedPrediction]) -> int:
    """Keep the hashes of erased predictions; return how many are new."""
    return sum(
        insert_if_absent(
            conn, erased_prediction, {name: getattr(each, name) for name in each.__slots__}
        )
        for each in predictions
    )


def is_erased(conn: Connection, subject_id: str, model_id: str | None = None) -> bool:
    """Whether a subject was erased: from a model, or from every model if none is named."""
    models = [EVERY_MODEL] if model_id is None else [EVERY_MODEL, model_id]
    query = select(func.count()).where(
        tombstone.c.subject_id == subject_id, tombstone.c.model_id.in_(models)
    )
    return bool(conn.execute(query).scalar_one())


def marker(conn: Connection, model_id: str) -> int:
    """Return a number that grows with every tombstone that concerns a model."""
    counts = union_all(
        _of_model(select(func.count().label("n")), model_id),
        select(func.count()).where(erased_prediction.c.model_id == model_id),
    ).subquery()
    return int(conn.execute(select(func.sum(counts.c.n))).scalar_one())


def erased(conn: Connection, model_id: str) -> Erased:
    """Return the hashes that an ingest of a model must refuse."""
    subjects = conn.execute(_of_model(select(tombstone.c.subject_id), model_id).distinct())
    predictions = conn.execute(
        select(erased_prediction.c.mac).where(erased_prediction.c.model_id == model_id)
    )
    return Erased(tuple(sorted(subjects.scalars())), tuple(sorted(predictions.scalars())))


def list_tombstones(conn: Connection) -> tuple[Tombstone, ...]:
    """Return all tombstones, the oldest first."""
    query = select(tombstone).order_by(tombstone.c.erased_at, tombstone.c.subject_id)
    return tuple(Tombstone(**row._mapping) for row in conn.execute(query))


def list_predictions(conn: Connection) -> tuple[ErasedPrediction, ...]:
    """Return the hashes of all erased predictions."""
    query = select(erased_prediction).order_by(erased_prediction.c.mac)
    return tuple(ErasedPrediction(**row._mapping) for row in conn.execute(query))


def count(conn: Connection) -> tuple[int, int]:
    """Return the number of erased subjects and of erased predictions."""
    subjects = select(func.count(tombstone.c.subject_id.distinct()))
    predictions = select(func.count()).select_from(erased_prediction)
    return int(conn.execute(subjects).scalar_one()), int(conn.execute(predictions).scalar_one())


def missing(conn: Connection, stones: Sequence[Tombstone]) -> tuple[Tombstone, ...]:
    """Return those of some tombstones that are not kept here yet."""
    known = {(stone.subject_id, stone.model_id) for stone in list_tombstones(conn)}
    return tuple(stone for stone in stones if (stone.subject_id, stone.model_id) not in known)


def _of_model(query: Select[Any], model_id: str) -> Select[Any]:
    return query.where(
        or_(tombstone.c.model_id == EVERY_MODEL, tombstone.c.model_id == literal(model_id))
    )
