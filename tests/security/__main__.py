"""Run every attack and write docs/security-tests.md: ``python -m tests.security``."""

import sys
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from tests.security.page import FOLDER, PAGE, other_attempts, rendered


class Tally:
    """Counts what passed, by test."""

    def __init__(self) -> None:
        self.passed: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a case that passed."""
        if report.when == "call" and report.passed:
            self.passed[report.nodeid.partition("[")[0]] += 1


def main() -> int:
    """Run the attacks; write the page only if all ended as told."""
    tally = Tally()
    others = [attempt.key for attempt in other_attempts()]
    code = pytest.main(["-q", "-p", "no:cacheprovider", str(FOLDER), *others], plugins=[tally])
    if code != 0:
        return int(code)
    versions = ", ".join(f"{name} {version(name)}" for name in ("streamlit", "duckdb"))
    page = rendered(tally.passed, f"{datetime.now(UTC):%Y-%m-%d}, {versions}, Chromium")
    PAGE.write_text(page, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
