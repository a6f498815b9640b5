"""The model's inputs and the slices that figures are cut into."""

from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from core.contract.base import Part
from core.contract.text import Text

SEGMENT_VALUES = 50


class Feature(Part):
    """One input of the model, in the order of the pipeline's own columns."""

    name: str
    type: Literal["numeric", "categorical"]
    label: Text | None = None
    unit: Text | None = None
    personal: bool = False
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    actionable: bool = False

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        limits = [limit for limit in (self.minimum, self.maximum) if limit is not None]
        if limits and self.type == "categorical":
            raise ValueError("only a numeric feature has a 'minimum' or 'maximum': take it out")
        if limits != sorted(limits):
            raise ValueError("'minimum' lies above 'maximum': exchange them")
        return self

    def label_in(self, locale: str) -> str:
        """Return the feature's label in a language, or its name."""
        return self.label.get(locale) if self.label else self.name

    def unit_in(self, locale: str) -> str:
        """Return the unit of the feature's values in a language; empty for a pure number."""
        return self.unit.get(locale) if self.unit else ""


class Segment(Part):
    """A one-way slice: a column's values (at most 50, the rest pooled) or ranges of a number."""

    name: str
    source: str = Field(alias="from")
    edges: tuple[float, ...] = ()
    label: Text | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        if isinstance(value, str):
            return {"name": value, "from": value}
        if isinstance(value, dict) and "from" not in value and "source" not in value:
            return {**value, "from": value.get("name")}
        return value

    @model_validator(mode="after")
    def _edges_rise(self) -> Self:
        if any(left >= right for left, right in pairwise(self.edges)):
            raise ValueError("the edges of a segment must rise: write [50000, 150000]")
        if len(self.edges) >= SEGMENT_VALUES:
            raise ValueError(f"a segment has at most {SEGMENT_VALUES} values: give fewer edges")
        return self

    def label_in(self, locale: str) -> str:
        """Return the segment's label in a language, or its name."""
        return self.label.get(locale) if self.label else self.name
