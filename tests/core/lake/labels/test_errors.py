"""Sums of regressions and of several classes against pandas and scikit-learn."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from core.contract import ModelContract
from core.domain.windows import Window, calendar_chunks
from core.lake.labels.errors import class_cells, class_score_cells, error_cells
from core.lake.labels.rows import LabelledRows
from core.lake.labels.score_grid import NO_SCORE, score_cells
from core.lake.row_filter import RowFilter
from core.metrics.performance import ErrorSums
from core.metrics.performance.regression import error_sums
from core.services.performance.figures import class_matrix
from tests.support.builders import a_contract

FIRST = datetime(2025, 1, 1, tzinfo=UTC)
AS_OF = FIRST + timedelta(days=120)
MATURE = FIRST + timedelta(days=60)
CLASSES = ("low", "it's", "高")  # a quote and a Chinese word
SUMS = tuple(ErrorSums.__dataclass_fields__)
OUTCOME = {"time": "observed_at", "matures_after": "1 month"}


def a_regression() -> ModelContract:
    outcome = {**OUTCOME, "columns": [{"name": "price", "type": "label"}]}
    return a_contract(task="regression", outcome=outcome)


def several_classes(**log: str) -> ModelContract:
    columns = {name: f"p{place}" for place, name in enumerate(CLASSES)}
    named = {"prediction_id": "loan_id", "time": "approved_at", "scores": columns, **log}
    outcome = {**OUTCOME, "columns": [{"name": "kind", "type": "label"}]}
    return a_contract(task="multiclass_classification", log=named, outcome=outcome)


def base(n: int = 1500) -> pd.DataFrame:
    draw = np.random.default_rng(11)
    time = FIRST + pd.to_timedelta(draw.integers(0, 100 * 24, n), unit="h")
    return pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(n)],
            "time": time,
            "version": np.where(draw.random(n) < 0.5, "1", "2"),
            "observed_at": time + pd.Timedelta(days=5),
            "revision": 0,
            "_batch": "b1",
            "_row": range(n),
        }
    )


@pytest.fixture
def prices() -> pd.DataFrame:
    """Return estimates and prices: some of 0, some below 0, some rows without an estimate."""
    draw, rows = np.random.default_rng(12), base()
    price = draw.normal(40, 30, len(rows)).round(1)
    price[:40] = 0.0
    score = price + draw.normal(3, 10, len(rows))
    score[40:60] = np.nan
    score[60:64] = np.inf
    rows = rows.assign(score=score, label=price)
    rows.loc[64:70, "score"] = None
    late = rows.tail(100).assign(
        label=rows.tail(100)["label"] + 5,
        observed_at=rows.tail(100)["observed_at"] + pd.Timedelta(days=3),
        revision=1,
        _batch="b2",
    )
    return pd.concat([rows, late], ignore_index=True)


@pytest.fixture
def kinds() -> pd.DataFrame:
    """Return scores of three classes, what was predicted, and what came."""
    draw, rows = np.random.default_rng(13), base()
    p = draw.dirichlet((1, 2, 3), len(rows)).round(4)
    actual = [draw.choice(3, p=each / each.sum()) for each in p]
    said = np.asarray(CLASSES, dtype=object)[p.argmax(axis=1)]
    said[:30] = "unheard of"
    said[30:50] = None
    return rows.assign(
        score_0=p[:, 0],
        score_1=p[:, 1],
        score_2=p[:, 2],
        prediction=said,
        label=np.asarray(actual, dtype=float),
        label_text=np.asarray(CLASSES, dtype=object)[actual],
    )


def wanted_of(
    frame: pd.DataFrame, path: Path, contract: ModelContract, **changes: Any
) -> LabelledRows:
    stamps = dict.fromkeys(("time", "observed_at"), "datetime64[us, UTC]")
    frame.astype(stamps).to_parquet(path)
    window = Window.of_days(FIRST.date(), (FIRST + timedelta(days=100)).date(), "UTC")
    given = {
        "contract": contract,
        "resolved": (str(path),),
        "chunks": tuple(calendar_chunks(window, "month", "UTC")),
        "rows": RowFilter(until=AS_OF),
        "as_of": AS_OF,
        "matured_before": MATURE,
        **changes,
    }
    return LabelledRows(**given)


def newest(frame: pd.DataFrame, wanted: LabelledRows) -> pd.DataFrame:
    """Return the label that counts of each prediction, with its keys, the plain way."""
    last = frame.sort_values(["observed_at", "_batch", "_row"]).groupby("prediction_id").tail(1)
    month = last["time"].dt.month - 1  # the window begins in January 2025 and ends in April
    return last.assign(period=month, matured=last["time"] <= MATURE)


def connected() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def test_error_sums_equal_those_of_the_rows(prices: pd.DataFrame, tmp_path: Path) -> None:
    wanted = wanted_of(prices, tmp_path / "r.parquet", a_regression(), by_version=True)
    found = error_cells(connected(), wanted)
    plain = newest(prices, wanted)
    assert found.period.size == len(plain.groupby(["period", "version", "matured"]))
    for place in range(found.period.size):
        part = plain[
            (plain["period"] == found.period[place])
            & (plain["version"] == found.version[place])
            & (plain["matured"] == found.matured[place])
        ]
        part = part[np.isfinite(part["score"])]
        # The same sums by NumPy, which tests/core/metrics holds to scikit-learn.
        theirs = error_sums(part["score"], part["label"])
        for name in SUMS:
            ours = getattr(found.sums, name)[place]
            assert ours == pytest.approx(float(getattr(theirs, name)), rel=1e-9), name


def test_errors_are_scikit_learns(prices: pd.DataFrame, tmp_path: Path) -> None:
    wanted = wanted_of(prices, tmp_path / "r.parquet", a_regression())
    sums = error_cells(connected(), wanted).sums
    plain = newest(prices, wanted)
    plain = plain[np.isfinite(plain["score"])]
    n, score, label = sums.n.sum(), plain["score"], plain["label"]
    assert n == len(plain) < 1500
    assert sums.absolute.sum() / n == pytest.approx(sk.mean_absolute_error(label, score))
    assert sums.squared.sum() / n == pytest.approx(sk.mean_squared_error(label, score))
    nonzero = label != 0
    assert sums.relative_n.sum() == nonzero.sum()
    assert sums.relative.sum() / sums.relative_n.sum() == pytest.approx(
        sk.mean_absolute_percentage_error(label[nonzero], score[nonzero])
    )
    positive = (label >= 0) & (score >= 0)
    assert sums.log_n.sum() == positive.sum()
    assert sums.log_squared.sum() / sums.log_n.sum() == pytest.approx(
        sk.mean_squared_log_error(label[positive], score[positive])
    )


def test_a_period_without_an_estimate_has_sums_of_nothing(
    prices: pd.DataFrame, tmp_path: Path
) -> None:
    wanted = wanted_of(prices.assign(score=np.nan), tmp_path / "r.parquet", a_regression())
    sums = error_cells(connected(), wanted).sums
    assert {float(getattr(sums, name).sum()) for name in SUMS} == {0.0}


def matrix(frame: pd.DataFrame, said: pd.Series) -> np.ndarray:
    return np.asarray(sk.confusion_matrix(frame["label_text"], said, labels=list(CLASSES)))


@pytest.mark.parametrize("logged", [True, False])
def test_classes_are_counted_as_scikit_learn_does(
    kinds: pd.DataFrame, tmp_path: Path, logged: bool
) -> None:
    contract = several_classes(**({"prediction": "said"} if logged else {}))
    wanted = wanted_of(kinds, tmp_path / "r.parquet", contract)
    found = class_cells(connected(), wanted)
    assert found.n.sum() == len(kinds)
    every = np.ones(found.period.size, dtype=np.bool_)
    ours = class_matrix(found, every, len(wanted.chunks), CLASSES).counts
    scores = kinds[["score_0", "score_1", "score_2"]].to_numpy()
    likeliest = pd.Series(np.asarray(CLASSES, dtype=object)[scores.argmax(axis=1)])
    said = kinds["prediction"] if logged else likeliest
    known = said.isin(CLASSES)
    assert found.n[found.predicted < 0].sum() == (~known).sum()
    for period in range(len(wanted.chunks)):
        part = known & (kinds["time"].dt.month - 1 == period)
        np.testing.assert_array_equal(ours[period], matrix(kinds[part], said[part]))


def test_an_outcome_of_no_named_class_counts_for_none(kinds: pd.DataFrame, tmp_path: Path) -> None:
    kinds.loc[kinds.index[:25], "label_text"] = "other"
    contract = several_classes(prediction="said")
    found = class_cells(connected(), wanted_of(kinds, tmp_path / "r.parquet", contract))
    assert found.n[found.actual < 0].sum() == 25


@pytest.mark.parametrize("place", [0, 1, 2])
def test_the_score_of_one_class_by_its_cells(
    kinds: pd.DataFrame, tmp_path: Path, place: int
) -> None:
    kinds.loc[kinds.index[:10], f"score_{place}"] = np.nan
    wanted = wanted_of(kinds, tmp_path / "r.parquet", several_classes(), by_version=True)
    found = class_score_cells(connected(), wanted, place)
    plain = newest(kinds, wanted)
    keys = ["period", "version", "matured", "is_class", "cell"]
    theirs = plain.assign(
        is_class=plain["label_text"] == CLASSES[place], cell=score_cells(plain[f"score_{place}"])
    )
    counted = theirs.groupby(keys).size().astype(float)
    ours = pd.DataFrame({name: getattr(found, name) for name in keys}).assign(n=found.n)
    assert len(ours) == len(counted)
    assert ours.set_index(keys)["n"].to_dict() == counted.to_dict()
    assert found.n[found.cell == NO_SCORE].sum() == 10


def test_without_files_there_is_nothing(tmp_path: Path, prices: pd.DataFrame) -> None:
    wanted = wanted_of(prices, tmp_path / "r.parquet", a_regression(), resolved=())
    assert error_cells(connected(), wanted).sums.n.size == 0
    none = wanted_of(prices, tmp_path / "r.parquet", several_classes(), resolved=())
    assert class_cells(connected(), none).n.size == 0
    assert class_score_cells(connected(), none, 0).n.size == 0
