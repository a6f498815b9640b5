"""What the person concerned could change of a feature, and how far."""

from typing import Literal, Self

from pydantic import model_validator

from core.contract.base import Part
from core.contract.text import Text

Direction = Literal["either", "increase", "decrease"]


class Actionable(Part):
    """Which other values of a feature may be named to a person as a way to another result.

    A number moves between limits in steps; a category to another of ``values``, further on in
    their order for ``increase``, further back for ``decrease``.
    """

    direction: Direction = "either"
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    values: tuple[str, ...] = ()
    in_proportion: tuple[str, ...] = ()
    advice: Text | None = None

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        limits = [limit for limit in (self.minimum, self.maximum) if limit is not None]
        if limits != sorted(limits):
            raise ValueError("'minimum' lies above 'maximum': exchange them")
        if self.step is not None and self.step <= 0:
            raise ValueError("'step' is not above zero: write the smallest change, such as 1000")
        if len(self.values) == 1 or len(set(self.values)) < len(self.values):
            raise ValueError("'values' are at least two different ones: write [Y, N]")
        return self

    def only_for(self, kind: str) -> str | None:
        """Return what is wrong with it for a feature of a kind, ``numeric`` or ``categorical``."""
        if kind == "numeric" and self.values:
            return "only a categorical feature has 'values': write 'minimum', 'maximum' and 'step'"
        numbers = (self.minimum, self.maximum, self.step)
        if kind == "categorical" and any(number is not None for number in numbers):
            return "only a number has a 'minimum', a 'maximum' or a 'step': write 'values'"
        if kind == "categorical" and self.in_proportion:
            return "only a number moves others 'in_proportion': take it out"
        if kind == "categorical" and self.direction != "either" and not self.values:
            return "a direction among categories needs their order: list them in 'values'"
        return None
