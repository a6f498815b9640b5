"""The tables of docs/estimation.md are those that the bench prints."""

from bench.estimation import car_loan_table, drift_table, simulated_table
from tests.docs.pages import table_rows, text_of


def test_the_page_tells_the_coverage_that_is_measured() -> None:
    printed = table_rows(car_loan_table())
    heading = "| figure | ±3 SE, healthy"
    page = text_of("docs/estimation.md")
    told = table_rows(heading + page.partition(heading)[2].partition("\n\n")[0])
    assert len(told) == len(printed) == 10
    for mine, theirs in zip(printed, told, strict=True):
        assert mine[1:5] == theirs[1:5], theirs[0]
        chunks = theirs[5].removeprefix("chunks ").removeprefix("chunk ")
        assert mine[5] == chunks, theirs[0]


def test_shifts_are_simulated_by_their_size() -> None:
    rows = table_rows(simulated_table(chunks=30, rows=500))
    assert [row[:2] for row in rows[:2]] == [["0.0", "roc_auc"], ["0.0", "precision"]]
    assert len(rows) == 12
    for row in rows:
        bare, widened = (float(share.strip("%")) for share in row[2:])
        assert 0 <= bare <= widened <= 100


def test_greater_drift_raises_more_alarms() -> None:
    rows = table_rows(drift_table(references=1, chunks=30, rows=1_000))
    assert [row[0] for row in rows] == ["1.0", "1.05", "1.1", "1.2"]
    rates = [float(row[1].strip("%")) for row in rows]
    assert rates[0] < 5 < 50 < rates[3]
