"""Fairness figures as plain rows, for the command line and for files to take away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from core.domain.status import Status
from core.metrics.fairness import FOUR_FIFTHS, Compared
from core.metrics.intervals import Interval
from core.services.fairness_figures import OTHERS, AttributeFairness, PairFairness
from core.services.fairness_summaries import Figures
from core.services.questions import View

ALL = "all"


@dataclass(frozen=True, slots=True)
class FairnessRow:
    """One figure of one group, or of an attribute as a whole.

    Parameters
    ----------
    attribute : str
        Column, or two with `` × `` between them.
    group : str
        Key of the group; empty for a figure of the attribute; ``others`` for all shown groups
        but the best together.
    chunk : mapping
        ``key``, ``start`` and ``end`` (ISO 8601); the key of the whole period is ``all``.
    metric : str
        Id of the figure.
    value, lower, upper : float
        Figure and 95 % interval; NaN where it cannot be computed or shown.
    n : int
        Rows behind it.
    ratio : float
        Of a selection rate: over that of the best group.
    below_four_fifths : bool or None
        Whether that ratio is less than 0.8.
    compared_with : str
        Key of the best group.
    status : Status or None
        Of figures that have thresholds.
    """

    attribute: str
    group: str
    chunk: dict[str, object]
    metric: str
    value: float
    lower: float
    upper: float
    n: int
    ratio: float
    ratio_lower: float
    ratio_upper: float
    below_four_fifths: bool | None
    compared_with: str
    status: Status | None


def rows_of(
    view: View, attributes: Sequence[AttributeFairness], pairs: Sequence[PairFairness]
) -> list[FairnessRow]:
    """Return every figure as a row."""
    whole = _chunk(ALL, view.window.start, view.window.end)
    rows: list[FairnessRow] = []
    for found in attributes:
        name = found.attribute.column
        rows += _summaries(name, whole, found)
        rows += _groups(name, whole, found.overall, found.overall.counts.groups)
        if found.others is not None:
            best = found.overall.counts.groups[found.overall.selection.best]
            rows.append(_selection(name, OTHERS, whole, found.others, 1, best))
        for chunk, figures in found.chunks:
            named = _chunk(chunk.key, chunk.start, chunk.end)
            rows += _groups(name, named, figures, figures.counts.groups)
    for pair in pairs:
        name = f"{pair.first.column} × {pair.second.column}"
        rows += _groups(name, whole, pair.overall, [" × ".join(keys) for keys in pair.groups])
    return rows


def _chunk(key: str, start: datetime, end: datetime) -> dict[str, object]:
    return {"key": key, "start": start.isoformat(), "end": end.isoformat()}


def _summaries(
    name: str, chunk: dict[str, object], found: AttributeFairness
) -> Iterator[FairnessRow]:
    nan = float("nan")
    for metric, summary in found.summaries.items():
        is_ratio = metric == "selection_rate_ratio" and np.isfinite(summary.value)
        yield FairnessRow(
            attribute=name,
            group="",
            chunk=chunk,
            metric=metric,
            value=summary.value,
            lower=summary.low,
            upper=summary.high,
            n=summary.n,
            ratio=summary.value if is_ratio else nan,
            ratio_lower=summary.low if is_ratio else nan,
            ratio_upper=summary.high if is_ratio else nan,
            below_four_fifths=bool(summary.value < FOUR_FIFTHS) if is_ratio else None,
            compared_with=summary.best,
            status=summary.status,
        )


def _groups(
    name: str, chunk: dict[str, object], figures: Figures, groups: Sequence[str]
) -> Iterator[FairnessRow]:
    best = groups[figures.selection.best] if figures.selection.best >= 0 else ""
    for place, group in enumerate(groups):
        yield _selection(name, group, chunk, figures.selection, place, best)
        for metric, interval in (
            ("true_favourable_rate", figures.opportunity.rate),
            ("false_favourable_rate", figures.false_positives.rate),
            ("favourable_precision", figures.parity.rate),
            ("calibration_gap", figures.calibration),
            ("mean_score", figures.scores),
        ):
            yield _plain(name, group, chunk, metric, interval, place)


def _selection(
    name: str, group: str, chunk: dict[str, object], compared: Compared, place: int, best: str
) -> FairnessRow:
    ratio = float(compared.ratio.value[place])
    return FairnessRow(
        attribute=name,
        group=group,
        chunk=chunk,
        metric="selection_rate",
        value=float(compared.rate.value[place]),
        lower=float(compared.rate.low[place]),
        upper=float(compared.rate.high[place]),
        n=int(compared.rate.n[place]),
        ratio=ratio,
        ratio_lower=float(compared.ratio.low[place]),
        ratio_upper=float(compared.ratio.high[place]),
        below_four_fifths=bool(ratio < FOUR_FIFTHS) if np.isfinite(ratio) else None,
        compared_with=best,
        status=None,
    )


def _plain(
    name: str, group: str, chunk: dict[str, object], metric: str, figure: Interval, place: int
) -> FairnessRow:
    nan = float("nan")
    return FairnessRow(
        attribute=name,
        group=group,
        chunk=chunk,
        metric=metric,
        value=float(figure.value[place]),
        lower=float(figure.low[place]),
        upper=float(figure.high[place]),
        n=int(figure.n[place]),
        ratio=nan,
        ratio_lower=nan,
        ratio_upper=nan,
        below_four_fifths=None,
        compared_with="",
        status=None,
    )


def csv_table(
    view: View, minimum: int, rows: Sequence[FairnessRow]
) -> tuple[list[str], list[list[object]]]:
    """Return rows as a table for a file: each line also says what was asked.

    Parameters
    ----------
    view : View
        What was asked.
    minimum : int
        Fewest rows of a group that is shown.
    rows : sequence of FairnessRow
        The figures.

    Returns
    -------
    header : list of str
        Names of the columns.
    lines : list of list
        One a figure; what is not known is empty.
    """
    question = view.question
    asked: dict[str, object] = {
        "model": view.contract.id,
        "from": view.window.start.isoformat(),
        "to": view.window.end.isoformat(),
        "as_of": view.as_of.isoformat(),
        "version": question.version or "",
        "slice": view.slice_text or "",
        "minimum_n": minimum,
    }
    lines = []
    for row in rows:
        cells = [row.attribute, row.group, row.chunk["key"], row.metric]
        figures = [row.value, row.lower, row.upper, row.n, row.ratio, row.ratio_lower]
        figures += [row.ratio_upper]
        flags = [row.below_four_fifths, row.compared_with, row.status and row.status.value]
        every = [*asked.values(), *cells, *figures, *flags]
        lines.append([None if each != each else each for each in every])  # NaN differs
    return [*asked, *_COLUMNS], lines


_COLUMNS = (
    "attribute", "group", "chunk", "metric", "value", "lower", "upper", "n", "ratio",
    "ratio_lower", "ratio_upper", "below_four_fifths", "compared_with", "status",
)  # fmt: skip
