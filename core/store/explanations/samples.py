"""Samples of decisions that examiners drew: the frame as it was, and what was drawn of it."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from core.errors import NotFound
from core.i18n import N_
from core.store.rows import in_parts
from core.store.tables import sample, sample_item


@dataclass(frozen=True, slots=True)
class SampleRecord:
    """One sample.

    Parameters
    ----------
    id, model_id : str
        Its key, and whose decisions.
    method, stratum, condition : str
        How it was drawn, in which parts, and under which condition; empty where there is none.
    first_day, last_day : str
        ISO dates, both included; empty where the whole log was asked.
    jurisdictions : sequence of str, optional
        To which the population was limited by the scope of who drew it.
    words, reason : str
        The drawer's own, for the seed and for the record.
    root, root_size : str, int
        Of the signed tree that the seed is made with.
    seed : str
        In hexadecimal digits.
    population, drawn : int
        Units in the frame and in the sample.
    left_out : int
        Decisions reviewed without their score, which no frame has.
    strata : mapping of str to sequence of int
        Stratum → units in the frame and in the sample.
    frame_sha256, drawn_sha256 : str
        Hashes of the frame, and of the keys drawn, in their order.
    drawn_at, drawn_by : datetime, str
        When, and by whom (pseudonym).
    """

    id: str
    model_id: str
    method: str
    stratum: str
    condition: str
    first_day: str
    last_day: str
    jurisdictions: Sequence[str] | None
    words: str
    reason: str
    root: str
    root_size: int
    seed: str
    population: int
    drawn: int
    left_out: int
    strata: Mapping[str, Sequence[int]]
    frame_sha256: str
    drawn_sha256: str
    drawn_at: datetime
    drawn_by: str


@dataclass(frozen=True, slots=True)
class SampleItem:
    """One decision in a sample.

    Parameters
    ----------
    place, key, stratum : int, str, str
        Its number from 1, what the frame calls it, and the part it was drawn from.
    prediction_id : str, optional
        What the log calls it; ``None`` once the person was erased.
    """

    place: int
    key: str
    stratum: str
    prediction_id: str | None = field(repr=False)


_TOLD = [sample.c[each.name] for each in fields(SampleRecord)]


def put(conn: Connection, record: SampleRecord, frame: bytes, items: Iterable[SampleItem]) -> None:
    """Keep a sample with its frame."""
    values = asdict(record) | {"frame": zlib.compress(frame, 6)}
    conn.execute(insert(sample).values(**values))
    about = {"sample_id": record.id, "model_id": record.model_id}
    conn.execute(insert(sample_item), [asdict(each) | about for each in items])


def get(conn: Connection, sample_id: str) -> SampleRecord:
    """Return a sample.

    Raises
    ------
    NotFound
        If there is none of that id.
    """
    row = conn.execute(select(*_TOLD).where(sample.c.id == sample_id)).one_or_none()
    if row is None:
        raise no_sample(sample_id)
    return _record(row)


def no_sample(sample_id: str) -> NotFound:
    """Return the error of a sample that is not there, or not for the reader."""
    return NotFound(
        N_("There is no sample {sample}."),
        remedy=N_("Choose one from the list of samples."),
        sample=sample_id,
    )


def list_of(conn: Connection, model_id: str, *, limit: int = 200) -> tuple[SampleRecord, ...]:
    """Return the newest samples of a model, the newest first."""
    query = select(*_TOLD).where(sample.c.model_id == model_id)
    rows = conn.execute(query.order_by(sample.c.drawn_at.desc(), sample.c.id.desc()).limit(limit))
    return tuple(_record(row) for row in rows)


def items(conn: Connection, sample_id: str) -> tuple[SampleItem, ...]:
    """Return the decisions of a sample, in the order in which they were drawn."""
    column = sample_item.c
    query = select(column.place, column.key, column.stratum, column.prediction_id)
    rows = conn.execute(query.where(column.sample_id == sample_id).order_by(column.place))
    return tuple(SampleItem(**row._mapping) for row in rows)


def frame(conn: Connection, sample_id: str) -> bytes:
    """Return the frame that a sample was drawn from."""
    found = conn.execute(select(sample.c.frame).where(sample.c.id == sample_id)).scalar_one()
    return zlib.decompress(found)


def forget(conn: Connection, predictions: Iterable[tuple[str, Sequence[str]]]) -> int:
    """Take the ids of predictions that are gone out of samples; return how many.

    Parameters
    ----------
    conn : Connection
        The transaction of the erasure.
    predictions : iterable of (str, sequence of str)
        Model and ids of its predictions that are gone.
    """
    column, gone = sample_item.c, 0
    for model, ids in predictions:
        for part in in_parts(ids):
            here = column.prediction_id.in_(part)
            query = update(sample_item).where(column.model_id == model, here)
            gone += conn.execute(query.values(prediction_id=None)).rowcount
    return gone


def _record(row: Row[tuple[object, ...]]) -> SampleRecord:
    return SampleRecord(**row._mapping)
