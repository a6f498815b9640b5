"""The overview: every model of the actor's scope, and how its three layers stand."""

from dataclasses import dataclass
from datetime import datetime

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.domain.status import Status, worst
from core.errors import HarbourlightError, NothingYet
from core.services import access
from core.services.checks.glance import Glance, glance
from core.services.cohorts import Cohort, CohortTable, cohort_table
from core.services.drift.measure import ColumnDrift, DriftTable, measure_drift, newest_judged
from core.services.operations import Operations, operations
from core.services.questions import Question, View
from core.services.registry.models import RegisteredModel, list_models
from core.services.workspace import Workspace

RECENT = "12m"


@dataclass(frozen=True, slots=True, eq=False)
class ModelHealth:
    """One model's state of health.

    Parameters
    ----------
    model : RegisteredModel
        The model.
    view : View or None
        What was looked at; ``None`` while the log is empty.
    operations : Operations or None
        The newest twelve months of operations.
    drift : DriftTable or None
        The newest twelve months of drift; ``None`` until the reference is complete.
    cohorts : CohortTable or None
        Yearly cohorts.
    why_empty : HarbourlightError or None
        What is missing, if something is.
    glance : Glance or None
        What the newest check stored; ``None`` for a reader of some jurisdictions.
    """

    model: RegisteredModel
    view: View | None
    operations: Operations | None
    drift: DriftTable | None
    cohorts: CohortTable | None
    why_empty: HarbourlightError | None
    glance: Glance | None = None

    @property
    def contract(self) -> ModelContract:
        """The model's contract."""
        return self.model.contract

    @property
    def operations_status(self) -> Status:
        """Errors and availability of the newest month."""
        return self.operations.status() if self.operations else Status.not_enough_data

    @property
    def worst_drift(self) -> tuple[ColumnDrift, int] | None:
        """The input that moved most in its newest month with enough rows, and that month."""
        if self.drift is None:
            return None
        judged = [(column, newest_judged(column)) for column in self.drift.inputs]
        found = [(column, newest) for column, newest in judged if newest is not None]
        return max(found, key=_by_status_and_value, default=None)

    @property
    def monitoring_status(self) -> Status:
        """Status of the input that moved most."""
        found = self.worst_drift
        return found[0].status_at(found[1]) if found else Status.not_enough_data

    @property
    def business_cohort(self) -> Cohort | None:
        """The newest cohort whose outcomes are known well enough to be judged."""
        return self.cohorts.newest_matured if self.cohorts else None

    @property
    def business_status(self) -> Status:
        """Outcomes against scores of that cohort."""
        cohort = self.business_cohort
        return cohort.status if cohort else Status.not_enough_data

    @property
    def status(self) -> Status:
        """The worst of the three layers and of the alerts that nobody has seen to yet."""
        return worst([*self.layers, *([self.glance.status] if self.glance else [])])

    @property
    def layers(self) -> tuple[Status, Status, Status]:
        """Operations, monitoring and business."""
        return self.operations_status, self.monitoring_status, self.business_status

    @property
    def matured_share(self) -> float | None:
        """Share of all predictions whose outcome is final."""
        if self.cohorts is None or not self.cohorts.cohorts or self.contract.outcome is None:
            return None
        rows = sum(cohort.n for cohort in self.cohorts.cohorts)
        return sum(cohort.matured for cohort in self.cohorts.cohorts) / rows

    @property
    def newest_event(self) -> datetime | None:
        """The newest event in the reader's part of the model's log."""
        return self.view.newest_event if self.view else self.model.newest_event


def overview(
    workspace: Workspace, *, actor: Actor, as_of: str | None = None
) -> tuple[ModelHealth, ...]:
    """Return the health of every model in the actor's scope, the worst first.

    A model without a log, or without a complete reference, is listed with what is missing.
    """
    access.require(actor, Permission.overview_view)
    found = [
        _health(workspace, model, actor=actor, as_of=as_of)
        for model in list_models(workspace, actor=actor)
    ]
    order = [Status.act, Status.watch, Status.in_range, Status.not_enough_data]
    return tuple(
        sorted(
            found,
            key=lambda health: (
                order.index(health.status),
                -(health.glance.to_act if health.glance else 0),
                health.model.id,
            ),
        )
    )


def _health(
    workspace: Workspace, model: RegisteredModel, *, actor: Actor, as_of: str | None
) -> ModelHealth:
    recent = Question(model.id, last=RECENT, by="month", as_of=as_of)
    stored = glance(workspace, model.id, actor=actor, as_of=as_of)
    try:
        cohorts = _cohorts(workspace, model, actor=actor, as_of=as_of)
        running = operations(workspace, recent, actor=actor)
    except NothingYet as error:
        return ModelHealth(model, None, None, None, None, error)
    try:
        moved = measure_drift(workspace, recent, Permission.overview_view, actor=actor)
    except NothingYet as error:
        return ModelHealth(model, cohorts.view, running, None, cohorts, error, stored)
    return ModelHealth(model, cohorts.view, running, moved, cohorts, None, stored)


def _cohorts(
    workspace: Workspace, model: RegisteredModel, *, actor: Actor, as_of: str | None
) -> CohortTable:
    """Return the cohorts by year, or by the longest periods of which one has final outcomes."""
    tables = (
        cohort_table(workspace, Question(model.id, by=by, as_of=as_of), actor=actor)
        for by in ("year", "quarter", "month")
    )
    whole = next(tables)
    if model.contract.outcome is None or whole.newest_matured is not None:
        return whole
    return next((table for table in tables if table.newest_matured is not None), whole)


def _by_status_and_value(item: tuple[ColumnDrift, int]) -> tuple[int, float]:
    column, newest = item
    order = [Status.not_enough_data, Status.in_range, Status.watch, Status.act]
    return order.index(column.status_at(newest)), float(column.result.value[newest])
