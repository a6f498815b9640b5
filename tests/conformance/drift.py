"""Drift against SciPy and Evidently, on categories and on raw numbers."""

from collections.abc import Callable, Iterator

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.binning import NumericBins, count_rows, numeric_bins_from_counts
from core.metrics.drift import (
    chi2,
    evaluate,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov_exact,
    l_infinity,
    psi,
    total_variation,
    wasserstein_exact,
)
from tests.conformance.cases import categories, counts, numbers
from tests.conformance.measure import SAME, SAME_REASON, Comparison, Pair, pairs
from tests.conformance.peers import evidently, peer

Of = Callable[[Floats, Floats], object]
NATURAL = float(np.sqrt(np.log(2)))
LARGE_ENOUGH = 500.0


def drift() -> Iterator[Comparison]:
    """Yield the comparisons of drift, method by method."""
    yield from _shares_with_scipy()
    yield from _shares_with_evidently()
    yield from _chi2()
    yield from _kolmogorov_smirnov()
    yield from _wasserstein()
    yield from _normal_score_shift()


def _on_counts(ours: Of, theirs: Of) -> tuple[Pair, ...]:
    sides = {name: counts(*both) for name, both in categories().items()}
    return pairs((name, ours(*both), theirs(*both)) for name, both in sides.items())


def _shares_with_scipy() -> Iterator[Comparison]:
    distance, entropy = peer("scipy.spatial.distance"), peer("scipy.stats").entropy

    def theirs(one: Floats, other: Floats) -> float:
        used = (one + other) > 0
        p, q = one[used] + 0.5, other[used] + 0.5
        return float(entropy(p, q) + entropy(q, p))

    def shares(function: Callable[[Floats, Floats], float], scale: float = 1.0) -> Of:
        return lambda one, other: scale * function(one / one.sum(), other / other.sum())

    yield Comparison(
        "psi", "counts of categories", "SciPy entropy, both ways added",
        "half a row is added to each category on both sides, as our PSI does",
        _on_counts(psi, theirs),
    )  # fmt: skip
    yield Comparison(
        "jensen_shannon", "counts of categories", "SciPy jensenshannon", "base 2 on both sides",
        _on_counts(jensen_shannon, lambda one, other: distance.jensenshannon(one, other, base=2)),
        1e-7,
        "a square root: where the shares are equal, 10⁻¹⁶ of rounding becomes 10⁻⁸",
    )  # fmt: skip
    yield Comparison(
        "l_infinity", "counts of categories", "SciPy chebyshev", "of shares, not of counts",
        _on_counts(l_infinity, shares(distance.chebyshev)),
    )  # fmt: skip
    yield Comparison(
        "total_variation", "counts of categories", "SciPy cityblock", "half of it, of shares",
        _on_counts(total_variation, shares(distance.cityblock, 0.5)),
    )  # fmt: skip


def _shares_with_evidently() -> Iterator[Comparison]:
    # With no row on one side Evidently replaces the share by a small number and we add half a row.
    full = {
        name: both
        for name, both in categories().items()
        if all((side > 0).all() for side in counts(*both))
    }

    def against(test: str, ours: Of, every: bool = True) -> tuple[Pair, ...]:
        chosen = categories() if every else full
        return pairs(
            (name, ours(*counts(*both)), evidently(f"{test}_stat_test", "cat", *both))
            for name, both in chosen.items()
        )

    yield Comparison(
        "psi", "counts of categories", "Evidently psi",
        "without our half row, on columns whose categories all occur on both sides: an empty one "
        "Evidently fills with 0.0001 or less",
        against("psi", lambda one, other: psi(one, other, pseudo_count=0), every=False),
    )  # fmt: skip
    root = "a square root: where the shares are equal, 10⁻¹⁶ of rounding becomes 10⁻⁸"
    yield Comparison(
        "jensen_shannon", "counts of categories", "Evidently jensenshannon",
        "ours times √(ln 2): Evidently takes natural logarithms, we base 2",
        against("jensenshannon", lambda one, other: NATURAL * float(jensen_shannon(one, other))),
        1e-7, root,
    )  # fmt: skip
    yield Comparison(
        "hellinger", "counts of categories", "Evidently hellinger", "",
        against("hellinger", hellinger), 1e-7, root,
    )  # fmt: skip


def _chi2() -> Iterator[Comparison]:
    stats, tables = peer("scipy.stats"), peer("scipy.stats.contingency")

    def test(one: Floats, other: Floats) -> tuple[float, float]:
        table = np.array([one, other])[:, (one + other) > 0]
        found = stats.chi2_contingency(table, correction=False)
        return float(found.statistic), float(found.pvalue)

    convention = "without Yates' correction, which SciPy applies to two categories"
    yield Comparison(
        "chi2", "statistic", "SciPy chi2_contingency", convention,
        _on_counts(lambda *both: chi2(*both).statistic, lambda *both: test(*both)[0]),
    )  # fmt: skip
    yield Comparison(
        "chi2", "p-value", "SciPy chi2_contingency", convention,
        _on_counts(lambda *both: chi2(*both).p_value, lambda *both: test(*both)[1]),
    )  # fmt: skip

    def cramer(one: Floats, other: Floats) -> float:
        table = np.array([one * other.sum(), other * one.sum()])[:, (one + other) > 0]
        return float(tables.association(table.astype(np.int64), method="cramer"))

    yield Comparison(
        "chi2", "Cramér's V", "SciPy contingency.association",
        "both sides scaled to the same number of rows, as ours is by definition",
        _on_counts(lambda *both: chi2(*both).cramers_v, cramer), 1e-7,
        "a square root: where the shares are equal, 10⁻¹⁶ of rounding becomes 10⁻⁸",
    )  # fmt: skip


def _known(values: Floats) -> Floats:
    return values[~np.isnan(values)]


def _on_numbers(
    ours: Of, theirs: Of, chosen: Callable[[int, int], bool] | None = None
) -> tuple[Pair, ...]:
    return pairs(
        (name, ours(*both), theirs(*(_known(side) for side in both)))
        for name, both in numbers().items()
        if chosen is None or chosen(*(_known(side).size for side in both))
    )


def _large(n: int, m: int) -> bool:
    return n * m / (n + m) >= LARGE_ENOUGH


def _binned(method: str) -> Of:
    """Return the figure that the product computes: from bins that the reference made."""

    def figure(one: Floats, other: Floats) -> float:
        values, often = np.unique(_known(one), return_counts=True)
        bins: NumericBins = numeric_bins_from_counts(values, often)
        found = evaluate(method, bins, count_rows(bins, one), count_rows(bins, other))
        return float(found.value)

    return figure


def _kolmogorov_smirnov() -> Iterator[Comparison]:
    test = peer("scipy.stats").ks_2samp
    exact = "SciPy ks_2samp"
    yield Comparison(
        "kolmogorov_smirnov", "distance, of raw values", exact, "missing values left out",
        _on_numbers(
            lambda *both: kolmogorov_smirnov_exact(*both).distance,
            lambda *both: test(*both, method="asymp").statistic,
        ),
        SAME, SAME_REASON,
    )  # fmt: skip
    yield Comparison(
        "kolmogorov_smirnov", "distance, of the bins that the log is kept in", exact,
        "missing values left out",
        _on_numbers(
            _binned("kolmogorov_smirnov"), lambda *both: test(*both, method="asymp").statistic
        ),
        0.005, "bins hold at most half a percent of the reference, so D may be that much smaller",
    )  # fmt: skip
    convention = (
        "n·m/(n+m) of 500 or more; ours is Stephens' limit distribution, theirs of the finite "
        "samples"
    )
    reason = "from 500 on the limit differs by less than 0.015, most where both sides are as long"
    yield Comparison(
        "kolmogorov_smirnov", "p-value, of raw values", exact, convention,
        _on_numbers(
            lambda *both: kolmogorov_smirnov_exact(*both).p_value,
            lambda *both: test(*both, method="exact").pvalue,
            _large,
        ),
        0.015, reason,
    )  # fmt: skip
    yield Comparison(
        "kolmogorov_smirnov", "p-value, of raw values", "Evidently ks", convention,
        _on_numbers(
            lambda *both: kolmogorov_smirnov_exact(*both).p_value,
            lambda *both: evidently("ks_stat_test", "num", *both),
            _large,
        ),
        0.015, reason,
    )  # fmt: skip


def _wasserstein() -> Iterator[Comparison]:
    distance = peer("scipy.stats").wasserstein_distance

    def theirs(one: Floats, other: Floats) -> float:
        return float(distance(one, other) / np.std(one))

    name, convention = "SciPy wasserstein_distance", "over the reference's population sd"
    yield Comparison(
        "wasserstein", "of raw values", name, convention, _on_numbers(wasserstein_exact, theirs)
    )
    yield Comparison(
        "wasserstein", "of raw values", "Evidently wasserstein",
        "Evidently divides by the same sd, or by 0.001 if that is larger",
        _on_numbers(
            wasserstein_exact, lambda *both: evidently("wasserstein_stat_test", "num", *both)
        ),
    )  # fmt: skip
    yield Comparison(
        "wasserstein", "of the bins that the log is kept in", name, convention,
        _on_numbers(_binned("wasserstein"), theirs), 0.005,
        "in a bin where the distributions cross, part of the area cancels out",
    )  # fmt: skip


def _normal_score_shift() -> Iterator[Comparison]:
    ranks, normal = peer("scipy.stats").rankdata, peer("scipy.stats").norm

    def theirs(one: Floats, other: Floats) -> float:
        both = np.concatenate([one, other])
        # The rank of a value among the reference: halfway through its equals.
        places = (np.searchsorted(np.sort(one), both, "left") + 0.5) + (
            np.searchsorted(np.sort(one), both, "right")
            - np.searchsorted(np.sort(one), both, "left")
        ) / 2
        scores = normal.ppf(places / (one.size + 1))
        assert np.allclose(places[: one.size], ranks(one))
        return float(abs(scores[one.size :].mean() - scores[: one.size].mean()))

    yield Comparison(
        "normal_score_shift", "of the bins that the log is kept in", "SciPy rankdata and norm.ppf",
        "scores of the reference's ranks, missing values left out",
        _on_numbers(_binned("normal_score_shift"), theirs), 0.02,
        "all rows of a bin have the score of its middle rank",
    )  # fmt: skip
