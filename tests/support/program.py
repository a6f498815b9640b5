"""``harbourlight …`` run within a test: by the one who runs it, or by whom it says."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.cli import main as program
from tests.support.logins import as_login

Run = Callable[..., tuple[int, str, str]]
"""Words → exit code, standard output, standard error."""


def program_of(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *before: str,
) -> Run:
    """Return what runs the program on a workspace; ``before`` stands before every call's words."""
    monkeypatch.setenv("HARBOURLIGHT_HOME", str(home))

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["harbourlight", *before, *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            program.main()
        return int(ended.value.code or 0), *capsys.readouterr()

    return call


def program_by(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *before: str,
) -> Run:
    """Return what runs the program as somebody: the first word of a call is who."""
    run = program_of(home, monkeypatch, capsys, *before)

    def call(login: str, *words: str) -> tuple[int, str, str]:
        as_login(monkeypatch, f"login-{login}")
        return run(*words)

    return call
