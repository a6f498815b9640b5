"""People counted by group of a protected attribute: what every fairness figure is read from."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike

from core.errors import InvalidInput
from core.i18n import N_
from core.metrics.arrays import Floats


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
    matured : ndarray, shape (G,)
        Rows with a decision that are old enough for their outcome to be known.
    scored, score, score_squares : ndarray, shape (G,)
        Rows with a usable score, the sum of the scores, and of their squares.
    true_positives, false_positives, false_negatives, true_negatives : ndarray, shape (G,)
        Rows with a matured outcome, by what was predicted (positive: the event that the score
        stands for, until ``turned``) and what happened.
    scored_labelled, scored_positives, score_of_labelled : ndarray, shape (G,)
        Rows with a matured outcome and a score, those of them whose event happened, and the sum
        of their scores.
    """

    groups: tuple[str, ...]
    n: Floats
    favourable: Floats
    matured: Floats
    scored: Floats
    score: Floats
    score_squares: Floats
    true_positives: Floats
    false_positives: Floats
    false_negatives: Floats
    true_negatives: Floats
    scored_labelled: Floats
    scored_positives: Floats
    score_of_labelled: Floats

    @classmethod
    def of(cls, groups: Sequence[str], **sums: ArrayLike) -> "GroupCounts":
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
            if name not in {"score", "score_of_labelled"} and (part < 0).any():
                raise InvalidInput(N_("Counts must be finite and not negative."))
        return cls(tuple(groups), **parts)

    @property
    def labelled(self) -> Floats:
        """Rows with a matured outcome, shape (G,)."""
        return self.positives + self.false_positives + self.true_negatives

    @property
    def positives(self) -> Floats:
        """Rows whose outcome was positive, shape (G,)."""
        return self.true_positives + self.false_negatives

    def turned(self) -> "GroupCounts":
        """Return the counts with positive and negative exchanged.

        Where the event is one that people dread, such as a default, "positive" then means that
        it was not predicted, and did not happen. Scores stay those of the event.
        """
        return replace(
            self,
            true_positives=self.true_negatives,
            false_positives=self.false_negatives,
            false_negatives=self.false_positives,
            true_negatives=self.true_positives,
        )

    def only(self, shown: ArrayLike) -> "GroupCounts":
        """Return some of the groups.

        Parameters
        ----------
        shown : array_like of bool, shape (G,)
            Which.
        """
        kept = np.asarray(shown, dtype=bool)
        names = tuple(name for name, keep in zip(self.groups, kept, strict=True) if keep)
        return GroupCounts(names, **{name: part[kept] for name, part in self._parts().items()})

    def apart(self, place: int, others: str) -> "GroupCounts":
        """Return one group, and all others added up under a name of their own.

        Parameters
        ----------
        place : int
            Which group stays alone.
        others : str
            Name of the rest.
        """
        rest = np.arange(len(self.groups)) != place
        parts = {
            name: np.asarray([part[place], part[rest].sum()])
            for name, part in self._parts().items()
        }
        return GroupCounts((self.groups[place], others), **parts)

    def _parts(self) -> dict[str, Floats]:
        names = [item.name for item in fields(self) if item.name != "groups"]
        return {name: getattr(self, name) for name in names}
