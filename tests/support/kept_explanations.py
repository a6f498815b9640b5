"""Kept explanations and letters as their stores hold them, without a model that was asked."""

from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy.exc import IntegrityError

from core.services.workspace import Workspace
from core.store import Store
from core.store.audit import trail as audit
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records as explanations
from core.store.explanations.letters import LetterRecord
from core.store.explanations.records import KeptExplanation

AT = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
EXPLANATION = KeptExplanation(
    id="e-1",
    model_id="loans",
    prediction_id="L000005",
    number=1,
    subject_id="s-1",
    jurisdiction="HK",
    version="1",
    predicted_at=AT,
    decision="decline",
    source="model",
    why="",
    agrees=True,
    stability=0.9,
    codes=["R001", ""],
    code_book=None,
    background_id=None,
    sha256="ab" * 32,
    sealed=b"sealed",
    made_at=AT,
    made_by="p-1",
)
LETTER = LetterRecord(
    reference="LT-1",
    code="AAAAABBBBB",
    explanation_id="e-1",
    model_id="loans",
    prediction_id="L000005",
    subject_id="s-1",
    jurisdiction="HK",
    language="zh-HK",
    withheld=False,
    template=0,
    files={"pdf": "cd" * 32},
    checks=[{"name": "score", "passed": True, "found": ""}],
    sha256="ef" * 32,
    sealed=b"sealed",
    made_at=AT,
    made_by="p-1",
)


def put_explained(workspace: Workspace, name: str, subject_id: str, at: datetime) -> None:
    """Keep an explanation of one decision, made at an instant."""
    kept = replace(
        EXPLANATION, id=name, prediction_id=f"P-{name}", subject_id=subject_id, made_at=at
    )
    with workspace.store.begin() as conn:
        explanations.put(conn, kept)


def put_letter(workspace: Workspace, name: str, of: str, subject_id: str, at: datetime) -> None:
    """Keep a letter that was written from an explanation."""
    letter = replace(
        LETTER, reference=name, code=name, explanation_id=of, subject_id=subject_id, made_at=at
    )
    with workspace.store.begin() as conn:
        explanation_letters.put(conn, letter)


def put_next(store: Store, name: str) -> int:
    """Keep one more explanation of the same decision; return its number."""
    with store.begin() as conn:
        number = explanations.next_number(conn, "loans", EXPLANATION.prediction_id)
        explanations.put(conn, replace(EXPLANATION, id=name, number=number))
    return number


def released(store: Store, name: str, code: str) -> bool:
    """Keep a letter and tell of it in the trail; return whether its code was free."""
    try:
        with store.begin() as conn:
            explanation_letters.put(conn, replace(LETTER, reference=name, code=code))
            audit.append(
                conn,
                at=AT,
                actor="p-1",
                role="compliance",
                kind="letter.released",
                objects={"model": "loans", "letter": name},
                body={},
            )
    except IntegrityError:
        return False
    return True
