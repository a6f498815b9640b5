"""``python -m tests.conformance``: compare, print the table; ``--write`` it to the docs."""

import argparse
import sys

from tests.conformance.page import PAGE, comparisons, rendered


def main() -> int:
    """Return 1 if a difference is larger than its tolerance."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/conformance.md")
    options = parser.parse_args()
    found = comparisons()
    text = rendered(found)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    outside = [(line, pair) for line in found for pair in line.outside]
    for line, pair in outside:
        print(line.metric, line.figure, line.peer, *pair, file=sys.stderr)  # noqa: T201
    return int(bool(outside))


if __name__ == "__main__":
    raise SystemExit(main())
