"""People counted by group inside DuckDB, against the same counts made with pandas."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

import duckdb
import numpy as np
import pandas as pd
import pytest

from core.contract import ModelContract
from core.domain.windows import Chunk, Window, calendar_chunks
from core.errors import StaleGeneration
from core.lake.groups import (
    ALL_CHUNKS,
    NOT_GIVEN,
    NOT_GIVEN_WORDS,
    OTHER_VALUES,
    SUMS,
    FavourableRule,
    GroupColumn,
    GroupFiles,
    count_groups,
    value_counts,
)
from core.lake.row_filter import RowFilter
from tests.support.builders import a_contract

ZONE = "Asia/Hong_Kong"
FIRST = datetime(2025, 1, 1, tzinfo=UTC)
WHOLE = Window.parse("2025-01-01", "2025-06-30", ZONE)
AS_OF = datetime(2025, 6, 15, tzinfo=UTC)
MATURED = datetime(2025, 5, 1, tzinfo=UTC)
SEX = GroupColumn("sex", ("f", "m"))
SIZE = GroupColumn("loan amount", edges=(100.0, 200.0))
RULE = FavourableRule("decision", ("approve",))
CONTRACT = a_contract()


@dataclass
class Lake:
    """A log in files, and the rows that pandas counts."""

    rows: pd.DataFrame
    files: GroupFiles
    write: Callable[[pd.DataFrame, str], str]

    def count(
        self,
        *columns: GroupColumn,
        rule: FavourableRule = RULE,
        periods: tuple[Chunk, ...] = calendar_chunks(WHOLE, "month", ZONE),
        contract: ModelContract = CONTRACT,
        **changes: Any,
    ) -> pd.DataFrame:
        given = {"as_of": AS_OF, "matured_before": MATURED, "row_filter": RowFilter(), **changes}
        files = given.pop("files", self.files)
        return count_groups(
            duckdb.connect(), files, contract, columns, rule, periods=periods, **given
        )


def some_rows(count: int = 4000) -> pd.DataFrame:
    draw = np.random.default_rng(17)
    time = pd.to_datetime(FIRST + pd.to_timedelta(draw.integers(0, 180 * 86400, count), unit="s"))
    score = draw.random(count)
    score[draw.random(count) < 0.02] = np.nan
    score[draw.random(count) < 0.02] = 1.7  # no probability, and so no score
    score[draw.random(count) < 0.01] = -0.2
    frame = pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(count)],
            "time": time.astype("datetime64[us, UTC]"),
            "version": draw.choice(["1", "2"], count),
            "jurisdiction": draw.choice(["HK", "CN"], count, p=[0.8, 0.2]),
            "score": score,
            "decision": draw.choice(
                np.asarray(["approve", " Approve", "decline", "", None], dtype=object), count
            ),
            "prediction": draw.choice(np.asarray(["1", "0", None], dtype=object), count),
            "c_sex": draw.choice(
                np.asarray(["f", "m", " m ", "x", None, "Unknown", ""], dtype=object), count
            ),
            "c_loan_amount": draw.choice([50.0, 100.0, 150.0, 200.0, 300.0, np.nan], count),
            "label": draw.choice([0.0, 1.0], count),
            "observed_at": (time + pd.Timedelta(days=20)).astype("datetime64[us, UTC]"),
        }
    )
    return frame


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("lake")
    rows = some_rows()

    def write(frame: pd.DataFrame, name: str) -> str:
        connection = duckdb.connect()
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("frame", frame)
        connection.execute(f"COPY frame TO '{folder / name}' (FORMAT parquet)")
        return str(folder / name)

    known = rows[["prediction_id", "label", "observed_at"]].assign(
        revision=0, _batch="b1", _row=range(len(rows))
    )
    # A revision that came after the day asked about, one before it, and one that takes back.
    late = known.assign(
        observed_at=pd.Timestamp("2025-06-20", tz="UTC"), revision=3, _batch="b2", label=0.0
    )
    early = known.iloc[:500].assign(
        observed_at=pd.Timestamp("2025-06-10", tz="UTC"), revision=1, _batch="b3", label=1.0
    )
    back = known.iloc[400:700].assign(
        observed_at=pd.Timestamp("2025-06-12", tz="UTC"), revision=2, _batch="b4", label=np.nan
    )
    back["label"] = back["label"].astype("Float64")
    rows = rows.assign(
        label=np.select(
            [rows.index < 400, rows.index < 700, rows["observed_at"] <= AS_OF],
            [1.0, np.nan, rows["label"]],
            np.nan,
        )
    )
    files = GroupFiles(
        predictions=[write(rows.drop(columns=["label", "observed_at"]), "predictions.parquet")],
        resolved=[write(pd.concat([known, late, early, back]), "resolved.parquet")],
    )
    return Lake(rows, files, write)


def usable(rows: pd.DataFrame) -> pd.Series:
    return rows["score"].between(0, 1)


def by_hand(rows: pd.DataFrame) -> pd.Series:
    """Return the sums of some rows, counted with pandas."""
    decision = rows["decision"].str.strip().str.lower()
    score, label = rows["score"], rows["label"].where(rows["time"] <= MATURED)
    score = score.where(usable(rows))
    flagged = score >= 0.5
    said = score.notna()
    return pd.Series(
        {
            "n": (decision.fillna("") != "").sum(),
            "favourable": (decision == "approve").sum(),
            "matured": ((decision.fillna("") != "") & (rows["time"] <= MATURED)).sum(),
            "scored": said.sum(),
            "score": score.sum(),
            "score_squares": (score**2).sum(),
            "true_positives": (said & flagged & (label == 1)).sum(),
            "false_positives": (said & flagged & (label == 0)).sum(),
            "false_negatives": (said & ~flagged & (label == 1)).sum(),
            "true_negatives": (said & ~flagged & (label == 0)).sum(),
            "scored_labelled": (said & label.notna()).sum(),
            "scored_positives": (said & (label == 1)).sum(),
            "score_of_labelled": score[label.notna()].sum(),
        }
    )


def sex_code(rows: pd.DataFrame) -> pd.Series:
    text = rows["c_sex"].str.strip()
    given = text.notna() & ~text.str.lower().isin(["unknown", ""])
    return text.map({"f": 1, "m": 2}).fillna(OTHER_VALUES).where(given, NOT_GIVEN).astype(int)


def size_code(rows: pd.DataFrame) -> pd.Series:
    codes = pd.cut(rows["c_loan_amount"], [-np.inf, 100, 200, np.inf], right=False, labels=False)
    return (codes + 1).fillna(NOT_GIVEN).astype(int)


def the_sums(found: pd.DataFrame, **where: int) -> pd.Series:
    chosen = found
    for name, value in where.items():
        chosen = chosen[chosen[name] == value]
    assert len(chosen) == 1
    return chosen.iloc[0][list(SUMS)].astype(float)


def assert_equal(found: pd.Series, expected: pd.Series) -> None:
    assert found.to_numpy() == pytest.approx(expected[list(SUMS)].to_numpy(dtype=float))


def test_everybody_and_every_group_equal_pandas(lake: Lake) -> None:
    rows = lake.rows[lake.rows["time"] <= AS_OF]
    found = lake.count(SEX, SIZE)
    assert_equal(the_sums(found, chunk=ALL_CHUNKS, first=-1), by_hand(rows))
    for place, codes in ((0, sex_code(rows)), (1, size_code(rows))):
        for key, part in rows.groupby(codes):
            code = cast("int", key)
            sums = the_sums(found, chunk=ALL_CHUNKS, first=place, first_code=code, second=-1)
            assert_equal(sums, by_hand(part))


def test_chunks_and_pairs_equal_pandas(lake: Lake) -> None:
    rows = lake.rows[lake.rows["time"] <= AS_OF]
    found = lake.count(SEX, SIZE)
    month = rows["time"].dt.tz_convert(ZONE).dt.month
    for key, part in rows.groupby([month - 1, sex_code(rows)]):
        chunk, code = cast("tuple[int, int]", key)
        sums = the_sums(found, chunk=chunk, first=0, first_code=code)
        assert_equal(sums, by_hand(part))
    for key, part in rows.groupby([sex_code(rows), size_code(rows)]):
        one, two = cast("tuple[int, int]", key)
        sums = the_sums(found, first=0, first_code=one, second=1, second_code=two)
        assert_equal(sums, by_hand(part))
    pairs = found[found["second"] >= 0]
    assert set(pairs["chunk"]) == {ALL_CHUNKS}
    assert pairs["n"].sum() == by_hand(rows)["n"]


@pytest.mark.parametrize(
    ("row_filter", "kept"),
    [
        (RowFilter(versions=("2",)), lambda rows: rows["version"] == "2"),
        (RowFilter(jurisdictions=("HK",)), lambda rows: rows["jurisdiction"] == "HK"),
        (RowFilter(jurisdictions=()), lambda rows: rows["version"] == "none"),
    ],
)
def test_rows_outside_the_scope_do_not_exist(
    lake: Lake, row_filter: RowFilter, kept: Callable[[pd.DataFrame], pd.Series]
) -> None:
    rows = lake.rows[(lake.rows["time"] <= AS_OF) & kept(lake.rows)]
    found = lake.count(SEX, row_filter=row_filter)
    total = found[(found["chunk"] == ALL_CHUNKS) & (found["first"] == -1)]
    assert total["n"].sum() == by_hand(rows)["n"]
    assert total["true_positives"].sum() == by_hand(rows)["true_positives"]


def test_outcomes_known_later_and_of_young_predictions_do_not_count(lake: Lake) -> None:
    early = datetime(2025, 2, 28, 12, tzinfo=UTC)
    found = lake.count(as_of=early, matured_before=datetime(2025, 2, 1, tzinfo=UTC))
    sums = the_sums(found, chunk=ALL_CHUNKS, first=-1)
    known = lake.rows["observed_at"] <= early
    matured = lake.rows["time"] <= datetime(2025, 2, 1, tzinfo=UTC)
    assert sums["scored_labelled"] == (known & matured & usable(lake.rows)).sum()
    # Months behind the day asked about have no rows.
    assert set(found["chunk"]) == {ALL_CHUNKS, 0, 1}


@pytest.mark.parametrize(
    ("rule", "n", "favourable"),
    [
        (FavourableRule("decision", ("decline",), hoped_for=False), None, None),
        (FavourableRule("flag"), usable, lambda r: usable(r) & (r["score"] >= 0.5)),
        (
            FavourableRule("flag", hoped_for=False),
            usable,
            lambda r: usable(r) & (r["score"] < 0.5),
        ),
        (
            FavourableRule("prediction", ("1",)),
            lambda r: r["prediction"].notna(),
            lambda r: r["prediction"] == "1",
        ),
    ],
)
def test_what_is_favourable(lake: Lake, rule: FavourableRule, n: Any, favourable: Any) -> None:
    rows = lake.rows[lake.rows["time"] <= AS_OF]
    sums = the_sums(lake.count(rule=rule), chunk=ALL_CHUNKS, first=-1)
    if n is None:  # not "decline" and approved are the same here
        assert sums[["n", "favourable"]].to_list() == by_hand(rows)[["n", "favourable"]].to_list()
    else:
        assert sums["n"] == n(rows).sum()
        assert sums["favourable"] == favourable(rows).sum()


def test_the_newest_decision_that_was_known_counts(lake: Lake) -> None:
    ids = list(lake.rows["prediction_id"][:3])
    times = [datetime(2025, 6, day, tzinfo=UTC) for day in (1, 2, 20)]
    frame = pd.DataFrame(
        [
            (ids[0], times[0], "decline", "b", 0),
            (ids[0], times[1], "Approve", "b", 1),
            (ids[1], times[1], "approve", "b", 2),
            (ids[1], times[2], "decline", "b", 3),  # known later
            (ids[2], times[0], "decline", "b", 4),
        ],
        columns=["prediction_id", "time", "decision", "_batch", "_row"],
    )
    path = lake.write(frame.assign(kind="human"), "decisions.parquet")
    files = GroupFiles(lake.files.predictions, decisions=[path])
    rule = FavourableRule("decisions", ("approve",))
    sums = the_sums(lake.count(rule=rule, files=files), chunk=ALL_CHUNKS, first=-1)
    known = (lake.rows["time"][:3] <= AS_OF).sum()
    assert known == 3
    assert (sums["n"], sums["favourable"], sums["true_positives"]) == (3, 2, 0)


def test_a_column_that_no_file_has_is_not_given(lake: Lake) -> None:
    contract = a_contract(protected=["sex", "race"])
    found = lake.count(GroupColumn("race", ("a",)), contract=contract)
    assert set(found.loc[found["first"] == 0, "first_code"]) == {NOT_GIVEN}


def test_other_tasks_have_no_errors(lake: Lake) -> None:
    contract = a_contract(task="regression")
    sums = the_sums(lake.count(contract=contract), chunk=ALL_CHUNKS, first=-1)
    assert sums["n"] > 0
    assert sums[["true_positives", "false_negatives", "scored_labelled"]].sum() == 0


def test_without_files_or_periods_there_is_nothing(lake: Lake) -> None:
    assert lake.count(SEX, files=GroupFiles([])).empty
    assert lake.count(SEX, periods=()).empty


def test_a_period_without_rows_counts_nobody(lake: Lake) -> None:
    periods = calendar_chunks(Window.parse("2023-01-01", "2023-12-31", ZONE), "year", ZONE)
    found = lake.count(SEX, periods=periods)
    assert len(found) == 1
    assert found[list(SUMS)].to_numpy().tolist() == [[0.0] * len(SUMS)]


def test_a_file_that_is_gone_is_said_so(lake: Lake) -> None:
    with pytest.raises(StaleGeneration):
        lake.count(SEX, files=GroupFiles(["/nowhere.parquet"]))


def test_values_come_by_their_frequency_in_the_reference(lake: Lake) -> None:
    reference = Window.parse("2025-02-01", "2025-02-28", ZONE)
    found = value_counts(
        duckdb.connect(),
        lake.files.predictions,
        CONTRACT,
        "sex",
        reference=reference,
        row_filter=RowFilter(until=AS_OF),
    )
    inside = lake.rows[(lake.rows["time"] >= reference.start) & (lake.rows["time"] < reference.end)]
    text = inside["c_sex"].str.strip()
    counts = text[text.isin(["f", "m", "x"])].value_counts()
    assert found == tuple(counts.index)  # "m" twice as often as the others: blanks are no value
    assert found[0] == "m"


def test_every_word_for_not_given_is_lower_case_and_stands_once() -> None:
    assert [word for word in NOT_GIVEN_WORDS if word != word.lower().strip()] == []
    assert len(set(NOT_GIVEN_WORDS)) == len(NOT_GIVEN_WORDS)
