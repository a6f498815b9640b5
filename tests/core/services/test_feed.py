"""The age of the feed, and what a reader of one jurisdiction is told of batches."""

from datetime import timedelta

import pytest

from core.domain.identity import Role
from core.domain.status import Status
from core.services.quality import quality
from core.services.questions import Question
from tests.support.harbour import Harbour


def test_outcomes_that_come_later_do_not_age_the_feed(harbour: Harbour) -> None:
    # The newest outcome came after the newest prediction of the first half of the year …
    answer = quality(harbour.workspace, Question("loans", as_of=None), actor=harbour[Role.admin])
    assert answer.freshness == timedelta(0)
    assert answer.whole_log()["freshness"] == (0.0, Status.in_range)


@pytest.mark.parametrize(
    ("as_of", "status"),
    [("2024-12-31", Status.in_range), ("2025-01-02", Status.watch), ("2025-01-31", Status.act)],
)
def test_an_as_of_that_was_asked_for_does(harbour: Harbour, as_of: str, status: Status) -> None:
    answer = quality(harbour.workspace, Question("loans", as_of=as_of), actor=harbour[Role.admin])
    assert answer.whole_log()["freshness"][1] is status


def test_batches_are_not_told_to_a_reader_of_one_jurisdiction(harbour: Harbour) -> None:
    answer = quality(harbour.workspace, Question("loans"), actor=harbour.hong_kong)
    assert answer.ingest is None
    assert set(answer.whole_log()) == {"freshness"}
    assert {row.method for row in answer.rows() if not row.column} == {"freshness"}
