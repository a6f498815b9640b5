"""Checks that were made, and the figures that each of them found."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, insert, select

from core.store.rows import insert_if_absent
from core.store.tables import check_run, metric_result, model


@dataclass(frozen=True, slots=True)
class CheckRun:
    """One check of one model.

    Parameters
    ----------
    id, model_id : str
        Its key, and whose check.
    state : {"done", "failed"}
        ``failed`` if one of its sources failed; what the others found counts.
    started_at, finished_at : datetime
        When it was made.
    started_by : str
        Under which pseudonym.
    as_of : datetime
        What was known when.
    lake_generation, spec_sha256, bins_id : int, str, str
        What it was made from; ``bins_id`` is empty without a reference.
    attempt : int
        1, or one more than that of a check with failures that this one makes up for.
    sources : tuple of str
        What was looked at without a failure.
    failures : mapping of str to str
        Source → why it failed.
    """

    id: str
    model_id: str
    state: str
    started_at: datetime
    started_by: str
    finished_at: datetime
    as_of: datetime
    lake_generation: int
    spec_sha256: str
    bins_id: str
    attempt: int
    sources: tuple[str, ...]
    failures: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MetricResult:
    """One figure of one period; NaN is kept as nothing.

    Parameters
    ----------
    metric, method, column : str
        Family, metric id and column, as in the rows of the services.
    version, slice : str
        Of what; empty for all.
    chunk_key, chunk_start, chunk_end : str, datetime, datetime
        The period.
    n : int
        Rows behind it.
    value, low, high : float, optional
        The figure and its interval.
    estimate, estimate_low, estimate_high : float, optional
        Without labels.
    labelled_share, maturity : float, str, optional
        How far labels are.
    threshold : float, optional
        From where on to act.
    status, level : str
        Why there is a figure or none, and how it stands.
    """

    metric: str
    method: str
    column: str
    version: str
    slice: str
    chunk_key: str
    chunk_start: datetime
    chunk_end: datetime
    n: int
    value: float | None
    status: str
    level: str
    low: float | None = None
    high: float | None = None
    estimate: float | None = None
    estimate_low: float | None = None
    estimate_high: float | None = None
    labelled_share: float | None = None
    maturity: str | None = None
    threshold: float | None = None


_RESULT = tuple(MetricResult.__dataclass_fields__)


def lock_model(conn: Connection, model_id: str) -> None:
    """Let one transaction at a time store checks of a model; rows may point at it meanwhile."""
    query = select(model.c.id).where(model.c.id == model_id)
    conn.execute(query.with_for_update(key_share=True))


def put(conn: Connection, run: CheckRun, results: Iterable[MetricResult]) -> bool:
    """Keep a check with its figures; return whether nobody had kept the same one before.

    Parameters
    ----------
    conn : Connection
        Of ``Store.begin()``.
    run : CheckRun
        The check.
    results : iterable of MetricResult
        Its figures; nothing of them is kept if the check is there already.
    """
    values = asdict(run) | {"sources": list(run.sources), "failures": dict(run.failures)}
    if not insert_if_absent(conn, check_run, values):
        return False
    rows = [asdict(result) | {"run_id": run.id} for result in results]
    if rows:
        conn.execute(insert(metric_result), rows)
    return True


def find(
    conn: Connection,
    model_id: str,
    *,
    lake_generation: int,
    spec_sha256: str,
    bins_id: str,
    as_of: datetime,
) -> CheckRun | None:
    """Return the newest attempt at a check; ``None`` if it was never made.

    Parameters
    ----------
    conn : Connection
        A transaction of ``Store.begin()``.
    model_id : str
        The model.
    lake_generation : int
        Generation of the lake that was read.
    spec_sha256 : str
        Hash of the contract.
    bins_id : str
        The reference.
    as_of : datetime
        What was known when.
    """
    column = check_run.c
    query = select(check_run).where(
        column.model_id == model_id,
        column.lake_generation == lake_generation,
        column.spec_sha256 == spec_sha256,
        column.bins_id == bins_id,
        column.as_of == as_of,
    )
    row = conn.execute(query.order_by(column.attempt.desc()).limit(1)).one_or_none()
    return None if row is None else _run(row)


def get(conn: Connection, run_id: str) -> CheckRun | None:
    """Return a check, or ``None``."""
    row = conn.execute(select(check_run).where(check_run.c.id == run_id)).one_or_none()
    return None if row is None else _run(row)


def unchecked(conn: Connection, models: Iterable[str] | None) -> tuple[str, ...]:
    """Return the models that have predictions and were never checked, by id."""
    column = model.c
    checked = exists().where(check_run.c.model_id == column.id)
    query = select(column.id).where(column.newest_event.is_not(None), ~checked)
    if models is not None:
        query = query.where(column.id.in_(sorted(models)))
    return tuple(map(str, conn.execute(query.order_by(column.id)).scalars()))


def list_runs(
    conn: Connection, model_id: str, *, until: datetime | None = None, limit: int = 100
) -> tuple[CheckRun, ...]:
    """Return the checks of a model, the newest knowledge first.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id : str
        Whose checks.
    until : datetime, optional
        Only checks of what was known up to then.
    limit : int
        Most of them.
    """
    column = check_run.c
    query = select(check_run).where(column.model_id == model_id)
    if until is not None:
        query = query.where(column.as_of <= until)
    order = (column.as_of.desc(), column.lake_generation.desc(), column.started_at.desc())
    rows = conn.execute(query.order_by(*order, column.attempt.desc()).limit(limit))
    return tuple(_run(row) for row in rows)


def attempts(conn: Connection, run: CheckRun) -> tuple[CheckRun, ...]:
    """Return all attempts at the same check as ``run``, the first one first.

    Each later one asked only those parts again that had failed, so together they are the check.
    """
    column = check_run.c
    same = ("model_id", "lake_generation", "spec_sha256", "bins_id", "as_of")
    query = select(check_run).where(*(column[name] == getattr(run, name) for name in same))
    return tuple(_run(row) for row in conn.execute(query.order_by(column.attempt)))


def history(
    conn: Connection,
    model_id: str,
    *,
    metric: str,
    method: str,
    column: str = "",
    version: str = "",
    slice_: str = "",
    until: datetime | None = None,
    limit: int = 400,
) -> tuple[tuple[CheckRun, MetricResult], ...]:
    """Return what checks found of one figure, the newest knowledge first.

    Parameters
    ----------
    conn : Connection
        Any transaction.
    model_id, metric, method, column, version, slice_ : str
        Which figure.
    until : datetime, optional
        Only checks of what was known up to then.
    limit : int
        Most rows; a check may hold several periods of a figure.
    """
    run, kept = check_run.c, metric_result.c
    query = (
        select(check_run, *(kept[name].label(f"result_{name}") for name in _RESULT))
        .join(metric_result, kept.run_id == run.id)
        .where(
            run.model_id == model_id,
            kept.metric == metric,
            kept.method == method,
            kept.column == column,
            kept.version == version,
            kept.slice == slice_,
        )
    )
    if until is not None:
        query = query.where(run.as_of <= until)
    newest = (run.as_of.desc(), run.lake_generation.desc(), run.started_at.desc())
    query = query.order_by(*newest, run.attempt.desc(), kept.chunk_start.desc())
    return tuple((_run(row), _result(row)) for row in conn.execute(query.limit(limit)))


def results(conn: Connection, run_id: str) -> tuple[MetricResult, ...]:
    """Return the figures of a check in the order in which they were kept."""
    columns = [metric_result.c[name] for name in _RESULT]
    query = select(*columns).where(metric_result.c.run_id == run_id).order_by(metric_result.c.id)
    return tuple(MetricResult(**row._mapping) for row in conn.execute(query))


def _run(row: Any) -> CheckRun:
    values = {name: row._mapping[name] for name in CheckRun.__dataclass_fields__}
    return CheckRun(**{**values, "sources": tuple(row.sources)})


def _result(row: Any) -> MetricResult:
    return MetricResult(**{name: row._mapping[f"result_{name}"] for name in _RESULT})
