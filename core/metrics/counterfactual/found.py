"""What is asked for, and what was found."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

import numpy as np

from core.metrics.arrays import Booleans, Floats
from core.metrics.counterfactual.levers import Stuck


class Nothing(StrEnum):
    """Why no change is named."""

    already_other_result = "already_other_result"
    no_actionable_field = "no_actionable_field"
    not_reachable = "not_reachable"
    only_implausible = "only_implausible"


@dataclass(frozen=True, slots=True)
class Goal:
    """The other result, told of the score: below a cut-off, or at least a target.

    Parameters
    ----------
    relation : {"<", "<=", ">", ">="}
        How the score has to stand to the limit.
    limit : float
        The cut-off of a classifier, the target of a regression.
    """

    relation: Literal["<", "<=", ">", ">="]
    limit: float

    def reached(self, scores: Floats) -> Booleans:
        """Return which scores are the other result; a missing one is not."""
        if self.relation == "<":
            return np.asarray(scores < self.limit)
        if self.relation == "<=":
            return np.asarray(scores <= self.limit)
        return np.asarray(scores > self.limit if self.relation == ">" else scores >= self.limit)

    def short_of(self, scores: Floats) -> Floats:
        """Return how far each score is from the limit, infinite for a missing one."""
        short = scores - self.limit if self.relation in {"<", "<="} else self.limit - scores
        return np.where(np.isnan(short), np.inf, short)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field, as it is and as it would be."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """A change with which the model gives the other result, all else equal.

    Parameters
    ----------
    changes : tuple of FieldChange
        What the person would change, in the order of the levers.
    moved : tuple of FieldChange
        What changes with it in the same ratio.
    score : float
        What the model gives for the changed row.
    distance : float
        Sum of the changes, each in the unit of its field and 1 for a category.
    nearest : float
        Distance of the changed row to its nearest real case; at most the background's limit.
    case : int
        Place of that case in the background.
    """

    changes: tuple[FieldChange, ...]
    moved: tuple[FieldChange, ...]
    score: float
    distance: float
    nearest: float
    case: int

    @property
    def fields(self) -> frozenset[str]:
        """Which fields the person would change."""
        return frozenset(change.field for change in self.changes)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer for one row.

    Parameters
    ----------
    score : float
        What the model gives for the row as it is.
    goal : Goal
        What was asked for.
    limit : float
        Distance to the nearest real case within which a changed row counts as plausible.
    results : tuple of Counterfactual
        Fewest changes first, then the smallest.
    nothing : Nothing, optional
        Why there is none.
    stuck : mapping of str to Stuck
        Actionable fields that could not be changed in this row, and why.
    scored : int
        Variants that the model scored.
    """

    score: float
    goal: Goal
    limit: float
    results: tuple[Counterfactual, ...]
    nothing: Nothing | None
    stuck: Mapping[str, Stuck]
    scored: int
