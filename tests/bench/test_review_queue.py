import json
from pathlib import Path

import pytest

from bench import review_browser, review_queue
from bench.review_browser import Turns
from core.config import Settings
from core.domain.review import CaseState
from core.services.review import cases
from core.services.workspace import Workspace
from core.store import Store
from core.store.identity import users


def test_each_turn_decides_a_case(
    sqlite_store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = review_queue.measure("sqlite", sqlite_store, tmp_path, count=12, turns=2)
    told = capsys.readouterr().out
    assert all(name in told and 0 < each["p50"] <= each["p95"] for name, each in figures.items())
    assert "12 cases wait, 2 turns" in told
    with sqlite_store.read() as conn:
        actor = users.get(conn, "u-auditor").actor("cli")
    workspace = Workspace(Settings(tmp_path, "unused", threads=1), sqlite_store)
    final = cases.CaseFilter(states=[str(CaseState.final)])
    # Two turns warm up, two are timed.
    assert cases.list_cases(workspace, final, actor=actor).total == 4


@pytest.mark.parametrize(("slow", "code"), [(900.0, 0), (1200.0, 1)])
def test_the_browsers_figures_are_told_and_held_to_the_target(
    slow: float,
    code: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of 20 verdicts two are slow, so the 95th percentile by nearest rank is one of them."""
    times = (*[300.0] * 18, slow, slow)
    asked: list[object] = []

    def run(home: Path, url: str, count: int, turns: int, *, log: Path | None) -> Turns:
        asked.extend([home, url, count, turns, log])
        return Turns(2000.0, times, (130.0,) * 20)

    monkeypatch.setattr(review_browser, "run", run)
    kept, home = tmp_path / "times.json", tmp_path / "home"
    given = ["--browser", "--databases", "sqlite", "--turns", "20", "--cases", "50"]
    assert review_queue.main([*given, "--home", str(home), "--json", str(kept)]) == code
    assert asked == [home, f"sqlite:///{home / 'state.db'}", 50, 20, None]
    told = capsys.readouterr().out
    assert f"median 300 ms  p95 {slow:.0f} ms  longest {slow:.0f} ms" in told
    assert json.loads(kept.read_text())["sqlite"]["shown_ms"] == list(times)
