"""Since when the rules that made a case stood in the model's contracts.

A case is made when its batch is routed, which may be long after the prediction took effect. Whether
it was to wait then follows from the rules of then: a rule that was added later, or chose otherwise,
turns nothing of before into a breach.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate

from core.lake.local_days import to_microseconds
from core.lake.releases.facts import EVER
from core.services.questions import parsed_contract
from core.services.registry.loosened_review import same_choice
from core.services.routing.declared import start_of
from core.store.models import SpecRevision
from core.store.release_gate import WaitingTime


class RuleHistory:
    """The revisions of a model's contract, asked for what their rules say.

    Parameters
    ----------
    revisions : sequence of SpecRevision
        Of one model, the oldest first.
    """

    def __init__(self, revisions: Sequence[SpecRevision]) -> None:
        self._revisions = tuple(revisions)
        self._times = [to_microseconds(each.registered_at) for each in revisions]
        self._contracts = [parsed_contract(each.spec_text) for each in revisions]
        starts = [start_of(each) for each in self._contracts]
        self._starts = [EVER if each is None else each for each in starts]
        self._places: dict[str, list[int]] = {}
        for place, each in enumerate(revisions):
            self._places.setdefault(each.sha256, []).append(place)
        self._stood: dict[tuple[int, str], tuple[tuple[int, int], ...]] = {}

    def begin(self, case: WaitingTime) -> int:
        """Return from when on a case waited; in microseconds since 1970 (UTC).

        One of a rule from when the prediction was made, or from when any rule that chose it stood
        without a break, whichever is later; what rules of the first contract choose they chose
        ever. One that a person asked for, and one whose contract is not known, from when it was
        made.
        """
        made = to_microseconds(case.created_at)
        place = self._place(case.rules_sha256, made) if case.by_rule else None
        if place is None:
            return made
        predicted = to_microseconds(case.predicted_at)
        since = [
            at
            for rule in case.rules
            for at, first in self._of_rule(place, rule)
            if first <= predicted
        ]
        return min(made, max(predicted, min(since))) if since else made

    def _place(self, sha256: str, made: int) -> int | None:
        """Return the place of the revision that made a case then; ``None``: it is not there."""
        found = self._places.get(sha256, [])
        by_then = [place for place in found if self._times[place] <= made]
        return by_then[-1] if by_then else next(iter(found), None)

    def _of_rule(self, place: int, rule: str) -> tuple[tuple[int, int], ...]:
        """Return since when a rule stood, and the first instant of which it then chose rows.

        From the newest revision that is asked for back to the oldest in which it still stood; of
        each the latest ``review.from`` from there on, before which no row was chosen throughout.
        """
        review = self._contracts[place].review
        if review is None or review.rule(rule) is None:
            return ()
        if (place, rule) not in self._stood:
            oldest = place
            while oldest > 0 and self._kept(oldest, rule):
                oldest -= 1
            back = range(place, oldest - 1, -1)
            firsts = accumulate((self._starts[each] for each in back), max)
            since = (EVER if each == 0 else self._times[each] for each in back)
            self._stood[place, rule] = tuple(zip(since, firsts, strict=True))
        return self._stood[place, rule]

    def _kept(self, place: int, rule: str) -> bool:
        before, after = self._revisions[place - 1 : place + 1]
        return rule in _kept_rules(before.spec_text, after.spec_text)


@lru_cache(maxsize=512)
def _kept_rules(before: str, after: str) -> frozenset[str]:
    """Return the rules that choose by both contracts what they choose by the other."""
    old, new = parsed_contract(before), parsed_contract(after)
    rules = old.review.rules if old.review else ()
    return frozenset(rule.id for rule in rules if same_choice(old, new, rule.id))
