"""Who is to blame for a drift figure."""

import numpy as np
import pytest

from core.errors import InvalidInput, NotComputable
from core.metrics.binning import (
    BinnedCounts,
    CategoricalBins,
    NumericBins,
    count_rows,
    numeric_bins_from_counts,
)
from core.metrics.drift import Group, GroupKind, contributions, largest_move
from core.metrics.registry import family_members

SECTOR = CategoricalBins(values=("farming", "retail"))
METHODS = [entry.id for entry in family_members("drift")]


def sector(*counts: float) -> BinnedCounts:
    return BinnedCounts(np.array([0.0, *counts]))


def loans() -> tuple[NumericBins, BinnedCounts, BinnedCounts]:
    """Loan amounts of 5,000 … 100,000; later twice as many of up to 25,000."""
    amounts = np.arange(5_000.0, 105_000.0, 5_000.0)
    bins = numeric_bins_from_counts(amounts, [100] * 20)
    later = np.repeat(amounts, np.where(amounts <= 25_000, 200, 67))
    return bins, count_rows(bins, np.repeat(amounts, 100)), count_rows(bins, later)


@pytest.mark.parametrize("method", METHODS)
def test_parts_add_up_to_one_and_moves_to_nothing(method: str) -> None:
    bins, reference, current = loans()
    parts = contributions(method, bins, reference, current)
    assert sum(part.part for part in parts) == pytest.approx(1.0)
    assert sum(part.moved for part in parts) == pytest.approx(0.0, abs=1e-12)
    assert all(part.part >= 0 for part in parts)


def test_parts_by_hand() -> None:
    # p = (.5, .5), q = (.2, .8): total variation parts .3 each, one half each.
    parts = contributions(
        "total_variation", SECTOR, sector(0, 50, 50, 0, 0), sector(0, 20, 80, 0, 0)
    )
    assert [part.part for part in parts] == pytest.approx([0, 0.5, 0.5, 0, 0])
    farming = parts[1]
    assert farming.group == Group(GroupKind.category, category="farming")
    assert (farming.reference_share, farming.current_share) == (0.5, 0.2)
    assert farming.moved == pytest.approx(-0.3)


def test_the_largest_move_reads_like_a_sentence() -> None:
    bins, reference, current = loans()
    move = largest_move(contributions("psi", bins, reference, current))
    assert move is not None
    # Deciles end at 10,000, 20,000, 30,000 …: up to 20,000 the share doubles, (20,000, 30,000]
    # holds a doubled and a reduced amount and still gains. "Loans up to 30,000".
    assert (move.group.lower, move.group.upper, move.group.includes_upper) == (None, 30_000.0, True)
    assert move.moved == pytest.approx((5 * 200 + 67) / (5 * 200 + 15 * 67) - 0.3)


def test_values_beyond_the_reference_leave_the_end_open() -> None:
    bins = numeric_bins_from_counts(np.arange(1.0, 101.0), [1] * 100)
    reference = count_rows(bins, np.arange(1.0, 101.0))
    current = count_rows(bins, np.append(np.arange(1.0, 81.0), [500.0] * 20))
    move = largest_move(contributions("psi", bins, reference, current))
    assert move is not None
    assert (move.group.kind, move.group.lower, move.group.upper) == ("above", 100.0, None)
    higher = count_rows(bins, np.append(np.arange(1.0, 81.0), [95.0] * 20 + [500.0] * 20))
    move = largest_move(contributions("psi", bins, reference, higher))
    assert move is not None
    assert (move.group.kind, move.group.lower, move.group.upper) == ("interval", 90.0, None)
    assert move.reference_share == pytest.approx(10 / 100)
    assert move.current_share == pytest.approx(40 / 120)


def test_missing_values_can_be_the_reason() -> None:
    parts = contributions("psi", SECTOR, sector(0, 50, 50, 0, 0), sector(50, 25, 25, 0, 0))
    move = largest_move(parts)
    assert move is not None
    assert move.group.kind == "missing"


def test_nothing_moved() -> None:
    counts = sector(0, 50, 50, 0, 0)
    parts = contributions("psi", SECTOR, counts, counts)
    assert [part.part for part in parts] == [0.0] * 5
    assert largest_move(parts) is None


def test_one_side_without_rows() -> None:
    with pytest.raises(NotComputable, match="no rows"):
        contributions("psi", SECTOR, sector(0, 1, 1, 0, 0), sector(0, 0, 0, 0, 0))


def test_an_unknown_method() -> None:
    with pytest.raises(InvalidInput, match="no metric called"):
        contributions("roc_auc", SECTOR, sector(0, 1, 1, 0, 0), sector(0, 1, 1, 0, 0))


def test_wasserstein_needs_sums() -> None:
    bins, reference, current = loans()
    with pytest.raises(InvalidInput, match="sums"):
        contributions("wasserstein", bins, BinnedCounts(reference.n), current)
