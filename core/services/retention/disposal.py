"""Disposing of what is past its maximum: shown first, asked for by one, approved by another.

A maximum alone removes nothing. What a hold covers stays and is told; a class whose rule
contradicts itself is not disposed of at all: no program decides which of two rules to break.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.retention import RECORD_CLASSES, Rule
from core.errors import Conflict, InvalidInput
from core.i18n import N_
from core.lake.duck import open_duck
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.erasure.asking import wanted_of
from core.services.retention.disposal_lake import RELEASES, STREAMS, ModelDisposal
from core.services.retention.disposal_records import RECORDS, Asked, overdue, still_logged
from core.services.retention.holds import check_class
from core.services.retention.rules import rules_in_force
from core.services.workspace import Workspace
from core.store import jobs, models
from core.store.approvals import Approval
from core.store.jobs import Job
from core.store.retention import holds
from core.store.retention.holds import Hold
from core.store.rights import requests

DISPOSAL_JOB = "disposal"
APPROVAL_KIND = "retention.dispose"
_STORES = frozenset({*STREAMS, RELEASES, "quarantine", *RECORDS})


@dataclass(frozen=True, slots=True)
class Scope:
    """What a disposal goes by: the class, its rule, the models, and the holds in force.

    ``asking`` are the people whose request waits for an answer, with the model that it names, or
    none: their rows stay until it is closed. ``records`` is what of the class lies beside the lake.
    """

    rule: Rule
    before: datetime
    models: tuple[str, ...]
    holds: tuple[Hold, ...]
    asking: tuple[tuple[str, str | None], ...] = ()
    records: Asked | None = None

    @property
    def stores(self) -> tuple[str, ...]:
        """Streams of the class, and the quarantine."""
        return stores_of(self.rule.record_class)

    def stopped_by(self, model_id: str) -> tuple[str, ...]:
        """Return the holds that keep all of a model's records of the class."""
        name = self.rule.record_class
        return tuple(
            hold.id
            for hold in self.holds
            if hold.covers(subject_id=None, model_id=model_id, record_class=name)
        )

    def people(self, model_id: str) -> tuple[str, ...]:
        """Return the people of whom a hold or an open request keeps the model's records."""
        name = self.rule.record_class
        asking = {who for who, model in self.asking if model in {None, model_id}}
        return tuple(
            sorted(
                {
                    hold.subject_id
                    for hold in self.holds
                    if hold.subject_id is not None
                    and hold.covers(
                        subject_id=hold.subject_id, model_id=model_id, record_class=name
                    )
                }
                | asking
            )
        )


@dataclass(frozen=True, slots=True)
class DueRecords:
    """What a disposal would take from one model, and what it leaves for a hold.

    Parameters
    ----------
    model_id : str
        Which model.
    rows : Mapping of str to int
        Rows of each stream, and refused rows as ``quarantine``.
    held_rows : int
        Rows past their maximum of people under a hold, or with an open request; they stay.
    holds : tuple of str
        Holds that keep all of the model's records of the class: nothing is taken.
    """

    model_id: str
    rows: Mapping[str, int]
    held_rows: int
    holds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DisposalPreview:
    """What a disposal of a class would take now."""

    record_class: str
    before: datetime
    due: tuple[DueRecords, ...]

    @property
    def total(self) -> int:
        """Rows that would go."""
        return sum(sum(each.rows.values()) for each in self.due)


def preview_disposal(
    workspace: Workspace, record_class: str, *, actor: Actor, model: str | None = None
) -> DisposalPreview:
    """Look for what is past the maximum of a class, and change nothing.

    Raises
    ------
    Conflict
        If the rule contradicts itself, or has no maximum.
    InvalidInput
        If nothing of the class is kept here, or the actor does not see all of it.
    """
    access.require(actor, Permission.erasure_request, model=model)
    _check_scope(actor, model)
    with workspace.store.read() as conn:
        scope = scope_of(conn, record_class, model=model, at=workspace.clock())
    if scope.records is not None:
        return DisposalPreview(record_class, scope.before, _due_records(workspace, scope.records))
    found = []
    with open_duck(workspace.settings) as duck:
        for model_id in scope.models:
            stopped = scope.stopped_by(model_id)
            plan = plan_of(workspace, scope, model_id, "")
            if not stopped:
                plan.search(duck)
            rows = {name: count for name, count in plan.rows.items() if count}
            if plan.refused:
                rows["quarantine"] = plan.refused
            found.append(DueRecords(model_id, rows, plan.held_rows, stopped))
    return DisposalPreview(record_class, scope.before, tuple(found))


def _due_records(workspace: Workspace, asked: Asked) -> tuple[DueRecords, ...]:
    in_log = still_logged(workspace, asked)
    with workspace.store.read() as conn:
        found = overdue(conn, asked, in_log)
    return tuple(
        DueRecords(
            model_id,
            {
                each.store: len(each.free)
                for each in found
                if each.model_id == model_id and each.free
            },
            sum(len(each.held) for each in found if each.model_id == model_id),
            (),
        )
        for model_id in sorted({each.model_id for each in found})
    )


def propose_disposal(
    workspace: Workspace,
    record_class: str,
    *,
    actor: Actor,
    reason: str,
    model: str | None = None,
) -> Approval:
    """Ask that what is past the maximum of a class be removed; somebody else approves it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    record_class : str
        One of :data:`core.domain.retention.RECORD_CLASSES`.
    actor : Actor
        Who asks.
    reason : str
        Why now, for whoever decides.
    model : str, optional
        Only this model's.

    Raises
    ------
    Conflict
        If the rule contradicts itself, nothing is due, or it is asked for already.
    """
    access.require(actor, Permission.erasure_request, model=model)
    found = preview_disposal(workspace, record_class, actor=actor, model=model)
    if not found.total:
        raise Conflict(
            N_("No record of this class is past its maximum and free to go."),
            remedy=N_("Look at the holds, or wait."),
        )
    with workspace.store.read() as conn:
        rule = rules_in_force(conn)[record_class]
    before = {
        f"{each.model_id or '*'}: {name}": rows
        for each in found.due
        for name, rows in each.rows.items()
    }
    return approvals.propose(
        workspace,
        APPROVAL_KIND,
        actor=actor,
        reason=reason,
        object_kind="disposal",
        object_id=f"{record_class}:{model or '*'}",
        model=model,
        before=before,
        after=dict.fromkeys(before, 0),
        command={"record_class": record_class, "model": model, **rule_values(rule)},
    )


def list_disposals(workspace: Workspace, *, actor: Actor) -> tuple[Job, ...]:
    """Return the disposals that were approved, the newest first; the result is the report."""
    access.require(actor, Permission.retention_view)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        found = jobs.list_jobs(conn, kinds=[DISPOSAL_JOB])
    return tuple(
        each
        for each in found
        if actor.models is None or (each.model_id and actor.sees_model(each.model_id))
    )


@dataclass(frozen=True, slots=True)
class DisposedRows:
    """One line of a report: a model, a stream or ``quarantine``, and how many rows went."""

    model_id: str
    store: str
    rows: int


def report_lines(report: Mapping[str, object]) -> tuple[DisposedRows, ...]:
    """Return what a disposal removed, model by model; nothing if it removed nothing."""
    found: list[DisposedRows] = []
    done = report.get("models")
    for model_id, each in (done if isinstance(done, Mapping) else {}).items():
        rows = {**each["rows"], "quarantine": each.get("refused", 0)}
        found += [DisposedRows(model_id, name, count) for name, count in rows.items() if count]
    return tuple(found)


def scope_of(conn: Connection, record_class: str, *, model: str | None, at: datetime) -> Scope:
    """Return what a disposal of a class goes by at an instant.

    Raises
    ------
    Conflict
        If the rule contradicts itself, or has no maximum.
    InvalidInput
        If there is no such class, or nothing of it is kept here.
    """
    check_class(record_class)
    rule = rules_in_force(conn)[record_class]
    if not stores_of(record_class):
        raise InvalidInput(
            N_("Nothing of this class is kept here to be disposed of."),
            remedy=N_("What is made for download goes by itself; the rest is kept elsewhere."),
        )
    if rule.maximum_days is None:
        raise Conflict(
            N_("This class has no maximum: nothing of it is ever due."),
            remedy=N_("Set a rule first, on a basis."),
        )
    if rule.minimum_days is not None and rule.maximum_days < rule.minimum_days:
        raise Conflict(
            N_("The maximum of this class is below its minimum; nothing is removed."),
            remedy=N_("Decide which of the two holds, and set the rule."),
        )
    chosen = [models.get(conn, model)] if model else models.list_models(conn)
    before = at - timedelta(days=rule.maximum_days)
    names = tuple(record.id for record in chosen)
    in_force, asking = holds.list_holds(conn, in_force=True), requests.people_asking(conn)
    asked = Asked(record_class, before, at, names, in_force, asking, of_all=model is None)
    records = asked if asked.stores else None
    return Scope(rule, before, names, in_force, asking, records)


def plan_of(workspace: Workspace, scope: Scope, model_id: str, disposal_id: str) -> ModelDisposal:
    """Return what takes the class's overdue rows out of one model."""
    return ModelDisposal(
        workspace,
        model_id,
        disposal_id,
        lambda column: wanted_of(workspace, "", None, column),
        stores=scope.stores,
        before=scope.before,
        held=scope.people(model_id),
    )


def stores_of(record_class: str) -> tuple[str, ...]:
    """Return what of a class can be disposed of."""
    return tuple(each for each in RECORD_CLASSES[record_class].covers if each in _STORES)


def rule_values(rule: Rule) -> dict[str, object]:
    """Return a rule's numbers, to be compared with those that were approved."""
    return {"minimum_days": rule.minimum_days, "maximum_days": rule.maximum_days}


def check_rule(scope: Scope, approved: Mapping[str, object]) -> None:
    """Refuse to go by another rule than was approved.

    Raises
    ------
    Conflict
        If the rule was changed since.
    """
    if rule_values(scope.rule) != {name: approved.get(name) for name in rule_values(scope.rule)}:
        raise Conflict(
            N_("The retention rule was changed after this was proposed."),
            remedy=N_("Propose it again under the rule in force."),
        )


def _execute(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Order an approved disposal; the instant it reaches back to is that of the approval."""
    command, at = approval.command, workspace.clock()
    model = str(command["model"]) if command.get("model") else None
    scope = scope_of(conn, str(command["record_class"]), model=model, at=at)
    check_rule(scope, command)
    ticket = jobs.enqueue(
        conn,
        job_id=workspace.new_id(),
        kind=DISPOSAL_JOB,
        payload={
            **command,
            "disposal": approval.id,
            "at": at.isoformat(),
            "approved_by": actor.audit_name,
        },
        actor=actor.audit_name,
        at=at,
        model_id=model,
        dedupe_key=f"{DISPOSAL_JOB}:{approval.id}",
    )
    return {"disposal": approval.id, "job": ticket.id}


DISPOSAL_KIND = approvals.ApprovalKind(
    APPROVAL_KIND,
    N_("Disposal of records past their maximum"),
    Permission.erasure_request,
    Permission.erasure_approve,
    _execute,
)


def _check_scope(actor: Actor, model: str | None) -> None:
    if actor.jurisdictions is not None or (model is None and actor.models is not None):
        raise InvalidInput(
            N_("A disposal needs a scope of all that it removes."),
            remedy=N_("Name the model, or ask somebody whose scope is not limited."),
        )
