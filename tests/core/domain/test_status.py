from itertools import permutations

import pytest

from core.domain import Status, worst


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ([], Status.not_enough_data),
        ([Status.not_enough_data, Status.in_range], Status.in_range),
        ([Status.in_range, Status.watch], Status.watch),
        ([Status.watch, Status.act], Status.act),
        ([Status.not_enough_data, Status.act, Status.in_range], Status.act),
    ],
)
def test_the_most_severe_wins_in_any_order(statuses: list[Status], expected: Status) -> None:
    assert {worst(order) for order in permutations(statuses)} == {expected}
