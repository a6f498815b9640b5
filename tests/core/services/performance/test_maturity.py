"""How far labels are, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.services.performance.maturity import (
    Labels,
    Usual,
    chunk_maturity,
    expected_share,
    labels_missing,
    may_be_missing,
    usual_by_month,
)

NAN = float("nan")
NOBODY_KNOWS = Usual()


def labels(mature: int, early: int, positives: int = 0, **changes: float) -> Labels:
    given = {"expected": 0.1, "amount": NAN, "mean_amount": NAN, **changes}
    return Labels(mature, early, early, positives, **given)


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
    found = chunk_maturity(n, matured, known, NOBODY_KNOWS)
    assert (found.state, found.basis, found.used) == (state, basis, used)
    assert found.labelled == known.mature + known.early
    assert found.warnings == (("early_labels",) if basis == "early" else ())


def test_a_period_whose_labels_were_lost_is_not_final() -> None:
    # 24 of 100: Wilson's upper limit 0.332. 90 of 100: 0.945. Usual is 0.95; 0.9 x 0.95 = 0.855.
    lost = chunk_maturity(100, 100, labels(24, 0), Usual(0.95))
    assert (lost.state, lost.basis, lost.used) == ("partial", "matured", 24)
    assert lost.warnings == ("labels_missing",)
    whole = chunk_maturity(100, 100, labels(90, 0), Usual(0.95))
    assert (whole.state, whole.warnings) == ("matured", ())
    # A quarter is all that this model ever gets.
    usual = chunk_maturity(100, 100, labels(24, 0), Usual(0.25))
    assert (usual.state, usual.warnings) == ("matured", ())
    # Too few predictions to say so, and nobody knows what is usual.
    assert chunk_maturity(20, 20, labels(4, 0), Usual(0.95)).state == "matured"
    untold = chunk_maturity(100, 100, labels(24, 0), NOBODY_KNOWS)
    assert (untold.state, untold.warnings) == ("matured", ("no_history",))
    # Also of a period that waits for more, and of one whose mature labels are all lost.
    waiting = chunk_maturity(200, 100, labels(24, 3), Usual(0.95))
    assert (waiting.state, waiting.warnings) == ("partial", ("labels_missing",))
    early = chunk_maturity(200, 100, labels(0, 3), Usual(0.95))
    assert (early.basis, early.warnings) == ("early", ("labels_missing", "early_labels"))


def test_labels_are_missing_only_beyond_chance() -> None:
    # 85 of 100: upper limit 0.907 of Wilson's interval; 80 of 100: 0.867.
    assert not labels_missing(85, 100, 1.0)
    assert labels_missing(80, 100, 1.0)
    assert not labels_missing(80, 100, NAN)
    assert not labels_missing(0, 29, 1.0)


@given(
    st.lists(
        st.integers(0, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=20
    ),
    st.floats(0.0, 1.0),
)
def test_the_history_is_asked_for_wherever_it_matters(
    months: list[tuple[int, int]], usual: float
) -> None:
    had, old = ([month[part] for month in months] for part in (0, 1))
    if any(labels_missing(*month, usual) for month in months):
        assert may_be_missing(had, old)
    shares = usual_by_month(had, old)
    assert shares.shape == (len(months) + 1,)
    known = shares[~np.isnan(shares)]
    assert ((known > 0) & (known <= 1)).all()


def test_missing_labels_do_not_become_usual() -> None:
    whole, lost = [(100, 100)] * 4, [(24, 100)] * 20
    usual = usual_by_month(*zip(*whole, *lost, strict=True))
    assert np.isnan(usual[0])
    assert usual[1:].tolist() == [1.0] * 24
    # What is usual follows a year in which nothing was lost at once.
    slow = [(share, 100) for share in (100, 95, 90, 85, *[82] * 12)]
    assert usual_by_month(*zip(*slow, strict=True))[-1] == pytest.approx(0.82)
    # Months without a label, and small ones, say nothing of what is usual.
    assert usual_by_month([0, 5, 40], [100, 20, 80])[-1] == pytest.approx(0.5)


def test_early_labels_that_are_mostly_positive_say_so() -> None:
    # 60 of 100: Wilson's lower limit 0.502 lies above 1.25 x 0.1; 12 of 100: 0.0700 does not.
    def warnings(known: Labels, matured: int = 0) -> tuple[str, ...]:
        return chunk_maturity(900, matured, known, NOBODY_KNOWS).warnings

    assert "mostly_positive" in warnings(labels(0, 100, 60))
    assert "mostly_positive" not in warnings(labels(0, 100, 12))
    assert "mostly_positive" not in warnings(labels(0, 10, 10))
    # The figures are of mature rows: what came early does not mislead.
    assert warnings(labels(50, 100, 60), 50) == ()


def test_early_labels_of_small_amounts_say_so() -> None:
    cheap = labels(0, 100, 5, amount=700.0, mean_amount=1000.0)
    usual = labels(0, 100, 5, amount=900.0, mean_amount=1000.0)
    assert "mostly_cheap" in chunk_maturity(900, 0, cheap, NOBODY_KNOWS).warnings
    assert "mostly_cheap" not in chunk_maturity(900, 0, usual, NOBODY_KNOWS).warnings


def test_a_log_of_closed_cases_only_is_found() -> None:
    def warnings(known: Labels, **usual: float) -> tuple[str, ...]:
        return chunk_maturity(200, 0, known, Usual(**usual)).warnings  # type: ignore[arg-type]

    # All 200 have a label, though of mature predictions only a third had one at that age.
    assert "closed_cases_only" in warnings(labels(0, 200, 20), by_now=0.33)
    assert "closed_cases_only" not in warnings(labels(0, 200, 20), by_now=0.97)
    assert "closed_cases_only" not in warnings(labels(0, 60, 6), by_now=0.33)
    # What is known of this model outweighs the contract.
    assert "closed_cases_only" not in warnings(labels(0, 200, 20), by_now=0.97, young=True)


def test_in_a_young_log_the_contract_says_when_labels_come() -> None:
    def warnings(known: Labels, *, young: bool) -> tuple[str, ...]:
        return chunk_maturity(200, 0, known, Usual(young=young)).warnings

    assert warnings(labels(0, 200, 20), young=True) == ("early_labels", "closed_cases_only")
    # Half the time has passed: it may be so, or labels came in time.
    assert warnings(labels(0, 200, 20), young=False) == ("early_labels", "no_history")
    assert warnings(labels(0, 60, 6), young=True) == ("early_labels",)


def test_share_of_labels_by_age() -> None:
    ages, per_age = np.asarray([1.0, 5.0, 30.0]), np.asarray([2.0, 2.0, 4.0])
    assert expected_share(ages, per_age, [0, 1, 4, 5, 29, 30, 99]).tolist() == [
        0.0, 0.25, 0.25, 0.5, 0.5, 1.0, 1.0,
    ]  # fmt: skip
    assert np.isnan(expected_share(np.empty(0), np.empty(0), 3.0))
