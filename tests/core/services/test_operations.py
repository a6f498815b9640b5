"""Volume, errors, availability and latency against pandas."""

import numpy as np
import pytest

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import InvalidInput, NotFound, NothingYet
from core.services.operations import Operations, operations
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import ZONE, Harbour

LOANS = Question("loans")


def ask(harbour: Harbour, question: Question = LOANS) -> Operations:
    return operations(harbour.workspace, question, actor=harbour[Role.business])


@pytest.mark.parametrize(("by", "key"), [("month", "month"), ("day", "day")])
def test_volume_errors_and_availability_equal_pandas(harbour: Harbour, by: str, key: str) -> None:
    rows = logged_loans(harbour)
    answer = ask(harbour, Question("loans", by=by))
    keys = [chunk.key for chunk in answer.chunks]
    ok = rows["status"] == "ok"
    hours = ok.groupby([rows[key], rows["scored_at"].dt.floor("h")]).any()
    assert answer.rows.tolist() == rows.groupby(key).size().reindex(keys, fill_value=0).tolist()
    np.testing.assert_allclose(answer.error_rate, (~ok).groupby(rows[key]).mean().reindex(keys))
    np.testing.assert_allclose(answer.availability, hours.groupby(level=0).mean().reindex(keys))


@pytest.mark.parametrize(
    ("name", "column", "share"),
    [
        ("latency_p50", "latency", 0.5),
        ("latency_p95", "latency", 0.95),
        ("latency_p99", "latency", 0.99),
        ("cpu_ms", "cpu", 0.5),
        ("memory_mb", "memory", 0.5),
    ],
)
def test_quantiles_are_within_five_percent(
    harbour: Harbour, name: str, column: str, share: float
) -> None:
    groups = logged_loans(harbour).groupby("month")[column]
    want = [np.quantile(values, share, method="inverted_cdf") for _, values in groups]
    np.testing.assert_allclose(ask(harbour).figures()[name], want, rtol=0.05)


def test_days_without_a_row_are_neither_up_nor_down(harbour: Harbour) -> None:
    answer = ask(harbour, Question("loans", by="day", start="2024-07-09", end="2024-07-13"))
    assert answer.silent.tolist() == [False, True, True, True, False]
    assert np.isnan(answer.error_rate[1:4]).all()
    assert np.isnan(answer.availability[1:4]).all()
    rows = {(row.method, row.chunk["key"]): row for row in answer.json_rows()}
    silent = rows["error_rate", "2024-07-10"]
    assert (silent.status, silent.level, silent.alert) == ("silent", "not_enough_data", False)
    assert rows["error_rate", "2024-07-09"].status == "ok"


def test_the_outage_is_seen(harbour: Harbour) -> None:
    answer = ask(harbour)
    assert answer.status_of("error_rate", 10) is Status.act
    assert answer.status_of("availability", 10) is Status.act
    assert answer.status_of("cpu_ms", 10) is Status.in_range
    assert answer.status() is Status.in_range  # December
    assert answer.newest() == 11
    row = next(r for r in answer.json_rows() if r.method == "error_rate" and r.alert)
    assert (row.chunk["key"], row.threshold, row.level) == ("2024-11", 0.05, "act")


def test_one_version_one_region_and_as_of(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    assert ask(harbour, Question("loans", version="1", by="all")).rows.tolist() == [
        (rows["release"] == "1").sum()
    ]
    region = operations(harbour.workspace, Question("loans", by="all"), actor=harbour.hong_kong)
    assert region.rows.tolist() == [(rows["region"] == "HK").sum()]
    known = ask(harbour, Question("loans", by="all", as_of="2024-03-10"))
    local = rows["scored_at"].dt.tz_convert(ZONE)
    assert known.rows.tolist() == [(local < "2024-03-11").sum()]


@pytest.mark.parametrize("by", ["month", "week", "all"])
@pytest.mark.parametrize(
    ("cut", "condition"),
    [
        ("sector=零售", "sector == '零售'"),
        ("sector=…rest", "sector == '太空'"),
        ("結餘級別=3000–9000", "3000 <= balance < 9000"),
    ],
)
def test_a_slice_equals_pandas(harbour: Harbour, by: str, cut: str, condition: str) -> None:
    rows = logged_loans(harbour).query(condition)
    answer = ask(harbour, Question("loans", by=by, slice=cut))
    for index, chunk in enumerate(answer.chunks):
        part = rows[rows["scored_at"].between(chunk.start, chunk.end, inclusive="left")]
        ok = part["status"] == "ok"
        assert answer.rows[index] == len(part)
        assert answer.errors[index] == (~ok).sum()
        if len(part):
            hours = ok.groupby(part["scored_at"].dt.floor("h")).any()
            assert answer.availability[index] == pytest.approx(hours.mean())
            p95 = np.quantile(part["latency"], 0.95, method="inverted_cdf")
            assert answer.latency["latency_p95"][index] == pytest.approx(p95, rel=0.05)
    assert {row.slice for row in answer.json_rows()} == {cut}


def test_a_slice_of_a_version_and_a_region(harbour: Harbour) -> None:
    rows = logged_loans(harbour).query("sector == '零售' and region == 'HK' and release == '2'")
    question = Question("loans", by="all", slice="sector=零售", version="2", as_of="2024-09-30")
    answer = operations(harbour.workspace, question, actor=harbour.hong_kong)
    assert answer.rows.tolist() == [(rows["day"] <= "2024-09-30").sum()]


def test_slices_that_do_not_exist(harbour: Harbour) -> None:
    with pytest.raises(NotFound, match="no value 採礦"):
        ask(harbour, Question("loans", slice="sector=採礦"))
    with pytest.raises(InvalidInput, match="not a slice"):
        ask(harbour, Question("tenants", slice="sector=零售"))


def test_an_empty_window_has_no_chunks(harbour: Harbour) -> None:
    moment = "2024-05-01T10:00:00+08:00"
    answer = ask(harbour, Question("loans", start=moment, end=moment))
    assert (answer.chunks, answer.rows.tolist(), answer.newest()) == ((), [], None)


def test_a_model_without_status_has_volume_only(harbour: Harbour) -> None:
    answer = ask(harbour, Question("tenants"))
    assert set(answer.figures()) == {"volume"}
    assert answer.status() is Status.not_enough_data
    assert not answer.has_status
    assert answer.errors.tolist() == [0, 0, 0]


def test_what_is_refused(harbour: Harbour) -> None:
    with pytest.raises(InvalidInput, match="drift and data quality only"):
        ask(harbour, Question("loans", by="rows:100"))
    with pytest.raises(NothingYet):
        ask(harbour, Question("unused"))
    limited = Actor("u", "u", frozenset({Role.business}), models=frozenset({"tenants"}))
    with pytest.raises(NotFound):
        operations(harbour.workspace, LOANS, actor=limited)


def test_nothing_in_the_window(harbour: Harbour) -> None:
    answer = ask(harbour, Question("loans", start="2023-01-01", end="2023-02-28"))
    assert answer.newest() is None
    assert answer.status() is Status.not_enough_data
    assert answer.status_of("memory_mb", 0) is Status.not_enough_data
