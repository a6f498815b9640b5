"""How far labels are, by hand."""

import numpy as np
import pytest

from core.services.performance.maturity import Labels, chunk_maturity, expected_share

NAN = float("nan")


def labels(mature: int, early: int, positives: int = 0, **changes: float) -> Labels:
    given = {"expected": 0.1, "amount": NAN, "mean_amount": NAN, **changes}
    return Labels(mature, early, positives, **given)


@pytest.mark.parametrize(
    ("n", "matured", "known", "state", "basis", "used"),
    [
        (100, 100, labels(90, 0), "matured", "matured", 90),
        (100, 40, labels(38, 10, 1), "partial", "matured", 38),
        (100, 0, labels(0, 10, 1), "partial", "early", 10),
        (100, 0, labels(0, 0), "none", "none", 0),
        (100, 100, labels(0, 0), "none", "none", 0),
    ],
)
def test_states(n: int, matured: int, known: Labels, state: str, basis: str, used: int) -> None:
    found = chunk_maturity(n, matured, known, NAN)
    assert (found.state, found.basis, found.used) == (state, basis, used)
    assert found.labelled == known.mature + known.early
    assert bool(found.warnings) == (state == "partial")


def test_early_labels_that_are_mostly_positive_say_so() -> None:
    # 60 of 100: Wilson's lower limit 0.502 lies above 1.25 x 0.1; 12 of 100: 0.0700 does not.
    assert "mostly_positive" in chunk_maturity(900, 0, labels(0, 100, 60), NAN).warnings
    assert "mostly_positive" not in chunk_maturity(900, 0, labels(0, 100, 12), NAN).warnings
    assert "mostly_positive" not in chunk_maturity(900, 0, labels(0, 10, 10), NAN).warnings


def test_early_labels_of_small_amounts_say_so() -> None:
    cheap = labels(0, 100, 5, amount=700.0, mean_amount=1000.0)
    usual = labels(0, 100, 5, amount=900.0, mean_amount=1000.0)
    assert "mostly_cheap" in chunk_maturity(900, 0, cheap, NAN).warnings
    assert "mostly_cheap" not in chunk_maturity(900, 0, usual, NAN).warnings


def test_a_log_of_closed_cases_only_is_found() -> None:
    # All 200 have a label, though of mature predictions only a third had one at that age.
    closed = chunk_maturity(200, 0, labels(0, 200, 20), 0.33)
    assert "closed_cases_only" in closed.warnings
    assert "closed_cases_only" not in chunk_maturity(200, 0, labels(0, 200, 20), 0.97).warnings
    assert "closed_cases_only" not in chunk_maturity(200, 0, labels(0, 60, 6), 0.33).warnings
    assert "closed_cases_only" not in chunk_maturity(200, 0, labels(0, 200, 20), NAN).warnings


def test_share_of_labels_by_age() -> None:
    ages, per_age = np.asarray([1.0, 5.0, 30.0]), np.asarray([2.0, 2.0, 4.0])
    assert expected_share(ages, per_age, [0, 1, 4, 5, 29, 30, 99]).tolist() == [
        0.0, 0.25, 0.25, 0.5, 0.5, 1.0, 1.0,
    ]  # fmt: skip
    assert np.isnan(expected_share(np.empty(0), np.empty(0), 3.0))
