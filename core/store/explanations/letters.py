"""Letters about decisions: of which record, in which language, what was checked, and the words."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from core.store.rows import delete_of_person, in_parts
from core.store.tables import explanation_letter


@dataclass(frozen=True, slots=True)
class LetterRecord:
    """One letter, as it is kept.

    Parameters
    ----------
    reference, code : str
        What it is called, and the code by which it is checked.
    explanation_id : str
        The record that it was written from.
    model_id, prediction_id, subject_id, jurisdiction : str
        Of the decision; the subject by its pseudonym.
    language : str
        Of the letter.
    withheld : bool
        Whether it leaves the reasons out.
    template : int
        Version of the fixed words.
    files : mapping
        Format → SHA-256 of the letter in it.
    checks : sequence
        Name, result and detail of each acceptance check.
    sha256 : str
        Of what the letter says, as canonical JSON with a random part.
    sealed : bytes
        That JSON under the workspace's key.
    made_at, made_by : datetime, str
        When, and by whom (pseudonym).
    """

    reference: str
    code: str
    explanation_id: str
    model_id: str
    prediction_id: str
    subject_id: str
    jurisdiction: str
    language: str
    withheld: bool
    template: int
    files: Mapping[str, str]
    checks: Sequence[Mapping[str, object]]
    sha256: str
    sealed: bytes = field(repr=False)
    made_at: datetime
    made_by: str


def put(conn: Connection, letter: LetterRecord) -> None:
    """Keep a new letter."""
    conn.execute(insert(explanation_letter).values(**asdict(letter)))


def by_code(conn: Connection, code: str) -> LetterRecord | None:
    """Return the letter of a code, if there is one."""
    query = select(explanation_letter).where(explanation_letter.c.code == code)
    row = conn.execute(query).one_or_none()
    return None if row is None else _letter(row)


def by_references(conn: Connection, references: Collection[str]) -> dict[str, LetterRecord]:
    """Return reference → letter, of those that there are."""
    found: dict[str, LetterRecord] = {}
    for part in in_parts(sorted(references)):
        query = select(explanation_letter).where(explanation_letter.c.reference.in_(part))
        rows = conn.execute(query)
        found.update({row.reference: _letter(row) for row in rows})
    return found


def of_prediction(conn: Connection, model_id: str, prediction_id: str) -> tuple[LetterRecord, ...]:
    """Return the letters about a decision, the newest first."""
    column = explanation_letter.c
    query = select(explanation_letter).where(
        column.model_id == model_id, column.prediction_id == prediction_id
    )
    rows = conn.execute(query.order_by(column.made_at.desc(), column.reference))
    return tuple(_letter(row) for row in rows)


def forget(
    conn: Connection,
    subject_id: str,
    *,
    model_id: str | None,
    predictions: Iterable[tuple[str, Sequence[str]]] = (),
) -> int:
    """Delete the letters about a person, and about predictions that are gone; return how many.

    Parameters
    ----------
    conn : Connection
        The transaction of the erasure; before the records go that they were written from.
    subject_id : str
        The person's pseudonym.
    model_id : str, optional
        Only those of this model; ``None`` for all.
    predictions : iterable of (str, sequence of str)
        Model and ids of its predictions that are gone.
    """
    return delete_of_person(conn, explanation_letter, subject_id, model_id, predictions)


def _letter(row: Row[tuple[object, ...]]) -> LetterRecord:
    return LetterRecord(**row._mapping)
