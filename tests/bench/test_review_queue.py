from pathlib import Path

import pytest

from bench import review_queue
from core.config import Settings
from core.domain.review import CaseState
from core.services.review import cases
from core.services.workspace import Workspace
from core.store import Store, users


def test_each_turn_decides_a_case(
    sqlite_store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = review_queue.measure("sqlite", sqlite_store, tmp_path, count=12, turns=2)
    told = capsys.readouterr().out
    assert all(name in told and value > 0 for name, value in figures.items())
    assert "12 cases wait, 2 turns" in told
    with sqlite_store.read() as conn:
        actor = users.get(conn, "u-auditor").actor("cli")
    workspace = Workspace(Settings(tmp_path, "unused", threads=1), sqlite_store)
    final = cases.CaseFilter(states=[str(CaseState.final)])
    # Two turns warm up, two are timed.
    assert cases.list_cases(workspace, final, actor=actor).total == 4
