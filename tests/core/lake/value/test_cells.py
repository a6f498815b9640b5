"""Cells of value beside each other: in which order cut-offs part them, and what a word decides."""

import numpy as np
import pytest

from core.contract.cut_offs import CutOff
from core.lake.value.cells import decision_word, ordered
from core.metrics.influence import value_sums
from tests.support.builders import a_contract


def test_different_cut_offs_in_the_order_of_what_they_flag() -> None:
    reached, above = CutOff(0.4), CutOff(0.4, included=False)
    found = ordered([CutOff(0.5, policy="p1"), above, reached, CutOff(0.5, policy="p2")])
    assert [(cut.value, cut.included) for cut in found] == [(0.4, True), (0.4, False), (0.5, True)]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["score >= 0.4 -> decline"], ("decline", True)),
        (["score > 0.4 -> Decline".lower()], ("decline", True)),
        (["score < 0.4 -> approve"], ("approve", False)),
        (["score >= 0.4 -> decline", "score >= 0.3 -> refer"], ("refer", True)),
        (["amount >= 100 -> refer"], ("", True)),
        ([], ("", True)),
    ],
)
def test_the_newest_policy_says_which_word_flags(
    rules: list[str], expected: tuple[str, bool]
) -> None:
    policy = [
        {"version": f"p{place}", "from": f"2025-0{place + 1}-01", "rule": rule}
        for place, rule in enumerate(rules)
    ]
    assert decision_word(a_contract(policy=policy)) == expected


def test_some_cells_keep_their_sums() -> None:
    sums = value_sums([1, 2, 3], [4, 5, 6]).where(np.array([True, False, True]))
    assert sums.flagged.tolist() == [1, 3]
    assert sums.gap.tolist() == [-3, -3]
