"""Checking models: every source is asked, and what it finds is stored once, with the alerts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import HarbourlightError, NotComputable, NothingYet
from core.services import access
from core.services.alerts.engine import Advanced, advance
from core.services.alerts.kinds import FAILED_CHECK
from core.services.checks.context import CheckContext, NewAlarm
from core.services.checks.harm import with_importance
from core.services.checks.moment import context_of
from core.services.checks.sources import ALARM_SOURCES, FIGURE_SOURCES, AlarmSource, FigureSource
from core.services.serving.files import publish_due_states
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import alarms, checks
from core.store.alerts.alarms import Alarm
from core.store.alerts.checks import CheckRun, MetricResult
from core.store.audit import trail as audit
from core.unforeseen import headline_of

Progress = Callable[[float, str], None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of checking one model.

    Parameters
    ----------
    model : str
        Which.
    run : CheckRun or None
        The check as it is kept; ``None`` if there is nothing to check yet.
    alarms : tuple of Alarm
        What it found.
    made : bool
        Whether it is new: the same check made before is not made again.
    opened, closed : tuple of str
        Alerts that it opened and closed.
    waiting : NothingYet or None
        Why there is nothing to check.
    """

    model: str
    run: CheckRun | None
    alarms: tuple[Alarm, ...] = ()
    made: bool = False
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    waiting: NothingYet | None = None


@dataclass(frozen=True, slots=True)
class _Findings:
    """What the sources said."""

    alarms: tuple[NewAlarm, ...]
    results: tuple[MetricResult, ...]
    sources: tuple[str, ...]
    failures: Mapping[str, str]


def check(
    workspace: Workspace,
    model_id: str | None = None,
    *,
    actor: Actor,
    as_of: str | None = None,
    progress: Progress = lambda _share, _note: None,
    alarm_sources: Mapping[str, AlarmSource] = ALARM_SOURCES,
    figure_sources: Mapping[str, FigureSource] = FIGURE_SOURCES,
) -> tuple[Checked, ...]:
    """Check models: compute and store their figures, raise alarms, open and close alerts.

    The same lake, contract and moment are checked once; whoever asks again gets what is stored. A
    source that fails stops none of the others: the check is kept as failed, an alarm says so, and
    the next one asks that source again.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str, optional
        Only this model; all of the actor's scope by default.
    actor : Actor
        Needs ``check.run``, for rows of all jurisdictions, and what the sources ask for.
    as_of : str, optional
        Day or instant of knowledge, included.
    progress : callable
        Told a share of 1 and what is being done.
    alarm_sources, figure_sources : mapping
        What is looked at.

    Raises
    ------
    Forbidden
        If the actor may not, or sees rows of some jurisdictions only.
    NothingYet
        If the model that was asked for has no predictions.
    """
    access.require(actor, Permission.check_run, model=model_id)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        scope = actor.models if model_id is None else [models.get(conn, model_id).id]
        wanted = [record.id for record in models.list_models(conn, scope)]
    done: list[Checked] = []
    for number, each in enumerate(wanted):
        progress(number / len(wanted), each)
        try:
            context = context_of(workspace, each, actor=actor, as_of=as_of)
        except NothingYet as error:
            if model_id is not None:
                raise
            done.append(Checked(each, None, waiting=error))
            continue
        done.append(_check(workspace, context, alarm_sources, figure_sources))
    progress(1.0, "")
    return tuple(done)


def _check(
    workspace: Workspace,
    context: CheckContext,
    alarm_sources: Mapping[str, AlarmSource],
    figure_sources: Mapping[str, FigureSource],
) -> Checked:
    with workspace.store.read() as conn:
        before = _same(conn, context)
        if before is not None and before.state == "done":
            return _known(conn, before)
    again = None if before is None else before.failures
    started = workspace.clock()
    found = _ask(workspace, context, alarm_sources, figure_sources, again)
    run = _run(workspace, context, found, started, 1 if before is None else before.attempt + 1)
    return _keep(workspace, context, run, found)


def ask_some(
    workspace: Workspace, context: CheckContext, sources: Mapping[str, AlarmSource]
) -> Checked:
    """Ask some sources again that the newest check of this moment has asked already.

    What they say is kept as one more attempt at it. Without such a check all sources are asked.

    Parameters
    ----------
    workspace, context : Workspace, CheckContext
        Whose check; the caller has checked the permission.
    sources : mapping
        What is asked again.
    """
    with workspace.store.read() as conn:
        before = _same(conn, context)
    if before is None:
        return _check(workspace, context, ALARM_SOURCES, FIGURE_SOURCES)
    started = workspace.clock()
    found = _ask(workspace, context, sources, {}, None)
    kept = {name: why for name, why in before.failures.items() if name not in sources}
    asked = tuple(name for name in found.sources if name != FAILED_CHECK)
    found = replace(found, failures={**kept, **found.failures}, sources=asked)
    run = _run(workspace, context, found, started, before.attempt + 1)
    return _keep(workspace, context, run, found)


def _keep(workspace: Workspace, context: CheckContext, run: CheckRun, found: _Findings) -> Checked:
    """Store a check with its alarms, and move the alerts; who came later gets what is stored."""
    weighed = with_importance(workspace, context, found.alarms)
    raised = _once(_alarm(workspace, run, each) for each in weighed)
    with workspace.store.begin() as conn:
        checks.lock_model(conn, run.model_id)
        if not checks.put(conn, run, found.results):
            return _known(conn, _same(conn, context) or run)
        alarms.put_all(conn, raised)
        moved = advance(workspace, conn, run, raised, by=run.started_by)
        _record(workspace, conn, run, raised, moved, context.actor)
    publish_due_states(workspace)  # a rule may have suspended the model, or rolled it back
    return Checked(run.model_id, run, raised, True, moved.opened, moved.closed)


def _same(conn: Connection, context: CheckContext) -> CheckRun | None:
    view = context.view
    return checks.find(
        conn,
        view.contract.id,
        lake_generation=view.generation,
        spec_sha256=view.spec_sha256,
        bins_id=view.bins_id or "",
        as_of=context.as_of,
    )


def _known(conn: Connection, run: CheckRun) -> Checked:
    parts = checks.attempts(conn, run)
    raised = [alarms.of_run(conn, each.id) for each in parts]
    return Checked(run.model_id, run, alarms.standing(parts, raised))


def _ask(
    workspace: Workspace,
    context: CheckContext,
    alarm_sources: Mapping[str, AlarmSource],
    figure_sources: Mapping[str, FigureSource],
    again: Mapping[str, str] | None,
) -> _Findings:
    """Ask every source, or only those that failed before; a failure is noted and passed over."""
    raised: list[NewAlarm] = []
    results: list[MetricResult] = []
    asked: list[str] = [FAILED_CHECK]
    failures: dict[str, str] = {}
    model = context.contract.id
    for name, source in alarm_sources.items():
        if again is not None and name not in again:
            continue
        try:
            found = source(workspace, model, context)
            kept = figure_sources[name](workspace, model, context) if name in figure_sources else []
        except NotComputable:
            continue  # nothing to be said of this model: neither well nor ill
        except HarbourlightError as error:
            failures[name] = str(error)
        except Exception as error:  # one source never stops the others
            failures[name] = headline_of(error)
        else:
            raised += found
            results += kept
            asked.append(name)
    raised += [_failed(context, name, why) for name, why in failures.items()]
    return _Findings(tuple(raised), tuple(results), tuple(asked), failures)


def _failed(context: CheckContext, source: str, why: str) -> NewAlarm:
    return NewAlarm(
        kind=FAILED_CHECK,
        severity="watch",
        chunk=context.view.chunks[-1],
        column=source,
        evidence={"error": why},
    )


def _run(
    workspace: Workspace,
    context: CheckContext,
    found: _Findings,
    started: datetime,
    attempt: int,
) -> CheckRun:
    view = context.view
    return CheckRun(
        id=workspace.new_id(),
        model_id=view.contract.id,
        state="failed" if found.failures else "done",
        started_at=started,
        started_by=context.actor.audit_name,
        finished_at=workspace.clock(),
        as_of=context.as_of,
        lake_generation=view.generation,
        spec_sha256=view.spec_sha256,
        bins_id=view.bins_id or "",
        attempt=attempt,
        sources=found.sources,
        failures=found.failures,
    )


def _alarm(workspace: Workspace, run: CheckRun, found: NewAlarm) -> Alarm:
    return Alarm(
        id=workspace.new_id(),
        run_id=run.id,
        model_id=run.model_id,
        kind=found.kind,
        method=found.method,
        column=found.column,
        version=found.version,
        slice=found.slice,
        chunk_key=found.chunk.key,
        chunk_start=found.chunk.start,
        chunk_end=found.chunk.end,
        severity=found.severity,
        statistic=found.statistic,
        p_value=found.p_value,
        effect=found.effect,
        minimum_effect=found.minimum_effect,
        threshold=found.threshold,
        n_reference=found.n_reference,
        n_current=found.n_current,
        bins_id=found.bins_id,
        evidence=found.evidence,
        raised_at=run.finished_at,
        as_of=run.as_of,
    )


def _once(found: Iterable[Alarm]) -> tuple[Alarm, ...]:
    """Return each alarm of a matter, method and period once."""
    return tuple({(each.key, each.method, each.chunk_key): each for each in found}.values())


def _record(
    workspace: Workspace,
    conn: Connection,
    run: CheckRun,
    raised: tuple[Alarm, ...],
    moved: Advanced,
    actor: Actor,
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind="check.made",
        objects={"model": run.model_id, "check": run.id},
        body={
            "as_of": run.as_of,
            "generation": run.lake_generation,
            "spec_sha256": run.spec_sha256,
            "attempt": run.attempt,
            "failed": sorted(run.failures),
            "alarms": len(raised),
            "opened": list(moved.opened),
            "closed": list(moved.closed),
        },
    )


def newest_runs(workspace: Workspace, *, actor: Actor) -> tuple[CheckRun, ...]:
    """Return the check of the newest knowledge of each model in the actor's scope."""
    access.require(actor, Permission.alert_view)
    access.require_every_jurisdiction(actor)
    with workspace.store.read() as conn:
        scope = [record.id for record in models.list_models(conn, actor.models)]
        found = [checks.list_runs(conn, each, limit=1) for each in scope]
    return tuple(run for runs in found for run in runs)
