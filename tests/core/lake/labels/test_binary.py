"""Counts of labelled rows against pandas: revisions, as-of, cut-offs, scores that are none."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from core.domain.windows import Window, calendar_chunks
from core.lake.labels.binary import labelled_cells
from core.lake.labels.predicted import predicted_cells
from core.lake.labels.rows import LabelledRows
from core.lake.labels.score_grid import NO_SCORE, score_cells
from core.lake.labels.times import label_times
from core.lake.row_filter import RowFilter
from tests.support.builders import a_contract

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF = FIRST + timedelta(days=120)
MATURE = FIRST + timedelta(days=60)
POLICY = [{"version": "p1", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"}]


@pytest.fixture
def rows() -> pd.DataFrame:
    """Return resolved rows: each prediction labelled, a fifth of them revised once or twice."""
    draw, n = np.random.default_rng(3), 2000
    time = FIRST + pd.to_timedelta(draw.integers(0, 150 * 24, n), unit="h")
    score = np.round(draw.random(n), 3)
    score[:20] = np.nan
    score[20:30] = 1.5
    frame = pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(n)],
            "time": time,
            "version": np.where(draw.random(n) < 0.5, "1", "2"),
            "jurisdiction": np.where(draw.random(n) < 0.8, "HK", "CN"),
            "score": score,
            "amount": draw.lognormal(5, 1, n),
            "label": (draw.random(n) < np.nan_to_num(score)).astype(float),
            "observed_at": time + pd.to_timedelta(draw.integers(1, 90, n), unit="D"),
            "revision": 0,
            "_batch": "b1",
            "_row": range(n),
        }
    )
    again = frame.sample(frac=0.2, random_state=1)
    again = again.assign(
        label=1 - again["label"],
        observed_at=again["observed_at"] + pd.Timedelta(days=10),
        revision=1,
        _batch="b2",
    )
    third = again.head(50).assign(
        label=1 - again.head(50)["label"],
        observed_at=again.head(50)["observed_at"] - pd.Timedelta(days=5),  # came late, is older
        revision=2,
        _batch="b3",
    )
    found = pd.concat([frame, again, third], ignore_index=True)
    return found.assign(prediction=None, industry=None)


def written(frame: pd.DataFrame, path: Path) -> str:
    frame = frame.rename(columns={"industry": "c_industry"})
    stamps = {name: "datetime64[us, UTC]" for name in ("time", "observed_at") if name in frame}
    frame.astype(stamps).to_parquet(path)
    return str(path)


def wanted_of(path: str, **changes: Any) -> LabelledRows:
    chunks = calendar_chunks(
        Window.of_days(FIRST.date(), (FIRST + timedelta(days=100)).date(), "Asia/Hong_Kong"),
        "month",
        "Asia/Hong_Kong",
    )
    given = {
        "contract": a_contract(policy=POLICY),
        "resolved": (path,),
        "chunks": tuple(chunks),
        "rows": RowFilter(until=AS_OF),
        "as_of": AS_OF,
        "matured_before": MATURE,
        **changes,
    }
    return LabelledRows(**given)


def newest(frame: pd.DataFrame, wanted: LabelledRows) -> pd.DataFrame:
    """Return the label that counts of each prediction, the plain way."""
    seen = frame[frame["observed_at"] <= wanted.as_of].sort_values(
        ["observed_at", "_batch", "_row"]
    )
    last = seen.groupby("prediction_id").tail(1)
    start, end = wanted.chunks[0].start, wanted.chunks[-1].end
    return last[(last["time"] >= start) & (last["time"] < end) & (last["time"] <= AS_OF)]


def connected() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def test_sums_equal_those_of_pandas(rows: pd.DataFrame, tmp_path: Path) -> None:
    wanted = wanted_of(written(rows, tmp_path / "r.parquet"), by_version=True)
    found = labelled_cells(connected(), wanted)
    plain = newest(rows, wanted)
    assert found.n.sum() == len(plain)
    starts = np.asarray([chunk.start.timestamp() for chunk in wanted.chunks])
    place = np.searchsorted(starts, [t.timestamp() for t in plain["time"]], side="right") - 1
    keys = pd.DataFrame(
        {
            "period": place,
            "version": plain["version"].to_numpy(),
            "matured": (plain["time"] <= MATURE).to_numpy(),
            "flagged": np.where(plain["score"].between(0, 1), plain["score"] >= 0.4, -1).astype(
                int
            ),
            "label": plain["label"].astype(int).to_numpy(),
        }
    )
    names = list(keys.columns)
    score, label = plain["score"].to_numpy(), plain["label"].to_numpy()
    sums = keys.assign(n=1.0, score=score, square=score**2, fourth=(score - label) ** 4)
    sums["amount"] = plain["amount"].to_numpy()
    ok = (score >= 0) & (score <= 1)
    ours = pd.DataFrame({name: getattr(found, name) for name in (*names, "n", "score", "square")})
    ours["fourth"], ours["amount"] = found.fourth_power, found.amount
    ours = ours[found.cell != NO_SCORE].groupby(names).sum().sort_index()
    theirs = sums[ok].groupby(names).sum().sort_index()
    pd.testing.assert_frame_equal(ours, theirs, check_index_type=False, rtol=1e-9)
    assert found.n[found.cell == NO_SCORE].sum() == (~ok).sum()
    assert set(found.cell[found.cell != NO_SCORE]) == set(score_cells(score[ok]).tolist())


def test_one_entry_a_combination(rows: pd.DataFrame, tmp_path: Path) -> None:
    """Rows of one month do not come one by one, however many instants they have."""
    path = written(rows, tmp_path / "r.parquet")
    wanted = wanted_of(path, by_version=True)
    labelled = labelled_cells(connected(), wanted)
    names = ("period", "version", "matured", "flagged", "label", "cell")
    keys = list(zip(*(getattr(labelled, name) for name in names), strict=True))
    assert len(keys) == len(set(keys))
    predicted = predicted_cells(
        connected(),
        wanted.contract,
        predictions=[path],
        chunks=wanted.chunks,
        rows=wanted.rows,
        matured_before=MATURE,
    )
    rest = ("period", "version", "matured", "flagged", "cell")
    keys = list(zip(*(getattr(predicted, name) for name in rest), strict=True))
    assert len(keys) == len(set(keys))


def test_the_surprise_is_the_log_loss_of_the_rows(rows: pd.DataFrame, tmp_path: Path) -> None:
    from sklearn.metrics import log_loss  # the second source

    wanted = wanted_of(written(rows, tmp_path / "r.parquet"))
    found = labelled_cells(connected(), wanted)
    plain = newest(rows, wanted)
    plain = plain[plain["score"].between(0, 1)]
    scored = found.cell != NO_SCORE
    mean = found.surprise[scored].sum() / found.n[scored].sum()
    assert mean == pytest.approx(log_loss(plain["label"], plain["score"]), rel=1e-9)


def test_what_was_not_known_yet_is_not_counted(rows: pd.DataFrame, tmp_path: Path) -> None:
    path = written(rows, tmp_path / "r.parquet")
    early = wanted_of(path, as_of=FIRST + timedelta(days=40))
    found = labelled_cells(connected(), early)
    plain = newest(rows, early)
    assert (found.n.sum(), found.n[found.label == 1].sum()) == (len(plain), plain["label"].sum())


def test_versions_and_jurisdictions_narrow(rows: pd.DataFrame, tmp_path: Path) -> None:
    path = written(rows, tmp_path / "r.parquet")
    rows_filter = RowFilter(versions=("2",), jurisdictions=("CN",), until=AS_OF)
    wanted = wanted_of(path, rows=rows_filter)
    plain = newest(rows, wanted)
    chosen = plain[(plain["version"] == "2") & (plain["jurisdiction"] == "CN")]
    assert labelled_cells(connected(), wanted).n.sum() == len(chosen)


def test_without_files_there_is_nothing(tmp_path: Path) -> None:
    found = labelled_cells(connected(), wanted_of("", resolved=()))
    assert found.n.size == 0
    assert found.period.dtype == np.int64


def test_a_logged_prediction_outweighs_the_cut_off(rows: pd.DataFrame, tmp_path: Path) -> None:
    said = (rows["_row"] % 3).map({0: "1.0", 1: "0"}).astype(object)
    path = written(rows.assign(prediction=said), tmp_path / "r.parquet")
    document = a_contract(policy=POLICY).model_dump(by_alias=True, mode="json")
    document["log"]["prediction"] = "predicted"
    contract = type(a_contract()).model_validate(document)
    wanted = wanted_of(path, contract=contract)
    found = labelled_cells(connected(), wanted)
    plain = newest(rows.assign(prediction=said), wanted)["prediction"]
    counted = {code: found.n[found.flagged == code].sum() for code in (1, 0, -1)}
    assert counted == {
        1: (plain == "1.0").sum(),
        0: (plain == "0").sum(),
        -1: plain.isna().sum(),
    }


def test_all_predictions_are_counted_by_cell(rows: pd.DataFrame, tmp_path: Path) -> None:
    base = rows[rows["revision"] == 0]
    path = written(base, tmp_path / "p.parquet")
    wanted = wanted_of(path)
    found = predicted_cells(
        connected(),
        wanted.contract,
        predictions=[path],
        chunks=wanted.chunks,
        rows=wanted.rows,
        matured_before=MATURE,
    )
    start, end = wanted.chunks[0].start, wanted.chunks[-1].end
    inside = base[(base["time"] >= start) & (base["time"] < end) & (base["time"] <= AS_OF)]
    assert found.n.sum() == len(inside)
    assert found.n[found.matured].sum() == (inside["time"] <= MATURE).sum()
    assert found.n[found.flagged == 1].sum() == inside["score"].between(0.4, 1).sum()
    known = inside[inside["score"].between(0, 1)]
    assert found.score[found.cell != NO_SCORE].sum() == pytest.approx(known["score"].sum())


def test_when_labels_came(rows: pd.DataFrame, tmp_path: Path) -> None:
    wanted = wanted_of(written(rows, tmp_path / "r.parquet"))
    found = label_times(connected(), wanted)
    plain = newest(rows, wanted)
    days = plain["observed_at"].dt.floor("D").value_counts().sort_index()
    assert found.per_day.tolist() == days.to_list()
    assert found.day.tolist() == [(d - pd.Timestamp(0, tz="UTC")).days for d in days.index]
    mature = plain[plain["time"] <= MATURE]
    ages = (mature["observed_at"] - mature["time"]).dt.days.value_counts().sort_index()
    assert (found.age.tolist(), found.per_age.tolist()) == (list(ages.index), ages.to_list())
