"""Replay the demo's loans: ``python -m tests.soak [--write]``; some minutes."""

import argparse
import sys
import tempfile
from pathlib import Path

from core.config import PROJECT_ROOT
from tests.soak.page import page
from tests.soak.replay import replay

PAGE = PROJECT_ROOT / "docs" / "soak.md"


def _tell(month: str) -> None:
    sys.stderr.write(f"{month}\n")


def main() -> None:
    """Replay, and print the story or write it to docs/soak.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/soak.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        told = replay(Path(folder) / "home", progress=_tell)
        text = page(list(told))
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
