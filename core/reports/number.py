"""A number of a report: as it is, and as its reader sees it."""

import math
from dataclasses import dataclass
from typing import Literal

NumberKind = Literal["share", "money", "count", "number"]


@dataclass(frozen=True, slots=True)
class Number:
    """One number.

    Parameters
    ----------
    value : float
        As it is; NaN where there is none.
    text : str
        As it is written in the reader's language.
    kind : {"share", "money", "count", "number"}
        What a spreadsheet formats it as.
    currency : str
        ISO code of money.
    """

    value: float
    text: str
    kind: NumberKind = "number"
    currency: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return math.isfinite(self.value)
