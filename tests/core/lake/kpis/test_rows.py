"""The rows behind a figure of the business against pandas: joins, what was known, maturity."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from core.contract import ModelContract
from core.contract.kpi_names import kpi_names
from core.domain.money import DailyRates
from core.domain.windows import Window, calendar_chunks
from core.lake.kpis.rows import KpiRows, Maturity, kpi_relation, stored_state
from core.lake.row_filter import RowFilter
from tests.support.builders import a_contract

FIRST = datetime(2025, 1, 1, 4, tzinfo=UTC)
AS_OF = FIRST + timedelta(days=100)
MATURE = FIRST + timedelta(days=40)
DAYS = 60
MATURITIES: tuple[Maturity, ...] = ("none", "outcome")
POLICY = [
    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"},
    {"version": "p2", "from": "2025-02-01", "rule": "score >= 0.6 -> decline"},
]
EVENTS = [{"name": "recovery", "time": "recovered_at", "amount": "recovered", "currency": "USD"}]


@pytest.fixture(scope="module")
def contract() -> ModelContract:
    return a_contract(
        policy=POLICY,
        events=EVENTS,
        log={
            "prediction_id": "loan_id",
            "time": "approved_at",
            "version": "model_version",
            "score": "score",
            "decision": "decision",
            "released_at": "released",
            "amount": "amount",
        },
    )


def stamped(frame: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in frame if str(name) in {"time", "observed_at", "released_at"}]
    return frame.astype(dict.fromkeys(names, "datetime64[us, UTC]"))


@pytest.fixture(scope="module")
def predictions() -> pd.DataFrame:
    draw, n = np.random.default_rng(11), 400
    time = FIRST + pd.to_timedelta(np.arange(n) * DAYS * 1440 // n, unit="min")
    frame = pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(n)],
            "time": time,
            "version": np.where(draw.random(n) < 0.5, "1", "2"),
            "jurisdiction": "",
            "score": np.round(draw.random(n), 3),
            "prediction": None,
            "decision": np.where(draw.random(n) < 0.7, "approve", "decline"),
            "released_at": time + pd.to_timedelta(5, unit="min"),
            "amount": np.round(draw.lognormal(5, 1, n), 2),
            "c_industry": np.where(draw.random(n) < 0.4, "retail", "food"),
            "c_loan_amount": draw.random(n),
            "c_opened": [date(2024, 1, 1 + number % 28) for number in range(n)],
        }
    )
    return stamped(frame)


@pytest.fixture(scope="module")
def resolved(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return outcomes of nine of ten; a fifth revised, the second one after a fortnight."""
    draw = np.random.default_rng(12)
    kept = predictions[draw.random(len(predictions)) < 0.9]
    first = kept[
        ["prediction_id", "time", "version", "jurisdiction", "score", "prediction", "decision"]
    ].assign(
        amount=kept["amount"],
        c_industry=kept["c_industry"],
        label=(draw.random(len(kept)) < 0.3).astype(float),
        o_loss=np.round(draw.random(len(kept)) * 100, 2),
        observed_at=kept["time"] + pd.to_timedelta(draw.integers(1, 70, len(kept)), unit="D"),
        revision=0,
        _batch="b1",
        _row=range(len(kept)),
    )
    again = first.sample(frac=0.2, random_state=2)
    again = again.assign(
        label=1 - again["label"],
        o_loss=again["o_loss"] + 1,
        observed_at=again["observed_at"] + pd.Timedelta(days=14),
        revision=1,
        _batch="b2",
    )
    return stamped(pd.concat([first, again], ignore_index=True))


@pytest.fixture(scope="module")
def decisions(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return a policy's decision on some, a person's on fewer, an appeal's on the fewest."""
    parts = []
    for share, kind, days in ((0.5, "policy", 0), (0.2, "human", 2), (0.05, "appeal", 9)):
        some = predictions.sample(frac=share, random_state=days)
        parts.append(
            pd.DataFrame(
                {
                    "prediction_id": some["prediction_id"],
                    "time": some["time"] + pd.Timedelta(days=days, hours=1),
                    "kind": kind,
                    "decision": np.where(some["score"] < 0.5, "approve", "decline"),
                    "policy_version": "p9" if kind == "policy" else None,
                    "reason": f"by {kind}",
                    "_batch": "b1",
                    "_row": range(len(some)),
                }
            )
        )
    return stamped(pd.concat(parts, ignore_index=True))


@pytest.fixture(scope="module")
def outcomes(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return recoveries of every tenth prediction, twice for some."""
    some = predictions[::10]
    once = pd.DataFrame(
        {
            "prediction_id": some["prediction_id"],
            "observed_at": some["time"] + pd.Timedelta(days=30),
            "event": "recovery",
            "event_amount": 7.0,
        }
    )
    twice = once[::3].assign(observed_at=once["observed_at"] + pd.Timedelta(days=20))
    return stamped(pd.concat([once, twice], ignore_index=True))


@pytest.fixture(scope="module")
def rows(
    contract: ModelContract,
    predictions: pd.DataFrame,
    resolved: pd.DataFrame,
    decisions: pd.DataFrame,
    outcomes: pd.DataFrame,
    tmp_path_factory: pytest.TempPathFactory,
) -> KpiRows:
    folder = tmp_path_factory.mktemp("lake")
    paths: dict[str, Any] = {}
    for name, frame in {
        "predictions": predictions,
        "resolved": resolved,
        "decisions": decisions,
        "outcomes": outcomes,
    }.items():
        frame.to_parquet(folder / f"{name}.parquet")
        paths[name] = (str(folder / f"{name}.parquet"),)
    last = (FIRST + timedelta(days=DAYS)).date()
    window = Window.of_days(FIRST.date(), last, "Asia/Hong_Kong")
    return KpiRows(
        contract=contract,
        **paths,
        chunks=tuple(calendar_chunks(window, "month", "Asia/Hong_Kong")),
        rows=RowFilter(until=AS_OF),
        as_of=AS_OF,
        matured_before=MATURE,
    )


def connected() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def read(rows: KpiRows, *names: str) -> pd.DataFrame:
    """Return the values of names by prediction."""
    relation = kpi_relation(rows, names)
    assert relation is not None
    listed = ", ".join(f"{relation.columns[name]} AS v{place}" for place, name in enumerate(names))
    query = f"SELECT r.prediction_id, {relation.period} AS period, {listed} {relation.source}"
    for name in names:  # DuckDB hands out local times only with another package
        if kpi_names(rows.contract)[name] == "instant":
            query = query.replace(relation.columns[name], f"epoch_us({relation.columns[name]})", 1)
    found = connected().execute(query).df().set_index("prediction_id")
    return found.rename(columns={f"v{place}": name for place, name in enumerate(names)})


def newest(resolved: pd.DataFrame) -> pd.DataFrame:
    seen = resolved[resolved["observed_at"] <= AS_OF].sort_values("observed_at")
    return seen.groupby("prediction_id").tail(1).set_index("prediction_id")


def microseconds(times: pd.Series) -> pd.Series:
    return times.map(
        lambda at: (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    )


def test_all_rows_with_what_is_known_of_them(
    rows: KpiRows, predictions: pd.DataFrame, resolved: pd.DataFrame
) -> None:
    found = read(rows, "amount", "label", "loss", "outcome.loss", "outcome.observed_at")
    known = newest(resolved)
    plain = predictions.set_index("prediction_id").join(
        known[["label", "o_loss", "observed_at"]], how="left"
    )
    assert len(found) == len(predictions)
    plain = plain.loc[found.index]
    np.testing.assert_array_equal(found["amount"], plain["amount"])
    np.testing.assert_array_equal(found["label"].astype(float), plain["label"].astype(float))
    np.testing.assert_array_equal(found["loss"], found["outcome.loss"])
    np.testing.assert_array_equal(found["loss"].astype(float), plain["o_loss"].astype(float))
    assert 0 < found["label"].isna().sum() < len(found)


@pytest.mark.parametrize("names", [("amount", "loss"), ("amount", "loss", "loan amount")])
def test_rows_with_a_final_outcome(
    rows: KpiRows, resolved: pd.DataFrame, names: tuple[str, ...]
) -> None:
    """The resolved stream says it alone, unless a feature is named that it does not hold."""
    found = read(replace(rows, maturity="outcome"), *names)
    plain = newest(resolved)
    plain = plain[plain["time"] <= MATURE]
    assert set(found.index) == set(plain.index)
    np.testing.assert_array_equal(found["loss"], plain.loc[found.index]["o_loss"])
    relation = kpi_relation(replace(rows, maturity="outcome"), names)
    assert relation is not None
    assert ("predictions.parquet" in relation.source) == (len(names) == 3)


def test_rows_of_an_age_of_their_own(rows: KpiRows, predictions: pd.DataFrame) -> None:
    limit = FIRST + timedelta(days=10)
    found = read(replace(rows, maturity="aged", aged_before=limit), "amount")
    assert set(found.index) == set(predictions[predictions["time"] <= limit]["prediction_id"])


def test_the_newest_decision_of_any_kind(
    rows: KpiRows, predictions: pd.DataFrame, decisions: pd.DataFrame
) -> None:
    names = ("final_decision", "decided_by", "decided_at", "policy_version", "reason")
    found = read(rows, *names)
    last = decisions.sort_values("time").groupby("prediction_id").tail(1).set_index("prediction_id")
    plain = predictions.set_index("prediction_id")
    plain = plain.join(last, rsuffix="_d").loc[found.index]
    final = plain["decision_d"].fillna(plain["decision"])
    assert list(found["final_decision"]) == list(final)
    assert list(found["decided_by"]) == list(plain["kind"].fillna("policy"))
    at = plain["time_d"].fillna(plain["released_at"])
    assert list(found["decided_at"]) == list(microseconds(at))
    policies = decisions[decisions["kind"] == "policy"]["prediction_id"]
    start = datetime(2025, 1, 31, 16, tzinfo=UTC)  # midnight in Hong Kong
    by_day = np.where(plain["time"] >= start, "p2", "p1")
    assert list(found["policy_version"]) == list(np.where(plain.index.isin(policies), "p9", by_day))
    assert set(found["reason"].dropna()) == {"by policy", "by human", "by appeal"}


def test_what_people_decided(
    rows: KpiRows, predictions: pd.DataFrame, decisions: pd.DataFrame
) -> None:
    found = read(rows, "human_decision", "reviewed", "overridden", "human_decided_at")
    people = decisions[decisions["kind"] != "policy"].sort_values("time")
    last = people.groupby("prediction_id").tail(1).set_index("prediction_id")
    plain = predictions.set_index("prediction_id").join(last, rsuffix="_d").loc[found.index]
    assert list(found["reviewed"]) == list(plain["decision_d"].notna())
    differs = plain["decision_d"].notna() & (plain["decision_d"] != plain["decision"])
    assert list(found["overridden"]) == list(differs)
    assert 0 < differs.sum() < found["reviewed"].sum()


def test_without_a_decisions_stream_the_log_says_it(
    rows: KpiRows, predictions: pd.DataFrame
) -> None:
    alone = replace(rows, decisions=())
    found = read(alone, "final_decision", "decided_by", "reviewed", "overridden", "human_decision")
    plain = predictions.set_index("prediction_id").loc[found.index]
    assert list(found["final_decision"]) == list(plain["decision"])
    assert set(found["decided_by"]) == {"policy"}
    assert not found["reviewed"].any()
    assert not found["overridden"].any()
    assert found["human_decision"].isna().all()


def test_events_add_up_and_begin_with_the_first(rows: KpiRows, outcomes: pd.DataFrame) -> None:
    found = read(rows, "event.recovery", "event.recovery.at", "event.recovery.amount")
    seen = outcomes[outcomes["observed_at"] <= AS_OF].groupby("prediction_id")
    assert set(found[found["event.recovery"]].index) == set(seen.groups)
    amount = found["event.recovery.amount"].dropna()
    assert amount.to_dict() == seen["event_amount"].sum().to_dict()
    first = microseconds(seen["observed_at"].min())
    assert found["event.recovery.at"].dropna().astype("int64").to_dict() == first.to_dict()


def test_what_was_not_known_yet_is_not_there(rows: KpiRows, decisions: pd.DataFrame) -> None:
    early = replace(rows, as_of=FIRST + timedelta(days=5), rows=RowFilter())
    found = read(early, "label", "event.recovery", "reviewed")
    assert len(found) < 40
    assert not found["event.recovery"].any()
    on_time = decisions[(decisions["time"] <= early.as_of) & (decisions["kind"] != "policy")]
    assert set(found[found["reviewed"]].index) == set(on_time["prediction_id"])


def test_money_is_converted_at_the_rate_of_the_day(rows: KpiRows, outcomes: pd.DataFrame) -> None:
    days = (FIRST.date() - timedelta(days=1)).toordinal()
    factors = tuple(7.0 + place / 100 for place in range(DAYS + 5))
    rates = DailyRates("USD", "HKD", date.fromordinal(days), factors)
    names = ("event.recovery.amount", "amount")
    plain, found = read(rows, *names), read(replace(rows, rates={"USD": rates}), *names)
    np.testing.assert_array_equal(found["amount"], plain["amount"])  # is in HKD
    times = {
        f"p{number}": FIRST + timedelta(minutes=number * DAYS * 1440 // 400)
        for number in range(400)
    }
    converted = found["event.recovery.amount"].dropna().to_dict()
    for key, amount in plain["event.recovery.amount"].dropna().to_dict().items():
        day = (times[str(key)] + timedelta(hours=8)).date().toordinal()
        assert converted[key] == pytest.approx(amount * factors[day - days])


def test_a_column_that_no_file_has_is_missing(rows: KpiRows) -> None:
    absent, revised = stored_state(connected(), rows.contract, rows.predictions, rows.resolved)
    assert ("predictions", "c_branch") in absent
    assert ("predictions", "c_industry") not in absent
    assert revised
    found = read(replace(rows, absent=absent), "branch", "term")
    assert found[["branch", "term"]].isna().all().all()


def test_days_begin_at_local_midnight(rows: KpiRows) -> None:
    found = read(rows, "opened")
    # 2024-01-01 00:00 in Hong Kong.
    assert found["opened"]["p0"] == datetime(2023, 12, 31, 16, tzinfo=UTC).timestamp() * 1e6


def test_one_outcome_a_prediction_needs_no_comparison(rows: KpiRows) -> None:
    relation = kpi_relation(replace(rows, maturity="outcome", revised=False), ["label"])
    assert relation is not None
    assert "prediction_id" not in relation.source


def test_periods_that_do_not_meet_leave_out_what_lies_between(rows: KpiRows) -> None:
    apart = (rows.chunks[0], rows.chunks[2])
    found = read(replace(rows, chunks=apart), "amount")
    assert set(found["period"]) == {0, 1}


def test_no_files_no_rows(rows: KpiRows) -> None:
    assert kpi_relation(replace(rows, predictions=()), ["amount"]) is None
    assert kpi_relation(replace(rows, resolved=(), maturity="outcome"), ["amount"]) is None
    found = read(replace(rows, resolved=()), "label", "loss", "outcome.observed_at")
    assert found[["label", "loss", "outcome.observed_at"]].isna().all().all()


def test_protected_columns_have_no_name(rows: KpiRows) -> None:
    assert "sex" not in kpi_names(rows.contract)
    with pytest.raises(KeyError):
        kpi_relation(rows, ["sex"])


def test_every_name_can_be_read(rows: KpiRows) -> None:
    names = sorted(kpi_names(rows.contract))
    absent, _ = stored_state(connected(), rows.contract, rows.predictions, rows.resolved)
    for given in (rows, replace(rows, decisions=(), outcomes=())):
        for maturity in MATURITIES:
            relation = kpi_relation(replace(given, absent=absent, maturity=maturity), names)
            assert relation is not None
            counts = ", ".join(f"count({relation.columns[name]})" for name in names)
            (found,) = (
                connected().execute(f"SELECT count(*), {counts} {relation.source}").fetchall()
            )
            assert found[0] > 0
            assert all(0 <= count <= found[0] for count in found)
