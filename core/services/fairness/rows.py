"""Fairness figures as plain rows, for the command line and for files to take away."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

import numpy as np

from core.domain.status import Status
from core.metrics.fairness import FOUR_FIFTHS, Compared, GroupCounts
from core.metrics.intervals import Interval
from core.services.fairness.figures import OTHERS, AttributeFairness, PairFairness
from core.services.fairness.summaries import Figures
from core.services.questions import View

ALL = "all"
NEEDS_OUTCOMES = frozenset(
    {
        "true_favourable_rate",
        "false_favourable_rate",
        "favourable_precision",
        "calibration_gap",
        "equal_opportunity_difference",
        "equalised_odds_difference",
        "predictive_parity_difference",
        "calibration_gap_difference",
    }
)
"""Figures that are computed from rows whose outcome is known."""


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
    by_chance : bool or None
        Of a ratio or a difference: whether its interval, which holds for all pairs of groups
        together, holds "no difference".
    matured_share, labelled_share : float
        Of a figure that needs outcomes: share of the rows of its groups that are old enough for
        one, and of those whose outcome counts; NaN for others.
    maturity : {"", "matured", "partial", "none"}
        How far they are: a figure of a partial period will still gain rows. Empty for figures
        that need no outcome.
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
    by_chance: bool | None
    matured_share: float
    labelled_share: float
    maturity: str
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
            by_chance=summary.by_chance if np.isfinite(summary.value) else None,
            **_far(metric, found.overall.counts),
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
            far = _far(metric, figures.counts, place)
            yield _plain(name, group, chunk, metric, interval, place, far)


def _selection(
    name: str, group: str, chunk: dict[str, object], compared: Compared, place: int, best: str
) -> FairnessRow:
    ratio = float(compared.ratio.value[place])
    known = np.isfinite(ratio)
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
        below_four_fifths=bool(ratio < FOUR_FIFTHS) if known else None,
        compared_with=best,
        by_chance=bool(compared.ratio.high[place] >= 1)
        if known and place != compared.best
        else None,
        **_far("selection_rate", None),
        status=None,
    )


def _plain(
    name: str,
    group: str,
    chunk: dict[str, object],
    metric: str,
    figure: Interval,
    place: int,
    far: "_Far",
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
        by_chance=None,
        **far,
        status=None,
    )


class _Far(TypedDict):
    matured_share: float
    labelled_share: float
    maturity: str


def _far(metric: str, counts: GroupCounts | None, place: int | None = None) -> _Far:
    """Return how far the outcomes behind a figure are, of one group or of all."""
    nan = float("nan")
    if metric not in NEEDS_OUTCOMES or counts is None:
        return _Far(matured_share=nan, labelled_share=nan, maturity="")
    matured, labelled = outcome_shares(counts, place)
    return _Far(matured_share=matured, labelled_share=labelled, maturity=maturity_word(matured))


def outcome_shares(counts: GroupCounts, place: int | None = None) -> tuple[float, float]:
    """Return the shares of rows old enough for an outcome, and of those whose outcome counts.

    Parameters
    ----------
    counts : GroupCounts
        Groups that are shown.
    place : int, optional
        Only this group.
    """
    at = slice(None) if place is None else slice(place, place + 1)
    rows = float(counts.n[at].sum())
    if not rows:
        return float("nan"), float("nan")
    return float(counts.matured[at].sum()) / rows, float(counts.labelled[at].sum()) / rows


def maturity_word(share: float) -> str:
    """Return how far a period is of which this share is old enough."""
    if not share > 0:
        return "none"
    return "matured" if share >= 1 else "partial"


def csv_table(
    view: View, minimum: int, rows: Sequence[FairnessRow], *, whose: str = ""
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
    whose : str
        Whose decisions were compared: the source of the rule.

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
        "decisions": whose,
    }
    lines = []
    for row in rows:
        cells = [row.attribute, row.group, row.chunk["key"], row.metric]
        figures = [row.value, row.lower, row.upper, row.n, row.ratio, row.ratio_lower]
        figures += [row.ratio_upper]
        flags = [row.below_four_fifths, row.compared_with, row.by_chance, row.matured_share]
        flags += [row.labelled_share, row.maturity, row.status and row.status.value]
        every = [*asked.values(), *cells, *figures, *flags]
        lines.append([None if each != each else each for each in every])  # NaN differs
    return [*asked, *_COLUMNS], lines


_COLUMNS = (
    "attribute", "group", "chunk", "metric", "value", "lower", "upper", "n", "ratio",
    "ratio_lower", "ratio_upper", "below_four_fifths", "compared_with", "by_chance",
    "matured_share", "labelled_share", "maturity", "status",
)  # fmt: skip
