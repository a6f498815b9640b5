"""What the worker clears away when it is idle."""

import os
from datetime import timedelta

from core.services import reports
from core.services.jobs import tasks
from core.services.workspace import Workspace


def test_reports_are_kept_for_a_week(workspace: Workspace) -> None:
    folder = workspace.settings.exports_dir
    for name, days in (("evidently-loans-new.html", 6), ("evidently-loans-old.html", 8)):
        path = folder / name
        path.write_text("report", encoding="utf-8")
        moment = (workspace.clock() - timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    assert reports.remove_old_reports(workspace) == 1
    assert [path.name for path in folder.iterdir()] == ["evidently-loans-new.html"]


def test_looking_around_an_empty_workspace_finds_nothing(workspace: Workspace) -> None:
    tasks.look_around(workspace)
    assert not any(workspace.settings.exports_dir.iterdir())
