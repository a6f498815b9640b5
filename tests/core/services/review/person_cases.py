"""One person in reviews and requests, beside another: for tests of erasure, backup and doctor."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Connection, func, insert, select, update

from core.domain.identity import Actor
from core.services.review import files
from core.services.workspace import Workspace
from core.store.retention import rules as retention
from core.store.retention.rules import StoredRule
from core.store.review import drafts, texts
from core.store.review.drafts import Draft
from core.store.review.files import FileRecord
from core.store.tables import (
    disclosure,
    disclosure_notice,
    dispute_note,
    metadata,
    refusal,
    review_case,
    review_control,
    review_step,
    review_watch,
    rights_request,
)
from tests.core.services.review.calendar_cases import put_case, put_request
from tests.support.erasing import PERSON, SECRET

OTHER = "CUST-0001"
TABLES = (
    "review_case",
    "review_control",
    "review_draft",
    "review_file",
    "review_step",
    "review_text",
    "review_watch",
    "rights_request",
    "dispute_note",
    "disclosure",
    "disclosure_notice",
    "refusal",
)


@dataclass(frozen=True, slots=True)
class Put:
    """What was put of one person: two cases, a request, a file, and the path of frozen data."""

    case_id: int
    appeal_id: int
    request_id: int
    file: FileRecord
    snapshot: Path


def put_person(
    workspace: Workspace, reference: str, number: int, words: str, *, worker: Actor, lead: Actor
) -> Put:
    """Put a person, who has prediction ``number``, into every table of reviews and requests."""
    subject_id, now = workspace.keys.subject_id(reference), workspace.clock()
    with workspace.store.begin() as conn:
        request_id = put_request(conn, now, now.date() + timedelta(days=40), worker.user_id)
        path = f"{request_id:06d}-{number:032x}.sealed"
        conn.execute(
            update(rights_request)
            .where(rights_request.c.id == request_id)
            .values(
                subject_id=subject_id,
                words=words,
                prediction_id=f"L{number:06d}",
                model_id="loans",
                sealed=workspace.keys.seal("request", reference.encode()),
                snapshot_path=path,
                snapshot_sha256="00",
                snapshot_at=now,
            )
        )
        case_id = put_case(conn, number, now, subject_id=subject_id)
        appeal_id = put_case(
            conn, number, now, subject_id=subject_id, occasion="appeal", kind="appeal",
            parent_id=case_id, request_id=request_id,
        )  # fmt: skip
        texts.add(conn, case_id, kind="comment", author_id=worker.user_id, text=words, at=now)
        drafts.save(conn, Draft(case_id, worker.user_id, {"text": words}, 1, now))
        _put_rest(conn, workspace, (case_id, appeal_id, request_id), subject_id, words,
                  worker.user_id, lead.user_id)  # fmt: skip
    snapshot = workspace.settings.home / "requests" / path
    snapshot.parent.mkdir(exist_ok=True)
    snapshot.write_bytes(workspace.keys.seal("request-snapshot", words.encode()))
    file = files.add_file(workspace, case_id, "letter.txt", words.encode(), actor=worker)
    return Put(case_id, appeal_id, request_id, file, snapshot)


def _put_rest(
    conn: Connection,
    workspace: Workspace,
    ids: tuple[int, int, int],
    subject_id: str,
    words: str,
    worker: str,
    lead: str,
) -> None:
    (case_id, appeal_id, request_id), now = ids, workspace.clock()
    today = now.date()
    conn.execute(
        insert(review_step).values(
            case_id=case_id, at=now, actor_id=worker, action="made", from_state="",
            to_state="open", body={},
        )
    )  # fmt: skip
    conn.execute(insert(review_watch).values(case_id=case_id, user_id=worker, since=now))
    conn.execute(
        insert(review_control).values(
            case_id=appeal_id, source_case_id=case_id, expected="uphold", basis={}
        )
    )
    about = {"subject_id": subject_id, "model_id": "loans"}
    conn.execute(
        insert(dispute_note).values(
            **about, prediction_id="x", item="score", text=words, request_id=request_id,
            made_at=now, made_by=worker,
        )
    )  # fmt: skip
    made = conn.execute(
        insert(disclosure)
        .values(**about, recipient="A bureau", purpose="credit", what=["score"],
                disclosed_on=today, noted_at=now, noted_by=worker)
        .returning(disclosure.c.id)
    ).scalar_one()  # fmt: skip
    conn.execute(
        insert(disclosure_notice).values(
            disclosure_id=made, request_id=request_id, sent_on=today, sent_by=worker
        )
    )
    conn.execute(
        insert(refusal).values(
            request_id=request_id, kind="access", ground="repeated", reasons="As before",
            language="en", other_data_user="", refused_at=now, refused_by=lead,
            proposed_by=worker, keep_until=today,
        )
    )  # fmt: skip


def allow_erasure(workspace: Workspace) -> None:
    """Keep cases for no minimum: seven years are shipped."""
    rule = StoredRule("review_record", None, 3650, "our own", workspace.clock(), "ada")
    with workspace.store.begin() as conn:
        retention.put(conn, rule)


def put_both(workspace: Workspace, actors: dict[str, Actor]) -> tuple[Put, Put]:
    """Put the person who will be erased, and another one."""
    worker, lead = actors["connie"], actors["lydia"]
    mine = put_person(workspace, PERSON, 5, f"{PERSON} of {SECRET}", worker=worker, lead=lead)
    other = put_person(workspace, OTHER, 1, "somebody else", worker=worker, lead=lead)
    return mine, other


def row_counts(conn: Connection) -> dict[str, int]:
    """Return table → number of rows."""
    return {
        name: conn.execute(select(func.count()).select_from(metadata.tables[name])).scalar_one()
        for name in TABLES
    }


def subjects_of_cases(conn: Connection) -> set[str]:
    """Return whom the cases are about."""
    return set(conn.execute(select(review_case.c.subject_id)).scalars())
