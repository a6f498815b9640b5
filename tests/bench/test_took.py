from bench.took import Took, side_by_side, timed


def test_the_first_is_the_yardstick() -> None:
    first, second = side_by_side([Took("plain", 2.0, 4.0), Took("ours", 5.0, 6.0)])
    assert first.split() == ["plain", *["2.00", "s", "1.00", "×", "CPU", "4.00", "s", "1.00", "×"]]
    assert second.split() == ["ours", *["5.00", "s", "2.50", "×", "CPU", "6.00", "s", "1.50", "×"]]


def test_work_is_done_several_times_and_its_median_taken() -> None:
    done: list[int] = []
    took = timed("work", lambda: done.append(1))
    assert len(done) == 3
    assert took.what == "work"
    assert took.cpu_s >= 0
    assert 0 <= took.wall_s < 1
