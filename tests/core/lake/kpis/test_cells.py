"""Cells of two periods counted inside DuckDB, against the same made with pandas."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from core.contract import ModelContract
from core.contract.cut_offs import CutOff
from core.contract.kpi_names import kpi_names
from core.domain.expression import Schema, kpi_expression
from core.domain.windows import Window, calendar_chunks
from core.errors import StaleGeneration
from core.lake.kpis.cells import (
    CellRows,
    KpiCells,
    band_edges,
    cuts_in_force,
    kpi_cells,
    rows_of_periods,
)
from core.lake.kpis.rows import KpiRows
from core.lake.profiles.segments import SliceValues
from core.lake.row_filter import RowFilter
from core.metrics.decomposition import Level
from core.metrics.kpi.plan import GROUPS
from tests.support.builders import a_contract

ZONE = "Asia/Hong_Kong"
FIRST = datetime(2024, 12, 31, 16, tzinfo=UTC)
MONTHS = calendar_chunks(Window.parse("2025-01-01", "2025-02-28", ZONE), "month", ZONE)
INDUSTRY = SliceValues("industry", "c_industry", ("retail", "food"))
POLICY = [
    {"version": "p0", "from": "2024-01-01", "rule": "score >= 0.9 -> decline"},
    {"version": "p1", "from": "2025-01-01", "rule": "score >= 0.4 -> decline"},
    {"version": "p2", "from": "2025-02-01", "rule": "score > 0.6 -> decline"},
    {"version": "p3", "from": "2025-03-01", "rule": "score >= 0.7 -> decline"},
]
LOG = {
    "prediction_id": "loan_id",
    "time": "approved_at",
    "version": "model_version",
    "score": "score",
    "decision": "decision",
    "amount": "amount",
}


def the_contract(**changes: Any) -> ModelContract:
    return a_contract(**{"policy": POLICY, "log": LOG, **changes})


def the_log(count: int = 3_000) -> pd.DataFrame:
    draw = np.random.default_rng(5)
    score = np.round(draw.random(count), 3)
    score[draw.random(count) < 0.02] = np.nan
    time = pd.to_datetime(FIRST + pd.to_timedelta(draw.integers(0, 59 * 1440, count), unit="min"))
    industries = np.asarray(["retail", "food", "mining", None], dtype=object)
    frame = pd.DataFrame(
        {
            "prediction_id": [f"p{number}" for number in range(count)],
            "time": time,
            "version": draw.choice(np.asarray(["1", "2", None], dtype=object), count),
            "jurisdiction": "",
            "score": score,
            "prediction": None,
            "decision": np.where(draw.random(count) < 0.7, "approve", "decline"),
            "amount": np.where(draw.random(count) < 0.1, np.nan, np.round(draw.random(count), 2)),
            "subject": [f"s{number % 700}" for number in range(count)],
            "c_industry": draw.choice(industries, count, p=[0.4, 0.3, 0.2, 0.1]),
        }
    )
    return frame.astype({"time": "datetime64[us, UTC]", "prediction": "object"})


def the_decisions(log: pd.DataFrame) -> pd.DataFrame:
    some = log.sample(frac=0.3, random_state=1)
    frame = pd.DataFrame(
        {
            "prediction_id": some["prediction_id"],
            "time": some["time"] + timedelta(hours=1),
            "kind": "human",
            "decision": np.where(np.arange(len(some)) % 3 == 0, "approve", "decline"),
            "policy_version": None,
            "reason": None,
            "_batch": "b1",
            "_row": range(len(some)),
        }
    )
    return frame.astype({"time": "datetime64[us, UTC]"})


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return the_log()


@pytest.fixture(scope="module")
def wanted(log: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> CellRows:
    folder: Path = tmp_path_factory.mktemp("lake")
    log.to_parquet(folder / "predictions.parquet")
    the_decisions(log).to_parquet(folder / "decisions.parquet")
    as_of = FIRST + timedelta(days=100)
    contract = the_contract()
    rows = KpiRows(
        contract, (str(folder / "predictions.parquet"),), (),
        (str(folder / "decisions.parquet"),), (), MONTHS, RowFilter(), as_of, as_of,
    )  # fmt: skip
    text = (
        "sum(amount where final_decision = 'approve') / count(amount > 0.5) + share(not reviewed)"
    )
    expression = kpi_expression(text, Schema(kpi_names(contract), {}, {}))
    return CellRows(rows, expression.atoms, INDUSTRY)


def counted(wanted: CellRows) -> KpiCells:
    found = kpi_cells(duckdb.connect(), wanted)
    assert found is not None
    return found


def test_cells_are_those_of_pandas(log: pd.DataFrame, wanted: CellRows) -> None:
    found = counted(wanted)
    # Deciles of the scores, and the cut-offs of January (0.4) and of February (above 0.6).
    tenths = np.nanquantile(log["score"], np.arange(1, 10) / 10, method="inverted_cdf")
    edges = sorted({*tenths.tolist(), 0.4, float(np.nextafter(0.6, 1))})
    assert found.edges == pytest.approx(edges, abs=0)
    human = the_decisions(log).set_index("prediction_id")["decision"]
    frame = log.assign(human=log["prediction_id"].map(human))
    frame["final"] = frame["human"].fillna(frame["decision"])
    frame["period"] = (frame["time"] >= pd.Timestamp(MONTHS[1].start)).astype(int)
    places = {"retail": 0, "food": 1, "mining": 2}
    frame["segment"] = frame["c_industry"].map(places).fillna(3).astype(int)
    frame["version"] = frame["version"].fillna("").map({"": 0, "1": 1, "2": 2})
    frame["band"] = np.searchsorted(edges, frame["score"], side="right")
    frame.loc[frame["score"].isna(), "band"] = -1
    march = np.where(frame["period"] == 0, frame["score"] >= 0.4, frame["score"] > 0.6)
    flagged = np.where(frame["score"].isna(), "", np.where(march, "true", "false"))
    frame["automated"] = pd.factorize(frame["decision"] + "|" + flagged, sort=True)[0]
    decided = frame["final"] + np.where(frame["human"].isna(), "|policy|false", "|human|true")
    frame["final_code"] = pd.factorize(decided, sort=True)[0]
    frame["approved_amount"] = frame["amount"].where(frame["final"] == "approve").fillna(0)
    frame["large"] = (frame["amount"] > 0.5).astype(float)
    frame["alone"] = frame["human"].isna().astype(float)
    keys = ["segment", "version", "band", "automated", "final_code"]
    sums = ["approved_amount", "large", "alone"]
    groups = frame.groupby([*keys, "period"])
    table = groups[sums].sum().join(groups.size().rename("n"))
    whole = found.cells.together()
    assert set(map(tuple, whole.keys.tolist())) == {each[:5] for each in table.index}
    for place, key in enumerate(map(tuple, whole.keys.tolist())):
        for period in (0, 1):
            there = (*key, period) in table.index
            line = table.loc[(*key, period)] if there else dict.fromkeys(["n", *sums], 0.0)
            assert whole.rows[period, place] == line["n"]
            assert whole.sums[period, place, :3] == pytest.approx([line[each] for each in sums])


def test_groups_are_about_equal_and_share_no_row(log: pd.DataFrame, wanted: CellRows) -> None:
    rows = counted(wanted).cells.rows.sum(axis=(1, 2))
    assert rows.sum() == len(log)
    assert rows.shape == (GROUPS,)
    assert 10 <= rows.min() <= rows.max() <= 60  # 30 are expected


def test_a_subject_stays_in_one_group(wanted: CellRows, log: pd.DataFrame) -> None:
    assert not counted(wanted).paired
    contract = the_contract(log={**LOG, "subject": "who"})
    by_subject = counted(replace(wanted, rows=replace(wanted.rows, contract=contract)))
    assert by_subject.paired
    rows = by_subject.cells.rows.sum(axis=(1, 2))
    four = log["subject"].value_counts().max()  # 700 subjects of four or five rows
    assert four == 5
    assert rows.std() > 1.5 * counted(wanted).cells.rows.sum(axis=(1, 2)).std()


def test_without_a_segment_all_rows_are_one(wanted: CellRows) -> None:
    found = counted(replace(wanted, segment=None))
    assert set(found.cells.keys[:, Level.segment]) == {0}


def test_periods_may_be_exchanged(wanted: CellRows) -> None:
    turned = counted(replace(wanted, turned=True)).cells.together()
    straight = counted(wanted).cells.together()
    assert (turned.rows == straight.rows[::-1]).all()
    assert (turned.sums == straight.sums[::-1]).all()


def test_a_period_without_rows_has_no_cells(wanted: CellRows) -> None:
    later = calendar_chunks(Window.parse("2025-02-01", "2025-06-30", ZONE), "quarter", ZONE)
    assert (
        kpi_cells(duckdb.connect(), replace(wanted, rows=replace(wanted.rows, chunks=later)))
        is None
    )
    nothing = replace(wanted.rows, predictions=())
    assert rows_of_periods(duckdb.connect(), nothing, nothing.as_of) == ((0, 0), (0, 0))
    assert kpi_cells(duckdb.connect(), replace(wanted, rows=nothing)) is None


def test_a_file_that_is_gone_is_said(wanted: CellRows) -> None:
    gone = replace(wanted.rows, predictions=("/nowhere/a.parquet",))
    with pytest.raises(StaleGeneration):
        kpi_cells(duckdb.connect(), replace(wanted, rows=gone))


def test_few_rows_have_few_bands(log: pd.DataFrame, wanted: CellRows) -> None:
    some = RowFilter(until=FIRST + timedelta(days=34))
    found = counted(replace(wanted, rows=replace(wanted.rows, rows=some)))
    february = int((log["time"] <= FIRST + timedelta(days=34)).sum()) - int(
        (log["time"] < pd.Timestamp(MONTHS[1].start)).sum()
    )
    assert february // (20 * 4) == 1  # and so no band but those of the cut-offs
    assert found.edges == (0.4, float(np.nextafter(0.6, 1)))


def test_the_figure_of_a_policy_tells_policies_apart(wanted: CellRows) -> None:
    schema = Schema(kpi_names(the_contract()), {}, {})
    atoms = kpi_expression("share(policy_version = 'p2')", schema).atoms
    cells = counted(replace(wanted, atoms=atoms)).cells
    assert len(set(cells.keys[:, Level.automated])) > len(
        set(counted(wanted).cells.keys[:, Level.automated])
    )


def test_cut_offs_are_those_of_the_periods() -> None:
    contract = the_contract()
    assert [cut.value for cut in cuts_in_force(contract, MONTHS)] == [0.6, 0.4]
    assert [cut.value for cut in cuts_in_force(contract, MONTHS[:1])] == [0.4]
    versions = [{"id": "1", "policy": "p0"}]
    own = the_contract(versions=versions)
    assert [cut.value for cut in cuts_in_force(own, MONTHS[:1])] == [0.9, 0.4]
    assert cuts_in_force(the_contract(policy=[]), MONTHS) == (CutOff(0.5),)


def test_a_cut_off_that_flags_only_what_is_above_begins_at_the_next_number() -> None:
    assert band_edges([0.2], [CutOff(0.5), CutOff(0.7, included=False)]) == (
        0.2, 0.5, float(np.nextafter(0.7, 1)),
    )  # fmt: skip
