"""What the page Value writes: costs and gains with their sign, and what a cut-off is called."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from app.screens.value.drift import basis_text, cost_text
from app.screens.value.words import interval_text
from core.i18n import translator
from core.services.value import DriftCost

COST = DriftCost(
    start=datetime(2025, 1, 1, tzinfo=UTC),
    end=datetime(2025, 2, 1, tzinfo=UTC),
    currency="HKD",
    cost=1_200_000.0,
    low=900_000.0,
    high=1_500_000.0,
    expected=2_000_000.0,
    found=800_000.0,
    n=200,
    realised=50,
)
EN = translator("en")
EARLIER = ", at what earlier rows of that score were worth; drift since is not in it"


def test_a_cost_and_a_gain_both_read_forwards() -> None:
    assert cost_text(EN, COST) == (
        "HK$1.2M less than the reference led to expect (HK$900K to HK$1.5M)"
    )
    gain = replace(COST, cost=-1_200_000.0, low=-1_500_000.0, high=-900_000.0)
    assert cost_text(EN, gain) == (
        "HK$1.2M more than the reference led to expect (HK$900K to HK$1.5M)"
    )


def test_losses_already_made_bound_the_cost() -> None:
    known = replace(COST, lost_already=2_500_000.0, at_least=True, low=np.nan, high=np.nan)
    assert cost_text(EN, known) == "at least HK$1.2M less than the reference led to expect"
    gain = replace(known, cost=-1_200_000.0)
    assert cost_text(EN, gain) == "at most HK$1.2M more than the reference led to expect"
    assert basis_text(EN, known).endswith("have lost HK$2.5M already")


def test_what_cannot_be_told_is_said() -> None:
    assert cost_text(EN, replace(COST, why="No outcome")) == "No outcome"
    assert interval_text(EN, "HKD", np.nan, np.nan) == "–"


@pytest.mark.parametrize(
    ("n", "realised", "text"),
    [
        (200, 50, f"25% known, the rest estimated{EARLIER}"),
        (200, 200, "outcomes known"),
        (200, 0, f"estimated: no outcome is final yet{EARLIER}"),
        (0, 0, "–"),
    ],
)
def test_where_it_comes_from(n: int, realised: int, text: str) -> None:
    assert basis_text(EN, replace(COST, n=n, realised=realised)) == text
