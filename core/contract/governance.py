"""Versions, policy and thresholds of a model."""

import re
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.contract.base import Part

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_RULE = re.compile(rf"^\s*([a-z_]+)\s*(>=|<=|>|<)\s*({_NUMBER})\s*->\s*([a-z_]+)\s*$")


def _not_a_fraction(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError('YAML reads 1.10 as the number 1.1: write the version in quotes, "1.10"')
    return value


class ModelVersion(Part):
    """One version of the model that may appear in the log."""

    id: str
    artefact: str | None = None
    training: str | None = None
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    trained_at: date | None = None
    policy: str | None = None
    oversight_level: Literal["in_the_loop", "in_command", "out_of_the_loop"] | None = None

    @field_validator("id", "policy", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        return _not_a_fraction(value)


class PolicyVersion(Part):
    """A rule that turned scores into decisions from a day on: ``score >= 0.05 -> decline``."""

    version: str
    start: date = Field(alias="from")
    rule: str

    @field_validator("version", mode="before")
    @classmethod
    def _whole(cls, value: Any) -> Any:
        return _not_a_fraction(value)

    @field_validator("rule")
    @classmethod
    def _readable(cls, rule: str) -> str:
        if _RULE.match(rule) is None:
            raise ValueError("write a rule as 'score >= 0.05 -> decline'")
        return rule

    def parts(self) -> tuple[str, str, float, str]:
        """Return the rule's column, comparison, value and decision."""
        match = _RULE.match(self.rule)
        if match is None:  # the validator has read it already
            raise ValueError(self.rule)
        return match[1], match[2], float(match[3]), match[4]


class ColumnThreshold(Part):
    """Where one column's figure is watched, and where one must act.

    Either numbers that somebody chose, or so many standard deviations above the mean of the
    reference's own periods.
    """

    watch: float | None = None
    act: float | None = None
    deviations: float | None = Field(default=None, gt=0, le=10)

    @model_validator(mode="after")
    def _of_one_kind(self) -> Self:
        if self.deviations is not None and (self.watch is not None or self.act is not None):
            raise ValueError(
                "'deviations' makes the threshold from the reference: take it out, or take out "
                "'watch' and 'act'"
            )
        return self


class Threshold(ColumnThreshold):
    """Where a metric's figure is watched, and where one must act; columns may have their own."""

    minimum_n: int | None = Field(default=None, ge=1)
    columns: dict[str, ColumnThreshold] = Field(default_factory=dict)

    def of_column(self, column: str) -> ColumnThreshold:
        """Return what holds for a column."""
        return self.columns.get(column, self)


class Alarms(Part):
    """How often alarms that are held against chance may be false."""

    rate: float = Field(default=0.01, gt=0, le=0.2)


class ConfusionValues(Part):
    """What a row of each cell of the confusion matrix is worth, in the contract's currency."""

    true_positive: float
    false_positive: float
    false_negative: float
    true_negative: float
