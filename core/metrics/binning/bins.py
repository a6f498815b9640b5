"""The bins of a feature: made once from its reference, then frozen under a ``bins_id``.

Bin codes, the same for every engine that counts:

===========  ==================================  ==================================
code         numeric feature                     categorical feature
===========  ==================================  ==================================
-2           NaN                                 (never)
-1           NULL                                NULL
0            x ≤ e_0, below the reference        most frequent value
i            e_{i-1} < x ≤ e_i                   i-th value by frequency
m+1 / K      x > e_m, above the reference        other known values, pooled ("rest")
K+1                                              unseen in the reference
===========  ==================================  ==================================

A numeric bin is the number of edges strictly below the value. A value that holds at least 0.5 % of
the reference (an *atom*) has the bin (nextafter(v, -inf), v] to itself. Every other bin holds at
most 0.5 % of the reference, so a Kolmogorov–Smirnov distance read off the bins is within 0.005 of
the exact one whatever the current data are, and the deciles of the reference are edges.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.errors import InvalidInput
from core.metrics.arrays import Floats, Integers

NAN_CODE = -2
NULL_CODE = -1
CODE_OFFSET = 2
"""Position of bin 0 in arrays aligned to the codes -2, -1, 0, 1, …"""

QUANTILE_BINS = 200
"""A bin holds at most 1/200 of the reference; a value with that share is an atom."""


@dataclass(frozen=True, slots=True)
class NumericBins:
    """Bins of a numeric feature.

    Parameters
    ----------
    edges : tuple of float
        e_0 < e_1 < … < e_m; e_0 is just below the smallest reference value, e_m the largest.
    atoms : tuple of float
        Values with a bin of their own, ascending.
    deciles : tuple of int
        Indices into ``edges`` of the inner deciles of the reference (smallest v with F(v) ≥ k/10),
        repeated ones once.
    deviation : float
        Population standard deviation of the reference, the unit of the Wasserstein metric; NaN if
        it was not recorded.
    """

    edges: tuple[float, ...]
    atoms: tuple[float, ...]
    deciles: tuple[int, ...]
    deviation: float = field(default=float("nan"), compare=False)

    @property
    def bin_count(self) -> int:
        """Number of codes from 0 on: one below, m between the edges, one above."""
        return len(self.edges) + 1

    @property
    def edge_array(self) -> Floats:
        """The edges as an array, shape (m+1,)."""
        return np.asarray(self.edges, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CategoricalBins:
    """Bins of a categorical feature.

    Parameters
    ----------
    values : tuple of str
        The K values with a bin each, by descending frequency in the reference.
    rest : tuple of str
        Other values known from the reference; they share bin K.
    complete : bool
        Whether ``values`` and ``rest`` are all values of the reference. If not, a value in neither
        cannot be called unseen and counts as "rest".
    """

    values: tuple[str, ...]
    rest: tuple[str, ...] = ()
    complete: bool = True

    @property
    def bin_count(self) -> int:
        """Number of codes from 0 on: K values, the rest, the unseen."""
        return len(self.values) + 2

    @property
    def rest_code(self) -> int:
        """Code of known values without a bin of their own."""
        return len(self.values)

    @property
    def unseen_code(self) -> int:
        """Code of values that the reference does not have."""
        return len(self.values) + 1

    @property
    def other_code(self) -> int:
        """Code of a value listed in neither ``values`` nor ``rest``."""
        return self.unseen_code if self.complete else self.rest_code


FeatureBins = NumericBins | CategoricalBins


@dataclass(frozen=True, slots=True)
class BinSet:
    """The bins of all features of a model, one frozen reference.

    Parameters
    ----------
    features : mapping of str to NumericBins or CategoricalBins
        Feature name → bins; read-only by convention.
    """

    features: Mapping[str, FeatureBins]

    @property
    def bins_id(self) -> str:
        """First 16 hexadecimal digits of the SHA-256 of :meth:`to_json`."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def to_json(self) -> str:
        """Return the canonical JSON text: sorted keys, no spaces, shortest exact numbers."""
        body = {name: _bins_to_dict(bins) for name, bins in self.features.items()}
        return json.dumps(
            {"features": body},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
            allow_nan=False,
        )

    @classmethod
    def from_json(cls, text: str) -> "BinSet":
        """Read what :meth:`to_json` wrote.

        Raises
        ------
        core.errors.InvalidInput
            If the text is not a set of bins.
        """
        try:
            body = json.loads(text)["features"]
            return cls({name: _bins_from_dict(entry) for name, entry in body.items()})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidInput("The stored bins cannot be read: {reason}.", reason=error) from error


def _bins_to_dict(bins: FeatureBins) -> dict[str, Any]:
    if isinstance(bins, NumericBins):
        return {
            "kind": "numeric",
            "edges": list(bins.edges),
            "atoms": list(bins.atoms),
            "deciles": list(bins.deciles),
            "deviation": bins.deviation if np.isfinite(bins.deviation) else None,
        }
    return {
        "kind": "categorical",
        "values": list(bins.values),
        "rest": list(bins.rest),
        "complete": bins.complete,
    }


def _bins_from_dict(entry: Mapping[str, Any]) -> FeatureBins:
    if entry["kind"] == "numeric":
        deviation = entry["deviation"]
        return NumericBins(
            edges=tuple(map(float, entry["edges"])),
            atoms=tuple(map(float, entry["atoms"])),
            deciles=tuple(map(int, entry["deciles"])),
            deviation=float("nan") if deviation is None else float(deviation),
        )
    return CategoricalBins(
        values=tuple(map(str, entry["values"])),
        rest=tuple(map(str, entry["rest"])),
        complete=bool(entry["complete"]),
    )


def coarse_groups(bins: FeatureBins) -> Integers:
    """Return the coarse group of every code.

    Group 0 is missing (NaN and NULL together). A numeric feature then has: below the reference,
    the spans between its deciles, above the reference. A categorical feature has one group per
    code.

    Parameters
    ----------
    bins : NumericBins or CategoricalBins
        Fine bins.

    Returns
    -------
    ndarray of int64, shape (bin_count + 2,)
        Groups aligned to the codes -2, -1, 0, …, ascending from 0 without gaps.
    """
    codes = np.arange(bins.bin_count)
    if isinstance(bins, CategoricalBins):
        inner = codes
    else:
        last = len(bins.edges) - 1
        ends = np.array([0, *sorted({*bins.deciles} - {0, last}), last], dtype=np.int64)
        inner = np.searchsorted(np.unique(ends), codes, side="left")
    return np.concatenate([[0, 0], 1 + inner]).astype(np.int64)
