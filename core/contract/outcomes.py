"""What becomes known later: the label, amounts, and further events."""

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, model_validator

from core.contract.aliases import aliases
from core.contract.base import Part
from core.contract.periods import AgeText
from core.contract.text import Text


class OutcomeColumn(Part):
    """A column of the outcome stream: the label, or an amount of money or measure."""

    name: str
    type: Literal["label", "amount", "value"]
    label: Text | None = None
    positive: str | int | bool | None = None
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")

    @model_validator(mode="after")
    def _amount_has_currency(self) -> Self:
        if self.type == "amount" and self.currency is None:
            raise ValueError("an amount needs its 'currency', such as HKD")
        return self

    def label_in(self, locale: str) -> str:
        """Return what people call the column in a language, or its name."""
        return self.label.get(locale) if self.label else self.name


class Outcome(Part):
    """The outcome stream: its columns, its time, and the age at which silence means 'no'."""

    columns: tuple[OutcomeColumn, ...] = Field(min_length=1)
    time: str
    prediction_id: str | None = None
    matures_after: AgeText

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        names = [column.name for column in self.columns]
        if len(set(names)) < len(names):
            raise ValueError("an outcome column is declared twice: keep one")
        if sum(column.type == "label" for column in self.columns) > 1:
            raise ValueError("an outcome has one label: give the others type 'value'")
        return self

    @property
    def label(self) -> OutcomeColumn | None:
        """The label column, if the outcome has one."""
        return next((column for column in self.columns if column.type == "label"), None)

    def labels_in(self, locale: str) -> dict[str, str]:
        """Return what people call each column in a language, by its name."""
        return {column.name: column.label_in(locale) for column in self.columns}

    @cached_property
    def stored_columns(self) -> dict[str, str]:
        """Source name → lake column of every outcome column: ``o_`` and the name in ASCII."""
        return aliases((column.name for column in self.columns), prefix="o_")


class Event(Part):
    """A further thing that may happen to a prediction, such as a recovery."""

    name: str
    time: str
    amount: str | None = None
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    matures_after: AgeText | None = None
