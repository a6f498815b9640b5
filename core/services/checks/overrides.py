"""Alarms of slices in which people overturn the model clearly more often than elsewhere."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import timedelta
from math import isnan

from core.contract import ModelContract, Segment
from core.domain.identity import Permission
from core.domain.review import Verdict
from core.domain.windows import Chunk
from core.errors import NotComputable
from core.lake.profiles.segments import MISSING, range_labels
from core.lake.rows_by_id import rows_by_id
from core.metrics.oversight.overrides import (
    ALPHA,
    CLEAR,
    FEWEST,
    Systematic,
    systematic_overrides,
)
from core.services import access
from core.services.checks.context import CheckContext, NewAlarm
from core.services.demo.verdicts import SIMULATED
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.review.final_verdicts import final_verdicts
from core.store.review.records import CaseRecord

DAYS = 90


def override_alarms(workspace: Workspace, model: str, context: CheckContext) -> list[NewAlarm]:
    """Return the values of segments whose cases people overturn clearly more often than others.

    Of verdicts that became final within 90 days; simulated ones do not count, and segments by a
    personal column are not looked at.

    Raises
    ------
    NotComputable
        If there are too few verdicts to compare, or no segment.
    """
    access.require(context.actor, Permission.check_run, model=model)
    until = workspace.clock() if context.known is None else context.as_of
    since = until - timedelta(days=DAYS)
    segments = _segments(context.contract)
    with workspace.store.read() as conn:
        record = models.get(conn, model)
        found = [
            each
            for each in final_verdicts(conn, model, since=since)
            if each.final_at is not None and each.final_at <= until and each.fed_batch != SIMULATED
        ]
        files = manifest.files_at(
            conn, model, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    if not segments or len(found) < 2 * FEWEST:
        raise NotComputable("Too few verdicts about {model} to compare slices.", model=model)
    columns = [context.contract.alias(each.source) for each in segments]
    ids = [each.prediction_id for each in found]
    rows = rows_by_id(workspace.duck, workspace.lake_paths(files), ids, columns)
    kept = [each for each in found if each.prediction_id in rows]
    values = {
        segment.name: [_value(segment, rows[each.prediction_id][place]) for each in kept]
        for place, segment in enumerate(segments)
    }
    period = Chunk(0, "all", since, until)
    compared = systematic_overrides(values, [_is_overturned(each) for each in kept])
    return [_alarm(each, period, len(compared)) for each in compared if each.is_clear]


def _segments(contract: ModelContract) -> Sequence[Segment]:
    return [each for each in contract.segments if not contract.is_personal(each.source)]


def _is_overturned(case: CaseRecord) -> bool:
    return case.verdict is Verdict.overturn


def _value(segment: Segment, value: object) -> str:
    """Return a segment's value as slices name it."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return MISSING
    if segment.edges:
        return range_labels(segment.edges)[bisect_right(segment.edges, float(str(value)))]
    return str(value)


def _alarm(found: Systematic, period: Chunk, compared: int) -> NewAlarm:
    both = found.difference
    return NewAlarm(
        kind="systematic_override",
        severity="act" if both.low >= CLEAR else "watch",
        chunk=period,
        slice=f"{found.segment}={found.value}",
        statistic=both.first.value,
        p_value=found.p_value,
        effect=both.value,
        minimum_effect=CLEAR,
        n_reference=both.second.n,
        n_current=both.first.n,
        evidence={
            "overturned": both.first.hits,
            "elsewhere_overturned": both.second.hits,
            "elsewhere": both.second.value,
            "low": both.low,
            "high": both.high,
            "compared": compared,
            "alpha": ALPHA,
            "days": DAYS,
        },
    )
