from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qs

import pytest

from app.filters import Filters, ModelChoice, SliceChoice, log_days, parse_day, resolve
from core.errors import NotFound

LOAN = ModelChoice(
    id="sba-loan-default",
    name="SBA loan default",
    versions=("1", "2"),
    slices=(SliceChoice("state", ("CA", "NY")),),
    oldest=datetime(2006, 1, 1, tzinfo=UTC),
    newest=datetime(2010, 12, 31, 3, tzinfo=UTC),
)
EMPTY = ModelChoice(id="new", name="New")
MODELS = (LOAN, EMPTY)


def test_the_first_model_is_the_default_and_the_whole_log_its_period() -> None:
    filters = resolve({}, MODELS)
    assert (filters.model, filters.range) == ("sba-loan-default", "all")
    assert (filters.first, filters.last) == (date(2006, 1, 1), date(2010, 12, 31))
    assert filters.grain == "month"


@pytest.mark.parametrize(
    ("raw", "first"),
    [
        ({"range": "30d"}, date(2010, 12, 2)),
        ({"range": "90d"}, date(2010, 10, 3)),
        ({"range": "12m"}, date(2010, 1, 1)),
        ({"range": "nonsense"}, date(2006, 1, 1)),
    ],
)
def test_ranges_count_back_from_the_newest_record(raw: dict[str, str], first: date) -> None:
    filters = resolve(raw, MODELS)
    assert (filters.first, filters.last) == (first, date(2010, 12, 31))


def test_own_dates_are_put_in_order() -> None:
    filters = resolve({"range": "custom", "from": "2009-06-04", "to": "2009-01-01"}, MODELS)
    assert (filters.first, filters.last) == (date(2009, 1, 1), date(2009, 6, 4))
    assert filters.grain == "week"


def test_days_without_a_range_are_own_dates() -> None:
    filters = resolve({"from": "2009-01-01"}, MODELS)
    assert (filters.range, filters.first) == ("custom", date(2009, 1, 1))
    assert filters.last == date(2010, 12, 31)
    named = resolve({"range": "all", "from": "2009-01-01"}, MODELS)
    assert (named.range, named.first) == ("all", date(2006, 1, 1))


def test_as_of_ends_the_period() -> None:
    filters = resolve({"as_of": "2008-06-30", "range": "30d"}, MODELS)
    assert (filters.first, filters.last) == (date(2008, 6, 1), date(2008, 6, 30))
    assert filters.question().as_of == "2008-06-30"


def test_what_the_model_does_not_have_is_left_out() -> None:
    raw = {"version": "9", "slice": "state", "value": "<script>", "as_of": "soon"}
    filters = resolve(raw, MODELS)
    assert (filters.version, filters.slice, filters.slice_value, filters.as_of) == (None,) * 4
    assert "value" not in parse_qs(filters.query())


def test_a_question_carries_the_filters() -> None:
    raw = {"version": "2", "slice": "state", "value": "NY", "range": "30d"}
    question = resolve(raw, MODELS).question(by="day")
    assert (question.model, question.version, question.slice) == (LOAN.id, "2", "state=NY")
    assert (question.start, question.end, question.by) == ("2010-12-02", "2010-12-31", "day")


def test_the_whole_log_is_asked_for_without_dates() -> None:
    question = resolve({}, MODELS).question()
    assert (question.start, question.end) == (None, None)


def test_a_model_without_a_log_has_no_period() -> None:
    filters = resolve({"model": "new"}, MODELS)
    assert filters.window is None
    assert filters.grain == "month"
    assert log_days(EMPTY) is None


def test_without_models_there_is_nothing_to_ask() -> None:
    filters = resolve({"lang": "zh-HK", "model": "x"}, ())
    assert filters.model is None
    assert filters.query() == "lang=zh-HK"
    with pytest.raises(NotFound):
        filters.question()


def test_the_window_is_cut_in_the_models_zone() -> None:
    window = resolve({"range": "30d"}, MODELS).window
    assert window is not None
    assert window.start == datetime(2010, 12, 1, 16, tzinfo=UTC)


def test_the_query_reproduces_the_view() -> None:
    filters = resolve({"model": LOAN.id, "range": "30d", "lang": "zh-CN"}, MODELS)
    assert filters.query(version="2") == f"model={LOAN.id}&version=2&range=30d&lang=zh-CN"


def test_a_log_of_eight_years_and_more_is_cut_in_quarters() -> None:
    filters = Filters(first=date(2000, 1, 1), last=date(2010, 1, 1))
    assert filters.grain == "quarter"
    assert Filters(first=date(2010, 1, 1), last=date(2010, 2, 1)).grain == "day"


@pytest.mark.parametrize(
    ("rows", "offered"),
    [
        (0, ()),
        (900, ()),
        (2_184, (500, 1_000)),
        (211_000, (500, 1_000, 5_000, 10_000, 50_000, 100_000)),
        (10_000_000, (50_000, 100_000, 500_000)),
    ],
)
def test_chunks_of_rows_are_offered_that_a_chart_can_show(
    rows: int, offered: tuple[int, ...]
) -> None:
    assert ModelChoice(id="m", name="M", rows=rows).row_chunks == offered


@pytest.mark.parametrize(
    ("by", "chosen"),
    [
        ("rows:500", 500),
        ("rows:1000", 1_000),
        ("rows:700", None),
        ("rows:5000", None),  # more than half of the log
        ("500", None),
        ("month", None),
        ("", None),
    ],
)
def test_chunks_of_rows_come_from_the_address(by: str, chosen: int | None) -> None:
    model = replace(LOAN, rows=2_184)
    filters = resolve({"by": by, "range": "30d"}, [model])
    assert filters.rows_per_chunk == chosen
    # Only pages that offer them ask for them; the address keeps them for these.
    assert filters.question().by == "day"
    assert ("by=rows" in filters.query()) == by.startswith("rows")


def test_days_are_iso() -> None:
    assert parse_day("2010-02-30") is None
    assert parse_day(None) is None
    assert parse_day("1900-01-01") == date(1900, 1, 1)
    assert parse_day("2199-12-31") == date(2199, 12, 31)


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31"])
def test_days_that_no_log_is_about_are_left_out(day: str) -> None:
    assert parse_day(day) is None
    for name in ("from", "to", "as_of"):
        filters = resolve({"range": "custom", name: day}, MODELS)
        assert (filters.first, filters.last) == (date(2006, 1, 1), date(2010, 12, 31))
        assert filters.window is not None


def test_a_page_about_the_whole_model_applies_neither_slice_nor_version() -> None:
    raw = {"model": LOAN.id, "slice": "state", "value": "CA", "version": "2", "as_of": "2008-06-30"}
    filters = resolve(raw, MODELS)
    part, whole = filters.question("year"), filters.question("year", whole=True)
    assert (part.slice, part.version) == ("state=CA", "2")
    assert (whole.slice, whole.version, whole.as_of) == (None, None, "2008-06-30")
    assert "slice=state" in filters.query()  # the other pages still have it
