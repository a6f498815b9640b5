"""How the model stood when it decided: what checks had kept, which alerts were open."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.windows import local_day, start_of_day
from core.i18n import N_
from core.services.explanation.dossier_source import Source
from core.store.alerts import checks
from core.store.alerts import threads as alerts
from core.store.alerts.checks import CheckRun, MetricResult

_FAMILIES = ("drift", "performance", "quality")
_MOST_RUNS, _MOST_ALERTS = 1000, 1000
_LOOKED_AT = 3


def model_state(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return what was known of the model on the day of the decision, and later of its period."""
    at = source.decision.predicted_at
    zone = source.decision.contract.timezone
    until = start_of_day(local_day(at, zone) + timedelta(days=1), zone)
    known = next(iter(checks.list_runs(conn, source.model_id, until=until, limit=1)), None)
    source.or_why("/state/known_then", known, N_("No check of the model was on record that day."))
    period, found = _of_period(conn, source.model_id, at)
    source.or_why("/state/of_the_period", found, N_("No check holds figures of that period."))
    groups = [_figure(each) for each in found if each.metric == "fairness"]
    source.or_why(
        "/state/groups", groups, N_("No figures of groups are on record for that period.")
    )
    return {
        "known_then": known and _check(known, checks.results(conn, known.id)),
        "of_the_period": period and _check(period, found),
        "groups": groups,
        "alerts_open": _alerts(conn, source, at),
    }


def figures_of_the_period(conn: Connection, source: Source) -> Sequence[MetricResult]:
    """Return what a check kept of the period in which the decision fell."""
    return _of_period(conn, source.model_id, source.decision.predicted_at)[1]


def _of_period(
    conn: Connection, model_id: str, at: datetime
) -> tuple[CheckRun | None, tuple[MetricResult, ...]]:
    """Return the first check that holds figures of the period of an instant, and those figures."""
    runs = checks.list_runs(conn, model_id, limit=_MOST_RUNS)
    later = sorted((each for each in runs if each.as_of >= at), key=lambda each: each.as_of)
    for run in later[:_LOOKED_AT]:
        kept = checks.results(conn, run.id)
        found = tuple(each for each in kept if each.chunk_start <= at < each.chunk_end)
        if found:
            return run, found
    return None, ()


def _check(run: CheckRun, found: Sequence[MetricResult]) -> Mapping[str, object]:
    return {
        "as_of": run.as_of,
        "made_at": run.finished_at,
        "contract_sha256": run.spec_sha256,
        "reference": run.bins_id or None,
        **{name: [_figure(e) for e in found if e.metric == name] for name in _FAMILIES},
    }


def _figure(each: MetricResult) -> Mapping[str, object]:
    return asdict(each)


def _alerts(conn: Connection, source: Source, at: datetime) -> Sequence[Mapping[str, object]]:
    found = alerts.list_alerts(conn, models=[source.model_id], limit=_MOST_ALERTS)
    return [
        {
            "id": each.id,
            "about": each.key,
            "kind": each.alarm.kind,
            "column": each.alarm.column,
            "severity": each.severity,
            "opened_at": each.opened_at,
            "closed_at": each.closed_at,
        }
        for each in found
        if each.opened_at <= at and (each.closed_at is None or each.closed_at > at)
    ]
