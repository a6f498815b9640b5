"""A model's output when one field takes other values, over many rows."""

from dataclasses import dataclass

Point = float | str | None


@dataclass(frozen=True, slots=True)
class Dependence:
    """Partial dependence on a field, and how rows differ in it.

    Parameters
    ----------
    field : str
        Which.
    is_number : bool
        Whether its values are numbers; categories otherwise.
    values : tuple of float, str or None
        Values that it is given: numbers rise, categories by how frequent they are; None last,
        for a missing value.
    mean : tuple of float
        Mean output of the rows with each value.
    low, high : tuple of float
        10th and 90th percentile of the rows' own outputs with each value.
    groups : tuple of tuple of float
        A fifth of the rows each, by how far the field moves them: mean change of the output from
        that with the first value.
    counts : tuple of int
        Rows of the sample that have each value; of numbers those that are nearest to it.
    rows : int
        Rows that the output is a mean of.
    left_out : int
        Categories that too few rows have to be shown.
    """

    field: str
    is_number: bool
    values: tuple[Point, ...]
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    groups: tuple[tuple[float, ...], ...]
    counts: tuple[int, ...]
    rows: int
    left_out: int = 0

    @property
    def spread(self) -> float:
        """How far the mean moves from its lowest to its highest value."""
        return max(self.mean) - min(self.mean) if self.mean else 0.0
