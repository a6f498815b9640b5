"""acs-employment: people of Massachusetts, scored by the publishers of the set; a stable case.

The source gives the survey year only. The log's day is simulated: a seeded random day of that
year, scored in a nightly batch; the answer is known 90 days later.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from data.build.common import Source, member, write_table

SOURCE = Source(
    package="nannyml",
    version="0.13.1",
    sha256="cf5f4a33489834ae6773cb1baa33a0f98c0a3ee6ed9b43049478b25ce22fe869",
    licence="Apache-2.0 (LICENSE); American Community Survey microdata, US Census Bureau",
)
MEMBERS = "nannyml/datasets/data/employment_MA_{part}.pq"
ZONE = "America/New_York"
SEED = 2015
KNOWN_AFTER = pd.Timedelta(days=90)
NUMERIC = {"age": "AGEP"}
# Feature → variable of the survey; codes as in its data dictionary.
CATEGORICAL = {
    "schooling": "SCHL",
    "marital_status": "MAR",
    "relationship": "RELP",
    "disability": "DIS",
    "parents_employment": "ESP",
    "citizenship": "CIT",
    "mobility": "MIG",
    "military_service": "MIL",
    "ancestry": "ANC",
    "nativity": "NATIVITY",
    "hearing_difficulty": "DEAR",
    "vision_difficulty": "DEYE",
    "cognitive_difficulty": "DREM",
}
FEATURES = [*NUMERIC, *CATEGORICAL]
SEX = {"1": "male", "2": "female"}
RACE = {
    "1": "white",
    "2": "black",
    "3": "american_indian",
    "4": "alaska_native",
    "5": "american_indian_or_alaska_native",
    "6": "asian",
    "7": "pacific_islander",
    "8": "other",
    "9": "two_or_more",
}


def load() -> pd.DataFrame:
    """Return the four years, reference first, each row with its answer."""
    parts = {
        part: pd.read_parquet(member(SOURCE, MEMBERS.format(part=part)))
        for part in ("reference", "analysis", "analysis_target")
    }
    analysis = parts["analysis"].merge(
        parts["analysis_target"], on="id", how="left", validate="one_to_one"
    )
    return pd.concat([parts["reference"], analysis], ignore_index=True)


def nights(years: pd.Series) -> pd.Series:
    """Return a simulated scoring instant per row: 01:00 on an evenly drawn day of its year."""
    generator = np.random.default_rng(SEED)
    chosen = pd.Series(pd.NaT, index=years.index, dtype="datetime64[us, UTC]")
    for year, rows in years.groupby(years):
        days = pd.Series(pd.date_range(f"{year}-01-01", f"{year}-12-31"))
        place = generator.permutation(len(rows)) * len(days) // len(rows)
        # 01:00 exists every night; where clocks go back it is taken after the change.
        local = (days.iloc[place] + pd.Timedelta(hours=1)).dt.tz_localize(
            ZONE, ambiguous=np.zeros(len(place), dtype=bool)
        )
        instants = local.dt.tz_convert("UTC").astype("datetime64[us, UTC]")
        chosen.loc[rows.index] = instants.set_axis(rows.index)
    return chosen


def build(folder: Path) -> None:
    """Write the log and the outcomes."""
    raw = load()
    inputs = {name: raw[column].astype("int16") for name, column in NUMERIC.items()}
    codes = {name: raw[column].astype(str) for name, column in CATEGORICAL.items()}
    log = pd.DataFrame(
        {
            "person_id": raw["id"].map("acs-{:06d}".format),
            "scored_at": nights(raw["year"]),
            "employment_score": raw["predicted_probability"].round(6),
            "predicted_employed": raw["prediction"].astype(str),
            **inputs,
            **codes,
            "sex": raw["SEX"].astype(str).map(SEX),
            "race": raw["RAC1P"].astype(str).map(RACE),
            "survey_year": raw["year"].astype("int16"),
        }
    )
    log = log.assign(employed=raw["employed"].astype("int8"))
    log = log.sort_values(["scored_at", "person_id"], ignore_index=True)
    encodings = {"person_id": "DELTA_BYTE_ARRAY"}
    write_table(log.drop(columns="employed"), folder / "predictions.parquet", encodings=encodings)
    known = log[["person_id", "employed"]].assign(known_at=log["scored_at"] + KNOWN_AFTER)
    write_table(known, folder / "outcomes.parquet", encodings=encodings)
