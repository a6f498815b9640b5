"""Walk again and write docs/walks anew: ``python -m tests.walks [READER …]``."""

import os
import sys

import pytest

from core.config import PROJECT_ROOT
from tests.walks.walk import WRITE


def main(*readers: str) -> int:
    """Run the walks in a browser on a fresh demo; readers such as ``examiner`` choose some."""
    os.environ[WRITE] = "1"
    folder = PROJECT_ROOT / "tests" / "walks"
    names = [each.replace("-", "_") for each in readers]
    chosen = [str(folder / f"test_{name}.py") for name in names] or [str(folder)]
    return int(pytest.main([*chosen, "-m", "slow", "-q", "-s"]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
