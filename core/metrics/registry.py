"""The one registry of metrics: help texts, docs, the command line and ``--json`` derive from it."""

from collections.abc import Mapping
from types import MappingProxyType

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.definitions import (
    CONFIDENCE,
    DATA_QUALITY,
    DRIFT,
    FAIRNESS,
    MULTIVARIATE,
    OPERATIONS,
    PERFORMANCE,
    VALUE,
)
from core.metrics.metric import Family, Metric

METRICS: Mapping[str, Metric] = MappingProxyType(
    {
        metric.id: metric
        for metric in (
            *(*DRIFT, *MULTIVARIATE, *DATA_QUALITY, *CONFIDENCE),
            *(*OPERATIONS, *PERFORMANCE, *FAIRNESS, *VALUE),
        )
    }
)

UNKNOWN_MESSAGE = N_("There is no metric called {id}.")
UNKNOWN_REMEDY = N_("Choose from: {known}.")


def metric(metric_id: str, family: Family | None = None) -> Metric:
    """Return the registry entry of a metric.

    Parameters
    ----------
    metric_id : str
        Id of the metric.
    family : str, optional
        The family that it must belong to.

    Returns
    -------
    Metric
        The entry.

    Raises
    ------
    core.errors.InvalidInput
        If there is none; the remedy lists the known ids.
    """
    known = family_members(family) if family else tuple(METRICS.values())
    for entry in known:
        if entry.id == metric_id:
            return entry
    names = ", ".join(entry.id for entry in known)
    raise InvalidInput(UNKNOWN_MESSAGE, remedy=UNKNOWN_REMEDY, id=metric_id, known=names)


def family_members(family: Family) -> tuple[Metric, ...]:
    """Return the metrics of a family in registry order.

    Parameters
    ----------
    family : str
        ``"drift"``, ``"multivariate"``, ``"data_quality"``, ``"confidence"``, ``"operations"``,
        ``"performance"``, ``"fairness"`` or ``"value"``.

    Returns
    -------
    tuple of Metric
        Its entries.
    """
    return tuple(entry for entry in METRICS.values() if entry.family == family)


def glossary_table() -> str:
    """Return all metrics as a Markdown table.

    Returns
    -------
    str
        One row per metric: name, family, meaning, range and thresholds, with a link to its page.
    """
    rows = ["| Metric | Family | Meaning | Range | Watch | Act |", "|---|---|---|---|---|---|"]
    for entry in METRICS.values():
        cells = (
            f"[{entry.label}]({entry.id}.md)",
            entry.family.replace("_", " "),
            entry.meaning,
            range_text(entry),
            threshold_text(entry, entry.watch),
            threshold_text(entry, entry.act),
        )
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows)


def range_text(entry: Metric) -> str:
    """Return the range of a metric in English, such as ``0 to 1``."""
    low, high = entry.range
    if low == -float("inf"):
        return "any number"
    return f"{low:g} or more" if high == float("inf") else f"{low:g} to {high:g}"


def threshold_text(entry: Metric, threshold: float | None) -> str:
    """Return a threshold with the side on which it is reached, such as ``≥ 0.1``."""
    if threshold is None:
        return "none by default"
    return f"{'≤' if entry.direction == 'higher_is_better' else '≥'} {threshold:g}"
