"""Remembered answers: found once, bounded, the oldest forgotten."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier, Event

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.errors import NothingYet
from core.services.memo import Memo, weight_of


def test_an_answer_is_found_once() -> None:
    memo, calls = Memo(), [0]

    def count() -> int:
        calls[0] += 1
        return calls[0]

    assert [memo.get("a", count), memo.get("a", count), memo.get("b", count)] == [1, 1, 2]


def test_none_is_an_answer_too() -> None:
    memo: Memo = Memo()
    assert memo.get("a", lambda: None) is None
    assert memo.get("a", lambda: 1) is None


def test_the_one_not_asked_for_longest_is_forgotten() -> None:
    memo = Memo(size=2)
    memo.get("a", lambda: 1)
    memo.get("b", lambda: 2)
    memo.get("a", lambda: 0)
    memo.get("c", lambda: 3)
    assert [memo.get(key, lambda: 9) for key in ("a", "c", "b")] == [1, 3, 9]


def test_a_failure_is_not_remembered() -> None:
    memo = Memo()
    try:
        memo.get("a", lambda: 1 // 0)
    except ZeroDivisionError:
        assert memo.get("a", lambda: 2) == 2
    else:
        raise AssertionError


def test_that_something_cannot_be_computed_is_an_answer_too() -> None:
    memo, calls = Memo(), list[int]()

    def refuse() -> int:
        calls.append(1)
        raise NothingYet("Of {model} nothing is known.", remedy="Wait.", model="loans")

    for _ in range(2):
        with pytest.raises(NothingYet) as told:
            memo.get_or_refuse("a", refuse)
        assert (told.value.template, told.value.remedy, told.value.params) == (
            "Of {model} nothing is known.", "Wait.", {"model": "loans"},
        )  # fmt: skip
    assert calls == [1]
    assert memo.get_or_refuse("b", lambda: 2) == 2


def test_who_asks_while_another_looks_gets_that_answer() -> None:
    memo, calls, looking, go_on = Memo(), list[int](), Event(), Event()

    def slow() -> str:
        calls.append(1)
        looking.set()
        go_on.wait(10)
        return "found"

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(memo.get, "a", slow)
        assert looking.wait(10)
        others = [pool.submit(memo.get, "a", slow) for _ in range(2)]
        assert memo.get("b", lambda: "at once") == "at once"  # other questions do not wait
        go_on.set()
        assert [each.result(10) for each in (first, *others)] == ["found"] * 3
    assert calls == [1]


def test_who_waited_in_vain_looks_for_himself() -> None:
    memo, both, tries = Memo(), Barrier(2), list[int]()

    def find() -> int:
        tries.append(1)
        if len(tries) == 1:
            both.wait(10)
            raise KeyError("the first one fails")
        return 7

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(memo.get, "a", find)
        both.wait(10)
        assert memo.get("a", find) == 7
        with pytest.raises(KeyError):
            first.result(10)
    assert len(tries) == 2


def test_heavy_answers_are_bounded_by_their_weight() -> None:
    memo, found = Memo(room=10_000), {}
    for key in ("a", "b", "small", "c"):
        found[key] = memo.get(key, lambda: np.zeros(500))  # 4,000 bytes each
        found["small"] = memo.get("small", lambda: np.zeros(1))
    assert memo.get("b", lambda: np.zeros(0)) is found["b"]
    assert memo.get("small", lambda: np.zeros(0)) is found["small"]
    assert memo.get("a", lambda: np.zeros(0)).size == 0


def test_one_answer_above_the_room_is_kept_until_the_next() -> None:
    memo = Memo(room=100)
    memo.get("large", lambda: np.zeros(500))
    assert memo.get("large", lambda: 0) is not None
    memo.get("next", lambda: 1)
    assert memo.get("large", lambda: 0) == 0


def test_nothing_is_left_after_clearing() -> None:
    memo = Memo(room=10_000)
    memo.get("a", lambda: np.zeros(1_000))
    memo.clear()
    memo.get("b", lambda: np.zeros(1_000))
    assert memo.get("b", lambda: 0) is not None
    assert memo.get("a", lambda: 0) == 0


@dataclass(frozen=True, slots=True)
class Two:
    left: object
    right: object


@pytest.mark.parametrize(
    ("answer", "weight"),
    [
        (np.zeros((3, 4)), 96),
        (pa.table({"a": pa.array([1, 2], pa.int64())}), 16),
        (pd.DataFrame({"a": [1.0, 2.0]}, index=pd.RangeIndex(2)), 16 + 132),
        (Two(np.zeros(2), {"a": [np.zeros(1), "word"]}), 24),
        ([np.zeros(1)] * 100, 800),
        (({},), 0),
        (None, 0),
    ],
)
def test_arrays_and_tables_are_weighed(answer: object, weight: int) -> None:
    assert weight_of(answer) == pytest.approx(weight, abs=60 if weight > 100 else 0)
