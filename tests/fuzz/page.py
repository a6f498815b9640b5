"""docs/fuzzing.md: what was fuzzed for how long, and what was found."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.fuzz.words import MENDED, WHAT

PAGE = Path(__file__).resolve().parents[2] / "docs" / "fuzzing.md"


def rendered(found: Sequence[dict[str, Any]]) -> str:
    """Return the page of the last run of each target."""
    guided = all(each["guided"] for each in found)
    way = (
        "[atheris](https://github.com/google/atheris): inputs follow the coverage of the code"
        if guided
        else "sound inputs damaged by dice, without coverage"
    )
    lines = [
        "# Fuzzing",
        "",
        "Whatever takes bytes from outside is given damaged and made-up ones. An error that a user",
        "is told is an answer; every other exception, and every answer that must not be, is a",
        "finding.",
        "Written by `python -m tests.fuzz --write`; a short form runs in `make test`.",
        "",
        "```bash",
        ".venv/bin/pip install atheris==3.0.0   # once, wanted by nothing else; Linux",
        ".venv/bin/python -m tests.fuzz --seconds 300 --write",
        ".venv/bin/python -m tests.fuzz contract --seconds 60   # one target",
        "```",
        "",
        f"Last run: {datetime.now(UTC):%Y-%m-%d}, {way}.",
        "",
        "| target | what it is given to | CPU s | executions | finding |",
        "|---|---|--:|--:|---|",
    ]
    lines += [
        f"| `{each['target']}` | {WHAT[each['target']]} | {each['cpu_s']:.0f} |"
        f" {each['executions']:,} | {each['finding'] or 'none'} |"
        for each in found
    ]
    lines += [
        "",
        "## Found and mended",
        "",
        "Each input is tried again in every run of the tests",
        "",
    ]
    lines[-2] += " (`tests/fuzz/found.py`)."
    lines += [f"- `{target}`: {text}" for target, text in MENDED]
    return "\n".join(lines) + "\n"
