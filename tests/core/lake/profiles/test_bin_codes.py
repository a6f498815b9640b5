"""The fast coder gives exactly the codes of core.metrics.binning.assign."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.lake.profiles.bin_codes import NumericCoder
from core.metrics.arrays import Floats
from core.metrics.binning import CODE_OFFSET, NumericBins, assign, numeric_bins_from_counts

_doubles = st.floats(allow_nan=False, allow_infinity=False, max_value=1e308, min_value=-1e308)


def _check(bins: NumericBins, values: Floats) -> None:
    null = np.arange(len(values)) % 5 == 3
    found = NumericCoder(bins).positions(values, null)
    np.testing.assert_array_equal(found - CODE_OFFSET, assign(bins, values, null=null))
    np.testing.assert_array_equal(
        NumericCoder(bins).positions(values) - CODE_OFFSET, assign(bins, values)
    )


def _around(edges: Floats) -> Floats:
    """Return values on, just below and just above every edge, and every special double."""
    with np.errstate(over="ignore", under="ignore"):
        near = [edges, np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)]
    special = [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, -5e-324, 1e308, -1e308]
    return np.concatenate([*near, special])


@given(st.lists(_doubles, min_size=1, max_size=60, unique=True), st.lists(_doubles, max_size=40))
def test_any_edges_and_any_values(edges: list[float], values: list[float]) -> None:
    bins = NumericBins(tuple(sorted(set(edges) | {0.0})), (), ())
    _check(bins, np.concatenate([_around(bins.edge_array), values]))


def _sample(shape: str) -> Floats:
    draw = np.random.default_rng(3)
    normal, uniform = draw.normal(size=20_000), draw.random(20_000)
    samples: dict[str, Floats] = {
        "normal": normal,
        "lognormal": np.exp(3 + 2 * normal),
        "half": np.round(uniform * 100) / 2,
        "atoms": np.where(uniform < 0.5, 50_000.0, uniform * 1e5),
        "far": 1e9 + normal * 1e-3,
        "tiny": uniform * 1e-300,
        "mixed": np.sign(normal) * draw.lognormal(0, 8, 20_000),
    }
    return samples[shape]


@pytest.mark.parametrize("shape", ["normal", "lognormal", "half", "atoms", "far", "tiny", "mixed"])
def test_bins_of_a_reference(shape: str) -> None:
    numbers = _sample(shape)
    values, counts = np.unique(numbers, return_counts=True)
    bins = numeric_bins_from_counts(values, counts)
    _check(bins, np.concatenate([numbers, numbers * 3 - 1, _around(bins.edge_array)]))


def test_a_single_edge() -> None:
    _check(NumericBins((2.5,), (), ()), np.array([2.5, 2.6, -1.0, math.nan, 2.4]))


def test_edges_too_close_for_a_grid_are_searched() -> None:
    near = 1.0 + np.arange(60) * np.finfo(float).eps
    bins = NumericBins((-1e300, *near.tolist(), 1e300), (), ())
    _check(bins, _around(bins.edge_array))
