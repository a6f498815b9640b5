"""``python -m bench.count_tests [FOLDER…]``: how many tests there are, by their marks, as JSON."""

import contextlib
import io
import json
import sys
from collections.abc import Sequence

import pytest

MARKS = ("slow", "e2e", "hypothesis")


class Counter:
    """Counts the collected tests.

    Parameters
    ----------
    counts : dict
        Filled with ``all``, each of :data:`MARKS`, and ``fast`` for those without ``slow``.
    """

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count what is there once every plugin has marked it."""
        marked = {
            mark: sum(item.get_closest_marker(mark) is not None for item in session.items)
            for mark in MARKS
        }
        whole = len(session.items)
        self.counts = {"all": whole, "fast": whole - marked["slow"], **marked}


def main(folders: Sequence[str]) -> int:
    """Collect the tests of some folders, or all, and print the counts."""
    counter = Counter()
    with contextlib.redirect_stdout(io.StringIO()) as said:
        given = ["--collect-only", "-q", "-p", "no:cacheprovider", *folders]
        code = pytest.main(given, plugins=[counter])
    if code != 0:
        print(said.getvalue()[-2000:], file=sys.stderr)
        return int(code)
    print(json.dumps(counter.counts))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
