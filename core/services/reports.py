"""Reports made by the worker: ordered here, followed here, kept in the exports folder."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pandas as pd

from core.contract import Feature, ModelContract
from core.domain.identity import Actor, Permission, Role
from core.errors import NotComputable, NothingYet
from core.lake.rows import read_rows
from core.reports.evidently_report import write_report
from core.services import access
from core.services.jobs import ordering
from core.services.jobs.worker import Progress
from core.services.personal.names import mask_categories
from core.services.questions import Question, View, resolve
from core.services.reference.counts import live_bins, row_filter
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import jobs

EVIDENTLY = "evidently_report"
SAMPLE_ROWS = 20_000
LIFETIME = timedelta(days=7)
_PREFIX = "evidently-"


@retry_when_stale
def order_report(workspace: Workspace, question: Question, *, actor: Actor) -> jobs.Ticket:
    """Order Evidently's report for a question; the same one again while it is made is one job."""
    view = resolve(workspace, question, Permission.report_create, actor=actor)
    payload = {
        "start": view.window.start.isoformat(),
        "end": view.window.end.isoformat(),
        "version": question.version,
        "slice": question.slice,
        "jurisdictions": list(view.jurisdictions) if view.jurisdictions is not None else None,
        "as_of": view.as_of.isoformat(),
    }
    return ordering.order(
        workspace,
        EVIDENTLY,
        payload,
        actor=actor,
        permission=Permission.report_create,
        model_id=question.model,
        dedupe_key=f"{EVIDENTLY}:{question.model}:{actor.user_id}:{sorted(payload.items())}",
        entry_kind="report.ordered",
        body=payload,
    )


def newest_report(workspace: Workspace, model: str, *, actor: Actor) -> jobs.Job | None:
    """Return the actor's newest report of a model, in whatever state it is."""
    access.require(actor, Permission.report_create, model=model)
    with workspace.store.read() as conn:
        found = jobs.list_jobs(
            conn, models=[model], kinds=[EVIDENTLY], created_by=actor.audit_name, limit=1
        )
    return next(iter(found), None)


def report_file(workspace: Workspace, job: jobs.Job, *, actor: Actor) -> Path | None:
    """Return the finished report of a job of the actor's; ``None`` if it is not there."""
    access.require(actor, Permission.report_create, model=job.model_id)
    if not _in_scope(job.payload["jurisdictions"], actor):  # narrowed since
        return None
    return ordering.made_file(
        workspace, job, actor=actor, permission=Permission.report_create, prefix=_PREFIX
    )


def make_report(workspace: Workspace, job: jobs.Job, progress: Progress) -> Mapping[str, object]:
    """Make the report that :func:`order_report` ordered.

    Raises
    ------
    NothingYet, NotComputable
        If a period has no rows, or every feature is personal.
    """
    payload = job.payload
    scope = payload["jurisdictions"]
    worker = Actor(
        job.created_by,
        job.created_by,
        frozenset({Role.admin}),
        jurisdictions=frozenset(scope) if isinstance(scope, list) else None,
        origin="worker",
    )
    version, cut = payload["version"], payload.get("slice")
    question = Question(
        model=job.model_id or "",
        start=str(payload["start"]),
        end=str(payload["end"]),
        as_of=str(payload["as_of"]),
        version=str(version) if version else None,
        slice=str(cut) if cut else None,
        by="all",
    )
    view = resolve(workspace, question, Permission.report_create, actor=worker)
    progress(0.1, "Reading the reference")
    kept, left_out = shown_features(view.contract)
    if not kept:
        raise NotComputable(
            "Every feature of {model} is numeric and personal; the report would quote its values.",
            model=view.contract.id,
        )
    reference = _sample(workspace, view, kept, reference=True)
    progress(0.3, "Reading the period")
    current = _sample(workspace, view, kept, reference=False)
    if reference.empty or current.empty:
        raise NothingYet("One of the two periods has no rows.", remedy="Choose another period.")
    bins = live_bins(workspace, view) if view.bins_id is not None else None
    mask_categories(view.contract, bins, reference, current)
    progress(0.5, "Evidently is computing")
    target = workspace.settings.exports_dir / f"{_PREFIX}{job.model_id}-{job.id}.html"
    write_report(
        reference,
        current,
        numeric=[f.name for f in kept if f.type == "numeric"],
        categorical=[f.name for f in kept if f.type == "categorical"],
        left_out=left_out,
        target=target,
    )
    return {
        "file": target.name,
        "bytes": target.stat().st_size,
        "reference_rows": len(reference),
        "current_rows": len(current),
        "left_out": list(left_out),
    }


def shown_features(contract: ModelContract) -> tuple[tuple[Feature, ...], tuple[str, ...]]:
    """Return the features that a report is about, and the names of those left out.

    Evidently prints the smallest, largest and commonest values of a number, which of a personal
    one would be somebody's; categories are told by numbers instead.
    """
    features = contract.features
    left_out = [f for f in features if f.type == "numeric" and contract.is_personal(f.name)]
    kept = tuple(f for f in features if f not in left_out)
    return kept, tuple(f.name for f in left_out)


def remove_old_reports(workspace: Workspace) -> int:
    """Remove reports that nobody can want any more; the worker does so when idle."""
    oldest = (workspace.clock() - LIFETIME).timestamp()
    old = [
        path
        for path in workspace.settings.exports_dir.glob(f"{_PREFIX}*.html")
        if path.stat().st_mtime < oldest
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _in_scope(jurisdictions: object, actor: Actor) -> bool:
    if actor.jurisdictions is None:
        return True
    return isinstance(jurisdictions, list) and actor.jurisdictions.issuperset(jurisdictions)


def _sample(
    workspace: Workspace, view: View, features: Sequence[Feature], *, reference: bool
) -> pd.DataFrame:
    """Return at most 20,000 rows, drawn at random, under the features' names."""
    window = view.reference_window if reference else view.window
    names = {view.contract.alias(feature.name): feature.name for feature in features}
    table = read_rows(
        workspace.duck,
        workspace.lake_paths(view.data_files("predictions")),
        view.contract,
        list(names),
        window=(window.start, window.end),
        row_filter=row_filter(workspace, view, of_reference=reference),
        sample=SAMPLE_ROWS,
    )
    frame: pd.DataFrame = table.to_pandas().rename(columns=names)
    return frame
