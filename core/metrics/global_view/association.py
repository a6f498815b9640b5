"""Which fields go with each other in the data, whatever the model makes of them."""

from dataclasses import dataclass
from enum import StrEnum


class Measure(StrEnum):
    """How an association is told."""

    spearman = "spearman"
    cramer = "cramer"
    eta = "eta"


@dataclass(frozen=True, slots=True)
class Association:
    """How closely two fields go together.

    Parameters
    ----------
    first, second : str
        Which.
    measure : Measure
        Of two numbers, two categories, or a category and a number.
    value : float
        From 0 to 1; of two numbers from -1.
    rows : int
        Rows where neither is missing.
    """

    first: str
    second: str
    measure: Measure
    value: float
    rows: int
