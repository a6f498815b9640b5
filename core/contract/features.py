"""The model's inputs and the slices that figures are cut into."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.contract.actionable import Actionable
from core.contract.base import Part, fault
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
    asset: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    actionable: Actionable | None = None
    value_labels: dict[str, Text] = Field(default_factory=dict)

    @field_validator("actionable", mode="before")
    @classmethod
    def _freely(cls, value: Any) -> Any:
        if isinstance(value, bool):
            return Actionable() if value else None
        return value

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        limits = [limit for limit in (self.minimum, self.maximum) if limit is not None]
        if limits and self.type == "categorical":
            raise ValueError("only a numeric feature has a 'minimum' or 'maximum': take it out")
        if limits != sorted(limits):
            raise ValueError("'minimum' lies above 'maximum': exchange them")
        if self.value_labels and self.type == "numeric":
            raise ValueError("only a categorical feature has 'value_labels': take them out")
        return self

    @model_validator(mode="after")
    def _change_fits(self) -> Self:
        if self.actionable is None:
            return self
        wrong = self.actionable.only_for(self.type)
        if wrong is not None:
            raise ValueError(f"'actionable': {wrong}")
        for limit in (self.actionable.minimum, self.actionable.maximum):
            if limit is not None and not self.allows(limit):
                raise ValueError(
                    "'actionable' reaches beyond 'minimum' or 'maximum' of the feature: "
                    "keep it within them"
                )
        return self

    def allows(self, value: float) -> bool:
        """Return whether a number lies within the feature's own limits."""
        above = self.minimum is None or value >= self.minimum
        return above and (self.maximum is None or value <= self.maximum)

    def label_in(self, locale: str) -> str:
        """Return the feature's label in a language, or its name."""
        return self.label.get(locale) if self.label else self.name

    def value_in(self, value: str, locale: str) -> str:
        """Return what people call one of the feature's categories, or the category."""
        label = self.value_labels.get(value)
        return label.get(locale) if label else value

    def unit_in(self, locale: str) -> str:
        """Return the unit of the feature's values in a language; empty for a pure number."""
        return self.unit.get(locale) if self.unit else ""


def check_changes(features: Sequence[Feature], compared: Collection[str]) -> None:
    """Refuse a change that nobody may be told to make, or that leaves another field behind.

    Parameters
    ----------
    features : sequence of Feature
        All of a model.
    compared : collection of str
        Columns by which people are compared for fairness.
    """
    known = {feature.name: feature for feature in features}
    for place, feature in enumerate(features):
        if feature.actionable is None:
            continue
        field = f"features[{place}].actionable"
        if feature.name in compared:
            raise fault(
                field,
                f"people are compared by {feature.name!r} in 'fairness', so nobody is told to "
                "change it: take out 'actionable'",
            )
        for name in feature.actionable.in_proportion:
            moved = known.get(name)
            if moved is None or moved.type != "numeric" or moved.actionable is not None:
                raise fault(
                    f"{field}.in_proportion",
                    f"{name!r} is no number among 'features' that only moves with "
                    f"{feature.name!r}: name one that is not 'actionable' itself",
                )


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
