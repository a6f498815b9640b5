"""Performance of binary models and of regressions against scikit-learn and SciPy."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from core.lake.labels.binary import LabelledCells
from core.lake.labels.score_grid import score_cells
from core.metrics.arrays import Floats
from core.metrics.influence import spearman
from core.metrics.intervals import wilson
from core.metrics.performance import (
    CellValues,
    Confusion,
    binary_figures,
    error_sums,
    regression_figures,
    roc_auc,
    score_counts,
)
from core.services.performance.figures import of_binary
from tests.conformance.cases import estimated, scored
from tests.conformance.measure import Comparison, pairs
from tests.conformance.peers import peer

Theirs = Callable[[Floats, Floats], Any]
CUT_OFF = 0.5
VALUES = CellValues(10, -50, -20, 100)
FLAGGED = (
    "flagged from a score of 0.5 on; nothing to divide by is NaN (scikit-learn's zero_division)"
)


def scores() -> Iterator[Comparison]:
    """Yield the comparisons of binary models, of regressions and of the intervals of shares."""
    yield from _of_scores()
    yield from _of_cells()
    yield from _of_errors()
    yield from _intervals()


def confusion(values: Floats, labels: Floats) -> Confusion:
    """Return the cells of raw rows at the cut-off."""
    said, was = values >= CUT_OFF, labels == 1
    return Confusion.of(
        *((one & other).sum() for one, other in (
            (said, was), (said, ~was), (~said, was), (~said, ~was)
        ))
    )  # fmt: skip


def _ours(values: Floats, labels: Floats) -> Mapping[str, Any]:
    return binary_figures(score_counts(values, labels), confusion(values, labels), values=VALUES)


def _line(metric: str, name: str, theirs: Theirs, convention: str = "") -> Comparison:
    return Comparison(
        metric, "of raw scores", name, convention,
        pairs(
            (case, _ours(*rows)[metric].value, theirs(*rows)) for case, rows in scored().items()
        ),
    )  # fmt: skip


def _of_scores() -> Iterator[Comparison]:
    sk, stats = peer("sklearn.metrics"), peer("scipy.stats")

    def area(values: Floats, labels: Floats) -> float:
        return float(sk.roc_auc_score(labels, values))

    def parted(values: Floats, labels: Floats) -> float:
        both = (values[labels == kind] for kind in (1, 0))
        return float(stats.ks_2samp(*both, method="asymp").statistic)

    def average(values: Floats, labels: Floats) -> float:
        return float(sk.average_precision_score(labels, values))

    yield _line("roc_auc", "scikit-learn roc_auc_score", area)
    yield Comparison(
        "roc_auc", "of raw scores, by ranks", "SciPy mannwhitneyu", "U over the number of pairs",
        pairs((case, roc_auc(*rows).value, _ranks(*rows)) for case, rows in scored().items()),
    )  # fmt: skip
    yield _line("gini", "scikit-learn roc_auc_score", lambda *r: 2 * area(*r) - 1, "2 · AUC - 1")
    yield _line(
        "ks_of_score", "SciPy ks_2samp", parted, "of the positives' scores and the negatives'"
    )
    yield _line("average_precision", "scikit-learn average_precision_score", average)
    yield _line(
        "brier_score", "scikit-learn brier_score_loss", lambda v, y: sk.brier_score_loss(y, v)
    )
    yield _line(
        "log_loss", "scikit-learn log_loss", lambda v, y: sk.log_loss(y, v, labels=[0, 1]),
        "0 and 1 moved by 2.2·10⁻¹⁶ on both sides",
    )  # fmt: skip
    yield _calibration()
    yield Comparison(
        "score_rank_correlation", "of raw scores", "SciPy spearmanr", "",
        pairs((case, _correlation(*rows), _spearmanr(*rows)) for case, rows in scored().items()),
    )  # fmt: skip
    yield Comparison(
        "outcome_rate", "rows counted by score", "NumPy mean", "",
        pairs((case, _outcome_rate(*rows), np.mean(rows[1])) for case, rows in scored().items()),
    )  # fmt: skip


def _outcome_rate(values: Floats, labels: Floats) -> Floats:
    """Return the rate as Performance has it, of one entry a row."""
    n = values.size
    nothing, one = np.zeros(n), np.ones(n)
    rows = LabelledCells(
        period=np.zeros(n, dtype=np.int64), version=np.full(n, ""), matured=one > 0,
        flagged=(values >= CUT_OFF).astype(np.int64), label=labels.astype(np.int64),
        cell=score_cells(values), n=one, score=values, square=values**2, fourth_power=nothing,
        surprise=nothing, surprise_squared=nothing, amount=nothing, low=values, high=values,
    )  # fmt: skip
    rate = of_binary(rows, rows, 1, None, bootstrap=False)["outcome_rate"].value
    return np.asarray(rate[0])


def _correlation(values: Floats, labels: Floats) -> Floats:
    counts = score_counts(values, labels)
    return spearman(counts.positives, counts.negatives)


def _spearmanr(values: Floats, labels: Floats) -> float:
    if np.unique(values).size == 1:
        return float("nan")  # SciPy's answer as well, with a warning
    return float(peer("scipy.stats").spearmanr(values, labels).statistic)


def _ranks(values: Floats, labels: Floats) -> float:
    hits, misses = values[labels == 1], values[labels == 0]
    found = peer("scipy.stats").mannwhitneyu(hits, misses, method="asymptotic")
    return float(found.statistic / (hits.size * misses.size))


def _calibration() -> Comparison:
    # scikit-learn cuts at quantiles, we at equal numbers of rows: the same where no score is met
    # twice and the rows divide by ten.
    draw = np.random.default_rng(17)
    cases: dict[str, tuple[Floats, Floats]] = {}
    for case, (values, labels) in scored().items():
        distinct, first = np.unique(values, return_index=True)
        rows = distinct.size // 10 * 10
        if rows >= 100:
            kept = np.sort(draw.permutation(distinct.size)[:rows])
            cases[case] = (distinct[kept], labels[first][kept])

    def theirs(values: Floats, labels: Floats) -> float:
        curve = peer("sklearn.calibration").calibration_curve
        came, said = curve(labels, values, n_bins=10, strategy="quantile")
        return float(np.mean(np.abs(came - said)))

    return Comparison(
        "expected_calibration_error", "ten groups of equal numbers",
        "scikit-learn calibration_curve",
        "its mean gap, on one row a distinct score and a number of rows that ten divides: else its "
        "quantiles and our equal numbers of rows cut at other places",
        pairs(
            (case, _ours(*rows)["expected_calibration_error"].value, theirs(*rows))
            for case, rows in cases.items()
        ),
    )  # fmt: skip


def _of_cells() -> Iterator[Comparison]:
    sk = peer("sklearn.metrics")

    def at_cut(function: Callable[..., float], **options: object) -> Theirs:
        return lambda values, labels: float(function(labels, values >= CUT_OFF, **options))

    nan = {"zero_division": np.nan}
    yield _line("accuracy", "scikit-learn accuracy_score", at_cut(sk.accuracy_score), FLAGGED)
    yield _line(
        "precision", "scikit-learn precision_score", at_cut(sk.precision_score, **nan), FLAGGED
    )
    yield _line("recall", "scikit-learn recall_score", at_cut(sk.recall_score, **nan), FLAGGED)
    yield _line(
        "specificity", "scikit-learn recall_score", at_cut(sk.recall_score, pos_label=0, **nan),
        "the recall of the negatives; " + FLAGGED,
    )  # fmt: skip
    yield _line("f1", "scikit-learn f1_score", at_cut(sk.f1_score, **nan), FLAGGED)

    def worth(values: Floats, labels: Floats) -> float:
        cells = sk.confusion_matrix(labels, values >= CUT_OFF, labels=[0, 1])
        return float((cells * np.array([[100, -50], [-20, 10]])).sum())

    yield _line(
        "business_value", "scikit-learn confusion_matrix", worth,
        "its cells times 10, -50, -20 and 100, added",
    )  # fmt: skip


def _of_errors() -> Iterator[Comparison]:
    sk = peer("sklearn.metrics")
    theirs: dict[str, tuple[str, Theirs, str]] = {
        "mae": ("scikit-learn mean_absolute_error", sk.mean_absolute_error, ""),
        "mse": ("scikit-learn mean_squared_error", sk.mean_squared_error, ""),
        "rmse": ("scikit-learn root_mean_squared_error", sk.root_mean_squared_error, ""),
        "mape": (
            "scikit-learn mean_absolute_percentage_error", sk.mean_absolute_percentage_error,
            "no outcome is 0: such a row we leave out, scikit-learn divides it by 2.2·10⁻¹⁶",
        ),
        "wape": (
            "scikit-learn mean_absolute_error", _wape, "over the mean of the outcomes, without sign"
        ),
        "rmsle": (
            "scikit-learn root_mean_squared_log_error", sk.root_mean_squared_log_error, ""
        ),
        "bias": ("NumPy mean", lambda came, said: np.mean(said - came), "of estimate less outcome"),
    }  # fmt: skip
    for metric, (name, function, convention) in theirs.items():
        yield Comparison(
            metric, "of raw rows", name, convention,
            pairs(
                (case, regression_figures(error_sums(*rows))[metric].value, function(*rows[::-1]))
                for case, rows in estimated().items()
            ),
        )  # fmt: skip


def _wape(came: Floats, said: Floats) -> float:
    gap = peer("sklearn.metrics").mean_absolute_error(came, said)
    return float(gap / np.mean(np.abs(came)))


def _intervals() -> Iterator[Comparison]:
    shares = [(0, 5), (1, 1), (3, 7), (47, 50), (512, 5_000), (1, 40_000)]
    binomtest = peer("scipy.stats").binomtest
    proportion = peer("statsmodels.stats.proportion").proportion_confint

    def scipys(hits: int, rows: int) -> tuple[float, float]:
        found = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
        return float(found.low), float(found.high)

    for name, theirs in (
        ("SciPy binomtest, wilson", scipys),
        ("statsmodels proportion_confint", partial(proportion, alpha=0.05, method="wilson")),
    ):
        limits: list[tuple[str, object, object]] = []
        for hits, rows in shares:
            ours, both = wilson(hits, rows), theirs(hits, rows)
            limits += [
                (f"{hits} of {rows}, low", ours.low, both[0]),
                (f"{hits} of {rows}, high", ours.high, both[1]),
            ]
        yield Comparison(
            "accuracy", "95 % limits of each share: accuracy, precision, recall, specificity",
            name, "Wilson's score interval", pairs(limits),
        )  # fmt: skip
