"""The reference of commands says each thing once."""

from docs.commands import command_reference


def test_what_may_be_repeated_is_told_once() -> None:
    rows = [line for line in command_reference().splitlines() if "several times" in line]
    assert rows
    assert all(line.count("several times") == 1 for line in rows)
