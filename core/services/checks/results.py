"""What checks stored, read again: the record of what was known when.

A stored figure answers the question that its check asked, and no other: whatever has a filter is
counted from the profiles. What takes seconds to find (fairness, realised performance, alarms) is
read here where a model is shown at a glance.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.auth.policy import allows
from core.domain.identity import Actor, Permission
from core.domain.status import Status
from core.domain.windows import last_instant
from core.errors import InvalidInput, NothingYet
from core.i18n import N_
from core.services import access
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import batches, models
from core.store.alerts import alarms, checks
from core.store.alerts.alarms import Alarm
from core.store.alerts.checks import CheckRun, MetricResult
from core.store.models import ModelRecord

FAMILIES: Mapping[str, Permission] = {
    "drift": Permission.drift_view,
    "quality": Permission.quality_view,
    "operations": Permission.operations_view,
    "performance": Permission.performance_view,
    "fairness": Permission.fairness_view,
    "kpi": Permission.kpi_view,
    "value": Permission.value_view,
}
"""Family of figures → what a reader needs to see it, stored or counted now."""

_ORDER = (Status.act, Status.watch, Status.in_range, Status.not_enough_data)


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed since a check, from which its figures do not know.

    Parameters
    ----------
    batches : int
        Batches ingested since.
    log, contract, reference : bool
        Whether the log, the contract or the reference is another one.
    """

    batches: int
    log: bool
    contract: bool
    reference: bool

    @property
    def fresh(self) -> bool:
        """Whether a check made now would be of the same."""
        return not (self.log or self.contract or self.reference)


@dataclass(frozen=True, slots=True)
class StoredCheck:
    """One check as it is kept.

    Parameters
    ----------
    run : CheckRun
        The check; of several attempts the last one.
    results : tuple of MetricResult
        Its figures, as far as the reader may see them.
    alarms : tuple of Alarm
        What it found to be wrong.
    since : Since
        What has changed since.
    """

    run: CheckRun
    results: tuple[MetricResult, ...]
    alarms: tuple[Alarm, ...]
    since: Since

    def of(self, metric: str, method: str | None = None) -> tuple[MetricResult, ...]:
        """Return the figures of a family, or of one metric of it, for all rows."""
        return tuple(
            each
            for each in self.results
            if each.metric == metric and method in {None, each.method} and not each.slice
        )

    def level(self, metric: str) -> Status:
        """Return the worst level of the figures of a family."""
        found = {each.level for each in self.of(metric)}
        return next((level for level in _ORDER if level in found), Status.not_enough_data)


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """One figure as one check found it."""

    run: CheckRun
    result: MetricResult


def newest_check(
    workspace: Workspace, model_id: str, *, actor: Actor, as_of: str | None = None
) -> StoredCheck | None:
    """Return the check of the newest knowledge; ``None`` if there is none.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Whose check.
    actor : Actor
        Needs ``overview.view``; of the figures, those of families that the actor may not see are
        left out.
    as_of : str, optional
        Only a check of what was known at a day or instant, included.

    Raises
    ------
    NotFound
        If the model is not in the actor's scope.
    Forbidden
        If the actor may not, or sees rows of some jurisdictions only.
    """
    access.require(actor, Permission.overview_view, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        found = checks.list_runs(conn, record.id, until=_moment(record, as_of), limit=1)
        return _stored(workspace, conn, record, found[0], actor) if found else None


def stored_results(
    workspace: Workspace,
    model_id: str,
    *,
    actor: Actor,
    as_of: str | None = None,
    metric: str | None = None,
) -> StoredCheck:
    """Return the check of the newest knowledge, with the figures of one family or of all.

    Raises
    ------
    NothingYet
        If the model has not been checked.
    InvalidInput
        If there is no such family.
    NotFound, Forbidden
        As for :func:`newest_check`; also if the actor may not see the family that was asked for.
    """
    access.require(actor, Permission.overview_view, model=model_id)
    if metric is not None:
        access.require(actor, _permission_of(metric), model=model_id)
    found = newest_check(workspace, model_id, actor=actor, as_of=as_of)
    if found is None:
        raise NothingYet(
            N_("{model} has not been checked yet."),
            remedy=N_("Run 'harbourlight check {model}'."),
            model=model_id,
        )
    kept = tuple(each for each in found.results if metric in {None, each.metric})
    return StoredCheck(found.run, kept, found.alarms, found.since)


def figure_history(
    workspace: Workspace,
    model_id: str,
    metric: str,
    method: str,
    *,
    actor: Actor,
    column: str = "",
    version: str = "",
    slice_: str = "",
    as_of: str | None = None,
    limit: int = 24,
) -> tuple[StoredFigure, ...]:
    """Return what checks found of one figure, one per moment, the newest first.

    Of a check that holds several periods it is the newest that was final, or the newest at all.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, metric, method, column, version, slice_ : str
        Which figure, as its rows name it.
    actor : Actor
        Needs what the family of figures needs.
    as_of : str, optional
        Only checks of what was known then.
    limit : int
        Most moments.

    Raises
    ------
    InvalidInput, NotFound, Forbidden
        As for :func:`stored_results`.
    """
    access.require(actor, Permission.overview_view, model=model_id)
    access.require(actor, _permission_of(metric), model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        rows = checks.history(
            conn,
            record.id,
            metric=metric,
            method=method,
            column=column,
            version=version,
            slice_=slice_,
            until=_moment(record, as_of),
        )
    found: dict[datetime, StoredFigure] = {}
    for run, result in rows:
        kept = found.setdefault(run.as_of, StoredFigure(run, result))
        same = kept.run.lake_generation == run.lake_generation
        if same and _is_final(result) and not _is_final(kept.result):
            found[run.as_of] = StoredFigure(run, result)
    return tuple(found.values())[:limit]


def _is_final(result: MetricResult) -> bool:
    return result.value is not None and result.maturity in {None, "matured"}


def _permission_of(metric: str) -> Permission:
    if metric not in FAMILIES:
        raise InvalidInput(
            N_("Checks keep no figures of {metric}."),
            remedy=N_("Choose from: {known}."),
            metric=metric,
            known=", ".join(FAMILIES),
        )
    return FAMILIES[metric]


def _moment(record: ModelRecord, as_of: str | None) -> datetime | None:
    return last_instant(as_of, parsed_contract(record.spec_text).timezone) if as_of else None


def _stored(
    workspace: Workspace, conn: Connection, record: ModelRecord, run: CheckRun, actor: Actor
) -> StoredCheck:
    parts = checks.attempts(conn, run)
    visible = {name for name, needed in FAMILIES.items() if allows(actor, needed)}

    def found_by(part: CheckRun) -> tuple[tuple[MetricResult, ...], tuple[Alarm, ...]]:
        return checks.results(conn, part.id), alarms.of_run(conn, part.id)

    # What a check found is kept with it and stays, but for the erasure of a person, which makes a
    # new generation. It is remembered whole: who sees which families of it is asked each time.
    found = [
        workspace.memo.get(
            ("check", part.id, record.lake_generation), functools.partial(found_by, part)
        )
        for part in parts
    ]
    return StoredCheck(
        run,
        tuple(each for kept, _ in found for each in kept if each.metric in visible),
        alarms.standing(parts, [raised for _, raised in found]),
        _since(conn, record, parts[0]),
    )


def _since(conn: Connection, record: ModelRecord, first: CheckRun) -> Since:
    moved = record.lake_generation != first.lake_generation
    came = 0
    if moved:
        found = batches.list_batches(conn, models=[record.id], states=["published"], limit=None)
        ends = [each.finished_at for each in found if each.finished_at is not None]
        came = sum(end > first.started_at for end in ends)
    return Since(
        batches=came,
        log=moved,
        contract=record.spec_sha256 != first.spec_sha256,
        reference=(record.live_bins_id or "") != first.bins_id,
    )
