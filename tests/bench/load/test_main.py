"""A small load runs through on the real app."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bench.load.__main__ import main, options_of
from bench.load.people import Days


def test_the_defaults_are_those_of_the_target() -> None:
    options = options_of([])
    assert (options.sessions, options.period, options.seconds) == (200, 10, 60)
    assert (options.warm_up, options.ramp, options.target) == (20, 10, 500)
    assert options.days is Days.own
    assert options_of(["--days", "offered"]).days is Days.offered


@pytest.mark.parametrize(
    "wrong", [["--sessions", "0"], ["--period", "-1"], ["--seconds", "0"], ["--days", "x"]]
)
def test_wrong_numbers_are_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        options_of(wrong)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_ten_sessions_act_on_the_real_app(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "load.json"
    numbers = ("--sessions", "10", "--period", "2", "--seconds", "10", "--target", "60000")
    argv = [*numbers, "--home", str(tmp_path / "home"), "--json", str(report)]
    with ThreadPoolExecutor(1) as pool:  # this thread may have a browser's event loop
        code = pool.submit(main, argv).result()
    output = capsys.readouterr().out
    found = json.loads(report.read_text())["record"]
    assert code == 0, output
    assert found["failures"] == []
    assert len(found["first_loads"]) == 10
    assert set(found["reruns"]) == {"page", "filter", "language"}
    assert "| rerun |" in output


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_reviewers_work_on_the_real_app_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "load.json"
    numbers = ("--sessions", "5", "--period", "3", "--seconds", "20", "--target", "120000")
    argv = ["--reviewers", *numbers, "--home", str(tmp_path / "home"), "--json", str(report)]
    with ThreadPoolExecutor(1) as pool:
        code = pool.submit(main, argv).result()
    output = capsys.readouterr().out
    found = json.loads(report.read_text())["record"]
    assert code == 0, output
    assert found["failures"] == []
    assert found["handed"]
    assert "agree" in output
    assert "lost: 0; twice: 0" in output
