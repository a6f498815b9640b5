"""What the two logs of the shop show, by month: a check by other means than the product's own."""

import pandas as pd

from data.build.common import DEMO
from data.build.retail import ZONE


def _month(instants: pd.Series) -> pd.Series:
    months: pd.Series = instants.dt.tz_convert(ZONE).dt.strftime("%Y-%m")
    return months


def repurchase() -> pd.DataFrame:
    """Return rows, mean score, share that bought again and uplift by month, where all is known.

    The uplift is that of the customers whom the policy picked: those not held out against those
    held out.
    """
    folder = DEMO / "customer-repurchase"
    log = pd.read_parquet(folder / "predictions.parquet")
    known = pd.read_parquet(folder / "outcomes.parquet").drop_duplicates(
        "prediction_id", keep="last"
    )
    rows = log.merge(known, on="prediction_id", how="left", validate="one_to_one")
    rows = rows.assign(month=_month(rows["scored_at"]))
    whole = rows.groupby("month")["bought_again"].transform(lambda labels: labels.notna().all())
    rows = rows[whole]
    groups = rows.groupby("month")
    picked = rows[rows["decision"] == "offer"]
    shares = picked.groupby(["month", "campaign_group"])["bought_again"].mean().unstack()
    return pd.DataFrame(
        {
            "n": groups.size(),
            "mean_score": groups["repurchase_score"].mean(),
            "bought_again": groups["bought_again"].mean(),
            "recency": groups["recency_days"].mean(),
            "offers": groups["decision"].apply(lambda part: (part == "offer").mean()),
            "uplift": shares["campaign"] - shares["hold-out"],
            "revenue": groups["revenue_90d"].sum(),
        }
    )


def demand() -> pd.DataFrame:
    """Return units, WAPE, bias and what the replay cost by month of the forecast."""
    folder = DEMO / "sku-demand"
    rows = pd.read_parquet(folder / "predictions.parquet").merge(
        pd.read_parquet(folder / "outcomes.parquet"), on="prediction_id", validate="one_to_one"
    )
    rows["error"] = (rows["forecast_units"] - rows["units_sold"]).abs()
    groups = rows.groupby(_month(rows["forecast_at"]).rename("month"))
    sums = groups[
        ["units_sold", "forecast_units", "error", "stock_out_units", "holding_cost", "lost_margin"]
    ].sum()
    return pd.DataFrame(
        {
            "units": sums["units_sold"],
            "wape": sums["error"] / sums["units_sold"],
            "bias": sums["forecast_units"] / sums["units_sold"] - 1,
            "served": 1 - sums["stock_out_units"] / sums["units_sold"],
            "holding_cost": sums["holding_cost"],
            "lost_margin": sums["lost_margin"],
        }
    )


def repurchase_table(table: pd.DataFrame) -> str:
    """Return the months of customer-repurchase as Markdown."""
    lines = [
        "| scored | customers | mean score | bought again | days since last order | offers "
        "| uplift of offers |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {month} | {row.n:,.0f} | {row.mean_score:.1%} | {row.bought_again:.1%} "
        f"| {row.recency:.0f} | {row.offers:.1%} | {100 * row.uplift:+.1f} points |"
        for month, row in table.iterrows()
    ]
    return "\n".join(lines)


def demand_table(table: pd.DataFrame) -> str:
    """Return the months of sku-demand as Markdown."""
    lines = [
        "| month | units sold | WAPE | bias | served (simulated) | holding cost (GBP, simulated) "
        "| lost margin (GBP, simulated) |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {month} | {row.units:,.0f} | {row.wape:.2f} | {row.bias:+.0%} | {row.served:.1%} "
        f"| {row.holding_cost:,.0f} | {row.lost_margin:,.0f} |"
        for month, row in table.iterrows()
    ]
    return "\n".join(lines)
