"""Filters from URLs and the command line, made exact or refused."""

from datetime import UTC, datetime, timedelta

import pytest

from core.domain.identity import Actor, Permission, Role
from core.errors import InvalidInput, NotFound, NothingYet
from core.services.questions import Question, View, resolve
from tests.support.harbour import Harbour

MIDNIGHT = timedelta(hours=-8)  # Hong Kong's, seen from UTC


def ask(harbour: Harbour, **filters: str) -> View:
    question = Question("loans", **filters)
    return resolve(
        harbour.workspace, question, Permission.drift_view, actor=harbour[Role.data_scientist]
    )


def local(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC) + MIDNIGHT


@pytest.mark.parametrize(
    ("filters", "start", "end"),
    [
        ({}, local(2024, 1, 1), local(2025, 1, 1)),
        ({"last": "12m"}, local(2024, 1, 1), local(2025, 1, 1)),
        ({"last": "3m"}, local(2024, 10, 1), local(2025, 1, 1)),
        ({"last": "90d"}, local(2024, 10, 3), local(2025, 1, 1)),
        ({"last": "1d"}, local(2024, 12, 31), local(2025, 1, 1)),
        ({"last": "9999m"}, local(2024, 1, 1), local(2025, 1, 1)),
        ({"last": "9999d"}, local(2024, 1, 1), local(2025, 1, 1)),
        ({"start": "2024-03-01", "end": "2024-03-31"}, local(2024, 3, 1), local(2024, 4, 1)),
        ({"start": "2024-11-01"}, local(2024, 11, 1), local(2025, 1, 1)),
        ({"end": "2024-02-29"}, local(2024, 1, 1), local(2024, 3, 1)),
        ({"start": "2024-11-01", "last": "1d"}, local(2024, 11, 1), local(2025, 1, 1)),
        ({"as_of": "2024-06-30", "last": "1m"}, local(2024, 6, 1), local(2024, 7, 1)),
        (
            {"start": "2024-03-01T12:00:00+08:00", "end": "2024-03-01T18:00"},
            datetime(2024, 3, 1, 4, tzinfo=UTC),
            datetime(2024, 3, 1, 10, tzinfo=UTC),
        ),
    ],
)
def test_the_window(
    harbour: Harbour, filters: dict[str, str], start: datetime, end: datetime
) -> None:
    window = ask(harbour, **filters).window
    assert (window.start, window.end) == (start, end)


def test_before_the_first_prediction_the_day_is_wrong_and_not_the_log(harbour: Harbour) -> None:
    with pytest.raises(NothingYet) as refused:
        ask(harbour, as_of="2023-12-31")
    assert str(refused.value) == (
        "No prediction of loans was known on 2023-12-31: the first is of 2024-01-01. "
        "Ask as of 2024-01-01 or later, or of no day at all."
    )
    with pytest.raises(NothingYet, match="the first is of 2024-01-01"):
        ask(harbour, as_of="0001-01-01")


@pytest.mark.parametrize("days", [{"start": "0001-01-02"}, {"end": "9998-12-31"}])
def test_days_that_no_log_is_about_are_refused(harbour: Harbour, days: dict[str, str]) -> None:
    (day,) = days.values()
    with pytest.raises(InvalidInput) as refused:
        ask(harbour, **days)
    assert str(refused.value) == f"No log is about {day}. Write days of the years 1900 to 2199."
    assert ask(harbour, start="1900-01-01", end="2199-12-31").chunks


def test_as_of_is_the_newest_event_the_end_of_a_day_or_an_instant(harbour: Harbour) -> None:
    newest = datetime(2024, 12, 31, 15, tzinfo=UTC)
    assert ask(harbour).as_of == newest
    assert ask(harbour, as_of="2030-01-01").as_of == newest
    # Time that has passed without an event lets outcomes mature; what is to come does not.
    since = datetime(2025, 2, 28, 4, tzinfo=UTC)
    assert ask(harbour, as_of=since.isoformat()).as_of == since
    end_of_day = local(2024, 7, 1) - timedelta(microseconds=1)
    assert ask(harbour, as_of="2024-06-30").as_of == end_of_day
    # What was known at the instant counts, as it does for the newest event.
    noon = datetime(2024, 6, 30, 4, tzinfo=UTC)
    view = ask(harbour, as_of="2024-06-30T12:00:00+08:00")
    assert (view.as_of, view.asked_as_of, view.last_prediction) == (noon,) * 3
    assert ask(harbour).asked_as_of is None
    assert ask(harbour, as_of="2030-01-01").asked_as_of == local(2030, 1, 2) - timedelta(
        microseconds=1
    )


@pytest.mark.parametrize(
    ("as_of", "newest"),
    [
        ("2024-06-30", datetime(2024, 6, 30, 15, tzinfo=UTC)),  # 23:00 in Hong Kong
        ("2024-06-30T12:59:59+08:00", datetime(2024, 6, 30, 4, tzinfo=UTC)),
        # Nothing was logged from 10 to 12 July, in the middle of a file.
        ("2024-07-11", datetime(2024, 7, 9, 15, tzinfo=UTC)),
        ("2024-12-31T22:30:00+08:00", datetime(2024, 12, 31, 14, tzinfo=UTC)),
        ("2030-01-01", datetime(2024, 12, 31, 15, tzinfo=UTC)),
    ],
)
def test_the_newest_prediction_is_a_row_that_was_known(
    harbour: Harbour, as_of: str, newest: datetime
) -> None:
    known = harbour.loans["scored_at"]
    view = ask(harbour, as_of=as_of)
    assert view.last_prediction == newest == known[known <= view.as_of].max()


def test_chunks(harbour: Harbour) -> None:
    keys = [chunk.key for chunk in ask(harbour, by="quarter").chunks]
    assert keys == ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]
    rows = ask(harbour, by="rows:500")
    assert (rows.rows_per_chunk, rows.chunks) == (500, ())
    starts = ask(harbour, by="year")
    assert [day.isoformat() for day in starts.local_starts(starts.chunks)] == [
        "2024-01-01T00:00:00+08:00"
    ]


def test_versions_slices_and_scope(harbour: Harbour) -> None:
    view = ask(harbour, version="2", slice="sector=a=b")
    assert (view.versions, view.slice) == (("2",), ("sector", "a=b"))
    assert (ask(harbour).versions, ask(harbour).slice) == (None, None)
    assert ask(harbour).jurisdictions is None
    limited = resolve(
        harbour.workspace, Question("loans"), Permission.drift_view, actor=harbour.hong_kong
    )
    assert limited.jurisdictions == ("HK",)
    assert limited.key != ask(harbour).key


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"last": "12y"}, "'12y' is not a period"),
        ({"last": "m"}, "'m' is not a period"),
        ({"by": "hour"}, "'hour' is not a chunk length"),
        ({"by": "rows:0"}, "'rows:0' is not a chunk length"),
        ({"by": "rows:-5"}, "is not a chunk length"),
        ({"slice": "sector"}, "'sector' is not a slice of loans"),
        ({"slice": "colour=red"}, "Write NAME=VALUE with one of: sector, 結餘級別"),
        ({"start": "yesterday"}, "'yesterday' is neither a date nor a timestamp"),
        ({"start": "2024-06-01", "end": "2024-05-01"}, "ends .* before it starts"),
        ({"as_of": "2024-13-01"}, "neither a date"),
    ],
)
def test_what_cannot_be_read_is_refused(
    harbour: Harbour, filters: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        ask(harbour, **filters)


def test_a_model_that_is_not_there(harbour: Harbour) -> None:
    with pytest.raises(NotFound):
        resolve(harbour.workspace, Question("no"), Permission.drift_view, actor=harbour[Role.admin])
    with pytest.raises(NotFound):
        resolve(
            harbour.workspace,
            Question("loans"),
            Permission.drift_view,
            actor=Actor("u", "u", frozenset({Role.admin}), models=frozenset()),
        )
