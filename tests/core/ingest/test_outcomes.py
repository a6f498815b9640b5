from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.ingest.streams import shapes_of
from core.services.workspace import Workspace
from tests.core.ingest.lake import stored, take
from tests.support.builders import (
    FIRST,
    a_contract,
    a_log,
    a_row,
    a_workspace,
    contract_text,
    outcome_rows,
    write_csv,
    write_parquet,
)


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def test_outcomes_are_joined_once_to_their_predictions(site: Workspace, tmp_path: Path) -> None:
    take(site, write_parquet(tmp_path / "log.parquet", a_log(20)))
    result = take(
        site, write_parquet(tmp_path / "out.parquet", outcome_rows(range(10))), stream="outcomes"
    )
    assert (result.resolved, result.waiting) == (10, 0)
    rows = stored(
        site,
        "SELECT prediction_id, CAST(time AS VARCHAR), CAST(day AS VARCHAR), version, c_industry,"
        " score, amount, label, label_text, o_loss, revision"
        " FROM {rows} WHERE prediction_id IN ('L000000', 'L000008') ORDER BY 1",
        "resolved",
    )
    # Row 8 is a day after row 0; 37 · 8 mod 101 = 94; every seventh loan is lost.
    first = ("2025-01-01 02:00:00+00", "2025-01-01", "2", "retail", 0.0, 1000.0, 1.0, "1", 250.0)
    other = ("2025-01-02 02:00:00+00", "2025-01-02", "1", "retail", 94 / 101, 9000.0, 0.0, "0", 0.0)
    assert rows == [("L000000", *first, 0), ("L000008", *other, 0)]


def test_outcomes_wait_for_their_predictions(site: Workspace, tmp_path: Path) -> None:
    early = take(
        site, write_parquet(tmp_path / "out.parquet", outcome_rows(range(10))), stream="outcomes"
    )
    assert (early.resolved, early.waiting) == (0, 10)
    first = take(site, write_parquet(tmp_path / "a.parquet", a_log(4)))
    second = take(site, write_parquet(tmp_path / "b.parquet", a_log(10, 2)))
    assert (first.resolved, second.resolved) == (4, 6)
    counted = stored(site, "SELECT count(*), count(DISTINCT prediction_id) FROM {rows}", "resolved")
    assert counted == [(10, 10)]


def test_a_later_outcome_is_a_revision_and_a_repeat_is_not(site: Workspace, tmp_path: Path) -> None:
    take(site, write_parquet(tmp_path / "log.parquet", a_log(3)))
    known = outcome_rows([0, 1])
    take(site, write_parquet(tmp_path / "a.parquet", known), stream="outcomes")
    later = {**known[0], "observed_at": known[0]["observed_at"] + timedelta(days=30), "loss": 9.0}
    changed = {**known[1], "loss": 1.0}
    result = take(
        site, write_parquet(tmp_path / "b.parquet", [known[0], later, changed]), stream="outcomes"
    )
    assert (result.counts.stored, result.counts.skipped, result.counts.quarantined) == (1, 1, 1)
    rows = stored(site, "SELECT revision, o_loss FROM {rows} WHERE prediction_id = 'L000000'"
                  " ORDER BY observed_at", "resolved")  # fmt: skip
    assert rows == [(0, 250.0), (1, 9.0)]


def test_labels_as_words_and_unknown_labels(site: Workspace, tmp_path: Path) -> None:
    take(site, write_parquet(tmp_path / "log.parquet", a_log(4)))
    labels = ["True", "0", "maybe", ""]
    rows = [
        {**row, "charged_off": label}
        for row, label in zip(outcome_rows(range(4)), labels, strict=True)
    ]
    result = take(site, write_csv(tmp_path / "o.csv", rows), stream="outcomes")
    assert (result.counts.stored, result.counts.quarantined) == (3, 1)
    assert stored(site, "SELECT label FROM {rows} ORDER BY prediction_id", "resolved") == [
        (1.0,),
        (0.0,),
        (None,),
    ]


def test_events_are_rows_of_their_own(tmp_path: Path) -> None:
    text = contract_text(
        events=[
            {"name": "recovery", "time": "recovered_at", "amount": "recovered", "currency": "USD"}
        ]
    )
    site = a_workspace(tmp_path / "home", contract=text)
    take(site, write_parquet(tmp_path / "log.parquet", [a_row(0), a_row(1)]))
    rows = [
        {**row, "recovered_at": when, "recovered": amount}
        for row, when, amount in zip(
            outcome_rows([0, 1]), ["2025-08-01", ""], ["70.5", ""], strict=True
        )
    ]
    rows.append(
        {"loan_id": "L000001", "observed_at": "", "charged_off": "", "loss": ""}
        | {"recovered_at": "2025-09-01", "recovered": "8"}
    )
    result = take(site, write_csv(tmp_path / "o.csv", rows), stream="outcomes")
    assert (result.counts.read, result.counts.stored, result.resolved) == (4, 4, 2)
    events = stored(
        site,
        "SELECT prediction_id, event, event_amount, currency FROM {rows} ORDER BY 2, 1",
        "outcomes",
    )
    assert events == [
        ("L000000", "", None, "HKD"),
        ("L000001", "", None, "HKD"),
        ("L000000", "recovery", 70.5, "USD"),
        ("L000001", "recovery", 8.0, "USD"),
    ]


def test_regression_labels_are_numbers(tmp_path: Path) -> None:
    text = contract_text(task="regression")
    site = a_workspace(tmp_path / "home", contract=text)
    take(site, write_parquet(tmp_path / "log.parquet", a_log(1)))
    rows = [{**outcome_rows([0])[0], "charged_off": "12.5"}]
    take(site, write_csv(tmp_path / "o.csv", rows), stream="outcomes")
    assert stored(site, "SELECT label, label_text FROM {rows}", "resolved") == [(12.5, "12.5")]


def test_without_an_outcome_in_the_contract_they_are_refused() -> None:
    with pytest.raises(InvalidInput, match="declares no outcome"):
        shapes_of(a_contract(outcome=None), "outcomes")


def test_an_outcome_before_its_prediction_file_keeps_its_own_time(
    site: Workspace, tmp_path: Path
) -> None:
    take(site, write_parquet(tmp_path / "o.parquet", outcome_rows([0])), stream="outcomes")
    assert stored(site, "SELECT epoch_us(observed_at) FROM {rows}", "outcomes") == [
        (int((FIRST + timedelta(days=60)).timestamp() * 1e6),)
    ]
