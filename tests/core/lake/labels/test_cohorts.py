"""Cohort figures against pandas and scikit-learn, and what as-of hides."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from core.domain import Window, calendar_chunks
from core.lake.labels.cohorts import cohorts

ZONE = "Asia/Hong_Kong"
FIRST = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def log(tmp_path: Path) -> tuple[pd.DataFrame, pd.DataFrame, str, str]:
    random = np.random.default_rng(7)
    n = 3000
    time = pd.to_datetime(FIRST + pd.to_timedelta(random.integers(0, 700 * 86400, n), unit="s"))
    predictions = pd.DataFrame(
        {
            "prediction_id": [f"p{index}" for index in range(n)],
            "time": time.astype("datetime64[us, UTC]"),
            "version": np.where(random.random(n) < 0.5, "1", "2"),
            "jurisdiction": np.where(random.random(n) < 0.8, "HK", "CN"),
            "score": np.round(random.random(n), 2),  # rounded: many ties
            "amount": random.lognormal(10, 1, n),
        }
    )
    label = (random.random(n) < predictions["score"]).astype(float)
    # What is known of a prediction stands beside its outcome, as ingest writes it.
    outcomes = predictions.assign(
        label=label,
        observed_at=predictions["time"] + pd.Timedelta(days=30),
        revision=0,
        _batch="b1",
        _row=range(n),
    ).sample(frac=0.9, random_state=1)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    paths = (str(tmp_path / "predictions.parquet"), str(tmp_path / "resolved.parquet"))
    for frame, path in zip((predictions, outcomes), paths, strict=True):
        connection.register("frame", frame)
        connection.execute(f"COPY frame TO '{path}' (FORMAT parquet)")
        connection.unregister("frame")
    return predictions, outcomes, *paths


def test_figures_equal_pandas_and_scikit_learn(
    log: tuple[pd.DataFrame, pd.DataFrame, str, str],
) -> None:
    predictions, outcomes, predictions_path, resolved_path = log
    periods = calendar_chunks(Window.parse("2020-01-01", "2021-12-31", ZONE), "year", ZONE)
    found = cohorts(
        duckdb.connect(),
        predictions=[predictions_path],
        resolved=[resolved_path],
        periods=periods,
        as_of=datetime(2022, 12, 31, tzinfo=UTC),
        matured_before=datetime(2022, 1, 1, tzinfo=UTC),
    )
    joined = predictions.merge(outcomes[["prediction_id", "label"]], how="left")
    for period, (_, row) in zip(periods, found.iterrows(), strict=True):
        own = joined[(joined["time"] >= period.start) & (joined["time"] < period.end)]
        labelled = own.dropna(subset=["label"])
        assert row["n"] == len(own)
        assert row["labelled"] == len(labelled)
        assert row["positives"] == labelled["label"].sum()
        assert row["mean_score"] == pytest.approx(own["score"].mean())
        assert row["median_amount"] == pytest.approx(own["amount"].median())
        assert row["roc_auc"] == pytest.approx(
            roc_auc_score(labelled["label"], labelled["score"]), abs=1e-12
        )


def test_rows_known_later_are_invisible(
    log: tuple[pd.DataFrame, pd.DataFrame, str, str],
) -> None:
    predictions, outcomes, predictions_path, resolved_path = log
    as_of = datetime(2021, 3, 1, tzinfo=UTC)
    matured_before = as_of - timedelta(days=90)
    periods = calendar_chunks(Window.parse("2021-01-01", "2021-12-31", ZONE), "year", ZONE)
    found = cohorts(
        duckdb.connect(),
        predictions=[predictions_path],
        resolved=[resolved_path],
        periods=periods,
        as_of=as_of,
        matured_before=matured_before,
    ).iloc[0]
    visible = predictions[
        (predictions["time"] >= periods[0].start) & (predictions["time"] <= as_of)
    ]
    early = outcomes[
        outcomes["prediction_id"].isin(visible["prediction_id"])
        & (outcomes["observed_at"] <= as_of)
    ]
    assert found["n"] == len(visible)
    assert found["matured"] == 0
    assert found["early_labels"] == len(early) > 0
    assert np.isnan(found["roc_auc"])


def test_a_later_label_replaces_the_earlier_one_or_takes_it_back(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        f"""COPY (SELECT 'a' AS prediction_id, TIMESTAMPTZ '2020-02-01 00:00:00+00' AS time,
        '1' AS version, '' AS jurisdiction, .5::DOUBLE AS score, 9.0::DOUBLE AS amount)
        TO '{tmp_path}/p.parquet'"""
    )
    connection.execute(
        f"""COPY (SELECT * FROM '{tmp_path}/p.parquet' JOIN (VALUES
        ('a', 0.0::DOUBLE, TIMESTAMPTZ '2020-03-01 00:00:00+00', 0, 'b1', 1),
        ('a', 1.0::DOUBLE, TIMESTAMPTZ '2020-06-01 00:00:00+00', 1, 'b2', 1),
        ('a', NULL, TIMESTAMPTZ '2020-09-01 00:00:00+00', 2, 'b3', 1))
        AS t(prediction_id, label, observed_at, revision, _batch, _row) USING (prediction_id))
        TO '{tmp_path}/r.parquet'"""
    )
    for month, labelled, positives in ((4, 1, 0.0), (7, 1, 1.0), (10, 0, np.nan)):
        found = cohorts(
            connection,
            predictions=[f"{tmp_path}/p.parquet"],
            resolved=[f"{tmp_path}/r.parquet"],
            periods=calendar_chunks(Window.parse("2020-01-01", "2020-12-31", ZONE), "year", ZONE),
            as_of=datetime(2020, month, 1, tzinfo=UTC),
            matured_before=datetime(2020, 3, 1, tzinfo=UTC),
        )
        assert found.iloc[0]["labelled"] == labelled
        np.testing.assert_equal(found.iloc[0]["positives"], positives)


def test_scope_narrows_and_nothing_gives_an_empty_frame(
    log: tuple[pd.DataFrame, pd.DataFrame, str, str],
) -> None:
    predictions, outcomes, *paths = log
    periods = calendar_chunks(Window.parse("2020-01-01", "2021-12-31", ZONE), "all", ZONE)
    instant = datetime(2022, 12, 31, tzinfo=UTC)
    expected = (predictions["version"] == "2") & (predictions["jurisdiction"] == "HK")
    labelled = outcomes["prediction_id"].isin(predictions.loc[expected, "prediction_id"])
    for resolved, known in (([], 0), (paths[1:], labelled.sum())):
        found = cohorts(
            duckdb.connect(),
            predictions=paths[:1],
            resolved=resolved,
            periods=periods,
            as_of=instant,
            matured_before=instant,
            version="2",
            jurisdictions=["HK"],
        )
        assert found.iloc[0]["n"] == expected.sum()
        assert found.iloc[0]["labelled"] == known
    assert cohorts(
        duckdb.connect(),
        predictions=[],
        resolved=[],
        periods=periods,
        as_of=instant,
        matured_before=instant,
    ).empty
