"""``harbourlight review …`` run within a test, by whom it says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli import main as program
from tests.support.logins import as_login

Run = Callable[..., tuple[int, str, str]]
"""Login and words → exit code, standard output, standard error."""


def review_command(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *before: str,
) -> Run:
    """Return what runs the command in a workspace; ``before`` stands before every call's words."""
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(home))

    def call(login: str, *words: str) -> tuple[int, str, str]:
        as_login(monkeypatch, f"login-{login}")
        monkeypatch.setattr("sys.argv", ["harbourlight", "review", *before, *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            program.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return call
