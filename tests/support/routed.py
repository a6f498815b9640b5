"""Workspaces whose contract sends predictions to human review."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import select

from core.services import ingest
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.tables import review_case, review_routed, review_step
from tests.support.builders import ADMIN, a_row, a_workspace, contract_text

MODEL = "loans"
LARGE: dict[str, Any] = {
    "id": "large", "name": "Large", "when": "amount >= 9000", "tier": "high", "priority": 70,
}  # fmt: skip
SOME: dict[str, Any] = {"id": "some", "name": {"en": "Some", "zh-HK": "部分"}, "share": 0.05}


def a_reviewed_workspace(
    home: Path,
    *,
    rules: Sequence[Mapping[str, Any]] = (LARGE, SOME),
    state_url: str | None = None,
    review: Mapping[str, Any] | None = None,
    **contract: Any,
) -> Workspace:
    """Return a workspace without predictions whose model has rules of review."""
    part = {"rules": [dict(rule) for rule in rules], **(review or {})}
    text = contract_text(review=part, **contract)
    return a_workspace(home, state_url=state_url, contract=text)


def log_of(path: Path, count: int, start: int = 0) -> Path:
    """Write ``count`` rows of the loans log, one a minute however many."""
    rows = [
        a_row(number % 4_000, loan_id=f"L{number:06d}") for number in range(start, start + count)
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def fill(workspace: Workspace, path: Path, count: int, start: int = 0) -> None:
    """Ingest ``count`` rows from row ``start`` on."""
    ingest.ingest_files(workspace, MODEL, [log_of(path, count, start)], actor=ADMIN)


def large_ones(count: int) -> set[str]:
    """Return the ids of the rows that the rule ``large`` is about: every ninth from row 8 on."""
    return {f"L{number:06d}" for number in range(count) if number % 4_000 % 9 == 8}


def cases_of(workspace: Workspace) -> list[Any]:
    """Return every case of the state database, by id."""
    with workspace.store.read() as conn:
        return list(conn.execute(select(review_case).order_by(review_case.c.id)))


def chunks_of(workspace: Workspace) -> list[Any]:
    """Return what was noted of routed chunks, in order."""
    order = (review_routed.c.batch_id, review_routed.c.chunk)
    with workspace.store.read() as conn:
        return list(conn.execute(select(review_routed).order_by(*order)))


def sound(workspace: Workspace) -> None:
    """Check that cases, steps, notes and the trail tell the same."""
    cases, chunks = cases_of(workspace), chunks_of(workspace)
    assert len({each.prediction_id for each in cases}) == len(cases)
    with workspace.store.read() as conn:
        made = list(conn.execute(select(review_step.c.case_id)).scalars())
        told = audit.list_newest(conn, kind="review.made", limit=1000)
    assert sorted(made) == [each.id for each in cases]
    assert sum(each.cases for each in chunks) == len(cases)
    assert len(told) == len(chunks)
    assert sum(int(str(each.body["cases"])) for each in told) == len(cases)
    assert sum(int(str(each.body["predictions"])) for each in told) == sum(
        each.predictions for each in chunks
    )
    finished = [each.batch_id for each in chunks if each.is_last]
    assert len(set(finished)) == len(finished)
