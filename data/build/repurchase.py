"""customer-repurchase: whether a past customer of the shop orders again within 90 days.

The model is fitted as of 1 October 2010, on what was known then; see data/README.md.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from data.build.common import pin_artefact, write_pipeline, write_table
from data.build.retail import instants, sales, tenth

FEATURES = ["recency_days", "orders", "tenure_days", "spend", "average_order"]
OUTCOME = ["bought_again", "orders_90d", "revenue_90d", "observed_at"]
WINDOW = pd.Timedelta(days=90)
# The first month start with 90 days of sales before it, and the last whose 90 days were over on
# the training date.
FITTED = pd.date_range("2010-03-01", "2010-07-01", freq="MS")
LOGGED = pd.date_range("2010-10-01", "2011-12-01", freq="MS")
ENDS = pd.Timestamp("2011-12-10", tz="UTC")  # no line of the source is later than 9 December 2011
CUT_OFF = 0.6
COUNTRIES = {
    "United Kingdom": "United Kingdom",
    "Germany": "Germany",
    "France": "France",
}


def orders() -> pd.DataFrame:
    """Return one row an invoice of a known customer, in order of time."""
    lines = sales()
    lines = lines[lines["customer"].notna()]
    groups = lines.groupby(["customer", "invoice"], as_index=False)
    table = groups.agg(at=("sold_at", "min"), value=("revenue", "sum"), country=("country", "last"))
    return table.sort_values(["at", "invoice"], ignore_index=True)


def scored(placed: pd.DataFrame, month: pd.Timestamp) -> pd.DataFrame:
    """Return the customers who had ordered before a month's start, and their inputs then."""
    groups = placed[placed["at"] < month].groupby("customer")
    count, spend = groups.size(), groups["value"].sum().round(2)
    country = groups["country"].last().map(COUNTRIES).fillna("elsewhere")
    table = pd.DataFrame(
        {
            "recency_days": (month - groups["at"].max()).dt.days,
            "orders": count,
            "tenure_days": (month - groups["at"].min()).dt.days,
            "spend": spend,
            "average_order": (spend / count).round(2),
            "country": country,
        }
    ).reset_index()
    return table.assign(customer=table["customer"].astype(str), month=month)


def outcomes(placed: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return what became known of rows, each time something did, in order of time.

    A first order within 90 days is known at its time; no order, and the totals of somebody who
    ordered more than once, at the end of the 90 days. What would become known after the source's
    last day is not there.
    """
    after = rows[["prediction_id", "customer", "month"]].merge(
        placed.assign(customer=placed["customer"].astype(str)), on="customer"
    )
    inside = (after["at"] >= after["month"]) & (after["at"] < after["month"] + WINDOW)
    after = after[inside].sort_values(["prediction_id", "at"])
    groups = after.groupby("prediction_id")
    first = groups.head(1).set_index("prediction_id")
    found = rows.set_index("prediction_id")[["month"]]
    found["first_at"] = first["at"]
    found["orders_90d"] = groups.size()
    found["revenue_90d"] = groups["value"].sum().round(2)
    found = found.fillna({"orders_90d": 0, "revenue_90d": 0.0})
    early = found[found["first_at"].notna()].assign(orders_90d=1)
    early["observed_at"] = instants(early["first_at"])
    early["revenue_90d"] = first["value"]
    late = found[found["orders_90d"] != 1]
    late = late.assign(observed_at=instants(late["month"]) + WINDOW)
    known = pd.concat([early, late]).reset_index()
    known = known[known["observed_at"] < ENDS]
    known = known.assign(
        bought_again=known["first_at"].notna().astype("int8"),
        orders_90d=known["orders_90d"].astype("int16"),
    ).sort_values(["observed_at", "prediction_id"], ignore_index=True)
    return known[["prediction_id", *OUTCOME]]


def pipeline() -> Pipeline:
    """Return the unfitted model: shallow boosted trees, settings fixed beforehand."""
    trees = HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.08,
        max_leaf_nodes=6,
        min_samples_leaf=100,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    return Pipeline([("trees", trees)])


def _rows(placed: pd.DataFrame, months: pd.DatetimeIndex) -> pd.DataFrame:
    table = pd.concat([scored(placed, month) for month in months], ignore_index=True)
    stamp = table["month"].dt.strftime("%Y-%m")
    table.insert(0, "prediction_id", table["customer"] + "-" + stamp)
    return table.astype({"recency_days": "int16", "orders": "int16", "tenure_days": "int16"})


def _log(rows: pd.DataFrame, fitted: Pipeline) -> pd.DataFrame:
    scores = np.asarray(fitted.predict_proba(rows[FEATURES])[:, 1]).round(6)
    held_out = tenth(rows["prediction_id"], "campaign") == 0  # of customer and month
    head = pd.DataFrame(
        {
            "prediction_id": rows["prediction_id"],
            "scored_at": instants(rows["month"]),
            "model_version": "1",
            "repurchase_score": scores,
            "decision": np.where(scores >= CUT_OFF, "offer", "no_offer"),
            "decision_source": "demo policy",
            "campaign_group": np.where(held_out, "hold-out", "campaign"),
            "customer_id": rows["customer"],
        }
    )
    return pd.concat([head, rows[[*FEATURES, "country"]]], axis=1)


def build(folder: Path) -> None:
    """Write the model, its training and hold-out rows, the log and the outcomes."""
    placed = orders()
    early = _rows(placed, FITTED)
    known = outcomes(placed, early).drop_duplicates("prediction_id", keep="last")
    early = early.merge(known, on="prediction_id", validate="one_to_one")
    apart = tenth(early["customer"], "hold-out") < 2
    fit, hold = early[~apart], early[apart].reset_index(drop=True)
    with threadpool_limits(limits=1):
        fitted = pipeline().fit(fit[FEATURES], fit["bought_again"])
    pin_artefact(
        folder / "model.yaml", "model.skops", write_pipeline(fitted, folder / "model.skops")
    )
    training = fit[[*FEATURES, "bought_again"]].assign(scored_on=fit["month"].dt.date)
    write_table(training, folder / "training.parquet")
    ids = {"prediction_id": "DELTA_BYTE_ARRAY"}
    write_table(_log(hold, fitted).join(hold[OUTCOME]), folder / "holdout.parquet", encodings=ids)

    rows = _rows(placed, LOGGED)
    write_table(_log(rows, fitted), folder / "predictions.parquet", encodings=ids)
    write_table(outcomes(placed, rows), folder / "outcomes.parquet", encodings=ids)
