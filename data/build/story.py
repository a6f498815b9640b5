"""Print what the logs show: cohorts and drift of the loans, months of the shop's two models.

``python -m data.build.story``: a check of the demo data by other means than the product's own.
"""

import numpy as np
import pandas as pd
from scipy.spatial.distance import jensenshannon
from sklearn.metrics import roc_auc_score

from data.build import retail_story
from data.build.common import DEMO
from data.build.sba import FEATURES, NUMERIC

FOLDER = DEMO / "sba-loan-default"
REFERENCE = ("2006-01", "2006-06")


def cohorts(log: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return n, default rate, mean score, AUC and median amount by year of approval."""
    joined = log.merge(known, on="loan_id", validate="one_to_one")
    groups = joined.groupby(joined["approved_at"].dt.tz_convert("America/New_York").dt.year)
    return pd.DataFrame(
        {
            "n": groups.size(),
            "default_rate": groups["charged_off"].mean(),
            "mean_score": groups["default_score"].mean(),
            "roc_auc": groups.apply(
                lambda part: roc_auc_score(part["charged_off"], part["default_score"])
            ),
            "median_amount": groups["loan_amount"].median(),
            "declined": groups["decision"].apply(lambda part: (part == "decline").mean()),
        }
    ).rename_axis("approved")


def monthly_drift(log: pd.DataFrame) -> pd.DataFrame:
    """Return the Jensen–Shannon distance (base 2) of each month from the first half of 2006."""
    local = log["approved_at"].dt.tz_convert("America/New_York").dt.tz_localize(None)
    month = local.dt.to_period("M")
    in_reference = (month >= REFERENCE[0]) & (month <= REFERENCE[1])
    columns = {}
    for name in [*FEATURES, "default_score"]:
        values = log[name]
        if name in NUMERIC or name == "default_score":
            deciles = np.unique(np.quantile(values[in_reference], np.linspace(0, 1, 11)[1:-1]))
            values = pd.Series(np.digitize(values, deciles), index=log.index)
        counts = pd.crosstab(month, values.astype(object).fillna("missing"))
        base = counts.loc[REFERENCE[0] : REFERENCE[1]].sum()
        distances = jensenshannon(counts.to_numpy().T, base.to_numpy()[:, None], base=2)
        columns[name] = pd.Series(distances, index=counts.index)
    return pd.DataFrame(columns)


def cohort_table(table: pd.DataFrame) -> str:
    """Return the cohorts as Markdown."""
    lines = [
        "| approved | n | 36-month default | mean score | AUC | median amount (USD) | declined |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {year} | {row.n:,.0f} | {row.default_rate:.1%} | {row.mean_score:.1%} "
        f"| {row.roc_auc:.3f} | {row.median_amount:,.0f} | {row.declined:.1%} |"
        for year, row in table.iterrows()
    ]
    return "\n".join(lines)


def drift_table(table: pd.DataFrame) -> str:
    """Return monthly drift as Markdown, averaged by half-year."""
    half = [f"{month.year} H{1 if month.month <= 6 else 2}" for month in table.index]
    means = table.groupby(half).mean().T
    lines = [f"| input | {' | '.join(means.columns)} |", "|---|" + "--:|" * means.shape[1]]
    lines += [
        f"| `{name}` | {' | '.join(f'{value:.2f}' for value in row)} |"
        for name, row in zip(means.index, means.to_numpy(), strict=True)
    ]
    return "\n".join(lines)


def read() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the cohorts and the monthly drift of the log as it lies on disk."""
    log = pd.read_parquet(FOLDER / "predictions.parquet")
    known = pd.read_parquet(FOLDER / "outcomes.parquet")
    return cohorts(log, known), monthly_drift(log)


def main() -> None:
    """Print all tables."""
    by_year, by_month = read()
    print(cohort_table(by_year))
    print(drift_table(by_month))
    print(retail_story.repurchase_table(retail_story.repurchase()))
    print(retail_story.demand_table(retail_story.demand()))


if __name__ == "__main__":
    main()
