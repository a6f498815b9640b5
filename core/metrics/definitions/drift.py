"""Drift metrics. All measure the current data against the frozen reference."""

from functools import partial

from core.i18n import N_
from core.metrics.metric import ANY_FEATURE, NUMERIC, Metric

INFINITY = float("inf")

_drift = partial(Metric, family="drift", unit="none", direction="lower_is_better", minimum_n=500)
_grouped = partial(_drift, applies_to=ANY_FEATURE, minimum_n_per_group=40)

DRIFT: tuple[Metric, ...] = (
    _grouped(
        id="psi",
        label=N_("Population stability index"),
        meaning=N_(
            "0 means the same shares in every group; about 1 when a typical value moved by one "
            "standard deviation."
        ),
        formula=N_("sum((q - p) * ln(q / p)), shares with 0.5 rows added to every group in use"),
        range=(0.0, INFINITY),
        watch=0.1,
        act=0.25,
        source="Siddiqi, Credit Risk Scorecards (2006), chapter 10; bands of the credit industry",
    ),
    _grouped(
        id="jensen_shannon",
        label=N_("Jensen–Shannon distance"),
        meaning=N_("0 means the same shares in every group, 1 that no group is shared."),
        formula="sqrt(sum(p * log2(p / m) + q * log2(q / m)) / 2), m = (p + q) / 2",
        range=(0.0, 1.0),
        watch=0.1,
        act=0.2,
        source="Endres and Schindelin (2003); thresholds ours",
    ),
    _grouped(
        id="hellinger",
        label=N_("Hellinger distance"),
        meaning=N_("0 means the same shares in every group, 1 that no group is shared."),
        formula="sqrt(sum((sqrt(p) - sqrt(q))^2) / 2)",
        range=(0.0, 1.0),
        watch=0.1,
        act=0.2,
        source="van der Vaart, Asymptotic Statistics (1998), 14.5; 0.1 as in Evidently",
    ),
    _grouped(
        id="l_infinity",
        label=N_("Largest change of a share"),
        meaning=N_("0 means the same shares in every group, 1 that all rows left the only group."),
        formula="max(|p - q|)",
        range=(0.0, 1.0),
        unit="share",
        watch=0.1,
        act=0.2,
        source="Chebyshev distance of the shares; thresholds ours: one row in ten, and in five",
    ),
    _grouped(
        id="total_variation",
        label=N_("Total variation"),
        meaning=N_("The share of rows that changed group: 0 none, 1 all."),
        formula="sum(|p - q|) / 2",
        range=(0.0, 1.0),
        unit="share",
        watch=0.1,
        act=0.2,
        source="Levin, Peres and Wilmer (2009), proposition 4.2; thresholds ours",
    ),
    _grouped(
        id="chi2",
        label=N_("Chi-squared (Cramér's V)"),
        meaning=N_("Cramér's V: 0 means the same shares in every group, 1 that none is shared."),
        minimum_n=1_000,
        minimum_n_per_group=50,
        formula=N_("V = sqrt(sum((p - q)^2 / (p + q)) / 2); p-value of Pearson's chi-squared"),
        range=(0.0, 1.0),
        watch=0.1,
        act=0.3,
        source="Cramér (1946), 21.9; 0.1 small and 0.3 medium in Cohen (1988), 7.2",
    ),
    _drift(
        id="kolmogorov_smirnov",
        label=N_("Kolmogorov–Smirnov distance"),
        meaning=N_("The largest gap between the cumulated shares: 0 none, 1 no overlap."),
        applies_to=NUMERIC,
        formula="D = max(|F(x) - G(x)|)",
        range=(0.0, 1.0),
        watch=0.1,
        act=0.2,
        source="Stephens (1970) for the p-value; thresholds ours, see the page",
    ),
    _drift(
        id="wasserstein",
        label=N_("Wasserstein distance"),
        meaning=N_(
            "How far values moved on average, in standard deviations of the reference: 0 not "
            "at all, 1 by one."
        ),
        applies_to=NUMERIC,
        minimum_n=1_000,
        formula=N_("integral(|F(x) - G(x)| dx) / standard deviation of the reference"),
        range=(0.0, INFINITY),
        unit="standard_deviations",
        watch=0.1,
        act=0.25,
        source="Vallender (1974); 0.1 as in Evidently",
    ),
    _drift(
        id="normal_score_shift",
        label=N_("Shift of the normal scores"),
        meaning=N_(
            "How far ranks moved up or down, in standard deviations of a normal value: 0 not at "
            "all, 1 by one."
        ),
        applies_to=NUMERIC,
        minimum_n=1_000,
        formula=N_(
            "abs(mean of z over current rows - mean over the reference), z = normal quantile of "
            "rank / (N + 1)"
        ),
        range=(0.0, INFINITY),
        unit="standard_deviations",
        watch=0.1,
        act=0.25,
        source="van der Waerden (1952); thresholds as of the Wasserstein distance",
    ),
)
