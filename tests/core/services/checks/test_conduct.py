"""Alarms of reproduction: a wrong score is one to act on, nothing to compare one to watch."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from core.domain.identity import Actor, Role
from core.i18n import translator
from core.services.alerts.words import headline
from core.services.checks.conduct import reproduction_alarms
from core.services.checks.context import NewAlarm
from core.services.checks.moment import context_of
from core.store.alerts.alarms import Alarm
from tests.support.builders import a_workspace
from tests.support.demo_slices import SBA, put, sba_log

LOG: Any = sba_log(every=500)
OWNER = Actor("u-1", "ada", frozenset({Role.admin}), origin="cli")


def said(found: NewAlarm, contract: Any, at: Any) -> str:
    parts = {name: value for name, value in asdict(found).items() if name != "chunk"}
    chunk = {"chunk_key": "x", "chunk_start": at, "chunk_end": at}
    return headline(
        translator("en"),
        contract,
        Alarm(**parts, **chunk, id="a", run_id="r", model_id=SBA, raised_at=at, as_of=at),
    )


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("well", None),
        ("wrong", ("act", f"1 of {len(LOG)} predictions drawn do not reproduce")),
        ("nothing", ("watch", f"None of {len(LOG)} predictions drawn could be compared")),
    ],
)
def test_what_a_sample_raises(tmp_path: Path, case: str, expected: tuple[str, str] | None) -> None:
    workspace, log = a_workspace(tmp_path / "home"), LOG.copy()
    if case == "wrong":
        log.loc[0, "default_score"] += 0.001
    if case == "nothing":
        log[["default_score", "decision"]] = None
        log["status"] = "error"
    put(workspace, tmp_path, SBA, log, actor=OWNER)
    context = context_of(workspace, SBA, actor=OWNER, as_of=None)
    found = reproduction_alarms(workspace, SBA, context)
    told = [
        (each.severity, said(each, context.view.contract, context.view.as_of)) for each in found
    ]
    assert told == ([] if expected is None else [expected])
    workspace.store.close()
