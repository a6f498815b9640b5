"""Monthly reports by themselves: ordered when a month is over, made by the worker, kept a while."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.windows import local_day
from core.errors import Forbidden, InvalidInput
from core.i18n import N_
from core.i18n.locales import LOCALES, Locale
from core.lake.files import finished_file
from core.services import access, exports
from core.services.extent import log_extent
from core.services.identity import users
from core.services.jobs.worker import Progress
from core.services.monthly.files import (
    FORMATS,
    MEDIA_TYPES,
    as_file,
    checked_format,
    record_report,
)
from core.services.monthly.report import month_found
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import jobs, manifest, models, settings
from core.store.audit import trail as audit
from core.store.models import ModelRecord

MONTHLY_JOB = "monthly_report"
LIFETIME = timedelta(days=90)
_SETTING = "monthly_reports"
_LATEST_DAY = 28
_FILES = "monthly-*"


@dataclass(frozen=True, slots=True)
class Plan:
    """When which reports are made.

    Parameters
    ----------
    day : int
        Day of the following month from which a month's report is due, 1 to 28.
    formats, languages : tuple of str
        One file for each pair.
    models : tuple of str, optional
        Only these; all of the person's scope by default.
    user_id : str
        Who set it: reports are made with the rights that this person has then.
    """

    day: int
    formats: tuple[str, ...]
    languages: tuple[str, ...]
    models: tuple[str, ...] | None
    user_id: str


def set_plan(
    workspace: Workspace,
    *,
    actor: Actor,
    day: int = 5,
    formats: Sequence[str] = ("pdf",),
    languages: Sequence[str] = ("en",),
    models_of: Sequence[str] | None = None,
) -> Plan:
    """Let the worker make the reports of every month, once it is over.

    The workspace has one plan: another one takes its place.

    Parameters
    ----------
    workspace : Workspace
        Where.
    actor : Actor
        Who asks.
    day : int
        Day of the following month.
    formats : sequence of str
        Of :data:`core.services.monthly.files.FORMATS`.
    languages : sequence of str
        Tags of languages.
    models_of : sequence of str, optional
        Only these models; all of the actor's by default.

    Raises
    ------
    InvalidInput
        If there is no such day, format or language.
    NotFound
        If a model is not in the actor's scope.
    Forbidden
        If the actor sees some jurisdictions only, or not all models of the plan or of the one
        before it.
    """
    access.require(actor, Permission.report_plan)
    access.require_every_jurisdiction(actor)
    for each in models_of or ():
        access.require(actor, Permission.report_plan, model=each)
    if not 1 <= day <= _LATEST_DAY:
        raise InvalidInput(
            N_("Reports are made from day 1 to {most} of the following month."),
            remedy=N_("Choose a number in between."),
            most=_LATEST_DAY,
        )
    kept = tuple(dict.fromkeys(checked_format(each) for each in formats))
    spoken = tuple(dict.fromkeys(_language(each) for each in languages))
    if not kept or not spoken:
        raise InvalidInput(
            N_("A plan needs a format and a language."), remedy=N_("Choose at least one of each.")
        )
    chosen = None if models_of is None else tuple(dict.fromkeys(models_of))
    plan = Plan(day, kept, spoken, chosen, actor.user_id)
    _require_models(actor, plan)
    with workspace.store.begin() as conn:
        _require_models(actor, _plan(conn))
        for each in chosen or ():
            models.get(conn, each)
        settings.put(conn, _SETTING, _as_json(plan))
        _record(workspace, conn, actor, plan)
    return plan


def end_plan(workspace: Workspace, *, actor: Actor) -> None:
    """Let no more reports be made by themselves; finished ones stay until their time is over.

    Raises
    ------
    Forbidden
        If the actor sees some jurisdictions only, or not all models that have reports.
    """
    access.require(actor, Permission.report_plan)
    access.require_every_jurisdiction(actor)
    with workspace.store.begin() as conn:
        _require_models(actor, _plan(conn))
        settings.remove(conn, _SETTING)
        _record(workspace, conn, actor, None)


def get_plan(workspace: Workspace, *, actor: Actor) -> Plan | None:
    """Return when reports of models in the actor's scope are made; ``None`` if none are."""
    access.require(actor, Permission.kpi_export)
    with workspace.store.read() as conn:
        plan = _plan(conn)
    if plan is None or actor.models is None:
        return plan
    seen = sorted(actor.models) if plan.models is None else plan.models
    kept = tuple(each for each in seen if actor.sees_model(each))
    return replace(plan, models=kept) if kept else None


def list_reports(workspace: Workspace, *, actor: Actor, limit: int = 60) -> tuple[jobs.Job, ...]:
    """Return the reports that were ordered for models of the actor's scope, the newest first.

    They are made of rows of all jurisdictions: whoever sees some only is told of none.
    """
    access.require(actor, Permission.kpi_export)
    if actor.jurisdictions is not None:
        return ()
    with workspace.store.read() as conn:
        return jobs.list_jobs(conn, models=actor.models, kinds=[MONTHLY_JOB], limit=limit)


def hand_over(
    workspace: Workspace, job: jobs.Job, name: str, *, actor: Actor
) -> exports.MadeExport | None:
    """Let the actor fetch a file of a finished report; ``None`` if it is gone."""
    access.require(actor, Permission.kpi_export, model=job.model_id)
    access.require_every_jurisdiction(actor)
    files = (job.result or {}).get("files")
    if job.kind != MONTHLY_JOB or not isinstance(files, Mapping) or name not in files:
        return None
    path = workspace.settings.exports_dir / Path(str(files[name])).name
    if not path.is_file():
        return None
    return exports.publish(
        workspace,
        path.read_bytes(),
        actor=actor,
        permission=Permission.kpi_export,
        name=name,
        media_type=MEDIA_TYPES[checked_format(name.rsplit(".", 1)[-1])],
        model=job.model_id,
    )


def order_due_reports(workspace: Workspace) -> int:
    """Order the reports that are due; the worker calls it when idle. Return how many are new.

    Due is the newest month that the log holds to its end, from the plan's day of the following
    month on, once.
    """
    with workspace.store.read() as conn:
        plan = _plan(conn)
        if plan is None:
            return 0
        found = models.list_models(conn, None if plan.models is None else frozenset(plan.models))
        due = {each.id: _due_month(workspace, conn, each, plan) for each in found}
        new = [
            (model, month)
            for model, month in due.items()
            if month and not jobs.list_jobs(conn, dedupe_key=_key(model, month), limit=1)
        ]
    if not new:
        return 0
    with workspace.store.begin() as conn:
        tickets = [_order(workspace, conn, plan, *each) for each in new]
    return sum(ticket.created for ticket in tickets)


def report_job(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Make the files of a month, with the rights that the person behind the plan has now."""
    person = users.actor_for(workspace, str(job.payload["user"]), "worker")
    access.require_every_jurisdiction(person)
    month, model = str(job.payload["month"]), job.model_id or ""
    found = month_found(workspace, model, month, actor=person)
    wanted = [
        (checked_format(each), _language(language))
        for each in _texts(job.payload["formats"])
        for language in _texts(job.payload["languages"])
    ]
    files: dict[str, str] = {}
    for number, (kind, language) in enumerate(wanted):
        progress(number / len(wanted), kind)
        made = as_file(found, month, kind, language)
        target = workspace.settings.exports_dir / f"monthly-{job.id}-{number}.{kind}"
        with finished_file(target) as partial:
            partial.write_bytes(made.content)
        about = {"month": month, "format": kind, "job": job.id}
        record_report(workspace, person, found, made, about)
        files[made.name] = target.name
    return {"files": files, "month": month}


def remove_old_files(workspace: Workspace) -> int:
    """Remove reports that are older than ninety days; they can be made again."""
    oldest = (workspace.clock() - LIFETIME).timestamp()
    folder = workspace.settings.exports_dir
    old = [path for path in folder.glob(_FILES) if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _require_models(actor: Actor, plan: Plan | None) -> None:
    """Let the actor pass whose scope holds every model of a plan: all, if the plan is for all."""
    if plan is None or actor.models is None:
        return
    if plan.models is None or not all(actor.sees_model(each) for each in plan.models):
        raise Forbidden(
            N_("Monthly reports are one plan for the workspace, with models outside your scope."),
            remedy=N_("Name your models, or ask somebody who sees all models of the plan."),
        )


def _due_month(workspace: Workspace, conn: Connection, record: ModelRecord, plan: Plan) -> str:
    """Return the newest month that the log holds to its end, if its report is due; else nothing."""
    zone = parsed_contract(record.spec_text).timezone
    files = manifest.files_at(conn, record.id, record.lake_generation)
    extent = log_extent(workspace, record, files, None)
    if extent is None:
        return ""
    newest = local_day(extent.last, zone)
    following = date(newest.year, newest.month, 1)
    if (newest + timedelta(days=1)).day == 1:  # the last day of its month
        following = newest + timedelta(days=1)
    last = following - timedelta(days=1)
    if local_day(workspace.clock(), zone) < following + timedelta(days=plan.day - 1):
        return ""
    if local_day(extent.first, zone) > last:
        return ""
    return f"{last:%Y-%m}"


def _order(
    workspace: Workspace, conn: Connection, plan: Plan, model: str, month: str
) -> jobs.Ticket:
    return jobs.enqueue(
        conn,
        job_id=workspace.new_id(),
        kind=MONTHLY_JOB,
        payload={
            "user": plan.user_id,
            "month": month,
            "formats": list(plan.formats),
            "languages": list(plan.languages),
        },
        actor=plan.user_id,
        at=workspace.clock(),
        model_id=model,
        dedupe_key=_key(model, month),
    )


def _key(model: str, month: str) -> str:
    return f"{MONTHLY_JOB}:{model}:{month}"


def _language(text: str) -> Locale:
    for each in LOCALES:
        if text == each:
            return each
    raise InvalidInput(
        N_("{text!r} is not known here."),
        remedy=N_("Choose from: {known}."),
        text=text,
        known=", ".join(LOCALES),
    )


def _plan(conn: Connection) -> Plan | None:
    kept = settings.get(conn, _SETTING)
    if not isinstance(kept, Mapping):
        return None
    chosen = kept.get("models")
    return Plan(
        day=int(str(kept["day"])),
        formats=tuple(each for each in _texts(kept["formats"]) if each in FORMATS),
        languages=tuple(each for each in _texts(kept["languages"]) if each in LOCALES),
        models=None if chosen is None else tuple(_texts(chosen)),
        user_id=str(kept["user_id"]),
    )


def _as_json(plan: Plan) -> dict[str, object]:
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in asdict(plan).items()
    }


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else []


def _record(workspace: Workspace, conn: Connection, actor: Actor, plan: Plan | None) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind="monthly_report.plan_changed",
        objects={},
        body={} if plan is None else {k: v for k, v in _as_json(plan).items() if k != "user_id"},
    )
