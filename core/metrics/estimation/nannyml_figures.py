"""The figures of NannyML's estimation: how each is estimated, realised, and how far it spreads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.estimation.calibration import Calibrator
from core.metrics.performance import average_precision, roc_auc, score_counts

BOOTSTRAPS = 50
LARGEST_BOOTSTRAP = 50_000


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of a chunk, shape (n,) each: raw scores, predictions, probabilities, outcomes."""

    scores: Floats
    flagged: Floats
    probabilities: Floats
    labels: Floats | None

    def calibrated(self, calibrator: Calibrator) -> "Rows":
        """Return the rows with calibrated probabilities."""
        return replace(self, probabilities=calibrator.predict(self.scores))

    @classmethod
    def joined(cls, chunks: Sequence["Rows"]) -> "Rows":
        """Return the rows of labelled chunks as one."""
        return cls(
            np.concatenate([rows.scores for rows in chunks]),
            np.concatenate([rows.flagged for rows in chunks]),
            np.concatenate([rows.probabilities for rows in chunks]),
            np.concatenate([rows.labels for rows in chunks if rows.labels is not None]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """How NannyML works out one figure.

    Parameters
    ----------
    of_outcomes : callable
        Takes rows whose ``probabilities`` are probabilities, or outcomes for the realised figure.
    spread : callable
        Takes the labelled reference; the sampling error of n rows is this / √n, or times √n.
    limits : tuple of float
        What the figure can be.
    total : bool
        Whether it is a sum.
    realised_of : callable, optional
        Where ties are treated otherwise once outcomes are known.
    """

    of_outcomes: Callable[[Rows], float]
    spread: Callable[[Rows], float]
    limits: tuple[float, float] = (0.0, 1.0)
    total: bool = False
    realised_of: Callable[[Rows], float] | None = None

    def estimate(self, rows: Rows) -> float:
        """Return the estimate."""
        return self.of_outcomes(rows)

    def realised(self, rows: Rows) -> float:
        """Return the figure of the outcomes; NaN without."""
        if rows.labels is None:
            return np.nan
        if self.realised_of is not None:
            return self.realised_of(rows)
        return self.of_outcomes(replace(rows, probabilities=rows.labels))


def _cells(rows: Rows) -> tuple[float, float, float, float]:
    said, p = rows.flagged == 1, rows.probabilities
    hit, other = float(p[said].sum()), float(p[~said].sum())
    return hit, float(said.sum()) - hit, other, float((~said).sum()) - other


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _f1(rows: Rows) -> float:
    tp, fp, fn, _ = _cells(rows)
    return _ratio(tp, tp + (fp + fn) / 2)


def _precision(rows: Rows) -> float:
    tp, fp, _, _ = _cells(rows)
    return _ratio(tp, tp + fp)


def _recall(rows: Rows) -> float:
    tp, _, fn, _ = _cells(rows)
    return _ratio(tp, tp + fn)


def _specificity(rows: Rows) -> float:
    _, fp, _, tn = _cells(rows)
    return _ratio(tn, tn + fp)


def _accuracy(rows: Rows) -> float:
    tp, _, _, tn = _cells(rows)
    return (tp + tn) / rows.flagged.size


def _roc_auc(rows: Rows) -> float:
    order = np.argsort(rows.scores)[::-1]
    hits = np.cumsum(rows.probabilities[order])
    misses = np.arange(1, hits.size + 1) - hits
    up = np.round(np.concatenate([[0.0], hits]), 5)
    along = np.round(np.concatenate([[0.0], misses]), 5)
    return float(np.trapezoid(up / up[-1], along / along[-1]))


def _average_precision(rows: Rows) -> float:
    """Row by row: rows of equal scores count in the order in which the sort left them."""
    order = np.argsort(rows.scores)[::-1]
    hits = np.round(np.cumsum(rows.probabilities[order]), 5)
    precision = hits / np.arange(1, hits.size + 1)
    return float((np.diff(hits, prepend=0.0) / hits[-1]) @ precision)


def _realised_roc_auc(rows: Rows) -> float:
    return float(roc_auc(rows.scores, _labels(rows)).value)


def _realised_average_precision(rows: Rows) -> float:
    counts = score_counts(rows.scores, _labels(rows))
    return float(average_precision(counts.positives, counts.negatives))


def _labels(rows: Rows) -> Floats:
    return np.empty(0) if rows.labels is None else rows.labels


def _counted(rows: Rows) -> tuple[float, float, float, float]:
    return _cells(replace(rows, probabilities=_labels(rows)))


def _spread(hits: float, looked_at: float, n: float) -> float:
    share = _ratio(hits, looked_at)
    return float(np.sqrt(share * (1 - share) * _ratio(n, looked_at)))


def _f1_spread(rows: Rows) -> float:
    tp, fp, fn, _ = _counted(rows)
    return (tp + fp + fn) / (tp + (fp + fn) / 2) * _spread(tp, tp + fp + fn, rows.flagged.size)


def _precision_spread(rows: Rows) -> float:
    tp, fp, _, _ = _counted(rows)
    return _spread(tp, tp + fp, rows.flagged.size)


def _recall_spread(rows: Rows) -> float:
    tp, _, fn, _ = _counted(rows)
    return _spread(tp, tp + fn, rows.flagged.size)


def _specificity_spread(rows: Rows) -> float:
    _, fp, _, tn = _counted(rows)
    return _spread(tn, tn + fp, rows.flagged.size)


def _accuracy_spread(rows: Rows) -> float:
    tp, _, _, tn = _counted(rows)
    return _spread(tp + tn, rows.flagged.size, rows.flagged.size)


def _roc_auc_spread(rows: Rows) -> float:
    """Return that of the placements of the rarer class, ties as the sort left them."""
    labels, scores = _labels(rows), rows.scores
    if labels.mean() > 0.5:
        labels, scores = 1 - labels, 1 - scores
    # NannyML finds the rarer class by rank times label, which loses a row of rank 0.
    ranks = np.flatnonzero(labels[np.argsort(scores)])
    ranks = ranks[ranks > 0]
    placed = (ranks - np.arange(ranks.size)) / (labels.size - labels.sum())
    return float(placed.std() / np.sqrt(labels.mean()))


def _average_precision_spread(seed: int, rows: Rows) -> float:
    labels = _labels(rows)
    size = min(labels.size // 2, LARGEST_BOOTSTRAP)
    random = np.random.default_rng(seed)
    drawn = []
    for _ in range(BOOTSTRAPS):
        place = random.integers(labels.size, size=size)
        drawn.append(
            _realised_average_precision(
                replace(rows, scores=rows.scores[place], labels=labels[place])
            )
        )
    return float(np.std(drawn) * np.sqrt(size))


_PLACES = {
    "true_positive": (0, 2, 1),
    "false_positive": (1, 3, 0),
    "false_negative": (2, 0, 3),
    "true_negative": (3, 1, 2),
}
"""Of each cell: its place, and those of the other cells of its outcome and of its prediction."""


def _divisor(cells: tuple[float, float, float, float], name: str, normalise: str | None) -> float:
    place, of_outcome, of_prediction = _PLACES[name]
    if normalise == "true":
        return cells[place] + cells[of_outcome]
    if normalise == "pred":
        return cells[place] + cells[of_prediction]
    return sum(cells) if normalise == "all" else 1.0


def _cell(name: str, normalise: str | None, *_: object) -> Figure:
    place = _PLACES[name][0]

    def share(rows: Rows) -> float:
        cells = _cells(rows)
        return _ratio(cells[place], _divisor(cells, name, normalise))

    def spread(rows: Rows) -> float:
        cells = _counted(rows)
        n = rows.flagged.size
        looked_at = n if normalise is None else _divisor(cells, name, normalise)
        return _spread(cells[place], looked_at, n)

    if normalise is None:
        return Figure(share, spread, limits=(0.0, np.inf), total=True)
    return Figure(share, spread)


def _business_value(
    normalise: str | None, values: Floats, per_prediction: bool, seed: int
) -> Figure:
    del normalise, seed
    worth = np.array([values[1, 1], values[0, 1], values[1, 0], values[0, 0]])

    def value(rows: Rows) -> float:
        cells = _cells(rows)
        if not per_prediction:
            return float(worth @ cells)
        said, others = cells[0] + cells[1], cells[2] + cells[3]
        parts = (*(_ratio(c, said) for c in cells[:2]), *(_ratio(c, others) for c in cells[2:]))
        return float(worth @ parts)

    def spread(rows: Rows) -> float:
        cells = np.array(_counted(rows)) / rows.flagged.size
        return float(np.sqrt(cells @ worth**2 - (cells @ worth) ** 2))

    return Figure(value, spread, limits=(-np.inf, np.inf), total=not per_prediction)


def _plain(figure: Figure, *_: object) -> Figure:
    return figure


def _of_order(normalise: str | None, values: Floats, per_prediction: bool, seed: int) -> Figure:
    del normalise, values, per_prediction
    spread = partial(_average_precision_spread, seed)
    return Figure(_average_precision, spread, realised_of=_realised_average_precision)


FIGURES: Mapping[str, Callable[[str | None, Floats, bool, int], Figure]] = {
    "roc_auc": partial(_plain, Figure(_roc_auc, _roc_auc_spread, realised_of=_realised_roc_auc)),
    "average_precision": _of_order,
    "f1": partial(_plain, Figure(_f1, _f1_spread)),
    "precision": partial(_plain, Figure(_precision, _precision_spread)),
    "recall": partial(_plain, Figure(_recall, _recall_spread)),
    "specificity": partial(_plain, Figure(_specificity, _specificity_spread)),
    "accuracy": partial(_plain, Figure(_accuracy, _accuracy_spread)),
    "business_value": _business_value,
    **{name: partial(_cell, name) for name in _PLACES},
}
"""By name: makes a figure from the normalisation, values, per prediction, and a seed."""
