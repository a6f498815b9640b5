"""Few runs at once: never more than the limit, and a run that fails gives its turn back."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest

from app.turns import AT_ONCE, turn

WAIT_S = 30.0


def test_as_many_as_may_run_do_and_the_next_one_waits() -> None:
    inside, more = Barrier(AT_ONCE + 1), Event()
    came = Event()

    def run() -> None:
        with turn():
            inside.wait(WAIT_S)
            assert more.wait(WAIT_S)

    def late() -> None:
        with turn():
            came.set()

    with ThreadPoolExecutor(AT_ONCE + 1) as threads:
        runs = [threads.submit(run) for _ in range(AT_ONCE)]
        inside.wait(WAIT_S)  # all of them are inside
        last = threads.submit(late)
        assert not came.wait(0.2)
        more.set()
        for each in (*runs, last):
            each.result(WAIT_S)
    assert came.is_set()


def test_never_are_more_inside_than_may_be_and_all_come_in() -> None:
    now, most, done, lock = 0, 0, 0, Lock()

    def run() -> None:
        nonlocal now, most, done
        with turn():
            with lock:
                now += 1
                most = max(most, now)
            with lock:
                now -= 1
                done += 1

    with ThreadPoolExecutor(4 * AT_ONCE) as threads:
        for each in [threads.submit(run) for _ in range(500)]:
            each.result(WAIT_S)
    assert (done, now) == (500, 0)
    assert most <= AT_ONCE


def test_a_run_that_fails_gives_its_turn_back() -> None:
    for _ in range(2 * AT_ONCE):
        with pytest.raises(RuntimeError), turn():
            raise RuntimeError
    with turn():
        pass
