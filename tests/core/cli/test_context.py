"""Whose command it is: the kernel says so, not the environment."""

import os
import subprocess
import sys

import pytest

from core.cli.context import os_login
from core.config import PROJECT_ROOT

WHO = "from core.cli.context import os_login; print(os_login())"


@pytest.mark.parametrize("variable", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_no_variable_makes_somebody_else_of_a_command(variable: str) -> None:
    environment = {**os.environ, variable: "bob"}
    done = subprocess.run(
        [sys.executable, "-c", WHO],
        cwd=PROJECT_ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    found = done.stdout.strip()
    # `id` asks the kernel, too.
    told = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True)
    assert found == told.stdout.strip() != "bob"


def test_a_number_without_a_name_stays_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.cli.context.os.geteuid", lambda: 4_000_000_000)
    assert os_login() == "uid-4000000000"
