"""What was odd about a case's day and its values, and what the log says of why it was decided."""

from dataclasses import dataclass

from core.domain.status import Status, status_of_level
from core.domain.windows import Window
from core.services.checks.results import newest_check
from core.services.review.case_source import CaseSource
from core.services.review.reason_columns import ATTRIBUTION, REASON

_FAMILIES = ("drift", "quality")
MOST = 8


@dataclass(frozen=True, slots=True)
class DayFlag:
    """A figure of the period around the prediction that the newest check found out of range.

    Parameters
    ----------
    family : {"drift", "quality"}
        What kind of figure.
    method, column : str
        The figure, and of which column.
    status : Status
        Watch or act.
    value, threshold : float, optional
        The figure, and from where on to act.
    """

    family: str
    method: str
    column: str
    status: Status
    value: float | None
    threshold: float | None


@dataclass(frozen=True, slots=True)
class DayFlags:
    """What checks say of the period that the prediction lies in.

    ``period`` is the shortest that was looked at; ``None`` if no figure of drift or quality covers
    the prediction.
    """

    period: Window | None
    flags: tuple[DayFlag, ...]


@dataclass(frozen=True, slots=True)
class LoggedReason:
    """What the serving system logged of why: a code, or how much a feature weighed.

    Parameters
    ----------
    name : str
        Feature, or column that holds the code.
    code : str
        The code; empty for a weight.
    weight : float, optional
        The logged attribution.
    """

    name: str
    code: str
    weight: float | None


def day_flags(source: CaseSource) -> DayFlags:
    """Return what the newest check found out of range in the period of the prediction.

    Raises
    ------
    Forbidden
        If the actor sees rows of some jurisdictions only: checks look at rows of all.
    """
    found = newest_check(source.workspace, source.contract.id, actor=source.actor)
    covering = [
        each
        for each in (found.results if found is not None else ())
        if each.metric in _FAMILIES
        and each.chunk_start <= source.predicted_at < each.chunk_end
        and not each.slice
        and each.version in {"", source.version}
    ]
    worst: dict[tuple[str, str], DayFlag] = {}
    for each in covering:
        status = status_of_level(each.level)
        if status not in {Status.act, Status.watch}:
            continue
        flag = DayFlag(each.metric, each.method, each.column, status, each.value, each.threshold)
        kept = worst.get((each.metric, each.column))
        if kept is None or (kept.status is Status.watch and status is Status.act):
            worst[each.metric, each.column] = flag
    ordered = sorted(worst.values(), key=lambda each: each.status is not Status.act)
    windows = [Window(each.chunk_start, each.chunk_end) for each in covering]
    shortest = min(windows, key=lambda each: each.end - each.start, default=None)
    return DayFlags(shortest, tuple(ordered[:MOST]))


def logged_reasons(source: CaseSource) -> tuple[LoggedReason, ...]:
    """Return the reasons and attributions that the log has of the prediction.

    Declared columns named ``reason``, ``reason_1`` … hold codes; those named ``attribution_`` or
    ``shap_`` and a feature hold weights. Nothing is computed: reasons that a model did not give
    would be somebody else's.

    Raises
    ------
    NotFound
        If the prediction is no longer in the log.
    """
    row = source.required_row()
    codes: list[LoggedReason] = []
    weights: list[LoggedReason] = []
    for column in source.contract.columns:
        if source.contract.is_personal(column.name):
            continue
        value = row.get(source.alias(column.name))
        weighed = ATTRIBUTION.fullmatch(column.name)
        if weighed and isinstance(value, int | float):
            weights.append(LoggedReason(weighed[1], "", float(value)))
        elif REASON.fullmatch(column.name) and value not in {None, ""}:
            codes.append(LoggedReason(column.name, str(value), None))
    weights.sort(key=lambda each: -abs(each.weight or 0.0))
    return (*codes, *weights[:MOST])
