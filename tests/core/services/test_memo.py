"""Remembered answers: found once, bounded, the oldest forgotten."""

from core.services.memo import Memo


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
