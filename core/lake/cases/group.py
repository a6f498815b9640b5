"""How the features of a group of predictions are spread, to read one prediction beside them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import count

import duckdb
import numpy as np

from core.lake.row_filter import RowFilter
from core.lake.rows import stale_files

STEPS = 200
"""Quantiles are kept at every 1/200."""
MOST_VALUES = 500


@dataclass(frozen=True, slots=True)
class NumberSpread:
    """A numeric feature of a group.

    Parameters
    ----------
    n : int
        Rows with a finite value.
    quantiles : tuple of float
        The values at 0, 1/200, …, 1; empty without rows.
    deviation : float
        Population standard deviation; NaN without rows.
    """

    n: int
    quantiles: tuple[float, ...]
    deviation: float

    @property
    def median(self) -> float | None:
        """The middle value."""
        return self.quantiles[STEPS // 2] if self.quantiles else None

    def rank(self, value: float) -> float | None:
        """Return the share of the group below a value, half of its equals counted."""
        if not self.quantiles:
            return None
        known = np.asarray(self.quantiles)
        left, right = np.searchsorted(known, value, "left"), np.searchsorted(known, value, "right")
        return float((left + right) / 2 / len(known))


@dataclass(frozen=True, slots=True)
class ValueSpread:
    """A categorical feature of a group.

    Parameters
    ----------
    n : int
        Rows with a value.
    counts : mapping of str to int
        Value → rows, the 500 most frequent.
    distinct : int
        Values there are.
    """

    n: int
    counts: Mapping[str, int]
    distinct: int

    @property
    def usual(self) -> tuple[str, int] | None:
        """The most frequent value and its rows."""
        return next(iter(self.counts.items()), None)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows decided alike, and how each feature is spread over them.

    Parameters
    ----------
    n : int
        Rows.
    features : mapping
        Lake column → spread.
    """

    n: int
    features: Mapping[str, NumberSpread | ValueSpread]


def group_of(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    numeric: Sequence[str],
    categorical: Sequence[str],
    *,
    row_filter: RowFilter,
    decision: str | None = None,
) -> Group:
    """Return how features are spread over rows of the predictions stream.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :mod:`core.lake.duck`; a cursor of its own is used.
    relation : str
        From :func:`core.lake.window_rows.window_relation`.
    numeric, categorical : sequence of str
        Lake columns, by the contract's own names.
    row_filter : RowFilter
        Which rows the reader may see.
    decision : str, optional
        Only rows decided so; of a log without decisions, predicted so.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    condition = row_filter.condition(text=True) or "true"
    if decision is not None:
        condition += " AND coalesce(r.decision, r.prediction, '') = $decision"
    with connection.cursor() as cursor, stale_files():
        known = {str(row[0]) for row in cursor.execute(f"DESCRIBE FROM {relation}").fetchall()}
        numbers = [name for name in numeric if name in known]
        texts = [name for name in categorical if name in known]
        items = ["count(*)"]
        items += [_number_items(name) for name in numbers]
        items += [f"count(r.{name}), histogram(r.{name})" for name in texts]
        given = {} if decision is None else {"decision": decision}
        found = cursor.execute(
            f"SELECT {', '.join(items)} FROM {relation} AS r WHERE {condition}",  # noqa: S608
            given,
        ).fetchall()[0]
    place = count(1)
    spreads: dict[str, NumberSpread | ValueSpread] = {}
    for name in numbers:
        n, quantiles, deviation = (found[next(place)] for _ in range(3))
        spread = float("nan") if deviation is None else float(deviation)
        spreads[name] = NumberSpread(int(n), tuple(float(q) for q in quantiles or ()), spread)
    for name in texts:
        n, counts = (found[next(place)] for _ in range(2))
        spreads[name] = _value_spread(int(n), counts or {})
    return Group(int(found[0]), spreads)


def _number_items(name: str) -> str:
    finite = f"CASE WHEN isfinite(r.{name}) THEN r.{name} END"
    steps = ", ".join(f"{step / STEPS!r}" for step in range(STEPS + 1))
    return f"count({finite}), quantile_disc({finite}, [{steps}]), stddev_pop({finite})"


def _value_spread(n: int, counts: Mapping[str, int]) -> ValueSpread:
    ordered = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    return ValueSpread(n, dict(ordered[:MOST_VALUES]), len(ordered))
