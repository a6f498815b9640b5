"""People counted by group of a protected attribute: what every fairness figure is read from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Booleans, Floats

NOT_GIVEN = "not given"


@dataclass(frozen=True, slots=True, eq=False)
class GroupCounts:
    """Decisions and outcomes of the groups of one attribute; all parts are sums.

    Parameters
    ----------
    groups : tuple of str
        Names in the order of the arrays. Rows without a value are no group and are not here.
    n : ndarray, shape (G,)
        Rows with a decision.
    favourable : ndarray, shape (G,)
        Rows whose decision was the one that people hope for, such as an approval.
    scored, score : ndarray, shape (G,)
        Rows with a score, and the sum of the scores.
    true_positives, false_positives, false_negatives, true_negatives : ndarray, shape (G,)
        Rows with a matured outcome, by what was predicted (positive: the event that the score
        stands for) and what happened.
    score_of_labelled : ndarray, shape (G,)
        Sum of the scores of the rows with a matured outcome.
    """

    groups: tuple[str, ...]
    n: Floats
    favourable: Floats
    scored: Floats
    score: Floats
    true_positives: Floats
    false_positives: Floats
    false_negatives: Floats
    true_negatives: Floats
    score_of_labelled: Floats

    @classmethod
    def of(cls, groups: Sequence[str], **sums: object) -> "GroupCounts":
        """Return the counts of groups, checked.

        Raises
        ------
        core.errors.InvalidInput
            If a part does not have one number a group, or a count is negative or not finite.
        """
        parts = {name: np.asarray(part, dtype=np.float64) for name, part in sums.items()}
        for name, part in parts.items():
            if part.shape != (len(groups),) or not np.isfinite(part).all():
                raise InvalidInput(N_("Every group needs one finite number."))
            if not name.startswith("score") and (part < 0).any():
                raise InvalidInput(N_("Counts must be finite and not negative."))
        return cls(tuple(groups), **parts)

    @property
    def labelled(self) -> Floats:
        """Rows with a matured outcome."""
        return self.positives + self.false_positives + self.true_negatives

    @property
    def positives(self) -> Floats:
        """Rows whose outcome was positive."""
        return self.true_positives + self.false_negatives

    def large_enough(self, minimum: int) -> Booleans:
        """Return which groups have so many rows that a figure of them names nobody."""
        return np.asarray(self.n >= minimum)
