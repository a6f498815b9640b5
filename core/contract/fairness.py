"""How a model's decisions are judged for fairness: the hoped-for one, and who is compared."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from core.contract.base import Part
from core.contract.text import Text


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


Words = Annotated[tuple[str, ...], BeforeValidator(_listed)]


class FairnessGroup(Part):
    """Values of a column that are one group of people, and what the group is called."""

    values: Words = Field(min_length=1)
    label: Text


class FairnessAttribute(Part):
    """A column by which people are compared, with the names of its groups."""

    column: str
    label: Text | None = None
    groups: tuple[FairnessGroup, ...] = ()

    @model_validator(mode="after")
    def _each_value_once(self) -> Self:
        values = [value for group in self.groups for value in group.values]
        if len(set(values)) < len(values):
            raise ValueError("a value belongs to two groups: keep it in one")
        return self

    def label_of(self, value: str) -> FairnessGroup | None:
        """Return the group that a value belongs to, if the contract names it."""
        return next((group for group in self.groups if value in group.values), None)


class Fairness(Part):
    """What the fairness figures need to know that the log does not say."""

    favourable: Words = ()
    favourable_outcome: Literal["positive", "negative"] | None = None
    minimum_n: int = Field(default=30, ge=10)
    attributes: tuple[FairnessAttribute, ...] = ()

    def attribute(self, column: str) -> FairnessAttribute | None:
        """Return what is said of a column, if anything is."""
        return next((item for item in self.attributes if item.column == column), None)
