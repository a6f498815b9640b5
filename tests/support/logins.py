"""Running a command as another log-in of the operating system."""

import pwd

import pytest


def as_login(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let the operating system give this name to whoever runs the command."""
    known = pwd.getpwuid

    def renamed(number: int) -> pwd.struct_passwd:
        entry = known(number)
        return pwd.struct_passwd((name, *entry[1:]))

    monkeypatch.setattr("core.cli.context.pwd.getpwuid", renamed)
