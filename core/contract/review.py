"""Human review: which predictions people look at, and how they work on them.

How closely a version is overseen stands in ``versions``; this part says what becomes a case.
"""

from collections import Counter
from datetime import date
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from core.contract.base import Part, fault
from core.contract.text import Text
from core.i18n.locales import Locale

Tier = Literal["normal", "high"]


class GroupSample(Part):
    """So many rows of each group of a protected column, in each month of each batch.

    Of a smaller group every row is taken.
    """

    column: str
    at_least: int = Field(ge=1, le=1_000)


class ReviewRule(Part):
    """One reason why a prediction becomes a case."""

    id: str = Field(pattern="^[a-z][a-z0-9_]{0,62}$")
    name: Text
    when: str = "true"
    tier: Tier = "normal"
    priority: int = Field(default=50, ge=0, le=100)
    share: float = Field(default=1.0, ge=0, le=1)
    per: GroupSample | None = None
    language: Locale | None = None
    skill: str | None = None

    @field_validator("when", mode="before")
    @classmethod
    def _always(cls, value: Any) -> Any:
        return str(value).lower() if isinstance(value, bool) else value


class ReviewClock(Part):
    """Hong Kong working days until a case is overdue, by its tier."""

    normal: int = Field(default=5, ge=1, le=365)
    high: int = Field(default=2, ge=1, le=365)


class ReviewCheck(Part):
    """When a second person has to check a verdict before it is final."""

    tiers: tuple[Tier, ...] = ("high",)
    amount: float | None = Field(default=None, ge=0)
    overturn: bool = True
    share: float = Field(default=0.05, ge=0, le=1)


class ReviewScore(Part):
    """Whether reviewers see what the model said before they have a view of their own."""

    hidden_share: float = Field(default=0.0, ge=0, le=1)
    judge_first: bool = False


class ReviewSample(Part):
    """A share of the cases, drawn so that nobody can foresee it."""

    share: float = Field(default=0.0, ge=0, le=0.5)


class Review(Part):
    """Human review of one model's decisions."""

    start: date | None = Field(default=None, alias="from")
    sla_days: ReviewClock = Field(default_factory=ReviewClock)
    lease_minutes: int = Field(default=15, ge=1, le=480)
    assign: Literal["by_hand", "when_made"] = "by_hand"
    decisions: tuple[str, ...] = ("approve", "decline")
    check: ReviewCheck = Field(default_factory=ReviewCheck)
    score: ReviewScore = Field(default_factory=ReviewScore)
    controls: ReviewSample = Field(default_factory=ReviewSample)
    doubles: ReviewSample = Field(default_factory=ReviewSample)
    rules: tuple[ReviewRule, ...] = ()

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        twice = sorted(name for name, n in Counter(r.id for r in self.rules).items() if n > 1)
        if twice:
            raise fault("review.rules", f"{', '.join(twice)} is declared twice: keep one")
        if len(set(self.decisions)) < 2 or len(set(self.decisions)) < len(self.decisions):
            raise fault(
                "review.decisions",
                "a final decision is one of at least two different ones: write [approve, decline]",
            )
        return self

    def rule(self, rule_id: str) -> ReviewRule | None:
        """Return the rule of an id, or ``None``."""
        return next((each for each in self.rules if each.id == rule_id), None)
