"""A model of one's own with its log: whether a flight that leaves LaGuardia arrives late.

``python -m docs.walks.flights FOLDER`` fits it on January and February 2013 and writes what it then
says of every flight until December, ``predictions.csv``, and what came of it, ``outcomes.csv``.

From September on one airline's delays are logged in hours instead of minutes. Nobody who reads the
log is told.
"""

import sys
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer

SOURCE = Path(__file__).resolve().parents[2] / "data" / "flights" / "flights.parquet"
ZONE = "America/New_York"
NUMBERS = ["dep_delay", "hour", "distance"]
FEATURES = [*NUMBERS, "carrier"]
LOG_FROM = pd.Timestamp("2013-03-01", tz=ZONE)
FAULT_FROM = pd.Timestamp("2013-09-01", tz=ZONE)
FAULT_AT = "DL"
LATE = 15  # minutes


def departed() -> pd.DataFrame:
    """Return every flight that left, with what is known as it leaves and whether it was late."""
    flights = pd.read_parquet(SOURCE).dropna(subset="dep_delay")
    local = flights["scheduled_at"].dt.tz_convert(ZONE)
    number = flights["carrier"] + flights["flight"].astype(str)
    late = (flights["arr_delay"] >= LATE).astype("Int8").where(flights["arr_delay"].notna())
    return flights.assign(
        flight_id=local.dt.strftime("%m%d-") + number,
        departed_at=local + pd.to_timedelta(flights["dep_delay"], unit="min"),
        hour=local.dt.hour,
        late=late,
    ).sort_values("departed_at")


def fitted(flights: pd.DataFrame) -> Pipeline:
    """Return a logistic regression on splines of the numbers and on airlines."""
    known = flights.dropna(subset="late")
    inputs = make_column_transformer(
        (SplineTransformer(extrapolation="constant"), NUMBERS),
        (OneHotEncoder(handle_unknown="ignore"), ["carrier"]),
    )
    model = make_pipeline(inputs, LogisticRegression(max_iter=1000))
    return model.fit(known[FEATURES], known["late"].astype(int))


def logged(flights: pd.DataFrame, model: Pipeline) -> pd.DataFrame:
    """Return flights as the log has them: the fault first, then the score of what is logged."""
    wrong = (flights["carrier"] == FAULT_AT) & (flights["departed_at"] >= FAULT_FROM)
    hours = (flights["dep_delay"] / 60).round(2)
    log = flights.assign(dep_delay=flights["dep_delay"].mask(wrong, hours))
    return log.assign(score=model.predict_proba(log[FEATURES])[:, 1].round(4))


def main(folder: str = ".") -> None:
    """Write both files into a folder."""
    flights = departed()
    model = fitted(flights[flights["departed_at"] < LOG_FROM])
    log = logged(flights[flights["departed_at"] >= LOG_FROM], model)
    columns = ["flight_id", "departed_at", *FEATURES, "dest", "score"]
    log[columns].to_csv(Path(folder) / "predictions.csv", index=False)
    # An arrival is known a day later; of a diverted flight it never is.
    known = log.dropna(subset="late").assign(
        known_at=lambda row: row["departed_at"] + pd.Timedelta("1D")
    )
    known[["flight_id", "late", "known_at"]].to_csv(Path(folder) / "outcomes.csv", index=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
