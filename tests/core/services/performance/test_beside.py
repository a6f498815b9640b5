"""Rows beside what became of their estimates, and the record of these."""

import numpy as np

from core.domain.status import NOT_JUDGED, Status, status_of_level
from core.services.performance import coverage_rows, rows_beside
from core.services.performance.reference import in_reference
from tests.support.lender import Lender


def test_rows_say_what_became_of_each_estimate(lender: Lender) -> None:
    found, estimates = lender.ask()
    rows = rows_beside(found, estimates)
    assert len(rows) == len(found.rows(estimates.bands))
    places = {chunk.key: place for place, chunk in enumerate(found.chunks)}
    learned = in_reference(found.view)
    assert learned.any()
    told = 0
    for row in rows:
        place = places[str(row.chunk["key"])]
        if row.metric not in estimates.figures or not found.matured[place] or learned[place]:
            assert (row.covered, row.concept_drift) == (None, None)
            continue
        if np.isnan([row.realised, row.lower, row.upper]).any():
            assert row.covered is None
            continue
        assert row.covered == (row.lower <= row.realised <= row.upper)
        concept = estimates.figures[row.metric].concept
        assert row.concept_drift == bool(concept.alarm[place])
        told += 1
    assert told > 20


def test_the_record_is_that_of_the_rows(lender: Lender) -> None:
    found, estimates = lender.ask()
    rows = rows_beside(found, estimates)
    records = coverage_rows(found, estimates)
    assert [each.metric for each in records] == list(estimates.figures)
    for each in records:
        said = [
            row.covered for row in rows if row.metric == each.metric and row.covered is not None
        ]
        assert (each.covered, each.judged) == (sum(said), len(said))


def test_without_a_threshold_nothing_is_in_range(lender: Lender) -> None:
    found, _ = lender.ask()
    levels = {row.metric: row.level for row in found.rows() if row.chunk["key"] == "2024-05"}
    for name, level in levels.items():
        assert (level == NOT_JUDGED) == (not found.thresholds(name).judges), name
    assert levels["log_loss"] == NOT_JUDGED
    assert status_of_level(NOT_JUDGED) is Status.not_enough_data
    assert status_of_level("act") is Status.act
