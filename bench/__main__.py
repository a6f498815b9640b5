"""``python -m bench``: measure the parts of docs/figures.md, and write the page anew.

Without names the parts that take minutes are measured; a long one runs when it is named, or with
``--all``. Each result is kept in bench/results/ with its date, commit and machine, so that a part
can be measured alone. ``page`` as the only name writes the page and measures nothing.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.environments import NotInstalled
from bench.findings import RESULTS, keep, measured
from bench.measure import ChildFailed
from bench.page import PAGE, rendered
from bench.parts import PARTS, Bench, Part
from bench.runner import PROJECT_ROOT

_ONLY_PAGE = "page"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure what is asked for and return the exit code: 1 if a part could not be measured."""
    options = options_of(argv)
    if options.list:
        for part in PARTS:
            long = ", by name or with --all" if part.is_long else ""
            print(f"{part.name:<12} about {part.minutes:g} min{long}: {part.title}")
        return 0
    bench = Bench(options.cache.resolve(), options.small)
    bench.cache.mkdir(parents=True, exist_ok=True)
    failed = [part.name for part in options.parts if not _measure(part, bench, options)]
    if not options.small:
        PAGE.write_text(rendered(options.results), encoding="utf-8")
    if failed:
        print(f"Not measured: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


def options_of(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the options, the names as parts; exits with 2 if one is wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    names = {part.name: part for part in PARTS}
    parser.add_argument("names", nargs="*", metavar="PART", help=", ".join((*names, _ONLY_PAGE)))
    parser.add_argument("--all", action="store_true", help="the long parts too")
    parser.add_argument("--list", action="store_true", help="name the parts and how long they take")
    parser.add_argument(
        "--small", action="store_true", help="prove that parts run: no page, results elsewhere"
    )
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument(
        "--cache",
        type=Path,
        default=PROJECT_ROOT / "var" / "bench",
        help="folder of logs, workspaces and peers' environments",
    )
    options = parser.parse_args(argv)
    if options.small and options.results == RESULTS:
        options.results = options.cache / "small"
    wanted = [] if options.names == [_ONLY_PAGE] else options.names
    if unknown := set(wanted) - set(names):
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    options.parts = [names[name] for name in wanted]
    if not options.names:
        options.parts = [part for part in PARTS if options.all or not part.is_long]
    return options


def _measure(part: Part, bench: Bench, options: argparse.Namespace) -> bool:
    print(f"{part.name}: {part.title}, about {part.minutes:g} minutes …", flush=True)
    began = time.monotonic()
    try:
        result = measured(part.name, part.command, lambda: part.measure(bench))
    except (ChildFailed, NotInstalled, AssertionError) as error:  # an app that did not answer
        print(f"{part.name}: {error}", file=sys.stderr, flush=True)
        return False
    keep(result, options.results)
    quiet = "quiet" if result.is_quiet else f"busy with {result.others:.1f} cores of other work"
    print(f"{part.name}: {time.monotonic() - began:.0f} s, the machine was {quiet}", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
