"""Business figures as a contract declares them: numbers, definitions, KPIs, and a decision's worth.

docs/kpis.md tells what each word means.
"""

import re
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.contract.base import Part
from core.contract.periods import Age, parse_age
from core.contract.text import Text

Direction = Literal["higher_is_better", "lower_is_better", "neutral"]
Baseline = Literal["none_flagged", "all_flagged", "random", "previous_policy"]

MONEY = "money"
UNITS = ("share", "relative", "count", "number", "days", "hours", "minutes", MONEY)
"""What a figure counts, beside currencies: ``money`` is the contract's own."""

_CURRENCY = re.compile(r"[A-Z]{3}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class Parameter(Part):
    """A number that expressions may name; one that is made up says so."""

    value: float
    label: Text | None = None
    simulated: bool = False
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return {"value": value} if plain else value


class KpiSetChoice(Part):
    """The ready-made set of the sector, without what does not fit."""

    name: str
    leave_out: tuple[str, ...] = ()
    definitions: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _from_plain(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Value(Part):
    """What a decision earns: money of one row, by what the model said of it."""

    flagged: str
    not_flagged: str
    currency: str | None = Field(default=None, pattern="^[A-Z]{3}$")
    baseline: Baseline = "none_flagged"
    hold_out: str | None = None


class Target(Part):
    """What a KPI shall reach, from the day on which somebody set it."""

    value: float
    set_on: date
    set_by: str = Field(min_length=1)


class Kpi(Part):
    """A business figure: what it is, how it is computed, and what it shall reach.

    With the id of one of the set's it changes that one: only the fields that are given.
    """

    id: str
    name: Text | None = None
    meaning: Text | None = None
    definition: str | None = None
    unit: str = "number"
    direction: Direction = "neutral"
    targets: tuple[Target, ...] = ()
    watch: float | None = None
    act: float | None = None
    maturity: str = "none"
    owner: str = ""

    @model_validator(mode="before")
    @classmethod
    def _one_target(cls, value: Any) -> Any:
        if not isinstance(value, dict) or "target" not in value:
            return value
        if "targets" in value:
            raise ValueError("give either 'target' or 'targets', which is its history")
        rest = {name: each for name, each in value.items() if name != "target"}
        return {**rest, "targets": [value["target"]]}

    @field_validator("id")
    @classmethod
    def _plain_id(cls, value: str) -> str:
        if _NAME.fullmatch(value) is None:
            raise ValueError("write an id in small letters, digits and '_', such as loss_rate")
        return value

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, value: str) -> str:
        if value not in UNITS and _CURRENCY.fullmatch(value) is None:
            raise ValueError(f"choose one of {', '.join(UNITS)}, or a currency such as HKD")
        return value

    @field_validator("maturity")
    @classmethod
    def _known_maturity(cls, value: str) -> str:
        if value not in {"none", "outcome"}:
            try:
                parse_age(value)
            except ValueError as error:
                raise ValueError(
                    "write 'outcome' for rows whose outcome is final, an age such as '90 days', "
                    "or 'none' for all rows"
                ) from error
        return value

    @field_validator("targets")
    @classmethod
    def _days_differ(cls, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        days = [target.set_on for target in targets]
        if len(set(days)) < len(days):
            raise ValueError("two targets were set on one day: keep the one that holds")
        return tuple(sorted(targets, key=lambda each: each.set_on))

    @model_validator(mode="after")
    def _limits_fit(self) -> Self:
        fault = self.limits_fault
        if fault:
            raise ValueError(fault)
        return self

    @property
    def limits_fault(self) -> str:
        """What is wrong with the order of target and limits; empty if nothing is."""
        sign = {"higher_is_better": 1.0, "lower_is_better": -1.0}.get(self.direction)
        if sign is None or self.act is None:
            return ""
        if self.watch is not None and sign * self.act > sign * self.watch:
            return "'act' is met before 'watch': exchange them, or mend 'direction'"
        for target in self.targets:
            if sign * self.act > sign * target.value:
                return (
                    f"'act' is met before the target of {target.set_on}: a figure that reaches its "
                    "target cannot be missed; mend one of them, or 'direction'"
                )
        return ""

    @property
    def age(self) -> Age | None:
        """The age that rows must have, where ``maturity`` is one."""
        if self.maturity in {"none", "outcome"}:
            return None
        return Age(**parse_age(self.maturity))
