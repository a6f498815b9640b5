"""What each field adds to a score."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from core.metrics.arrays import Floats
from core.metrics.attribution.spaces import Space


class Method(StrEnum):
    """How attributions were found: all but the last are exact."""

    linear = "linear"
    tree = "tree"
    enumerated = "enumerated"
    sampled = "sampled"


@dataclass(frozen=True, slots=True, eq=False)
class Attribution:
    """What each field of each row adds to the model's raw output beside a background.

    Parameters
    ----------
    base : float
        Mean raw output of the background.
    values : ndarray, shape (rows, fields)
        What each field adds; base and the values of a row add up to its raw output.
    fields : tuple of str
        The pipeline's own inputs, in its order.
    space : Space
        The scale of base and values.
    method : Method
        How they were found.
    background_rows : int
        Rows of the background.
    error : ndarray, shape (rows, fields), optional
        Standard errors of the values, where they were sampled.
    walks : int, optional
        Orders of the fields that were walked through for each row, where they were sampled.
    """

    base: float
    values: Floats
    fields: tuple[str, ...]
    space: Space
    method: Method
    background_rows: int
    error: Floats | None = None
    walks: int | None = None

    @property
    def outputs(self) -> Floats:
        """The raw output of each row that base and values add up to, shape (rows,)."""
        return np.asarray(self.base + self.values.sum(axis=1))
