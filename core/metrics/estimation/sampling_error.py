"""How far a figure of n rows lies from its expectation by chance alone, learned on the reference.

Each figure has a spread, such that its standard error in a chunk of n rows is spread / √n.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats
from core.metrics.intervals import normal_quantile
from core.metrics.performance import (
    CellValues,
    Confusion,
    ScoreCounts,
    average_precision,
    roc_auc_from_counts,
)

WIDTH = 3.0
"""Standard errors from the estimate to either end of its band."""

LIMITS: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys(
        (
            *("roc_auc", "average_precision", "f1", "precision", "recall", "specificity"),
            *("accuracy", "brier_score", "outcome_rate"),
        ),
        (0.0, 1.0),
    ),
    **dict.fromkeys(("log_loss", "mae", "mse", "rmse", "mape", "rmsle"), (0.0, np.inf)),
    "business_value": (-np.inf, np.inf),
}
"""What each figure can be at least and at most."""

TOTALS = frozenset({"business_value"})
"""Figures that are sums: their standard error grows with √n."""

STORED_MESSAGE = N_("The stored sampling errors are not ours.")


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """An estimate with its band, shape (...)."""

    value: Floats
    low: Floats
    high: Floats


def band(figure: str, value: ArrayLike, half: ArrayLike) -> Band:
    """Return the band of an estimate, cut off at what the figure can be.

    Parameters
    ----------
    figure : str
        Id of the metric.
    value, half : array_like, shape (...)
        Estimate, and distance to either end.
    """
    middle, reach = (np.asarray(part, dtype=np.float64) for part in (value, half))
    low, high = LIMITS[figure]
    return Band(middle, np.maximum(middle - reach, low), np.minimum(middle + reach, high))


@dataclass(frozen=True, slots=True, eq=False)
class SamplingErrors:
    """Spreads of the figures of one reference.

    Parameters
    ----------
    spreads : mapping of str to float
        By metric id, in the figure's unit; NaN where the reference does not give it.
    rows : float
        Labelled rows of the reference.
    """

    spreads: Mapping[str, float]
    rows: float

    def of(self, figure: str, n: ArrayLike) -> Floats:
        """Return the standard error of a figure in chunks of n rows; NaN without rows.

        Parameters
        ----------
        figure : str
            Id of the metric.
        n : array_like, shape (...)
            Rows of each chunk.
        """
        rows = np.asarray(n, dtype=np.float64)
        spread = self.spreads.get(figure, np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = spread * np.sqrt(rows) if figure in TOTALS else spread / np.sqrt(rows)
        return np.asarray(np.where(rows > 0, error, np.nan))

    def of_estimator(self, figure: str, n: ArrayLike) -> Floats:
        """Return the error of the estimate itself, from the reference's being a sample too.

        It is the error of a figure of the reference's own size, as a total of n rows where the
        figure is one.
        """
        rows = np.asarray(n, dtype=np.float64)
        error = self.spreads.get(figure, np.nan) / np.sqrt(self.rows)
        scaled = error * rows if figure in TOTALS else np.full(rows.shape, error)
        return np.asarray(np.where(rows > 0, scaled, np.nan))

    def band(self, figure: str, value: ArrayLike, n: ArrayLike, *, width: float = WIDTH) -> Band:
        """Return estimate ± ``width`` standard errors, cut off at what the figure can be."""
        return band(figure, value, width * self.of(figure, n))

    def to_json(self) -> str:
        """Return it as text to be stored."""
        spreads = {name: None if np.isnan(s) else s for name, s in self.spreads.items()}
        return json.dumps({"spreads": spreads, "rows": self.rows})

    @classmethod
    def from_json(cls, text: str) -> "SamplingErrors":
        """Return the sampling errors of a stored text.

        Raises
        ------
        core.errors.InvalidInput
            If the text holds none.
        """
        try:
            stored = json.loads(text)
            spreads = {
                str(name): np.nan if value is None else float(value)
                for name, value in stored["spreads"].items()
            }
            return cls(spreads, float(stored["rows"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InvalidInput(STORED_MESSAGE) from error


def fit_sampling_errors(
    counts: ScoreCounts,
    confusion: Confusion,
    *,
    values: CellValues | None = None,
    draws: int = 50,
    seed: int = 0,
) -> SamplingErrors:
    r"""Learn the spread of every estimated figure from the labelled reference.

    Shares (accuracy, precision, recall, specificity): the standard deviation of the 0 or 1 of a row
    over the root of the share of rows that the figure looks at. F1, by the delta method with
    q = TP / (TP + FP + FN): 2 / (1 + q)² √(q (1 - q)) over the root of the share of rows that are
    not true negatives. ROC AUC, by DeLong's placement values V of positives and of negatives:
    √(var V₁ / share₁ + var V₀ / share₀). Average precision: the standard deviation over a
    bootstrap of the reference, times √n. Brier score, log loss and value: the standard deviation of
    a row's part.

    Parameters
    ----------
    counts : ScoreCounts
        The reference's labelled rows by score bin, shape (B,).
    confusion : Confusion
        The same rows by prediction and outcome, cells without dimensions.
    values : CellValues, optional
        Money a row of each cell; without it there is no business value.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    SamplingErrors
        NaN where the reference has no row that a figure looks at, or all of them say the same: no
        spread in a sample does not mean that there is none. Of a share that is 0 or 1 it is that of
        two more rows of either kind; of a perfect order, that of its interval.

    Notes
    -----
    nannyml leaves the negatives out of the error of the ROC AUC, and the denominator's part out of
    that of F1, which is therefore 1 + q times too wide: see :mod:`core.metrics.estimation.nannyml`.
    """
    cells = tuple(
        float(cell)
        for cell in (
            confusion.true_positives,
            confusion.false_positives,
            confusion.false_negatives,
            confusion.true_negatives,
        )
    )
    tp, fp, fn, tn = cells
    n = sum(cells)
    rows = float(counts.n)
    spreads = {
        "roc_auc": _roc_auc(counts),
        "average_precision": _average_precision(counts, draws, seed),
        "f1": _f1(tp, fp + fn, n),
        "precision": _share(tp, tp + fp, n),
        "recall": _share(tp, tp + fn, n),
        "specificity": _share(tn, tn + fp, n),
        "accuracy": _share(tp + tn, n, n),
        "brier_score": _mean(_squares(counts), float(counts.fourth_power.sum()), rows),
        "log_loss": _mean(float(counts.surprise.sum()), float(counts.surprise_squared.sum()), rows),
    }
    if values is not None:
        worth = np.array(
            [
                *(values.true_positive, values.false_positive),
                *(values.false_negative, values.true_negative),
            ]
        )
        spreads["business_value"] = _mean(float(worth @ cells), float(worth**2 @ cells), n)
    return SamplingErrors(spreads, rows)


def _share(hits: float, looked_at: float, n: float) -> float:
    if looked_at == 0:
        return np.nan
    share = hits / looked_at
    if share in {0.0, 1.0}:
        # No row differed, which of few rows says little: Agresti and Coull's share of two more of
        # either kind.
        share = (hits + 2) / (looked_at + 4)
    return float(np.sqrt(share * (1 - share) * n / looked_at))


def _f1(tp: float, wrong: float, n: float) -> float:
    q = tp / (tp + wrong) if tp + wrong else np.nan
    return 2 / (1 + q) ** 2 * _share(tp, tp + wrong, n)


def _mean(total: float, squares: float, n: float) -> float:
    """Return the spread of a mean; unknown where no row differs but by rounding."""
    if not n:
        return np.nan
    variance = squares / n - (total / n) ** 2
    return float(np.sqrt(variance)) if variance > 1e-12 * squares / n else np.nan


def _squares(counts: ScoreCounts) -> float:
    missed = counts.positives - 2 * counts.score_of_positives + counts.square_of_positives
    return float(missed.sum() + counts.square_of_negatives.sum())


def _roc_auc(counts: ScoreCounts) -> float:
    hits, misses = counts.positives, counts.negatives
    m, k = hits.sum(), misses.sum()
    if m == 0 or k == 0:
        return np.nan
    wins = (np.cumsum(misses) - misses / 2) / k
    losses = 1 - (np.cumsum(hits) - hits / 2) / m
    spread = 0.0
    for rows, placed in ((hits, wins), (misses, losses)):
        mean = rows @ placed / rows.sum()
        variance = rows @ (placed - mean) ** 2 / rows.sum()
        spread += variance * (m + k) / rows.sum()
    if spread <= 0:  # a perfect order, of few rows perhaps by chance
        low, high = (float(end) for end in _limits(hits, misses))
        spread = ((high - low) / normal_quantile(0.95)) ** 2 * (m + k)
    return float(np.sqrt(spread))


def _limits(hits: Floats, misses: Floats) -> tuple[Floats, Floats]:
    found = roc_auc_from_counts(hits, misses)
    return found.low, found.high


def _average_precision(counts: ScoreCounts, draws: int, seed: int) -> float:
    cells = np.concatenate([counts.positives, counts.negatives])
    n = round(float(cells.sum()))
    if counts.positives.sum() == 0:
        return np.nan
    drawn = np.random.default_rng(seed).multinomial(n, cells / cells.sum(), size=draws)
    hits, misses = np.split(drawn.astype(np.float64), 2, axis=1)
    spread = float(np.nanstd(average_precision(hits, misses)) * np.sqrt(n))
    return spread if spread > 0 else np.nan
