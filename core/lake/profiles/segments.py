"""The values of a slice: fixed with the reference, so that every file counts the same ones.

In a set of bins a segment named ``state`` is the entry ``#state``: its values by descending
frequency in the reference, at most 50. What is not among them is pooled as ``…rest``; NULL is
``…missing``. A segment of ranges is its edges; ``[50000, 150000]`` makes ``<50000``,
``50000–150000`` (50,000 included, 150,000 not) and ``≥150000``.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.contract import ModelContract, Segment
from core.metrics.binning import BinSet, CategoricalBins, NumericBins

ALL_ROWS = ""
REST = "\u2026rest"
MISSING = "\u2026missing"
SEGMENT_MARK = "#"


@dataclass(frozen=True, slots=True)
class SliceValues:
    """One segment with its fixed values.

    Parameters
    ----------
    name : str
        Name of the segment.
    column : str
        Lake column that it reads.
    values : tuple of str
        Own values; in ``labels`` the pooled rest and the missing follow.
    edges : tuple of float
        Edges of a segment of ranges; empty otherwise.
    """

    name: str
    column: str
    values: tuple[str, ...]
    edges: tuple[float, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        """Every value that a profile may hold, in the order of their codes."""
        return (*self.values, MISSING) if self.edges else (*self.values, REST, MISSING)

    @property
    def missing_code(self) -> int:
        """Code of NULL (and NaN, in a segment of ranges)."""
        return len(self.labels) - 1


def segment_key(name: str) -> str:
    """Return the name under which a segment stands in a set of bins."""
    return SEGMENT_MARK + name


def slice_values(contract: ModelContract, bins: BinSet) -> tuple[SliceValues, ...]:
    """Return the segments that both the contract and the bins know.

    A segment added to the contract later has no values until the reference is rebuilt.
    """
    found = []
    for segment in contract.segments:
        entry = bins.features.get(segment_key(segment.name))
        column = contract.alias(segment.source)
        if isinstance(entry, CategoricalBins):
            found.append(SliceValues(segment.name, column, entry.values))
        elif isinstance(entry, NumericBins):
            labels = range_labels(entry.edges)
            found.append(SliceValues(segment.name, column, labels, entry.edges))
    return tuple(found)


def range_labels(edges: tuple[float, ...]) -> tuple[str, ...]:
    """Return the names of the ranges between edges, open at both ends."""
    texts = [_plain(edge) for edge in edges]
    between = [f"{low}–{high}" for low, high in pairwise(texts)]
    return (f"<{texts[0]}", *between, f"≥{texts[-1]}")


def range_segment_bins(segment: Segment) -> NumericBins:
    """Return the entry of a segment of ranges: its edges as the contract writes them."""
    return NumericBins(edges=segment.edges, atoms=(), deciles=())


def _plain(number: float) -> str:
    """Return a number without exponent or trailing zeros."""
    return np.format_float_positional(number, trim="-")
