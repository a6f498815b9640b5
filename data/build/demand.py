"""sku-demand: units of each product sold in a week, forecast on its Monday.

The model is fitted as of 3 May 2010 on the weeks before; the eight weeks after are its hold-out,
and the log begins on 28 June 2010; see data/README.md.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from data.build import replay
from data.build.common import pin_artefact, write_pipeline, write_table
from data.build.retail import instants, sales

FEATURES = ["units_1", "units_2", "units_3", "units_4", "mean_4", "mean_8", "weeks_sold_8"]
ACTIVE_WEEKS = 80
LAGS = 8
HOLD_OUT_FROM = pd.Timestamp("2010-05-03")
LOG_FROM = pd.Timestamp("2010-06-28")
COVER = 2.0  # stock is filled up to two weeks of forecast demand
ENDS = pd.Timestamp(
    "2011-12-05"
)  # the source's last week ends on a Friday: its units are not known
# The first family with one of its words in a product's description is the product's.
FAMILIES = {
    "bags": "BAG SHOPPER PURSE LUGGAGE PASSPORT",
    "lights": "CANDLE T-LIGHT LIGHT LANTERN INCENSE",
    "kitchen": "CAKE TEA MUG CUP PLATE BOWL JAR TIN BAKING SPOON KITCHEN LUNCH BOTTLE COFFEE "
    "RECIPE SNACK JUG EGG APRON GLOVE TOAST DISH TRAY",
    "paper": "CARD PAPER WRAP RIBBON TISSUE NOTEBOOK PENCIL STICKER TAPE INVITES JOURNAL BOOK",
    "storage": "BOX CASE BASKET DRAWER STORAGE RACK HOLDER HOOK HANGER",
    "decoration": "SIGN FRAME CLOCK MIRROR GARLAND DECORATION HANGING HEART BUNTING CHRISTMAS "
    "WREATH ORNAMENT",
}


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """Products by weeks; frames of shape (weeks, products), weeks by their Monday.

    Parameters
    ----------
    units, revenue, abroad : DataFrame
        Units sold, pounds taken, and units sold outside the United Kingdom.
    product : Series
        Each product's most frequent description.
    """

    units: pd.DataFrame
    revenue: pd.DataFrame
    abroad: pd.DataFrame
    product: pd.Series


def weeks() -> Weeks:
    """Return the products that sold in at least 80 of the 106 weeks."""
    lines = sales()
    lines = lines[lines["sku"].str.match(r"\d")]  # not postage, samples or corrections
    monday = lines["sold_at"].dt.normalize() - pd.to_timedelta(lines["sold_at"].dt.dayofweek, "D")
    lines = lines.assign(week=monday)
    active = lines.groupby("sku")["week"].nunique()
    lines = lines[lines["sku"].isin(active.index[active >= ACTIVE_WEEKS])]
    every = pd.date_range(lines["week"].min(), lines["week"].max(), freq="7D")

    def table(rows: pd.DataFrame, column: str) -> pd.DataFrame:
        sums = rows.groupby(["week", "sku"])[column].sum().unstack(fill_value=0)
        return sums.reindex(index=every, fill_value=0).astype(float)

    units = table(lines, "units")
    abroad = table(lines[lines["country"] != "United Kingdom"], "units")
    product = lines.groupby("sku")["description"].agg(lambda texts: texts.mode().iloc[0])
    return Weeks(
        units,
        table(lines, "revenue"),
        abroad.reindex(columns=units.columns, fill_value=0.0),
        product.str.strip(),
    )


def inputs(units: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the model's inputs for each week: only what was sold in the weeks before it."""
    last = units.shift(1)
    sold = (last > 0).astype(float).where(last.notna())
    return {
        **{f"units_{number}": units.shift(number) for number in range(1, 5)},
        "mean_4": last.rolling(4).mean(),
        "mean_8": last.rolling(LAGS).mean(),
        "weeks_sold_8": sold.rolling(LAGS).sum(),
    }


def family(product: str) -> str:
    """Return the family of a description, by its words."""
    for name, words in FAMILIES.items():
        if any(word in product for word in words.split()):
            return name
    return "other"


def _long(table: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> np.ndarray:
    return table[(table.index >= since) & (table.index < until)].to_numpy().ravel()


def rows(data: Weeks, since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Return one row a product and week of a period, week by week, with what was known then."""
    units = data.units
    chosen = units.index[(units.index >= since) & (units.index < until)]
    earlier = units.shift(1).rolling(LAGS, min_periods=1)
    price = data.revenue.shift(1).rolling(LAGS, min_periods=1).sum() / earlier.sum()
    abroad = data.abroad.shift(1).cumsum() / units.shift(1).cumsum()
    names = data.product.reindex(units.columns)
    table = pd.DataFrame(
        {
            "week": np.repeat(chosen.to_numpy(), units.shape[1]),
            "sku": np.tile(units.columns.to_numpy(), len(chosen)),
            "product": np.tile(names.to_numpy(), len(chosen)),
            "family": np.tile(names.map(family).to_numpy(), len(chosen)),
            "unit_price": _long(price.ffill(), since, until).round(2),
            "export_share": _long(abroad, since, until).round(3),
        }
    )
    for name, values in inputs(units).items():
        table[name] = _long(values, since, until)
    return table.assign(
        units_sold=_long(units, since, until), revenue=_long(data.revenue, since, until).round(2)
    )


def pipeline() -> Pipeline:
    """Return the unfitted model: boosted trees for counts, settings fixed beforehand."""
    trees = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=100,
        learning_rate=0.06,
        max_leaf_nodes=8,
        min_samples_leaf=100,
        early_stopping=False,
        random_state=0,
    )
    return Pipeline([("trees", trees)])


def _keys(table: pd.DataFrame) -> pd.DataFrame:
    stamp = table["week"].dt.strftime("%Y%m%d")
    return pd.DataFrame(
        {
            "prediction_id": table["sku"] + "-" + stamp,
            "forecast_at": instants(table["week"]),
            "model_version": "1",
        }
    )


def _log(table: pd.DataFrame, fitted: Pipeline) -> pd.DataFrame:
    whole = [name for name in FEATURES if not name.startswith("mean")]
    forecast = np.asarray(fitted.predict(table[FEATURES])).round(6)
    money = {
        "forecast_units": forecast,
        "forecast_value": (forecast * table["unit_price"]).round(2),
    }
    about = table[["sku", "product", "family", "unit_price", "export_share", *FEATURES]]
    return pd.concat(
        [_keys(table).assign(**money), about.astype(dict.fromkeys(whole, "int32"))], axis=1
    )


def _known(table: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "units_sold": table["units_sold"].astype("int32"),
            "revenue": table["revenue"],
            "known_at": instants(table["week"]) + pd.Timedelta(days=7),
        }
    )


def replayed(log: pd.DataFrame, units: pd.Series) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the simulated columns of the log and of the outcomes, row by row.

    Parameters
    ----------
    log : DataFrame
        Forecasts, week by week, the same products in each.
    units : Series
        Units of the weeks that are known: the first ones.
    """
    products = log["sku"].nunique()
    forecast = log["forecast_units"].to_numpy().reshape(-1, products)
    stock = replay.replay(forecast, units.to_numpy(dtype=float).reshape(-1, products), COVER)
    ordered = pd.DataFrame(
        {
            "replenishment": np.where(stock.ordered.ravel() > 0, "order", "hold"),
            "decision_source": "simulated order-up-to policy",
            "stock_before": stock.before.ravel().astype("int32"),
            "order_up_to": stock.up_to.ravel().astype("int32"),
        }
    )
    price = log["unit_price"].to_numpy()[: len(units)]
    short, left = stock.short.ravel(), stock.left.ravel()
    costs = pd.DataFrame(
        {
            "stock_out_units": short.astype("int32"),
            "left_over_units": left.astype("int32"),
            "holding_cost": replay.holding_cost(left, price).round(2),
            "lost_margin": replay.lost_margin(short, price).round(2),
        }
    )
    return ordered, costs


def build(folder: Path) -> None:
    """Write the model, its training and hold-out rows, the log and the outcomes."""
    data = weeks()
    fit = rows(data, data.units.index[LAGS], HOLD_OUT_FROM)
    hold = rows(data, HOLD_OUT_FROM, LOG_FROM)
    logged = rows(data, LOG_FROM, ENDS + pd.Timedelta(days=7))
    with threadpool_limits(limits=1):
        fitted = pipeline().fit(fit[FEATURES], fit["units_sold"])
    pin_artefact(
        folder / "model.yaml", "model.skops", write_pipeline(fitted, folder / "model.skops")
    )
    ids = {"prediction_id": "DELTA_BYTE_ARRAY"}
    training = fit[[*FEATURES, "units_sold"]].assign(week=fit["week"].dt.date)
    write_table(training, folder / "training.parquet")
    holdout = _log(hold, fitted).join(_known(hold))
    write_table(holdout, folder / "holdout.parquet", encodings=ids)

    log, late = _log(logged, fitted), logged[logged["week"] < ENDS]
    ordered, costs = replayed(log, late["units_sold"])
    write_table(log.join(ordered), folder / "predictions.parquet", encodings=ids)
    known = pd.concat([_keys(late)["prediction_id"], _known(late), costs], axis=1)
    write_table(known, folder / "outcomes.parquet", encodings=ids)
